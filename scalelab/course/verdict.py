"""What a check tells the learner: passed, wrong and why, crashed and where, stopped by a limit."""

from __future__ import annotations

import inspect
import math
import re
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scalelab.course.diagnosis import Fault, Outcome, named_mistake, named_none
from scalelab.course.page import Html, attribute, prose
from scalelab.course.values import NOTHING, short
from scalelab.real.limits import NotBackError, OutOfMemoryError, OutOfTimeError, Output, call

if TYPE_CHECKING:
    from scalelab.course.exercise import Exercise

_LONGEST_CASE = 400


SOMETIMES_NOTHING = (
    "None came back in this case, and not in others. Does a branch end without `return`? Or is "
    "None meant as the answer? Then what is expected is asked for here as well."
)

INFINITE_HERE = (
    "None came back in this case, and not in others. Here no number is large enough, and None is "
    "no number: infinity, math.inf, is one that every other is smaller than."
)


@dataclass(frozen=True)
class Verdict:
    """What a check found.

    Parameters
    ----------
    state : str
        ``passed``, ``open`` (the stub), ``wrong``, ``crashed`` (the learner's code), ``stopped``
        (by a limit or by hand) or ``our fault`` (the checker).
    lines : tuple of (str, str)
        What to show: a label and its text.
    case : tuple or None
        The arguments on which it failed.
    """

    exercise: str
    state: str
    lines: tuple[tuple[str, str], ...]
    case: tuple[Any, ...] | None = field(default=None, compare=False)

    @property
    def passed(self) -> bool:
        """Whether the answer is right on every case."""
        return self.state == "passed"

    @property
    def counts(self) -> bool:
        """Whether it is an attempt; the stub is none, and neither is a fault of ours."""
        return self.state not in ("open", "our fault")

    def __repr__(self) -> str:
        return "\n".join(f"{label}: {text}" if label else text for label, text in self.lines)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        rows = "".join(
            f"<dt>{prose(label)}</dt><dd>{_text(text)}</dd>" for label, text in self.lines
        )
        state = attribute(self.state.replace(" ", "-"))
        body = f'<div role="status"><dl class="sl-verdict" data-state="{state}">{rows}</dl></div>'
        return Html(body, text=repr(self))._repr_mimebundle_()


def _text(text: str) -> str:
    """One paragraph, or lines that stay lines."""
    return f"<pre>{attribute(text)}</pre>" if "\n" in text else prose(text)


def still_open(exercise: Exercise) -> Verdict:
    """Say that the stub is still there."""
    text = f"{exercise.heading} replace the `...` above, then run the cell again."
    return Verdict(exercise.name, "open", (("Still to do", text),))


def passed(exercise: Exercise, outcomes: list[Outcome]) -> Verdict:
    """Say on what it passed, and whether it changes its arguments."""
    edges = len(exercise.edge_names)
    lines = [("Passed", f"{exercise.title}, on {_counted(edges, len(outcomes) - edges)}.")]
    remark = exercise.remark_of(outcomes[-1].got, outcomes[-1].case)
    lines += [("Beyond that", remark)] if remark else []
    changed = dict.fromkeys(name for outcome in outcomes for name in outcome.changed)
    if changed:
        names = " and ".join(f"`{name}`" for name in changed)
        lines.append(
            ("Take care", f"Your code changes {names}, and the caller may still need it as it was.")
        )
    return Verdict(exercise.name, "passed", tuple(lines))


def _counted(edges: int, drawn: int) -> str:
    if not drawn:
        return f"{edges} case{'s' * (edges != 1)}"
    special = f"{edges} special case{'s' * (edges != 1)} and " if edges else ""
    return f"{special}{drawn} seed{'s' * (drawn != 1)}"


