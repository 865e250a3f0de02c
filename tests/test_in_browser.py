"""What is said in a browser, where nothing real can run: the platform is faked."""

import logging
import multiprocessing
import re
import subprocess
import sys
import threading

import pytest
from support.tree import PACKAGE

from scalelab.in_browser import NOT_HERE, in_browser, keep_quiet_about_fonts, refuse_in_browser
from scalelab.real.cores import thread_runs
from scalelab.real.delay_proxy import DelayProxy
from scalelab.real.loopback import loopback_against_lookup
from scalelab.real.measure import Unavailable, pooling_experiments
from scalelab.real.postgres import start_postgres
from scalelab.real.postgres_cluster import PostgresCluster
from scalelab.real.postgres_tools import how_to_get_postgres, import_psycopg, need_postgres
from scalelab.real.redis_pool import RedisPool
from scalelab.real.servers import how_to_get_one, import_redis, start_server
from scalelab.real.supervised import RealComponentError, free_port, start_child
from scalelab.real.valkey_rows import load_missing_rows
from scalelab.real.valkey_sessions import ValkeySessions
from scalelab.sweeps import sweep

REAL = {
    "_delay_proxy": None,  # a program, started by DelayProxy
    "_supervise": None,  # another, started by SupervisedProcess
    "cores": lambda: thread_runs([1, 2], 0.5),
    "delay_proxy": lambda: DelayProxy(6_379, 0.001),
    "loopback": loopback_against_lookup,
    "postgres": start_postgres,
    "postgres_cluster": PostgresCluster,
    "postgres_store": None,  # works on a cluster
    "postgres_tools": need_postgres,
    "redis_pool": lambda: RedisPool(None, max_size=1, acquire_timeout_s=1.0),
    "servers": start_server,
    "supervised": lambda: start_child(PACKAGE / "__main__.py"),
    "limits": None,  # has a form of its own for a browser
    "valkey_rows": lambda: load_missing_rows(None, [[0]], load_s=0.1),
    "valkey_sessions": lambda: ValkeySessions(None),
}
NEEDS = re.compile(r"^\s*(?:import|from) (?:socket|subprocess|threading|multiprocessing)\b", re.M)


@pytest.fixture
def browser(monkeypatch):
    """Fake the platform, and let nothing real start."""

    def never(*_, **__):
        raise AssertionError("there are none in a browser")

    monkeypatch.setattr(sys, "platform", "emscripten")
    monkeypatch.setattr(threading.Thread, "start", never)
    monkeypatch.setattr(subprocess, "Popen", never)
    monkeypatch.setattr(multiprocessing, "get_context", never)


def test_a_machine_is_no_browser():
    assert not in_browser()
    refuse_in_browser(RealComponentError)


def test_every_module_with_processes_threads_or_sockets_is_looked_at_here():
    needing = {p.stem for p in (PACKAGE / "real").glob("*.py") if NEEDS.search(p.read_text())}
    assert needing <= REAL.keys()


@pytest.mark.parametrize("module", [name for name, use in REAL.items() if use])
def test_what_is_real_says_in_one_sentence_that_it_is_not_here(browser, module):
    with pytest.raises(RealComponentError) as said:
        REAL[module]()
    assert str(said.value) == NOT_HERE
    assert ". " not in NOT_HERE


@pytest.mark.parametrize("use", [import_redis, import_psycopg, free_port])
def test_so_do_their_parts(browser, use):
    with pytest.raises(RealComponentError, match=re.escape(NOT_HERE)):
        use()


def test_nobody_is_told_to_install_what_cannot_run(browser):
    assert how_to_get_one() == how_to_get_postgres() == NOT_HERE
    for component in ("redis", "postgres"):
        unavailable = pooling_experiments(component, rtts_s=[0.0])
        assert isinstance(unavailable, Unavailable)
        assert unavailable.reason == NOT_HERE


def test_a_sweep_takes_its_cells_in_turn(browser):
    table = sweep(lambda n, rng: n * rng.integers(1, 2), {"n": [1, 2, 3]}, seed=1)
    assert table["result"].tolist() == [1, 2, 3]


def test_matplotlib_looks_for_its_fonts_in_silence(browser, monkeypatch):
    logger = logging.getLogger("matplotlib.font_manager")
    monkeypatch.setattr(logger, "level", logger.level)
    keep_quiet_about_fonts()
    assert not logger.isEnabledFor(logging.WARNING)
