"""When a question of a quiz comes back: Leitner's boxes, counted from the answers that are kept.

Nothing but the answers is stored. A question stands in the first box after a wrong answer and one
box further after each right one; the boxes come back after 1, 2, 4, 8 and 16 days. The first answer
of a day counts, for a second one is given with the feedback to the first still in view.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

INTERVALS_DAYS = (1, 2, 4, 8, 16)
Item = TypeVar("Item")


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where a question stands after its answers.

    Parameters
    ----------
    box : int
        1 to 5.
    day : int
        Day of the last answer that counted, since 1970; 0 where it is not known.
    """

    box: int
    day: int

    def overdue_days(self, today: int) -> int:
        """Return for how many days the question has waited; below 0 before it is due.

        An answer of a day to come was given under a clock that was wrong; it is due at once.
        """
        if self.day > today:
            return 0
        return today - self.day - INTERVALS_DAYS[self.box - 1]


def standing(answers: Sequence[Mapping[str, Any]]) -> Standing:
    """Follow the answers to one question through the boxes.

    Parameters
    ----------
    answers : sequence of dict
        One or more, as :meth:`scalelab.course.progress.Progress.quiz` gives them.

    Notes
    -----
    Leitner, *So lernt man lernen*, 1972. He gave boxes, not days; the doubling is ours.

    Examples
    --------
    >>> answers = [{"right": False, "day": 10}, {"right": True, "day": 11}]
    >>> standing(answers)
    Standing(box=2, day=11)
    """
    box, day = 1, None
    for answer in answers:
        its_day = answer.get("day", 0)
        if its_day != day:
            box = min(box + 1, len(INTERVALS_DAYS)) if answer["right"] else 1
            day = its_day
    return Standing(box=box, day=day or 0)


@dataclass(frozen=True, kw_only=True)
class Due:
    """A question that is to be asked again.

    Parameters
    ----------
    chapter, question : str
        Their names.
    box : int
        1 for what was answered wrongly last.
    overdue_days : int
        0 or more.
    """

    chapter: str
    question: str
    box: int
    overdue_days: int


def due(quizzes: Mapping[str, Mapping[str, Any]], today: int) -> list[Due]:
    """List the questions that are due, the ones known least first, mixed over chapters.

    Parameters
    ----------
    quizzes : dict
        What progress keeps: by ``chapter/question``, the answers.
    today : int
        Days since 1970.
    """
    found = []
    for name, entry in quizzes.items():
        chapter, _, question = name.partition("/")
        its = standing(entry["answers"])
        if (days := its.overdue_days(today)) >= 0:
            found.append(Due(chapter=chapter, question=question, box=its.box, overdue_days=days))
    found.sort(key=lambda each: (each.box, -each.overdue_days, each.chapter, each.question))
    return interleaved(found, lambda each: each.chapter)


def interleaved(items: Iterable[Item], kind: Callable[[Item], Hashable]) -> list[Item]:
    """Keep the order, but let no two neighbours be of one kind where another is left.

    Notes
    -----
    Problems of mixed kinds are practised better than the same ones in blocks: who has to choose the
    method learns to choose it. Rohrer and Taylor, 2007, doi:10.1007/s11251-007-9015-8.

    Examples
    --------
    >>> interleaved(["a1", "a2", "a3", "b1"], kind=lambda item: item[0])
    ['a1', 'b1', 'a2', 'a3']
    """
    left, mixed = list(items), list[Item]()
    while left:
        last = kind(mixed[-1]) if mixed else None
        at = next((i for i, item in enumerate(left) if kind(item) != last), 0)
        mixed.append(left.pop(at))
    return mixed
