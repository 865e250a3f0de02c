"""The scene of sticky sessions shows what its words say."""

import pytest

from scalelab.course.chapters.sticky_sessions import scenes
from scalelab.course.stage import Stage

COUNT = len(scenes.USERS)


@pytest.fixture(scope="module")
def numbers():
    """What the picture counts before web-2 dies, and at the end, for each way to remember."""
    found = {}
    for name, method in scenes.WAYS.items():
        stage = Stage()
        scenes.comes_and_goes(stage, method)
        trace = stage.run(16.0)
        found[name] = [
            {counter: trace.count(counter, ms) for counter in trace.counters}
            for ms in (9_000, trace.end_ms)
        ]
    return found


def test_with_cookies_a_new_server_costs_nobody_and_a_crash_a_third(numbers):
    grown, end = numbers["cookie"]
    assert grown["found"] == COUNT
    assert end["log in again"] == end["sessions lost"] == COUNT // 3


def test_a_hash_modulo_n_loses_most_and_leaves_sessions_that_nobody_reaches(numbers):
    grown, _ = numbers["hash modulo n"]
    assert grown["log in again"] == pytest.approx(0.75 * COUNT, abs=3)
    assert grown["sessions kept"] == COUNT + grown["log in again"]


def test_rendezvous_loses_about_what_must_be_lost(numbers):
    grown, end = numbers["rendezvous hash"]
    assert grown["log in again"] == pytest.approx(0.25 * COUNT, abs=3)
    again = end["log in again"] - grown["log in again"]
    assert COUNT / 8 < again <= end["sessions lost"]  # one that died was of no use already


def test_every_request_has_one_end(numbers):
    for _, end in numbers.values():
        assert end["found"] + end["log in again"] == 2 * COUNT
        assert end["no answer"] == 0
