"""Run somebody's code within limits of time, memory and output, and know that it was theirs.

`call` marks where foreign code begins and ends. Whatever it raises comes out as `TheirError`, so
that blame goes by who was running and not by the names of files.

The limit in time interrupts loops in pure Python: in the main thread by the operating system's
timer, elsewhere by an exception that another thread sets, and where there are neither timers nor
threads (in a browser) by a trace function that looks at the clock. A single step of a library,
such as the sum of an endless iterator, is interrupted nowhere before it ends.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import itertools
import signal
import sys
import sysconfig
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from scalelab import _validate as v
from scalelab.in_browser import in_browser

TICK_S = 0.1  # how often time and memory are looked at
DEEPEST = 50_000  # calls in each other
MOST_BYTES = 2 * 2**30  # on top of what the process has
MOST_LINES, MOST_CHARACTERS = 12, 2_000  # of output that is kept

_running: list[Callable[..., Any]] = []  # foreign code, while it runs; ours is not interrupted
_limits_so_far = 0
_calls_so_far = 0
_LINES_A_LOOK = 20  # at the clock, which costs more than a line
_OURS = (__file__, contextlib.__file__)
_LIBRARIES = (  # where no line is looked at: this package, Python, other packages
    str(Path(__file__).parents[1]),
    str(Path(contextlib.__file__).parent),
    sysconfig.get_path("purelib"),
)
_NEAREST_FRAMES = 50

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]


class TheirError(Exception):
    """Foreign code raised; `error` is what it raised."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(type(error).__name__)
        self.error = error


class OverLimitError(BaseException):
    """Out of time or of memory; no `Exception`, so that `except Exception` does not hide it.

    Whoever catches it all the same drops it when the handler ends. From there on the next line
    raises it again, which for ``while True: try: ... except: pass`` is the line of the ``try``,
    outside of what is caught. One that is left of an earlier `limits` stops nobody.
    """

    def __init__(self, *said: object) -> None:
        super().__init__(*said)
        self._of = _limits_so_far
        self.theirs = _running[-1] if _running else None  # what was called

    def __del__(self) -> None:
        if _running and self._of == _limits_so_far:
            _raise_on_next_line(sys._getframe(1), type(self))


class OutOfTimeError(OverLimitError):
    """The time is up."""


class NotBackError(OutOfTimeError):
    """A single call took too long."""


class OutOfMemoryError(OverLimitError):
    """Too much memory was taken."""


def call(theirs: Callable[..., Any], *arguments: Any) -> Any:
    """Call foreign code, and mark what it raises as its own.

    Raises
    ------
    TheirError
        With whatever the code raised, `SystemExit` included.
    OverLimitError, KeyboardInterrupt
        Out of time or memory, or stopped by hand.

    Examples
    --------
    >>> call(max, 2, 3)
    3
    >>> try:
    ...     call(lambda: 1 / 0)
    ... except TheirError as stopped:
    ...     print(repr(stopped.error))
    ZeroDivisionError('division by zero')
    """
    global _calls_so_far
    _calls_so_far += 1
    _running.append(theirs)
    try:
        return theirs(*arguments)
    except (OverLimitError, KeyboardInterrupt, TheirError):
        raise
    except MemoryError as error:
        raise OutOfMemoryError from error
    except BaseException as error:
        raise TheirError(error) from error
    finally:
        _running.pop()


class Output(io.TextIOBase):
    """Takes what is printed, keeps the first lines, and counts the rest."""

    def __init__(self) -> None:
        self._kept: list[str] = []
        self._characters = 0
        self.lines = 0

    def write(self, text: str) -> int:
        """Keep a text, or only count its lines."""
        if self.lines < MOST_LINES and self._characters < MOST_CHARACTERS:
            self._kept.append(text[: MOST_CHARACTERS - self._characters])
            self._characters += len(text)
        self.lines += text.count("\n")
        return len(text)

    def text(self) -> str:
        """Return the first lines, and how many more there were."""
        lines = "".join(self._kept).splitlines()
        rest = self.lines - len(lines[:MOST_LINES])
        more = [f"... and {rest:,} more lines"] if rest > 0 else []
        return "\n".join([*lines[:MOST_LINES], *more])


@contextlib.contextmanager
def limits(
    seconds: float, most_bytes: int = MOST_BYTES, call_seconds: float | None = None
) -> Iterator[Output]:
    """Limit what `call` runs in the body of the ``with``; what that prints goes into the value.

    Parameters
    ----------
    seconds : float
        Time on the wall.
    most_bytes : int
        Memory on top of what the process has.
    call_seconds : float or None
        Time of a single `call`, where each is known to be short; None for no other limit.

    Yields
    ------
    Output
        What was printed.

    Raises
    ------
    OverLimitError
        In the body, from a `call` that goes beyond a limit.

    Examples
    --------
    >>> with limits(1.0) as printed:
    ...     call(print, "hello")
    >>> printed.text()
    'hello'
    """
    global _limits_so_far
    _limits_so_far += 1
    if call_seconds is not None:
        v.number("limits", "call_seconds", call_seconds)
    watch = _Watch(v.number("limits", "seconds", seconds), most_bytes, call_seconds)
    depth, output = sys.getrecursionlimit(), Output()
    with (
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(output),
        _address_space(most_bytes),
        watch.started(),
    ):
        try:
            yield output
        finally:
            sys.setrecursionlimit(depth)


