"""The scene of the chapter on the principles shows what its words say."""

import pytest

from scalelab.course.chapters.principles import scenes
from scalelab.course.chapters.principles.partition import RULES, Told, make_store, set_going
from scalelab.course.stage import Stage
from scalelab.fakes.clock import VirtualClock


def ends(name):
    stage = Stage()
    scenes.cut_between(stage, RULES[name])
    trace = stage.run(scenes.UNTIL_S)
    return {counter: trace.count(counter, trace.end_ms) for counter in trace.counters}


@pytest.mark.parametrize("name", RULES)
def test_the_watched_run_is_the_unwatched_one(name):
    clock, told = VirtualClock(), Told()
    store = make_store(clock, RULES[name])
    set_going(store, RULES[name], scenes.TIMES_S, told)
    clock.run(scenes.UNTIL_S)
    lost = len(store.lost_writes())
    assert ends(name) == {
        "waiting": 0,
        "confirmed": sum(told.confirmed.values()) - lost,
        "no answer": sum(told.unanswered.values()),
        "lost": lost,
    }


def test_what_is_given_up():
    whole, one, both, neither = map(ends, RULES)
    assert (whole["no answer"], whole["lost"]) == (0, 0)
    assert one["no answer"] > 3
    assert (both["no answer"], both["lost"] > 3) == (1, True)
    assert neither["no answer"] > one["no answer"]
    assert one["lost"] == neither["lost"] == 0
