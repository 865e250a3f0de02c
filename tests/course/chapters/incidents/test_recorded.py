"""What was recorded."""

import numpy as np
import pytest

from scalelab.course.chapters.incidents.recorded import CAUSES, recorded_runs, recorded_scores


def test_each_cause_and_a_calm_time_are_there():
    assert set(recorded_runs()) == {*CAUSES, "calm"}
    assert len(CAUSES) == 10
    assert all(len(runs) >= 3 for runs in recorded_runs().values())


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
    assert all(max(scores[(one,)]) < 0.2 for one in both)


def test_after_a_reconnect_three_are_needed():
    scores = recorded_scores()["thundering reconnect"]
    works = [chosen for chosen, ends in scores.items() if min(ends) > 0.9]
    assert works == [("backoff x 10", "connections outlive the request", "pool of 6")]


def test_a_larger_pool_only_delays_a_leak():
    usual, twice = recorded_scores()["connection leak"][("pool x 2",)]
    assert usual > twice + 0.3
