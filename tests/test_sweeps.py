"""Sweeps on threads, on the process pool and on a real cluster, one of whose workers is killed."""

import dataclasses
import os
import signal
import time
import warnings
from concurrent.futures import Executor, Future, ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from scalelab.sweeps import SweepWarning, sweep

GRID = {"n": [1, 2, 3], "load": [0.5, 0.9]}


@pytest.fixture
def threads():
    with ThreadPoolExecutor(2) as pool:
        yield pool


class Inline(Executor):
    """Runs each call at once; what `sweep` needs of an executor is no more than this."""

    def submit(self, function, *arguments):
        future = Future()
        try:
            future.set_result(function(*arguments))
        except Exception as error:
            future.set_exception(error)
        return future


def product(n, load):
    return n * load


def test_one_row_a_cell_in_the_order_of_the_grid(threads):
    table = sweep(product, GRID, threads)
    assert list(table) == ["n", "load", "result", "error"]
    assert table[["n", "load"]].to_numpy().tolist() == [
        [n, r] for n in (1, 2, 3) for r in (0.5, 0.9)
    ]
    assert table["result"].tolist() == pytest.approx([0.5, 0.9, 1.0, 1.8, 1.5, 2.7])
    assert (table["error"] == "").all()


def test_results_in_columns(threads):
    @dataclasses.dataclass
    class Both:
        sum: float
        product: float

    as_mapping = sweep(lambda n, load: {"sum": n + load, "product": n * load}, GRID, threads)
    as_class = sweep(lambda n, load: Both(n + load, n * load), GRID, threads)
    pd.testing.assert_frame_equal(as_mapping, as_class)
    assert list(as_mapping) == ["n", "load", "sum", "product", "error"]


def fails_at_two(n, load):
    if n == 2 and load > 0.8:
        raise ZeroDivisionError("the line grows without bound")
    return n * load


def test_an_error_is_told_with_its_parameters_and_the_rest_is_kept(threads):
    told = r"1 of 6 cells failed; the first with n=2, load=0.9: ZeroDivisionError: the line grows"
    with pytest.warns(SweepWarning, match=told):
        table = sweep(fails_at_two, GRID, threads)
    bad = table[table["error"] != ""]
    assert bad[["n", "load"]].to_numpy().tolist() == [[2, 0.9]]
    assert bad["error"].item() == "ZeroDivisionError: the line grows without bound"
    assert table["result"].notna().sum() == 5


def test_a_result_that_would_hide_an_argument_is_an_error(threads):
    with pytest.warns(SweepWarning, match=r"must not be named \['n'\]"):
        sweep(lambda n: {"n": 3}, {"n": [1]}, threads)


def draw(n, rng):
    return float(rng.random(n)[-1])


def test_each_cell_draws_its_own_numbers_wherever_it_runs(threads):
    here = sweep(draw, {"n": [1, 1, 2]}, Inline(), seed=7)
    there = sweep(draw, {"n": [1, 1, 2]}, threads, seed=7)
    pd.testing.assert_frame_equal(here, there)
    assert here["result"].nunique() == 3
    assert not sweep(draw, {"n": [1, 1, 2]}, Inline(), seed=8).equals(here)


def test_the_bar_counts_every_cell(threads, capsys):
    pytest.importorskip("tqdm")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of tqdm, where there are no widgets
        sweep(product, GRID, threads, progress=True)
    assert "6/6" in capsys.readouterr().out


@pytest.mark.parametrize(
    "grid", [{}, {"n": []}, {"n": "abc"}, {"n": 3}, {"error": [1]}, {3: [1]}, None]
)
def test_a_bad_grid_is_named(grid, threads):
    with pytest.raises(ValueError, match=r"^sweep: grid.* must .*, got "):
        sweep(product, grid, threads)


def test_other_bad_input_is_named(threads):
    with pytest.raises(ValueError, match="sweep: function must be callable"):
        sweep(3, GRID, threads)
    with pytest.raises(ValueError, match="sweep: executor must be a concurrent"):
        sweep(product, GRID, executor=3)
    with pytest.raises(ValueError, match="sweep: seed must be an integer"):
        sweep(product, GRID, threads, seed=1.5)


def test_the_process_pool_runs_a_function_of_a_notebook():
    """A local function has no importable name; it goes to other processes by value."""
    pytest.importorskip("cloudpickle")
    table = sweep(lambda n: {"pid": os.getpid(), "square": n * n}, {"n": [1, 2, 3]})
    assert table["square"].tolist() == [1, 4, 9]
    assert os.getpid() not in set(table["pid"])


def test_a_dying_process_is_an_error_of_its_cells():
    pytest.importorskip("cloudpickle")

    def die_at_two(n):
        if n == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return n

    with pytest.warns(SweepWarning, match="BrokenProcessPool"):
        table = sweep(die_at_two, {"n": [2]})
    assert table["error"].item().startswith("BrokenProcessPool")


@pytest.fixture
def cluster():
    distributed = pytest.importorskip("distributed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the cluster's own start and end
        with distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
        ) as made:
            yield made


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_finishes_though_a_worker_is_killed(cluster):
    from distributed import Client

    def busy(n):
        until = time.monotonic() + 0.05
        while time.monotonic() < until:
            pass
        return {"square": n * n, "pid": os.getpid()}

    victim = next(iter(cluster.workers.values())).pid

    with Client(cluster) as client:
        pids = set(client.run(os.getpid).values())
        executor = client.get_executor(retries=3)
        submitted = 0
        submit = executor.submit

        def submit_and_kill(*arguments):
            nonlocal submitted
            submitted += 1
            future = submit(*arguments)
            if submitted == 40:
                os.kill(victim, signal.SIGKILL)
            return future

        executor.submit = submit_and_kill
        table = sweep(busy, {"n": list(range(60))}, executor)
    assert (table["error"] == "").all()
    assert table["square"].tolist() == [n * n for n in range(60)]
    assert pids & set(table["pid"])
    assert victim not in np.array(table["pid"])[-5:]
