"""What was recorded."""

import numpy as np
import pytest

from scalelab.course.chapters.incidents.fixes import FIXES
from scalelab.course.chapters.incidents.recorded import (
    CAUSES,
    ends_alone,
    judged_runs,
    recorded_alone,
    recorded_diagnoses,
    recorded_runs,
    recorded_scores,
    smallest_that_work,
)


def test_each_cause_and_a_calm_time_are_there():
    assert set(recorded_runs()) == {*CAUSES, "calm"}
    assert len(CAUSES) == 10
    assert all(len(runs) >= 3 for runs in recorded_runs().values())


def test_no_run_that_a_check_asks_is_among_those_of_the_page():
    assert list(judged_runs()) == list(recorded_runs())
    for name, runs in judged_runs().items():
        assert len(runs) >= 2
        assert not any(run == shown for run in runs for shown in recorded_runs()[name])


def test_the_end_does_not_tell_two_causes_apart():
    ends = [
        [np.mean(recorded_runs()[name][0][line][-60:]) for line in ("good", "hits", "pool", "app")]
        for name in ("retry storm", "metastable cache flush")
    ]
    assert np.allclose(*ends, atol=0.05)


@pytest.mark.parametrize(
    "pair",
    [
        ("retry storm", "retry budget of 10 %", "reads fill though the client left"),
        ("metastable cache flush", "reads fill though the client left", "single flight"),
    ],
)
def test_a_pair_works_of_which_neither_does_alone(pair):
    cause, *both = pair
    scores = recorded_scores()[cause]
    assert min(scores[tuple(sorted(both))]) > 0.9
    assert all(max(scores[(one,)]) <= 0.5 for one in both)


def test_after_a_reconnect_three_are_needed():
    three = ("connections outlive the request", "pool of 6", "retry budget of 10 %")
    assert smallest_that_work("thundering reconnect") == [three]


def test_what_works_has_no_part_that_works():
    storm = smallest_that_work("retry storm")
    assert ("at most 20 in line",) in storm
    assert ("reads fill though the client left", "retry budget of 10 %") in storm
    assert all(len(chosen) == 1 or "at most 20 in line" not in chosen for chosen in storm)


def test_every_setting_of_the_shop_was_tried_alone_on_every_cause():
    for cause in CAUSES:
        tried = set(recorded_alone()[cause])
        assert tried == set(FIXES) or cause == "split brain"


def test_what_stays_down_has_no_cure_of_one_setting_but_a_limit_on_the_line():
    assert ends_alone("retry storm")[0] == ["at most 20 in line"]
    assert ends_alone("thundering reconnect")[0] == []
    assert ends_alone("split brain")[1] == ["wait 70 s before promoting"]


def test_a_larger_pool_only_delays_a_leak():
    usual, twice = recorded_scores()["connection leak"][("pool x 2",)]
    assert usual > twice + 0.3


def test_the_reference_is_right_on_95_of_100_nights_of_each_cause():
    told = recorded_diagnoses()
    assert set(told) == {*CAUSES, "calm"}
    assert all(counts.total() == 50 for counts in told.values())
    assert all(counts[cause] >= 0.95 * 50 for cause, counts in told.items())
