"""Which mistake it is: the known misreading that gives what the learner's code gave."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scalelab.course.kinds import Maybe, Number, Parts
from scalelab.course.values import NotThatError, short

if TYPE_CHECKING:
    from scalelab.course.exercise import Exercise, Misreading

ENOUGH = 0.75  # of the failed cases, and of all, a misreading must explain
NO_VALUE = object()  # what a misreading gives where it fails; None may be an answer
NONE_BACK = object()  # what it gives where None comes back, and is no answer


@dataclass(frozen=True)
class Fault:
    """What a judge finds wrong where several results would be right.

    Parameters
    ----------
    expected, got : str
        What should have come out, and what did.
    why, hint : str
        Why it matters and what to try; the exercise's own where they are empty.
    story : str
        What happened, line by line, where that helps.
    sure : bool
        Whether `why` names the mistake, so that no misreading has to be asked, which takes time.
    """

    expected: str
    got: str
    why: str = ""
    hint: str = ""
    story: str = ""
    sure: bool = False


@dataclass
class Outcome:
    """What one case gave."""

    name: str
    case: tuple[Any, ...]
    got: Any = None
    fault: Fault | None = None
    error: BaseException | None = None
    form: NotThatError | None = None
    changed: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether anything is wrong with it."""
        return any((self.fault, self.error, self.form))

    @property
    def size(self) -> int:
        """Length of the arguments as text; of all that failed, the smallest is shown."""
        return len(short(self.case, 10**6))


def named_mistake(
    exercise: Exercise, outcomes: list[Outcome], failed: list[Outcome]
) -> tuple[Outcome, str, str] | None:
    """Return the case to show, the meaning and the hint of the misreading that fits best.

    It must give what the learner's code gave in most of the failed cases, and in most of all.
    """
    best: tuple[float, Outcome, str, str] | None = None
    for misreading in exercise.misreadings:
        if not _may_fit(exercise, misreading, failed):
            continue
        theirs = [exercise.given_by(misreading, o.case, o.name) for o in outcomes]
        fit = _fit(exercise, outcomes, theirs)
        if fit and (best is None or fit[0] > best[0]):
            best = (*fit, misreading.meaning, misreading.hint)
    if best:
        return best[1], best[2], best[3]
    return _odd_form(exercise, failed)


def named_none(exercise: Exercise, outcomes: list[Outcome]) -> tuple[str, str] | None:
    """Return the meaning and the hint of a misreading that gives None in just the same cases."""
    none = [bool(outcome.form and outcome.form.got is None) for outcome in outcomes]
    for misreading in exercise.misreadings:
        theirs = [exercise.given_by(misreading, o.case, o.name) is NONE_BACK for o in outcomes]
        if theirs == none:
            return misreading.meaning, misreading.hint
    return None


def _is_value(given: Any) -> bool:
    return given is not NO_VALUE and given is not NONE_BACK


def _may_fit(exercise: Exercise, misreading: Misreading, failed: list[Outcome]) -> bool:
    """Ask it on one failed case after another, until it has missed too many: it may be slow."""
    if isinstance(exercise.kind, Parts):  # each part has failed cases of its own
        return True
    missed = 0
    for outcome in failed:
        given = exercise.given_by(misreading, outcome.case, outcome.name)
        missed += not _is_value(given) or not exercise.kind.same(outcome.got, given)
        if missed > (1 - ENOUGH) * len(failed):
            return False
    return True


