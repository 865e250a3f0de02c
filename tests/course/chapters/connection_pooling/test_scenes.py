"""The storm outlives its cause where callers ask again, and not where they give up."""

from scalelab.course.chapters.connection_pooling import scenes
from scalelab.course.stage import Stage


def test_the_storm_outlives_its_cause_only_with_second_tries_and_a_long_line():
    answered, waiting = {}, {}
    for name, caller in scenes.CALLERS.items():
        stage = Stage()
        scenes.retry_storm(stage, caller)
        trace = stage.run(scenes.UNTIL_S)
        calm = round(1000 * scenes.WELL_S) + 4_000
        answered[name] = trace.count("answered", trace.end_ms) - trace.count("answered", calm)
        waiting[name] = trace.count("in line", trace.end_ms)
    give_up, ask, short_line = scenes.CALLERS
    assert answered[ask] < answered[give_up] / 2
    assert answered[short_line] > 2 * answered[ask]
    assert waiting[ask] > 20 > waiting[give_up]
