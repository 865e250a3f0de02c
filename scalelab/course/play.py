"""Play an answer as a scene, beside the solution's, on one question of its exercise.

What belongs to the learner is wrapped first, so that a scene calls it like any function: it gets
copies, within the limits of a check, and the stub, a crash and an endless loop become a sentence.
"""

from __future__ import annotations

import copy
import functools
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scalelab.course.examine import UnansweredError
from scalelab.course.page import Html, note
from scalelab.course.scene import scene
from scalelab.course.stage import Stage
from scalelab.real.limits import OutOfMemoryError, OutOfTimeError, TheirError, call, limits

if TYPE_CHECKING:
    from scalelab.course.exercise import Case, Exercise

_LONGEST_CASE = 160  # characters of a caption


@dataclass(frozen=True)
class Play:
    """How an exercise's question is shown.

    Parameters
    ----------
    run : callable
        ``run(stage, answer, *case)`` sets everything going; `answer` is called like a function.
    until_s : callable
        ``until_s(*case)``: how long it runs, in seconds of the clock.
    alt : str
        What the picture is about.
    pace : float
        Seconds of the clock in a second of the reader.
    """

    run: Callable[..., object]
    until_s: Callable[..., float]
    alt: str
    pace: float = 1.0


def play(exercise: Exercise, answer: Any, case: Case, patience_s: float) -> Html:
    """Show an answer and the solution on one case, or say why there is nothing to see.

    Parameters
    ----------
    exercise : Exercise
        One that has a play.
    answer : object
        The learner's; ``...`` where there is none yet.
    case : tuple
        The arguments of the question.
    patience_s : float
        Seconds after which the learner's code is stopped.
    """
    shown = exercise.shown
    assert shown is not None, f"{exercise.name} has no play"

    def run(stage: Stage, one: Any) -> None:
        shown.run(stage, _guarded(one), *copy.deepcopy(case))

    words = textwrap.shorten(exercise.in_words(case), _LONGEST_CASE, placeholder=" …")
    try:
        if answer is ...:
            raise UnansweredError
        with limits(patience_s):
            return scene(
                run,
                {"yours": answer, "a right one": exercise.solution},
                choose="answer",
                until_s=shown.until_s(*case),
                alt=f"{shown.alt} {words}",
                pace=shown.pace,
            )
    except UnansweredError:
        return _to_do(exercise)
    except KeyboardInterrupt:
        return note("You stopped it. The check says where.")
    except OutOfTimeError:
        return note(f"Your code was stopped after {patience_s:g} s. The check says where.")
    except OutOfMemoryError:
        return note("Your code asked for more memory than there is. The check says where.")
    except TheirError as theirs:
        if isinstance(theirs.error, UnansweredError):  # a scene may call by the limits itself
            return _to_do(exercise)
        said = f"{type(theirs.error).__name__} came out of your code"
        return note(f"{said}, so there is nothing to play. The check says where.")
    except Exception:  # a result that the scene cannot use; the check reads it and names it
        return note("What comes back cannot be played. The check says what is asked for.")


def _to_do(exercise: Exercise) -> Html:
    return note(f"{exercise.heading} write your answer first, then this plays it.")


def _guarded(answer: Any) -> Any:
    """Let a function be called within the limits, and a function that it returns as well."""
    if answer is ...:
        raise UnansweredError
    if not callable(answer):
        return answer

    @functools.wraps(answer, updated=())
    def guarded(*arguments: Any) -> Any:
        return _guarded(call(answer, *arguments))

    return guarded
