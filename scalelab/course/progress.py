"""The reader's progress: predictions, attempts and quiz answers in one plain JSON file.

Nothing is lost on the way: a change is made under a lock, a write goes to a second
file that then takes the first one's place, a file that cannot be read is set aside
and named, and a folder that cannot be written is said so once, while the session
goes on.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scalelab import _validate as v
from scalelab.course import progress_file as file
from scalelab.real.calendar_time import DAY_S, now_s

_OURS = (str(Path(__file__).parents[1]), contextlib.__file__)
_NOT_TRIED = {"attempts": 0, "passed": False}


class ProgressWarning(UserWarning):
    """Progress could not be read or kept; the message says what was done instead."""


def default_path() -> Path | None:
    """Where progress is kept: ``SCALELAB_PROGRESS``, else beside the labs, else here.

    It is None, so nowhere, if the variable says ``off``, as in the build of the book.
    """
    named = os.environ.get("SCALELAB_PROGRESS")
    if named == "off":
        return None
    if named:
        return Path(os.path.expanduser(named))
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "labs" / "checks").is_dir():
            return folder / "labs" / "progress.json"
    return here / "progress.json"


def _warn(text: str) -> None:
    """Warn at the line of the reader's that led here, not at one of ours."""
    level, frame = 2, sys._getframe(1)
    while frame.f_back and frame.f_code.co_filename.startswith(_OURS):
        level, frame = level + 1, frame.f_back
    warnings.warn(text, ProgressWarning, stacklevel=level)


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """How well somebody estimates."""

    guesses: int
    """Guesses whose result is known."""
    ranges: int
    """Those of them that had a range."""
    held: int
    """Ranges that held the result; nine in ten should."""
    typical_factor: float
    """Geometric mean of how far off the guesses were: 1 is exact, NaN before the first."""