def failed(
    exercise: Exercise, outcomes: list[Outcome], memory: tuple[Outcome, Outcome] | None
) -> Verdict:
    """Tell what is wrong: what is kept, the form of a value, a crash, or the mistake that fits.

    `memory` is what one case gave at first and later.
    """
    remembered = memory[1] if memory else None
    if memory and not (memory[1].error or memory[1].form):
        return _remembering(exercise, outcomes, *memory)
    bad = [outcome for outcome in outcomes if outcome.failed]
    if remembered:
        bad = bad or [remembered]
    values = [outcome for outcome in bad if outcome.fault]
    odd = [outcome for outcome in bad if not outcome.fault]
    # A value of another form says more than the cases in which nothing came back
    told = [outcome for outcome in odd if not (outcome.form and outcome.form.got is None)] or odd
    if len(odd) >= len(values):  # else what is wrong with the values comes first
        smallest = min(told, key=lambda outcome: outcome.size)
        if smallest.form is None:
            return _crashed(exercise, outcomes, smallest)
        wrong = smallest.form
        why, hint = wrong.why, ""
        if why == NOTHING and not all(_is_nothing(outcome) for outcome in outcomes):
            right = exercise.expected(smallest.case, smallest.name)
            infinite = isinstance(right, float) and right == math.inf
            usual = INFINITE_HERE if infinite else SOMETIMES_NOTHING
            why, hint = named_none(exercise, outcomes) or (usual, "")
        fault = Fault(wrong.asked, short(wrong.got), why, hint)
        return _wrong(exercise, outcomes, smallest, fault)
    sure = all(outcome.fault and outcome.fault.sure for outcome in values)
    shown, why, hint = (None if sure else named_mistake(exercise, outcomes, values)) or (
        min(values, key=lambda outcome: outcome.size),
        "",
        "",
    )
    assert shown.fault is not None
    return _wrong(exercise, outcomes, shown, shown.fault, why, hint)


def _is_nothing(outcome: Outcome) -> bool:
    return outcome.got is None and not (outcome.form and outcome.form.got is not None)


def _wrong(
    exercise: Exercise,
    outcomes: list[Outcome],
    shown: Outcome,
    fault: Fault,
    why: str = "",
    hint: str = "",
) -> Verdict:
    lines = [
        ("Not yet", exercise.title),
        ("Expected", fault.expected),
        ("Got", fault.got),
        ("Scenario", _scenario(exercise, shown)),
        ("Why it matters", why or fault.why or exercise.otherwise_of(shown.got, shown.case)),
        ("Try", hint or fault.hint or exercise.hint),
        *([("What happened", fault.story)] if fault.story else []),
        *_groups(exercise, outcomes),
    ]
    if shown.changed:
        names = " and ".join(f"`{name}`" for name in shown.changed)
        lines.append(("Take care", f"Your code changes {names}. That may be part of it."))
    return Verdict(exercise.name, "wrong", tuple(lines), shown.case)


def _groups(exercise: Exercise, outcomes: list[Outcome]) -> list[tuple[str, str]]:
    """Say which special cases and how many seeds passed."""
    texts = []
    edges = [outcome for outcome in outcomes if outcome.name in exercise.edge_names]
    drawn = [outcome for outcome in outcomes if outcome.name not in exercise.edge_names]
    for what, group in (("special cases" if drawn else "cases", edges), ("seeds", drawn)):
        bad = [outcome.name for outcome in group if outcome.failed]
        if group:
            some = 0 < len(bad) < len(group)
            which = f" (not: {', '.join(bad[:6])}{', ...' * (len(bad) > 6)})" if some else ""
            texts.append(f"{len(group) - len(bad)} of {len(group)} {what} pass{which}")
    return [("Cases", "; ".join(texts))]


def _scenario(exercise: Exercise, outcome: Outcome) -> str:
    text = exercise.in_words(outcome.case)
    text = text if len(text) <= _LONGEST_CASE else f"{text[: _LONGEST_CASE - 1]}…"
    return f"{text} ({outcome.name})"


def _remembering(
    exercise: Exercise, outcomes: list[Outcome], first: Outcome, again: Outcome
) -> Verdict:
    fault = Fault(
        "the same result for the same input",
        f"first {short(first.got, 60)}, later {short(again.got, 60)}",
        "Something is kept from one call to the next: in a default argument, in a variable outside "
        "the function, in a class instead of its object. Each call has to begin afresh. Or it is "
        "drawn at random, or read from a clock: what comes in decides alone.",
        "Make what you need to remember inside the function, each time anew.",
    )
    return _wrong(exercise, outcomes, first, fault)


def stopped(
    exercise: Exercise, error: BaseException, last: Outcome | None, patience_s: float
) -> Verdict:
    """Say which limit it met, and with which input."""
    if isinstance(error, OutOfTimeError):
        what = f"Your code was stopped after {patience_s:g} s."
        if isinstance(error, NotBackError):
            name = getattr(error.theirs, "__qualname__", "what you gave")
            what = f"`{name.rpartition('<locals>.')[2]}` was called, and did not come back within "
            what += f"{exercise.call_patience_s:g} s."
        what = " ".join([what, *getattr(error, "__notes__", ())])  # of an exercise's `run`
        hint = "A loop that never ends? Look at what it waits for, and whether that ever comes."
        if last and last.name not in exercise.edge_names and last.name != "seed 0":
            hint = "It is right so far and far too slow, or a loop does not end for this input."
    elif isinstance(error, OutOfMemoryError):
        what = "Your code asked for more memory than there is for it."
        hint = "Does a list grow in a loop that never ends?"
    else:
        what, hint = "You stopped it.", "Where it was shows what took so long."
    lines = [
        ("Stopped", what),
        *_where(error),
        ("Scenario", _scenario(exercise, last) if last else "before the first case"),
        ("Try", hint),
    ]
    return Verdict(exercise.name, "stopped", tuple(lines), last.case if last else None)


