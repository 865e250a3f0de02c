"""The scene of the chapter on the limits of a larger server shows what its words say."""

import pytest

from scalelab.course.chapters.vertical_limits import scenes
from scalelab.course.examine import UnansweredError
from scalelab.course.stage import Stage


def ends(name):
    stage = Stage()
    scenes.one_log(stage, scenes.RUNS[name])
    trace = stage.run(scenes.UNTIL_S)
    return {counter: trace.count(counter, trace.end_ms) for counter in trace.counters}


def test_four_times_the_cores_bring_one_client_nothing_and_eight_next_to_nothing():
    assert ends("1 client, 2 cores")["committed"] == ends("1 client, 8 cores")["committed"]
    few, many = (ends(f"8 clients, {cores} cores")["committed"] for cores in (2, 8))
    assert few <= many <= 1.05 * few


def test_eight_clients_get_several_times_as_much_as_one():
    one, eight = (ends(name)["committed"] for name in ("1 client, 2 cores", "8 clients, 2 cores"))
    assert eight > 3 * one


def test_what_is_committed_is_what_was_found():
    done_s = scenes.commits(scenes.RUNS["8 clients, 2 cores"]).times_s[:, 4]
    assert ends("8 clients, 2 cores")["committed"] == (done_s <= scenes.UNTIL_S).sum()


def played(answer, ready_ms, flush_ms):
    stage = Stage()
    scenes.own_flushes(stage, answer, ready_ms, flush_ms)
    trace = stage.run(scenes.until_s(ready_ms, flush_ms))
    return trace, {c: trace.count(c, trace.end_ms) for c in trace.counters}


def test_an_answer_of_the_lab_is_played():
    trace, counts = played(lambda ready, flush: [4, 8, 8], [0, 1, 3], 4)
    assert counts["committed"] == 3
    second = round(1e3 * scenes.MS * 6)  # at 6 ms the two that came later are in the flush
    assert trace.count("in the flush", second) == 2


def test_a_list_that_is_too_short_leaves_the_rest_waiting():
    _, counts = played(lambda ready, flush: [4], [0, 1, 3], 4)
    assert counts["committed"] == 1
    assert counts["waiting for the disk"] == 2


def test_a_stub_is_not_played():
    with pytest.raises(UnansweredError):
        played(lambda ready, flush: ..., [0], 4)
