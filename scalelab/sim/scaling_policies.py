"""When to add instances and when to remove them: the reactive policies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scalelab import _validate as v


@dataclass(frozen=True, kw_only=True)
class StepPolicy:
    """Add a fixed number above one threshold, remove a fixed number below another.

    Parameters
    ----------
    high, low : float
        Thresholds of the mean load in the window, 0 <= low < high.
    add, remove : int
        Instances, >= 1.
    window_s : float
        Seconds that the mean is taken over, > 0.
    every_s : float
        Seconds between decisions, > 0.
    cooldown_s : float
        Seconds after any order in which no further one is given, >= 0.
    """

    high: float
    low: float
    add: int
    remove: int
    window_s: float
    every_s: float
    cooldown_s: float

    def __post_init__(self) -> None:
        _check_times("StepPolicy", self.window_s, self.every_s, cooldown_s=self.cooldown_s)
        v.keep(self, high=v.number("StepPolicy", "high", self.high))
        if v.number("StepPolicy", "low", self.low, minimum=0) >= self.high:
            v.refuse("StepPolicy", "low", f"be < high={self.high:g}", self.low)
        v.keep(self, add=v.count("StepPolicy", "add", self.add))
        v.keep(self, remove=v.count("StepPolicy", "remove", self.remove))


@dataclass(frozen=True, kw_only=True)
class TargetPolicy:
    """Keep the mean load at a target: as many instances as the proportion asks for.

    Parameters
    ----------
    target : float
        Mean load of a running instance to aim at, > 0.
    window_s : float
        Seconds that the mean is taken over, > 0.
    every_s : float
        Seconds between decisions, > 0.
    cooldown_out_s, cooldown_in_s : float
        Seconds to wait before growing after the last growth, and before shrinking after any
        change, >= 0.
    """

    target: float
    window_s: float
    every_s: float
    cooldown_out_s: float = 0.0
    cooldown_in_s: float = 0.0

    def __post_init__(self) -> None:
        _check_times(
            "TargetPolicy",
            self.window_s,
            self.every_s,
            cooldown_out_s=self.cooldown_out_s,
            cooldown_in_s=self.cooldown_in_s,
        )
        v.keep(self, target=v.number("TargetPolicy", "target", self.target))


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a policy of your own is shown when it must decide.

    Parameters
    ----------
    time_s : float
        Seconds since the beginning.
    running, starting : int
        Instances that take requests, and that do not yet.
    load : float
        Mean of the sensor over the last window.
    demand_per_s : float
        Mean of the demand over the last window, in requests per second.
    backlog : float
        Requests that wait.
    """

    time_s: float
    running: int
    starting: int
    load: float
    demand_per_s: float
    backlog: float


@dataclass(frozen=True, kw_only=True)
class OwnPolicy:
    """A policy of your own: a function from a reading to the number of instances wanted.

    Parameters
    ----------
    decide : callable
        Takes a `Reading`, returns a whole number; the fleet's bounds are kept for you.
    window_s : float
        Seconds that means are taken over, > 0.
    every_s : float
        Seconds between decisions, > 0.
    """

    decide: Callable[[Reading], int]
    window_s: float = 60.0
    every_s: float = 60.0

    def __post_init__(self) -> None:
        _check_times("OwnPolicy", self.window_s, self.every_s)
        if not callable(self.decide):
            v.refuse("OwnPolicy", "decide", "be a function of a Reading", self.decide)


Policy = StepPolicy | TargetPolicy | OwnPolicy


def _check_times(name: str, window_s: float, every_s: float, **cooldowns_s: float) -> None:
    v.number(name, "window_s", window_s)
    v.number(name, "every_s", every_s)
    for argument, seconds in cooldowns_s.items():
        v.number(name, argument, seconds, minimum=0)
