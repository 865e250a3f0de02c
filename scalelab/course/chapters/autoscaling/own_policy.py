"""The lab's autoscaler, which a learner writes: made anew, asked for an order, read as a number."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from scalelab.course.kinds import Whole
from scalelab.course.values import NotThatError
from scalelab.real.limits import call
from scalelab.sim.scaling_policies import Reading


def fresh_decide(make_policy: Any) -> Any:
    """Return the `decide` of a new day; ``...`` of the stub.

    Raises
    ------
    NotThatError
        Nothing comes that could be asked.
    """
    if callable(make_policy) and not takes_nothing(make_policy):
        raise NotThatError(
            "make_policy(), without arguments",
            make_policy,
            "It is called anew each time and returns `decide`; the readings go to `decide`.",
        )
    decide = call(make_policy)
    if decide is not ... and not callable(decide):
        why = "The fleet asks it once a minute how many instances you want. Return the function "
        why += "without calling it." if decide is not None else "with `return decide`."
        raise NotThatError("a function `decide(reading)`", decide, why)
    return decide


def order_of(decide: Callable[[Reading], Any], reading: Reading) -> int:
    """Ask for one order, and read it as a number of instances.

    Raises
    ------
    NotThatError
        It is no such number.
    """
    given = call(decide, reading)
    if type(given) is int and given >= 0:  # as nearly always; the rest takes ten times as long
        return given
    try:
        order = Whole("instances").read(given)
    except NotThatError as wrong:
        raise NotThatError(f"{wrong.asked} from decide", wrong.got, wrong.why) from None
    if order < 0:
        why = "It is how many you want in all, not how many more: nobody can order fewer than none."
        raise NotThatError("a whole number of instances from decide", order, why)
    return int(order)


def takes_nothing(make: Callable[..., Any]) -> bool:
    """Whether it can be called without arguments."""
    try:
        inspect.signature(make).bind()
    except TypeError:
        return False
    except ValueError:  # a built-in that does not say
        return True
    return True
