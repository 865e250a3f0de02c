"""The scene of vertical scaling shows what its words say."""

from scalelab.course.chapters.vertical import scenes
from scalelab.course.stage import Stage


def seen(cores):
    stage = Stage()
    scenes.one_lock(stage, cores)
    return stage.run(scenes.UNTIL_S)


def test_the_line_grows_and_four_times_the_cores_do_less_than_three_times_the_work():
    traces = {cores: seen(cores) for cores in scenes.CORES.values()}
    done = {cores: trace.count("done", trace.end_ms) for cores, trace in traces.items()}
    longest = {
        cores: max(trace.count("waiting", ms) for ms in range(0, trace.end_ms, 100))
        for cores, trace in traces.items()
    }
    assert done[8] > 1.7 * done[4]
    assert done[16] < 3 * done[4]
    assert longest[16] > 2 * longest[8] > 2 * longest[4]


def test_a_lock_is_held_by_one_and_each_core_has_one_request():
    for cores in scenes.CORES.values():
        trace = seen(cores)
        for ms in range(0, trace.end_ms, 250):
            counts = {name: trace.count(name, ms) for name in trace.counters}
            assert counts["has the lock"] <= 1
            assert counts["at own work"] + counts["waiting"] + counts["has the lock"] == cores
