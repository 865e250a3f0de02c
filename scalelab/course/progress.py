"""The reader's progress: predictions, attempts and quiz answers in one plain JSON file.

Nothing is lost on the way: a write goes to a second file that then takes the
first one's place, a file that cannot be read is set aside and named, and a
folder that cannot be written is said so once, while the session goes on.
"""

from __future__ import annotations

import json
import math
import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

VERSION = 1
_EMPTY: dict[str, Any] = {"version": VERSION, "predictions": {}, "exercises": {}}


class ProgressWarning(UserWarning):
    """Progress could not be read or kept; the message says what was done instead."""


def default_path() -> Path | None:
    """Where progress is kept: ``SCALELAB_PROGRESS``, else beside the labs, else here.

    Returns
    -------
    Path or None
        None if the variable says ``off``, as in the build of the book.
    """
    named = os.environ.get("SCALELAB_PROGRESS")
    if named == "off":
        return None
    if named:
        return Path(named)
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "labs" / "checks").is_dir():
            return folder / "labs" / "progress.json"
    return here / "progress.json"


class Progress:
    """Progress kept in a file.

    Parameters
    ----------
    path : Path or None
        The file; None keeps nothing.

    Notes
    -----
    Each change reads the file again before it writes, so two notebooks that
    are open at once do not undo each other's entries.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self._unwritable_said = False
        self._memory = json.loads(json.dumps(_EMPTY))

    def load(self) -> dict[str, Any]:
        """Read what is kept; a corrupt file is moved aside under a name that is said."""
        if self.path is None or not self.path.exists() or self._unwritable_said:
            return self._memory
        try:
            data = json.loads(self.path.read_text(encoding="utf-8"))
            return _checked(data)
        except OSError as error:
            self._warn(f"{self.path} cannot be read ({error.strerror})")
            return self._memory
        except ValueError as error:
            self._set_aside(self.path, error)
            return self._memory

    def _set_aside(self, path: Path, why: ValueError) -> None:
        """Move the corrupt file to the first free name beside it, and say so."""
        tries = (path.with_name(f"{path.name}.corrupt-{n}") for n in range(1, 10_000))
        aside = next(free for free in tries if not free.exists())
        try:
            path.rename(aside)
        except OSError as error:
            self._warn(f"{path} is not a progress file and cannot be moved ({error.strerror})")
            return
        warnings.warn(
            f"{path.name} is not a progress file ({why}); it was kept as {aside.name} "
            "and a new one begins",
            ProgressWarning,
            stacklevel=3,
        )

    def _warn(self, what: str) -> None:
        if not self._unwritable_said:
            self._unwritable_said = True
            warnings.warn(
                f"{what}; progress is kept in memory for this session only. Set "
                "SCALELAB_PROGRESS to a file that can be written",
                ProgressWarning,
                stacklevel=4,
            )

    def save(self, data: dict[str, Any]) -> None:
        """Replace the file in one step, so that a crash leaves the old or the new one."""
        self._memory = data
        if self.path is None or self._unwritable_said:
            return
        scratch = None
        try:
            handle, scratch = tempfile.mkstemp(dir=self.path.parent, prefix=".progress-")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(data, file, indent=1, sort_keys=True)
                file.flush()
                os.fsync(file.fileno())
            os.replace(scratch, self.path)
        except OSError as error:
            self._warn(f"{self.path} cannot be written ({error.strerror})")
        finally:
            if scratch and os.path.exists(scratch):
                os.unlink(scratch)

    @contextmanager
    def change(self) -> Iterator[dict[str, Any]]:
        """Read, let the caller change, write."""
        data = self.load()
        yield data
        self.save(data)

    def predicted(self, name: str, guess: float, low: float, high: float, unit: str) -> None:
        """Keep a guess; the first one counts, for a second is made knowing the answer."""
        with self.change() as data:
            data["predictions"].setdefault(
                name, {"guess": guess, "low": low, "high": high, "unit": unit}
            )

    def measured(self, name: str, actual: float) -> None:
        """Keep what the run gave, beside the guess."""
        with self.change() as data:
            data["predictions"].setdefault(name, {})["actual"] = actual

    def attempted(self, exercise: str, passed: bool) -> None:
        """Count an attempt at an exercise; once passed stays passed."""
        with self.change() as data:
            entry = data["exercises"].setdefault(exercise, {"attempts": 0, "passed": False})
            entry["attempts"] += 1
            entry["passed"] = entry["passed"] or passed

    def hinted(self, exercise: str, hints: int) -> None:
        """Keep how many hints an exercise has shown."""
        with self.change() as data:
            entry = data["exercises"].setdefault(exercise, {"attempts": 0, "passed": False})
            entry["hints"] = max(hints, entry.get("hints", 0))

    def exercise(self, name: str) -> dict[str, Any]:
        """Return what is kept of one exercise."""
        return self.load()["exercises"].get(name, {"attempts": 0, "passed": False})

    def calibration(self) -> dict[str, float]:
        """How well the reader estimates.

        Returns
        -------
        dict
            ``predictions`` compared so far, ``in_range`` the share whose range held, and
            ``typical_factor`` the geometric mean of how far off the guesses were (1 is exact).
            The last two are NaN before the first comparison.
        """
        done = [p for p in self.load()["predictions"].values() if {"guess", "actual"} <= p.keys()]
        if not done:
            return {"predictions": 0, "in_range": math.nan, "typical_factor": math.nan}
        held = [p["low"] <= p["actual"] <= p["high"] for p in done]
        logs = [
            abs(math.log(p["guess"] / p["actual"]))
            for p in done
            if p["guess"] > 0 and p["actual"] > 0
        ]
        factor = math.exp(sum(logs) / len(logs)) if logs else math.nan
        return {
            "predictions": len(done),
            "in_range": sum(held) / len(held),
            "typical_factor": factor,
        }

    def export(self, path: str | Path) -> Path:
        """Write a copy of the progress to `path`, which must not exist."""
        target = Path(path)
        with target.open("x", encoding="utf-8") as file:
            json.dump(self.load(), file, indent=1, sort_keys=True)
        return target

    def import_from(self, path: str | Path) -> None:
        """Merge an exported file into this one; what is already here wins.

        Raises
        ------
        ValueError
            The file is no progress file. Nothing is changed then.
        """
        try:
            other = _checked(json.loads(Path(path).read_text(encoding="utf-8")))
        except ValueError as error:
            raise ValueError(
                f"import_from: path must be an exported progress file, got {path} ({error})"
            ) from None
        with self.change() as data:
            for part in ("predictions", "exercises"):
                data[part] = other[part] | data[part]


def _checked(data: Any) -> dict[str, Any]:
    """Return `data` if it has the shape that this module writes."""
    if not isinstance(data, dict) or data.get("version") != VERSION:
        raise ValueError(f"not version {VERSION} of the format")
    for part, is_right in (("predictions", _is_prediction), ("exercises", _is_exercise)):
        entries = data.get(part)
        if not isinstance(entries, dict):
            raise ValueError(f"no table of {part}")
        for name, entry in entries.items():
            if not isinstance(entry, dict) or not is_right(entry):
                raise ValueError(f"{name!r} is not an entry of {part}")
    return data


def _is_prediction(entry: dict[str, Any]) -> bool:
    """Whether all numbers are numbers, and a guess has its range."""
    parts = {"guess", "low", "high"} & entry.keys()
    numbers = [entry[part] for part in (*parts, "actual") if part in entry]
    return len(parts) in (0, 3) and all(type(number) in (int, float) for number in numbers)


def _is_exercise(entry: dict[str, Any]) -> bool:
    counts = (entry.get("attempts"), entry.get("hints", 0))
    return all(type(count) is int for count in counts) and type(entry.get("passed")) is bool


_shared: dict[Path | None, Progress] = {}


def current() -> Progress:
    """Return the progress of this session, in the default file."""
    path = default_path()
    return _shared.setdefault(path, Progress(path))