class Progress:
    """Progress kept in a file; without a path nothing is kept.

    Each change reads the file again before it writes, and holds a lock meanwhile, so two notebooks
    that are open at once do not undo each other's entries. `now_s` tells the time, in seconds
    since 1970, for the days on which questions are answered.
    """

    def __init__(self, path: Path | None = None, *, now_s: Callable[[], float] = now_s) -> None:
        self.path = path
        self._now_s = now_s
        self._in_memory_only = path is None
        self._memory = file.empty()

    def load(self) -> dict[str, Any]:
        """Read what is kept; a corrupt file is moved aside under a name that is said."""
        try:
            return self._read()
        except ValueError:
            pass
        with self._lock():  # another process may be about to replace it
            return self._read_or_set_aside()

    def _read(self) -> dict[str, Any]:
        if self._in_memory_only or self.path is None:
            return self._memory
        try:
            return file.read(self.path)
        except FileNotFoundError:
            return self._memory
        except OSError as error:
            self._give_up(f"{self.path} cannot be read ({error.strerror})")
        except file.LaterVersionError as error:
            self._give_up(f"{self.path} is from a later version of scalelab ({error})")
        return self._memory

    def _read_or_set_aside(self) -> dict[str, Any]:
        try:
            return self._read()
        except ValueError as error:
            assert self.path is not None
            self._set_aside(file.real(self.path), error)
            return self._memory

    def _set_aside(self, path: Path, why: ValueError) -> None:
        """Move the corrupt file to the first free name beside it, and say so."""
        tries = (path.with_name(f"{path.name}.corrupt-{n}") for n in range(1, 10_000))
        aside = next(free for free in tries if not free.exists())
        try:
            path.rename(aside)
        except OSError as error:
            self._give_up(f"{path} is not a progress file and cannot be moved ({error.strerror})")
            return
        _warn(
            f"{path.name} is not a progress file ({why}); it was kept as {aside.name} "
            "and a new one begins"
        )

    def _give_up(self, what: str) -> None:
        if not self._in_memory_only:
            self._in_memory_only = True
            _warn(
                f"{what}; progress is kept in memory for this session only. Set "
                "SCALELAB_PROGRESS to a file that can be written"
            )

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        """Keep others away from the file, where there is one and its folder can be written."""
        if self._in_memory_only or self.path is None:
            yield
            return
        lock = file.locked(self.path)
        try:
            lock.__enter__()
        except OSError as error:
            with contextlib.suppress(ValueError):  # what is there is still worth showing
                self._memory = self._read()
            self._give_up(f"{self.path} cannot be written ({error.strerror})")
            yield
            return
        try:
            yield
        finally:
            lock.__exit__(None, None, None)

    def _save(self, data: dict[str, Any]) -> None:
        self._memory = data
        if self._in_memory_only or self.path is None:
            return
        try:
            file.write(self.path, data)
        except OSError as error:
            self._give_up(f"{self.path} cannot be written ({error.strerror})")

    @contextlib.contextmanager
    def _change(self, function: str) -> Iterator[dict[str, Any]]:
        """Read, let the caller change, write; what could not be read again is refused."""
        with self._lock():
            data = json.loads(json.dumps(self._read_or_set_aside()))
            yield data
            try:
                self._save(file.checked(data))
            except ValueError as error:
                rule = "be printable names and finite numbers"
                v.refuse(function, "arguments", rule, v.Words(str(error)))

    def predicted(
        self, name: str, guess: float, low: float | None, high: float | None, unit: str
    ) -> None:
        """Keep a guess and its range, if it has one.

        The first guess counts, for a second is made knowing the answer.
        """
        ends = {} if low is None else {"low": low, "high": high}
        with self._change("predicted") as data:
            data["predictions"].setdefault(name, {"guess": guess, "unit": unit} | ends)

    def measured(self, name: str, actual: float) -> None:
        """Keep what the run gave, beside the guess."""
        with self._change("measured") as data:
            data["predictions"].setdefault(name, {})["actual"] = actual

    def attempted(self, exercise: str, passed: bool) -> None:
        """Count an attempt at an exercise; once passed stays passed."""
        with self._change("attempted") as data:
            entry = data["exercises"].setdefault(exercise, dict(_NOT_TRIED))
            entry["attempts"] += 1
            entry["passed"] = entry["passed"] or passed

    def hinted(self, exercise: str, hints: int) -> None:
        """Keep how many hints an exercise has shown."""
        with self._change("hinted") as data:
            entry = data["exercises"].setdefault(exercise, dict(_NOT_TRIED))
            entry["hints"] = max(hints, entry.get("hints", 0))

    def exercise(self, name: str) -> dict[str, Any]:
        """Return what is kept of one exercise."""
        return self.load()["exercises"].get(name, dict(_NOT_TRIED))

    def today(self) -> int:
        """Return the days since 1970, in UTC."""
        return int(self._now_s() // DAY_S)

    def answered(self, chapter: str, question: str, answer: str, right: bool) -> None:
        """Keep an answer to a question of a quiz and its day, after the ones before it.

        It is what was chosen or typed: its first characters, each one that cannot be printed a
        space.
        """
        answer = file.printable(answer)
        with self._change("answered") as data:
            entry = data["quizzes"].setdefault(f"{chapter}/{question}", {"answers": []})
            answers = entry["answers"]
            answers.append({"answer": answer, "right": right, "day": self.today()})
            # the first one tells what was known, the last ones what is
            del answers[1 : max(1, len(answers) - file.MAX_ANSWERS + 1)]

    def quiz(self, chapter: str) -> dict[str, list[dict[str, Any]]]:
        """Return the answers to each question of a chapter, the first one first.

        An answer is ``{"answer": str, "right": bool, "day": int}``; one of an earlier version
        has no day.
        """
        kept = self.load()["quizzes"].items()
        parts = [(name.partition("/"), entry["answers"]) for name, entry in kept]
        return {question: answers for (of, _, question), answers in parts if of == chapter}

    def clear_quiz(self, chapter: str) -> None:
        """Forget the answers to all questions of a chapter."""
        with self._change("clear_quiz") as data:
            for name in [n for n in data["quizzes"] if n.partition("/")[0] == chapter]:
                del data["quizzes"][name]

    def calibration(self, prefixes: tuple[str, ...] = ("",)) -> Calibration:
        """How well the reader estimates, over predictions whose names begin with a prefix."""
        kept = self.load()["predictions"].items()
        done = [
            entry
            for name, entry in kept
            if {"guess", "actual"} <= entry.keys() and name.startswith(prefixes)
        ]
        ranged = [p for p in done if "low" in p]
        logs = [
            abs(math.log(p["guess"]) - math.log(p["actual"]))
            for p in done
            if p["guess"] > 0 and p["actual"] > 0
        ]
        most = math.log(sys.float_info.max)
        return Calibration(
            guesses=len(done),
            ranges=len(ranged),
            held=sum(p["low"] <= p["actual"] <= p["high"] for p in ranged),
            typical_factor=math.exp(min(sum(logs) / len(logs), most)) if logs else math.nan,
        )

    def export(self, path: str | Path) -> Path:
        """Write a copy of the progress to `path`, which must not exist."""
        target = Path(path)
        with target.open("x", encoding="utf-8") as copy:
            json.dump(self.load(), copy, indent=1, sort_keys=True)
        return target

    def import_from(self, path: str | Path) -> None:
        """Merge an exported file into this one; what is already here wins.

        Nothing is changed where the file is no progress file, which is refused.
        """
        try:
            other = file.read(Path(path))
        except ValueError as error:
            raise ValueError(
                f"import_from: path must be an exported progress file, got {path} ({error})"
            ) from None
        with self._change("import_from") as data:
            for part in other.keys() - {"version"}:
                data[part] = other[part] | data[part]


_shared: dict[Path | None, Progress] = {}


def current() -> Progress:
    """Return the progress of this session, in the default file."""
    path = default_path()
    return _shared.setdefault(path, Progress(path))
