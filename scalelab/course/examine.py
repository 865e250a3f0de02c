"""Judge one answer on every case, name the mistake, and decide who has to look again.

A case is a tuple of arguments: the edges that the page names, then what is drawn from each seed.
Every call gets copies. What comes back is read as the kind that was asked for, compared with the
solution, and where it differs with what each known misreading gives on all cases: the one that
agrees is the one that is named.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from scalelab import _validate as v
from scalelab.course import verdict as say
from scalelab.course.diagnosis import Outcome
from scalelab.course.kept import Kept
from scalelab.course.values import NotThatError, short
from scalelab.course.verdict import Verdict
from scalelab.in_browser import in_browser
from scalelab.real.limits import (
    OutOfMemoryError,
    OutOfTimeError,
    Output,
    TheirError,
    call,
    limits,
)

if TYPE_CHECKING:
    from scalelab.course.exercise import Exercise

SEEDS = range(20)
PATIENCE_S = 20.0 if in_browser() else 10.0  # for all cases together; it is slower there
_LOOKED_AT = 100  # items, for the dots of a stub
_ASKED_AGAIN = 8  # cases, to see whether an answer remembers


class UnansweredError(Exception):
    """The stub is still as it came."""


def examine(
    exercise: Exercise,
    answer: Any,
    seeds: Sequence[int] = SEEDS,
    patience_s: float | None = None,
) -> Verdict:
    """Judge `answer` without keeping anything.

    After the edges a case is drawn from each seed, of which there is at least one. `patience_s` are
    seconds for all of it; None for those of the exercise.
    """
    if not len(seeds):
        v.refuse("examine", "seeds", "hold at least one", v.Words("none"))
    if answer is ...:
        return say.still_open(exercise)
    patience_s = patience_s or exercise.patience_s or PATIENCE_S
    outcomes: list[Outcome] = []
    printed = Output()
    try:
        cases = exercise.cases(seeds)
        at_first = Kept(answer)
        with limits(patience_s, call_seconds=exercise.call_patience_s) as printed:
            for name, case in cases:
                outcomes.append(Outcome(name, case))
                _run(exercise, answer, outcomes[-1])
            memory = _remembers(exercise, answer, outcomes) or _kept(
                exercise, answer, outcomes, at_first
            )
    except UnansweredError:
        return say.still_open(exercise)
    except (OutOfTimeError, OutOfMemoryError, KeyboardInterrupt) as stopped:
        last = outcomes[-1] if outcomes else None
        return say.with_output(say.stopped(exercise, stopped, last, patience_s), printed)
    except Exception as error:  # nobody's code but ours was running
        return say.our_fault(
            exercise, error, outcomes[-1].name if outcomes else "before the first case"
        )
    if not memory and not any(outcome.failed for outcome in outcomes):
        return say.with_output(say.passed(exercise, outcomes), printed)
    try:
        return say.with_output(say.failed(exercise, outcomes, memory), printed)
    except Exception as error:
        return say.our_fault(exercise, error, "after the last case")


def _run(exercise: Exercise, answer: Any, outcome: Outcome) -> None:
    """Run one case, and note what came of it."""
    given, kept = copy.deepcopy(outcome.case), copy.deepcopy(outcome.case)
    try:
        value = exercise.runner(answer, *given)
        if value is ... or (isinstance(value, (tuple, list, dict)) and _holds_ellipsis(value)):
            raise UnansweredError
        outcome.got = exercise.kind.read(value)
    except TheirError as theirs:
        outcome.error = theirs.error
    except NotThatError as wrong:
        outcome.form = wrong
    else:
        outcome.fault = exercise.fault(outcome.got, copy.deepcopy(outcome.case), outcome.name)
    outcome.changed = _changed(exercise, kept, given)
    if outcome.changed and exercise.keeps_arguments and not outcome.failed:
        outcome.form = _not_kept(outcome.changed, exercise.parameters, given)


def _holds_ellipsis(value: Any) -> bool:
    items = value.values() if isinstance(value, dict) else value
    return any(item is ... for item in islice(items, _LOOKED_AT))


def _changed(
    exercise: Exercise, before: tuple[Any, ...], after: tuple[Any, ...]
) -> tuple[str, ...]:
    """Names of the arguments that are not as they were.

    Both are copies made in the same way, or equal sets would show in different orders.
    """
    names = exercise.parameters
    return tuple(
        name
        for name, old, new in zip(names, before, after, strict=False)
        if isinstance(old, (list, dict, set, np.ndarray)) and short(old, 10**6) != short(new, 10**6)
    )


def _not_kept(
    changed: tuple[str, ...], parameters: tuple[str, ...], given: tuple[Any, ...]
) -> NotThatError:
    """Say that the result is right and the argument is no longer what it was."""
    first = changed[0]
    why = "The caller still holds it, and it must not change under its hands. Change a copy."
    return NotThatError(f"{first} as it was", given[parameters.index(first)], why)


def _remembers(
    exercise: Exercise, answer: Any, outcomes: list[Outcome]
) -> tuple[Outcome, Outcome] | None:
    """Ask the first questions again, in turned order; return what has another answer now."""
    if not exercise.repeatable:
        return None
    some = outcomes[: _ASKED_AGAIN if exercise.runner is call else 1]
    for first in reversed(some):
        if first.error or first.form:
            continue
        again = Outcome(first.name, first.case)
        _run(exercise, answer, again)
        if again.error or again.form or not exercise.kind.same(again.got, first.got):
            return first, again
    return None


def _kept(
    exercise: Exercise, answer: Any, outcomes: list[Outcome], at_first: Kept
) -> tuple[Outcome, Outcome] | None:
    """Ask the smallest case that failed with what was kept put back; return it if that is right."""
    wrong = [outcome for outcome in outcomes if outcome.fault]
    if not wrong or not exercise.repeatable:
        return None
    later = min(wrong, key=lambda outcome: outcome.size)
    alone = Outcome(later.name, later.case)
    with at_first.put_back() as other:
        if other:
            _run(exercise, answer, alone)
    return (alone, later) if other and not alone.failed else None