def _crashed(exercise: Exercise, outcomes: list[Outcome], outcome: Outcome) -> Verdict:
    error = outcome.error
    assert error is not None
    hint = f'Call it in a cell of its own with this input: `*lab.failed("{exercise.name}")`.'
    if exercise.runner is not call:  # a case is what was done with it, not what it takes
        hint = "Make one in a cell of its own, and do with it what the scenario says."
        if not inspect.signature(exercise.solution).parameters:  # it makes what is then used
            hint = "Call it in a cell of its own; if that goes through, call what it gave back."
    if isinstance(error, SystemExit):
        what = "Your code ends the program (`exit`). Return instead."
    else:
        what = f"{type(error).__name__}: {_said_by(error)}"
        if isinstance(error, TypeError) and _MISCALLED.search(what) and not _where(error):
            hint = "Keep the arguments, their names and their order as they were."
            given = _NO_FUNCTION.search(what)
            if given:
                hint = (
                    f"A function is asked for, and this is a value ({given[1]}). Give the function "
                    "itself, its name without brackets."
                )
    lines = [
        ("Your code stopped", what),
        *(_where(error) or [("Where", "where the check calls it")]),
        ("Scenario", _scenario(exercise, outcome)),
        ("Try", hint),
        *_groups(exercise, outcomes),
    ]
    return Verdict(exercise.name, "crashed", tuple(lines), outcome.case)


# What Python says of a call that does not fit; raised before its first line.
_MISCALLED = re.compile(r"\(\) (missing|takes|got) |not callable")
_NO_FUNCTION = re.compile(r"'(\w+)' object is not callable")


def _said_by(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return "(its text cannot be shown)"


def _where(error: BaseException) -> list[tuple[str, str]]:
    """Find the last line of the learner's that ran: behind our `call`, before any library."""
    frames = traceback.extract_tb(error.__traceback__)
    entered = [
        i for i, frame in enumerate(frames) if frame.filename == _CALL and frame.name == "call"
    ]
    behind = frames[entered[-1] + 1 :] if entered else []
    # what stands between may be ours: it reads through a learner's cache, say
    theirs = [frame for frame in behind if not frame.filename.startswith(_OURS)]
    own = [frame for frame in theirs if frame.filename == theirs[0].filename or _is_cell(frame)]
    if not own:
        return []
    code = f": `{own[-1].line}`" if own[-1].line else ""
    return [("Where", f"line {own[-1].lineno} of {own[-1].name}{code}")]


_CALL = call.__code__.co_filename
_OURS = str(Path(__file__).parents[1])


def _is_cell(frame: traceback.FrameSummary) -> bool:
    made = frame.filename.startswith("<") and frame.filename != "<string>"  # a dataclass's own
    return made or "ipykernel_" in frame.filename


def our_fault(exercise: Exercise, error: Exception, case: str) -> Verdict:
    """Say that it was us, and where."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{last.filename.replace(chr(92), '/').rpartition('/')[2]} line {last.lineno}"
    lines = (
        ("Our checker stopped", f"{type(error).__name__}: {_said_by(error)}"),
        ("What it means", "This says nothing about your answer. Please report it."),
        ("Report", f"exercise {exercise.name}, {case}, {place}"),
    )
    return Verdict(exercise.name, "our fault", lines)


def with_output(verdict: Verdict, printed: Output) -> Verdict:
    """Add the first lines of what the learner's code printed; what is printed each time, once."""
    text = printed.text()
    if not text:
        return verdict
    each = text.split("\n")
    times = next(n for n in range(len(each), 0, -1) if each == each[: len(each) // n] * n)
    label = "Your code printed" if times == 1 else f"Your code printed, {times} times"
    lines = (*verdict.lines, (label, "\n".join(each[: len(each) // times])))
    return Verdict(verdict.exercise, verdict.state, lines, verdict.case)
