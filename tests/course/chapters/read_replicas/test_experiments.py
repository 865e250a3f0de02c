import numpy as np
import pytest
from support.agreement import standard_errors_off

from scalelab.course.chapters.read_replicas import experiments, tasks
from scalelab.models.replication import safe_read_load_per_s
from scalelab.plotting import canvas

ROWS = list(experiments.GUIDE_LAGS_S)


def seeded(number=5):
    return np.random.default_rng(number)


def test_the_picture_is_drawn():
    assert len(experiments.replicas_picture().axes) == 1


@pytest.mark.parametrize("case", [(50, 20, 120), (100, 20, 120), (1, 2, 100)])
def test_the_fake_misses_what_the_law_says(case):
    shares = [experiments.missed_share(rng, *case) for rng in seeded().spawn(10)]
    expected = experiments.missed_by_model(*case)
    if expected == 1:
        assert set(shares) == {1.0}
        return
    assert standard_errors_off(shares, expected) < 4
    assert standard_errors_off(shares, 0.8 * expected) > 4


def test_four_laws_of_one_range():
    tails = {n: float(x) for n, x in experiments.tails(0.010, 5.0, 0.5).items()}
    assert list(tails.values()) == pytest.approx([0.335, 0.273, 0.371, 0.902], abs=5e-4)
    assert experiments.band(0.010, 5.0, 0.5) == (min(tails.values()), max(tails.values()))
    assert experiments.band(0.001, 0.010, 0.5) == pytest.approx((0, 0), abs=1e-9)


@pytest.mark.parametrize("time_s", [0.002, 0.04, 0.2, 0.9])
def test_every_law_falls_from_one_to_nothing(time_s):
    for row in experiments.GUIDE_LAGS_S.values():
        for early, late in zip(
            experiments.tails(*row, time_s).values(),
            experiments.tails(*row, 2 * time_s).values(),
            strict=True,
        ):
            assert 0 <= late <= early <= 1


def test_the_words_of_the_windows():
    said = [experiments.draw_window(canvas()[1], 500, row) for row in (ROWS[0], ROWS[2])]
    assert "0\u00a0% of the replicas do not have it, by each of the laws" in said[0]
    assert "27\u00a0% to 90\u00a0% of the replicas do not have it, depending on the law" in said[1]


def test_who_sees_the_comment():
    seen = experiments.who_sees_it(seeded(), 0.3)
    assert [tuple(devices.values()) for devices in seen.values()] == [
        (False, False),
        (True, False),
        (True, True),
        (True, True),
    ]
    table = experiments.rules_table(seeded(), 0.3).text
    assert table.count("missing") == 3
    assert table.count("there") == 5


def test_so_many_reads_go_to_the_primary_and_no_more():
    policy = experiments.PrimaryForReads(2, rng=seeded())
    store = experiments.ReplicatedStore(experiments.VirtualClock(), replicas=2)
    assert policy.route(store).node is not None
    policy.wrote(store, store.put("k", 1))
    routes = [policy.route(store).node for _ in range(4)]
    assert routes[:2] == [None, None]
    assert None not in routes[2:]


def test_promises_fall_to_what_is_left():
    assert list(experiments.promises().values()) == pytest.approx([30_000, 27_000, 18_000, 12_000])


@pytest.mark.parametrize("lost", [0, 1])
@pytest.mark.parametrize("replicas", [4, 7])
def test_at_the_safe_load_each_is_as_busy_as_allowed(replicas, lost):
    load = safe_read_load_per_s(10_000, replicas, max_utilisation=0.7, write_share=0.2, lost=lost)
    each = 0.2 + load / (10_000 * (replicas - lost))
    assert each == pytest.approx(0.7)
    fits = experiments.busy(replicas, 0.2, lost) <= 0.7 + 1e-9
    assert fits == (load >= experiments.LOAD_PER_S - 1e-6)


def test_the_words_of_the_replicas():
    said = experiments.draw_replicas(canvas()[1], 5, 0.2, True)
    assert "on 4 of 5 replicas: each is 95\u00a0% busy, beyond the limit" in said
    assert "within the limit" in experiments.draw_replicas(canvas()[1], 7, 0.2, True)


def test_the_tasks_have_one_answer_each():
    windows = [w for w in (500, 5_000, 10_000, 20_000) if tasks.WIDE.right(w, ROWS[2])]
    assert windows == [20_000]
    assert not tasks.WIDE.right(20_000, ROWS[0])
    assert next(n for n in range(2, 13) if tasks.ONE_LOST.right(n, 0.2, True)) == 7
    assert not tasks.ONE_LOST.right(7, 0.2, False)


def test_an_import_puts_one_process_behind_and_two_not():
    one, two = experiments.import_run(1), experiments.import_run(2)
    assert experiments.lag_at_the_end(one) == pytest.approx(2.5, abs=0.01)
    assert experiments.lag_at_the_end(two) < 0.01
    assert experiments.missed_in_import(one, 1.0) == pytest.approx(0.6, abs=0.01)
    assert experiments.missed_in_import(two, 1.0) == 0
    _, ax = canvas()
    assert experiments.plot_import(ax, {"one": one, "two": two}) is ax


def test_noon_on_a_learners_replica():
    def shown(log, delay_s, report):
        free, times = 0.0, []
        for commit, work in log:
            free = max(commit + delay_s, free) + work
            times.append(free)
        return times

    said = experiments.own_noon(shown, lambda lags, one_in: sorted(lags)[-7]).text
    assert "lags from 6 to 2003 ms" in said
    assert "your window must be 1983 ms" in said
    assert "window_ms is the stub" in experiments.own_noon(shown, lambda *_: ...).text
    assert "shown_at_s is the stub" in experiments.own_noon(lambda *_: ..., lambda *_: ...).text
    assert "each of the 600" in experiments.own_noon(lambda *_: [1.0], lambda *_: 1).text
    assert "ZeroDivisionError came out" in experiments.own_noon(lambda *_: 1 / 0, None).text
