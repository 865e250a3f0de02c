from types import SimpleNamespace

import numpy as np
import pytest
from support.legends import under_legend

from scalelab.course.chapters.connection_pooling import experiments
from scalelab.plotting import canvas
from scalelab.real.measure import Unavailable


def seeded():
    return np.random.default_rng(5)


def test_the_storm_lasts_with_a_long_timeout_and_retries():
    run = experiments.storm(30.0, 3, rng=seeded())
    end = run[run.time_s > 50]
    assert end.answered.sum() == 0
    assert end.for_nobody.mean() > 150  # the pool works at full speed, for nobody


@pytest.mark.parametrize(("timeout_s", "retries"), [(0.5, 3), (30.0, 0)])
def test_the_storm_ends_when_its_cause_is_removed(timeout_s, retries):
    run = experiments.storm(timeout_s, retries, rng=seeded())
    end = run[run.time_s > 50]
    assert end.failed.sum() == 0
    assert end.answered.sum() == pytest.approx(end.arrived.sum(), rel=0.02)


def test_a_leak_empties_the_pool_and_is_suspected():
    run, pool = experiments.leak(400, rng=seeded())
    assert run.borrowed.iloc[-1] >= 9
    assert len(pool.suspected_leaks()) >= 8
    honest, pool = experiments.leak(10**9, rng=seeded())
    assert honest.failed.sum() == 0
    assert pool.suspected_leaks() == []


def test_no_legend_lies_over_the_lines_of_a_leak_or_of_a_storm():
    _, axes = canvas(2, height=2.1)
    experiments.plot_leak(axes, experiments.leak(400, rng=seeded())[0])
    _, others = canvas(2, height=2.8, sharey=True)
    for ax, timeout_s in zip(others, (30.0, 0.5), strict=True):
        experiments.plot_storm(ax, experiments.storm(timeout_s, 3, rng=seeded()), "a storm")
    assert [under_legend(ax) for ax in (axes[1], *others)] == [[], [], []]


def test_validation_buys_answers_with_round_trips():
    never, on_borrow, after_idle = map(
        experiments.after_restart, ("never", "on_borrow", "after_idle")
    )
    assert never[1] == 0
    assert never[0] < after_idle[0] <= on_borrow[0] == 1_000
    assert after_idle[1] < 20 < 1_000 <= on_borrow[1]


def test_jitter_spreads_the_replacements():
    assert experiments.most_replaced_at_once(0.0, rng=seeded()) == 10
    assert experiments.most_replaced_at_once(0.2, rng=seeded()) <= 3


@pytest.mark.parametrize("kind", experiments.INCIDENTS)
def test_an_incident_shows_what_it_is(kind):
    for seed in range(4):
        seen = experiments.incident(kind, rng=np.random.default_rng(seed))
        calm = seen[seen.time_s > 32]
        assert (calm.borrowed.min() >= 4) == (kind == "leak")
        assert (seen.arrived.max() > 200) == (kind == "overload")
        assert (seen.failed.sum() == 0) == (kind == "healthy") or kind == "leak"


def test_an_unknown_incident_is_named():
    with pytest.raises(ValueError, match=r"incident: kind must be one of healthy, .* got 'fire'"):
        experiments.incident("fire", rng=seeded())


def test_without_a_server_a_row_says_why(monkeypatch):
    reason = Unavailable("no server")
    monkeypatch.setattr(experiments, "pooling_experiments", lambda *args, **kwargs: reason)
    row = experiments.measured_row("redis", object(), requests=4)
    assert row == {"server": "no server; going on with the fake"}


def test_the_stub_of_the_lab_is_still_to_do():
    class Stub:
        def __init__(self, connect, max_size):
            pass

        def acquire(self):
            return ...

    assert "Still to do" in repr(experiments.own_pool_on_valkey(Stub))


def test_a_learners_pool_meets_a_real_server():
    pytest.importorskip("redis")
    from scalelab.real.servers import find_servers, how_to_get_one

    if not find_servers():
        pytest.skip(how_to_get_one())

    class OneConnection:
        def __init__(self, connect, max_size):
            self.connection = connect()

        def acquire(self):
            return self.connection

        def release(self, connection):
            assert connection is self.connection

    text = repr(experiments.own_pool_on_valkey(OneConnection, rtt_s=0.002, requests=8))
    assert "with a connection per request" in text


def test_a_learners_pool_without_a_server_gets_a_sentence(monkeypatch):
    def refuse():
        raise experiments.RealComponentError("no server found")

    class Pool:
        def __init__(self, connect, max_size):
            pass

        def acquire(self):
            return None

    monkeypatch.setattr(experiments, "start_server", refuse)
    assert "no server found; the fake has to do" in repr(experiments.own_pool_on_valkey(Pool))


def test_servers_that_are_not_here_say_how_to_get_them(monkeypatch):
    reason = Unavailable("no server")
    monkeypatch.setattr(experiments, "pooling_experiments", lambda *args, **kwargs: reason)
    shown = experiments.measured_servers()
    assert shown.text.count("no server") == 2
    assert "<table" not in shown.body


def test_servers_that_are_here_stand_in_one_table(monkeypatch):
    near = SimpleNamespace(component="a server", fresh_median_s=0.01)
    far = SimpleNamespace(
        component="a server", fresh_median_s=0.05, pooled_median_s=0.005, gain=10.0
    )
    monkeypatch.setattr(experiments, "pooling_experiments", lambda *args, **kwargs: [near, far])
    shown = experiments.measured_servers()
    assert shown.text.splitlines()[1].split(" | ")[2] == "8"
    assert shown.body.count("<table") == 1


def test_the_tail_is_drawn_between_erlang_and_the_correction():
    _, ax = canvas()
    experiments.plot_tail(ax, {1: 1.0, 4: 1.9, 16: 5.0}, 1.0)
    corrected, simulated, erlang = (line.get_ydata() for line in ax.get_lines()[:3])
    assert list(corrected) == [1.0, 2.5, 8.5]
    assert (erlang[-1], simulated[-1]) == (1.0, 5.0)
