"""The file that progress is kept in: its shape, and reading, writing and locking it.

A file may come from anywhere: another program, a later version, a friend. `read`
lets in only what `checked` knows, and within bounds, so that whatever shows
progress later need not look again.
"""

from __future__ import annotations

import contextlib
import errno
import json
import math
import os
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from scalelab import _validate as v
from scalelab.in_browser import in_browser

VERSION = 3  # version 1 had no quizzes, version 2 no days of their answers
MAX_BYTES = 4_000_000
MAX_ANSWERS = 50
_LONGEST_NAME = 200
_NO_LOCKS_HERE = (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP)


class LaterVersionError(ValueError):
    """The file is of a later version of scalelab, which knows more than this one."""


def empty() -> dict[str, Any]:
    """Return progress before the first step."""
    return {"version": VERSION} | {part: {} for part in _ENTRIES}


def read(path: Path) -> dict[str, Any]:
    """Read a progress file: what it holds, in the shape of `VERSION`.

    Raises
    ------
    OSError
        It cannot be read, or is a folder or a device.
    LaterVersionError
        It is of a later version.
    ValueError
        It is no progress file; the message says why.
    """
    with path.open("rb") as file:  # says itself what is wrong with a folder
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is no ordinary file")
        raw = file.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise ValueError(f"it is larger than {MAX_BYTES // 1_000_000} MB")
    try:
        # Some editors begin a file with a byte-order mark.
        data = json.loads(raw.decode("utf-8-sig"), parse_int=_whole, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return checked(data)


def _whole(text: str) -> int:
    if len(text) > len(str(-v.EXACT)):
        raise ValueError(f"a number of {len(text)} digits")
    return int(text)


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number")


def checked(data: Any) -> dict[str, Any]:
    """Return `data` in the shape of `VERSION`, if it has one that this module ever wrote.

    Raises
    ------
    LaterVersionError
        It is of a later version.
    ValueError
        It has another shape, a number without bounds, or a name that is not printable.
    """
    version = data.get("version") if isinstance(data, dict) else None
    if type(version) is not int or version < 1:
        raise ValueError("it has no version of the format")
    if version > VERSION:
        raise LaterVersionError(f"format {version}, and this one reads up to {VERSION}")
    data = ({"quizzes": {}} if version == 1 else {}) | data | {"version": VERSION}
    if data.keys() != empty().keys():
        raise ValueError(f"it has not exactly the parts {', '.join(empty())}")
    for part, is_right in _ENTRIES.items():
        if not isinstance(data[part], dict):
            raise ValueError(f"no table of {part}")
        for name, entry in data[part].items():
            if not _is_name(name) or not isinstance(entry, dict) or not is_right(entry):
                raise ValueError(f"{ascii(name)[:60]} is not an entry of {part}")
    return data


def printable(text: str) -> str:
    """Return what may be kept of a text that somebody typed, or took from a page."""
    return "".join(c if c.isprintable() else " " for c in text[:_LONGEST_NAME])


def _is_name(value: Any) -> bool:
    """Whether it is a text that a terminal may be sent: no control codes, no surrogates."""
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_NAME and value.isprintable()


def _is_number(value: Any) -> bool:
    if type(value) is int:
        return -v.EXACT <= value <= v.EXACT
    return type(value) is float and math.isfinite(value)


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value <= v.EXACT


def _is_prediction(entry: dict[str, Any]) -> bool:
    """Whether all numbers are numbers, and a range has both ends and its guess."""
    guess = {"guess", "low", "high"} & entry.keys()
    return (
        entry.keys() <= {"guess", "low", "high", "unit", "actual"}
        and guess in (set(), {"guess"}, {"guess", "low", "high"})
        and all(_is_number(value) for part, value in entry.items() if part != "unit")
        and (entry.get("unit", "") == "" or _is_name(entry["unit"]))
    )


def _is_exercise(entry: dict[str, Any]) -> bool:
    return (
        {"attempts", "passed"} <= entry.keys() <= {"attempts", "passed", "hints"}
        and all(_is_count(value) for part, value in entry.items() if part != "passed")
        and type(entry["passed"]) is bool
    )


def _is_quiz(entry: dict[str, Any]) -> bool:
    """Whether it is a question's answers, in order, each with whether it was right."""
    answers = entry.get("answers")
    return (
        entry.keys() == {"answers"}
        and isinstance(answers, list)
        and 0 < len(answers) <= MAX_ANSWERS
        and all(_is_answer(answer) for answer in answers)
    )


def _is_answer(answer: Any) -> bool:
    return (
        isinstance(answer, dict)
        and {"answer", "right"} <= answer.keys() <= {"answer", "right", "day"}
        and _is_count(answer.get("day", 0))
        and (answer["answer"] == "" or _is_name(answer["answer"]))
        and type(answer["right"]) is bool
    )


_ENTRIES: dict[str, Callable[[dict[str, Any]], bool]] = {
    "predictions": _is_prediction,
    "exercises": _is_exercise,
    "quizzes": _is_quiz,
}


def write(path: Path, data: dict[str, Any]) -> None:
    """Replace the file in one step, so that a crash leaves the old one or the new one.

    A link stays one: what it points to is replaced. The file keeps its mode. Where it cannot be
    written, an `OSError` says so.
    """
    target = real(path)
    handle, scratch = tempfile.mkstemp(dir=target.parent, prefix=".progress-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(data, file, indent=1, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileNotFoundError):  # the first write has no mode to keep
            os.chmod(scratch, stat.S_IMODE(target.stat().st_mode))
        os.replace(scratch, target)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(scratch)


def real(path: Path) -> Path:
    """Return where a link leads; the path itself where it is none."""
    return Path(os.path.realpath(path))  # Path.resolve raises on a loop of links


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep every other process and thread that asks for the same away from a file.

    The lock is the operating system's, on an empty file beside the other. It ends with its holder,
    kill -9 included, so a lock file that was left means nothing. An `OSError` says that the folder
    cannot be written.
    """
    if in_browser():  # which has no locks, and one kernel a page
        yield
        return
    target = real(path)
    lock = target.with_name(f".{target.name}.lock")
    handle = _open_locked(lock)
    try:
        yield
    finally:
        # First away, then open: who waited finds its file gone, and asks again.
        with contextlib.suppress(OSError):  # Windows does not remove an open file
            os.unlink(lock)
        with contextlib.suppress(OSError):
            _lock(handle, release=True)
        os.close(handle)


def _open_locked(lock: Path) -> int:
    """Open and lock the file of that name, of which there must still be one afterwards."""
    while True:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(handle)
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(handle), os.stat(lock)):
                    return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def _lock(handle: int, *, release: bool = False) -> None:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_UNLCK if release else msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_UN if release else fcntl.LOCK_EX)
    except OSError as error:
        if error.errno not in _NO_LOCKS_HERE:  # without locks we go on as one who is alone
            raise