class _Watch:
    """Looks at the clock and at the memory now and then, and raises in the watched thread."""

    def __init__(self, seconds: float, most_bytes: int, call_seconds: float | None) -> None:
        self._end_s = time.monotonic() + seconds
        self._call_s = call_seconds
        self._call, self._since_s = -1, 0.0  # the last call that was seen, and when at first
        self._most_bytes = _peak_bytes() + most_bytes

    def exceeded(self) -> type[OverLimitError] | None:
        """Return what is exceeded now."""
        if _peak_bytes() > self._most_bytes:
            return OutOfMemoryError
        now_s = time.monotonic()
        if now_s > self._end_s:
            return OutOfTimeError
        if self._call != _calls_so_far:
            self._call, self._since_s = _calls_so_far, now_s
        late = self._call_s is not None and now_s - self._since_s > self._call_s
        return NotBackError if late else None

    def started(self) -> contextlib.AbstractContextManager[None]:
        """Choose the means that this system has."""
        if in_browser():
            return self._traced()
        in_main = threading.current_thread() is threading.main_thread()
        return self._timed() if in_main and hasattr(signal, "setitimer") else self._watched()

    @contextlib.contextmanager
    def _timed(self) -> Iterator[None]:
        def tick(number: int, frame: FrameType | None) -> None:
            if not _running or frame is None or frame.f_code.co_filename in _OURS:
                return
            if sys.getrecursionlimit() > DEEPEST:  # or it takes minutes to come back up
                sys.setrecursionlimit(DEEPEST)
            if error := self.exceeded():
                raise error

        handler = signal.signal(signal.SIGALRM, tick)
        timer = signal.setitimer(signal.ITIMER_REAL, TICK_S, TICK_S)
        trace = sys.gettrace()
        try:
            yield
        finally:
            sys.settrace(trace)
            signal.setitimer(signal.ITIMER_REAL, *timer)
            signal.signal(signal.SIGALRM, handler)

    @contextlib.contextmanager
    def _watched(self) -> Iterator[None]:
        done, fired, thread_id = threading.Event(), threading.Event(), threading.get_ident()

        def watch() -> None:
            while not done.wait(TICK_S):
                if _running and (error := self.exceeded()):
                    fired.set()
                    _set_from_outside(thread_id, error)

        watcher, trace = threading.Thread(target=watch, daemon=True), sys.gettrace()
        watcher.start()
        try:
            yield
        finally:
            sys.settrace(trace)
            done.set()
            watcher.join()
            if fired.is_set():
                _take_in(thread_id)

    @contextlib.contextmanager
    def _traced(self) -> Iterator[None]:
        lines = itertools.count(1)

        def look(frame: FrameType, event: str, argument: object) -> Callable[..., Any] | None:
            if frame.f_code.co_filename.startswith(_LIBRARIES):
                return None
            if not next(lines) % _LINES_A_LOOK and _running and (error := self.exceeded()):
                raise error
            return look

        trace = sys.gettrace()
        sys.settrace(look)
        try:
            yield
        finally:
            sys.settrace(trace)


def _raise_on_next_line(frame: FrameType | None, error: type[OverLimitError]) -> None:
    """Let the next line of a frame, or of one that it returns to, raise."""

    def look(frame: FrameType, event: str, argument: object) -> Callable[..., Any]:
        if event == "line" and _running and frame.f_code.co_filename not in _OURS:
            raise error
        return look

    for _ in range(_NEAREST_FRAMES):
        if frame is None or frame.f_code.co_filename in _OURS:
            break
        frame.f_trace = look
        frame = frame.f_back
    sys.settrace(look)


def _set_from_outside(thread_id: int, error: type[OverLimitError]) -> None:
    """Let a thread raise at its next step."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread_id), ctypes.py_object(error))


def _take_in(thread_id: int) -> None:
    """Take in an error that may be on its way to this thread, in the place of one that surely is.

    To take the error back is not enough: the interpreter goes on looking for it.
    """
    try:
        _set_from_outside(thread_id, OutOfTimeError)
        while True:
            pass
    except OverLimitError:
        pass


def _peak_bytes() -> int:
    """Return the most memory that the process has had; 0 where nobody says."""
    if not hasattr(resource, "getrusage"):  # on Windows, and in a browser
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


@contextlib.contextmanager
def _address_space(most_bytes: int) -> Iterator[None]:
    """On Linux, refuse a single allocation that is too large; the rest looks at the peak."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            now = int(file.read().split()[0]) * resource.getpagesize()
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        wanted = now + 2 * most_bytes
        if soft != resource.RLIM_INFINITY and soft < wanted:
            wanted = soft
        resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))
    except (OSError, ValueError, AttributeError):
        yield
        return
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
