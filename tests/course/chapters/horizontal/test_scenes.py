"""The scenes of horizontal scaling show what their words say."""

from scalelab.course.chapters.horizontal import scenes
from scalelab.course.stage import Stage


def end_of(run, value, until_s):
    stage = Stage()
    run(stage, value)
    trace = stage.run(until_s)
    return trace, {counter: trace.count(counter, trace.end_ms) for counter in trace.counters}


def test_a_second_try_saves_what_a_dead_server_loses():
    trace, without = end_of(scenes.one_dies, 0, 13.0)
    _, again = end_of(scenes.one_dies, 1, 13.0)
    assert without["lost"] > 5
    assert again["lost"] < without["lost"] / 3
    assert [text for _, text in trace.says if "out of service" in text]


def test_the_rules_serve_the_same_requests_and_differ_in_their_lines():
    worst = {}
    for name, policy in scenes.RULES.items():
        trace, ends = end_of(scenes.four_rules, policy, 14.0)
        worst[name] = max(trace.count("in line", ms) for ms in range(0, trace.end_ms, 100))
        assert sum(ends.values()) == len(trace.steps)
    assert worst["random"] > worst["in turn"] > worst["shortest"]
