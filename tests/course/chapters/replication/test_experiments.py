from itertools import combinations

import numpy as np
import pytest
from support.agreement import standard_errors_off

from scalelab.course.chapters.replication import experiments, tasks
from scalelab.history.linearizability import linearization
from scalelab.models.replication import lost_writes
from scalelab.plotting import canvas


def seeded(number=5):
    return np.random.default_rng(number)


def test_the_picture_is_drawn():
    assert len(experiments.commit_picture().axes) == 1


def test_the_guides_arrows_and_the_disks_it_leaves_out():
    assert experiments.guide_write_ms("synchronous") == 1 + 5 + 5 + 1
    assert experiments.guide_write_ms("synchronous", 1.0) == 14
    assert experiments.guide_write_ms("asynchronous", 1.0) == 3


@pytest.mark.parametrize(
    ("needed", "standbys", "words"),
    [
        (1, 1, "slowest percent 32\u00a0ms; if one dies, commits hang"),
        (1, 2, "slowest percent 18.98\u00a0ms; 1 may die"),
        (5, 2, "2 of 2"),
    ],
)
def test_the_words_of_the_quorum(needed, standbys, words):
    assert words in experiments.draw_quorum(canvas()[1], needed, standbys)


def test_the_task_has_one_answer():
    settings = [(k, n) for k in range(1, 6) for n in range(1, 6)]
    right = [(k, n) for k, n in settings if tasks.TWO_COPIES.right(k, n)]
    assert right == [(2, 4), (2, 5)]


def test_hours_without_writes():
    hours = list(experiments.hours_without_writes().values())
    assert hours == pytest.approx([8.76, 17.511, 8.906, 8.769, 0.0263], abs=5e-4)


@pytest.mark.parametrize("case", [(1, 1, 0), (1, 2, 0), (2, 1, 0), (1, 1, 20)])
def test_the_played_quorum_is_as_stale_as_the_closed_form_says(case):
    shares = [experiments.stale_by_play(rng, *case) for rng in seeded().spawn(8)]
    assert standard_errors_off(shares, experiments.stale_by_model(*case)) < 4
    assert standard_errors_off(shares, 1.3 * experiments.stale_by_model(*case)) > 4


def test_quorums_that_meet_are_never_stale():
    assert experiments.stale_by_model(2, 2, 0) == 0
    assert experiments.stale_by_play(seeded(), 2, 2, 0) == 0


def test_a_dead_primary_loses_its_lag_times_the_rate_and_a_synchronous_one_nothing():
    lost = [experiments.dead_primary(rng, 200, 500) for rng in seeded().spawn(20)]
    assert standard_errors_off(lost, lost_writes(0.2, 500)) < 4
    assert standard_errors_off(lost, lost_writes(0.1, 500)) > 4
    assert experiments.dead_primary(seeded(), 200, 500, "receive") == 0


def test_the_guides_query_rings_as_often_as_writes_are_rare():
    shares = [experiments.naive_share(rng, 10.0) for rng in seeded().spawn(10)]
    assert standard_errors_off(shares, experiments.alarm_by_model(10.0)) < 4
    assert standard_errors_off(shares, experiments.alarm_by_model(20.0)) > 4


def test_meanwhile_nothing_is_missing():
    times, said, missing = experiments.naive_watch(seeded(), 200, 3.1)
    assert times[-1] == pytest.approx(620)
    assert said.max() > 30
    assert missing.max() < 0.011
    _, ax = canvas()
    assert experiments.plot_naive(ax, seeded()) is ax


def test_who_is_promoted_decides_what_is_lost():
    wrong, right = experiments.wrong_standby("node2"), experiments.wrong_standby(None)
    assert (wrong["lost"], right["lost"]) == (experiments.BEHIND, 0)
    assert wrong["order"] is None
    assert right["order"] == linearization(right["history"])
    said = experiments.chosen_note().text
    assert "50 confirmed writes lost, Bob reads 100; an order that explains it: none" in said
    assert (
        "0 confirmed writes lost, Bob reads 70; an order that explains it: Ann writes 100" in said
    )


@pytest.mark.parametrize(("standbys", "needed"), [(2, 1), (5, 2), (5, 3), (4, 4), (6, 1)])
def test_whom_one_must_ask(standbys, needed):
    asked = experiments.must_ask(standbys, needed)
    assert asked == standbys - needed + 1
    missing_all = [
        set(some)
        for some in combinations(range(standbys), asked - 1)
        if not set(some) & set(range(needed))
    ]
    assert missing_all or asked == 1


def test_the_guides_steps_lose_nothing_when_planned_and_wait_for_ever_when_not():
    missing, minute, lost = experiments.waited_for_lag(planned=False)
    assert missing == minute == lost == 200
    assert experiments.waited_for_lag(planned=True)[2] == 0


def test_a_fence_leaves_one_primary():
    assert experiments.two_primaries(fencing=False) == (2, 10)
    assert experiments.two_primaries(fencing=True) == (1, 0)