def _fit(
    exercise: Exercise, outcomes: list[Outcome], theirs: list[Any]
) -> tuple[float, Outcome] | None:
    """How well a misreading explains what came out, and the smallest case that shows it.

    Of several parts, each is a question of its own: whoever errs twice is told one after the other.
    """
    kind = exercise.kind
    ways: Sequence[int | None] = [None]
    if isinstance(kind, Parts) and not exercise.judged:
        ways = range(len(kind.kinds))
    best = None
    for part in ways:
        same = _sameness(kind, part)
        pairs = [(o, t) for o, t in zip(outcomes, theirs, strict=True) if not (o.error or o.form)]
        wrong = [(o, t) for o, t in pairs if o.fault and _part_is_wrong(exercise, o, part)]
        explained = [o for o, t in wrong if _is_value(t) and same(o.got, t)]
        if not wrong or len(explained) < ENOUGH * len(wrong):
            continue
        agreeing = sum(_is_value(t) and same(o.got, t) for o, t in pairs) / len(pairs)
        if agreeing < ENOUGH:  # another thought, and the same slip here and there
            continue
        found = (agreeing, min(explained, key=lambda outcome: outcome.size))
        best = found if best is None or found[0] > best[0] else best
    return best


def _sameness(kind: Any, part: int | None) -> Callable[[Any, Any], bool]:
    if part is None:
        return lambda got, other: kind.same(got, other)
    one = list(kind.kinds.values())[part]
    return lambda got, other: one.same(got[part], other[part])


def _part_is_wrong(exercise: Exercise, outcome: Outcome, part: int | None) -> bool:
    if part is None:
        return True
    assert isinstance(exercise.kind, Parts)
    wrong = exercise.kind.wrong_parts(outcome.got, exercise.expected(outcome.case, outcome.name))
    return bool(wrong) and wrong[0] == part  # the part that the verdict shows


# Slips that any number may show, whatever it is of.
_FACTORS = (
    (100.0, "ratio", "That is in per cent. A ratio is asked for: 1.0 is 100 %."),
    (1e3, "s", "Those are milliseconds. Seconds are asked for."),
    (1e-3, "s", "That is a thousandth of it: no conversion is needed, all times are in seconds."),
    (1e-3, "ms", "Those are seconds. Milliseconds are asked for."),
    (1 / 60, "s", "Those are minutes. Seconds are asked for."),
    (-1.0, "", "The sign is turned round: which one is taken from which?"),
)


def _odd_form(exercise: Exercise, failed: list[Outcome]) -> tuple[Outcome, str, str] | None:
    """Name another unit, a turned sign, a rounded number, an exchanged pair."""
    if exercise.judged or not failed:
        return None
    pairs = [(outcome, exercise.expected(outcome.case, outcome.name)) for outcome in failed]
    shown = min(failed, key=lambda outcome: outcome.size)
    kind = exercise.kind
    if isinstance(kind, Parts) and all(_reversed_fits(kind, o.got, right) for o, right in pairs):
        what = "The two have changed places" if len(kind.kinds) == 2 else "Yours begins at the end"
        return shown, f"{what}: first {next(iter(kind.kinds))}.", ""
    values = [(outcome.got, right) for outcome, right in pairs]
    if isinstance(kind, Parts):  # the part that the verdict shows
        part = kind.wrong_parts(shown.got, exercise.expected(shown.case, shown.name))[0]
        values = [(got[part], right[part]) for got, right in values]
        kind = list(kind.kinds.values())[part]
        values = [pair for pair in values if not kind.same(*pair)]
    if isinstance(kind, Maybe) and not any(None in pair for pair in values):
        kind = kind.kind
    if not isinstance(kind, Number):
        return None
    for factor, unit, meaning in _FACTORS:
        fits = all(right and kind.same(got, factor * right) for got, right in values)
        if fits and unit in ("", kind.unit):
            return shown, meaning, "Look at the units of what comes in and of what goes out."
    if all(_is_rounded(got, right) for got, right in values):
        why = "Your number is rounded. The caller goes on with it, so every digit counts."
        return shown, why, "Return the number as it comes out; round only where you show it."
    return None


def _reversed_fits(kind: Parts, got: tuple[Any, ...], right: tuple[Any, ...]) -> bool:
    try:
        return kind.same(kind.read(got[::-1]), right)
    except NotThatError:
        return False


def _is_rounded(got: float, right: float) -> bool:
    if not (math.isfinite(got) and math.isfinite(right)) or abs(got - right) > 0.5 * abs(right):
        return False
    whole = got in (math.floor(right), math.ceil(right))
    return whole or any(got == round(right, places) for places in range(-2, 9))
