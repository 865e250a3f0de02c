"""A learner's autoscaler is made anew, asked, and read as a number of instances."""

import numpy as np
import pytest

from scalelab.course.chapters.autoscaling.own_policy import fresh_decide, order_of, takes_nothing
from scalelab.course.values import NotThatError
from scalelab.sim.scaling_policies import Reading

READING = Reading(time_s=0.0, running=1, starting=0, load=0.5, demand_per_s=90.0, backlog=0.0)


def test_a_decide_comes_back_or_is_asked_for():
    assert fresh_decide(lambda: len) is len
    assert fresh_decide(lambda: ...) is ...
    with pytest.raises(NotThatError, match="make_policy"):
        fresh_decide(lambda reading: 3)
    for given, words in ((3, "without calling it"), (None, "return decide")):
        with pytest.raises(NotThatError) as wrong:
            fresh_decide(lambda given=given: given)
        assert words in wrong.value.why


@pytest.mark.parametrize("given", [4, np.int64(4), 4.0])
def test_an_order_is_a_whole_number(given):
    order = order_of(lambda reading: given, READING)
    assert order == 4
    assert type(order) is int


@pytest.mark.parametrize("given", [True, 2.5, -1, "4", None, float("nan")])
def test_what_is_no_order_is_refused(given):
    with pytest.raises(NotThatError):
        order_of(lambda reading: given, READING)


def test_who_takes_nothing():
    assert takes_nothing(lambda: 1)
    assert takes_nothing(lambda a=1: a)
    assert not takes_nothing(lambda a: a)
