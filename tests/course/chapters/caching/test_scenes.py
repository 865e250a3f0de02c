"""The scene of the chapter on caching shows what its words say."""

import pytest

from scalelab.course.chapters.caching import scenes
from scalelab.course.stage import Stage


def ends(name):
    stage = Stage()
    scenes.price(stage, name)
    trace = stage.run(scenes.END_S)
    return {counter: trace.count(counter, trace.end_ms) for counter in trace.counters}


@pytest.mark.parametrize("name", scenes.RUNS)
def test_all_is_answered(name):
    counts, run = ends(name), scenes.RUNS[name]
    reads = len(scenes.READS_S) - run.warm
    assert counts["fresh answers"] + counts["old answers"] == reads
    assert counts["writes acknowledged"] == len(run.writes)


def test_a_race_leaves_old_answers_and_its_guard_does_not():
    assert ends("cache-aside")["old answers"] == 0
    race, guarded = (ends(n)["old answers"] for n in list(scenes.RUNS)[1:3])
    assert race > 5
    assert guarded == 1  # the reader whose read began before the write
    race, guarded = (ends(n)["old answers"] for n in list(scenes.RUNS)[3:5])
    assert race > 5
    assert guarded == 0


def test_write_behind_alone_loses_what_it_acknowledged():
    lost = {name: ends(name)["writes lost"] for name in scenes.RUNS}
    assert [name for name, number in lost.items() if number] == ["write-behind, a crash"]


def test_refresh_ahead_lets_only_the_first_reader_wait():
    assert ends("refresh-ahead")["database reads"] == 3
    assert "Nobody but the first has waited." in scenes.SAID["refresh-ahead"][8.8]
