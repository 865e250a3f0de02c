"""Limits of time, memory and output for somebody else's code, in the main thread and in others."""

import gc
import sys
import threading
import time

import pytest

from scalelab.real.limits import (
    NotBackError,
    OutOfMemoryError,
    OutOfTimeError,
    OverLimitError,
    TheirError,
    call,
    limits,
)

# Within a callback of the garbage collector, which hypothesis has, an interrupt is lost and told;
# the next one comes a moment later.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
PATIENCE_S = 0.3
SOON_S = 20.0  # far more than any of these takes, on a machine that others use as well


def endless():
    while True:
        pass


def in_a_comprehension():
    return sum(1 for _ in iter(int, 1))


def asleep():
    time.sleep(SOON_S)


def hides_errors():
    while True:
        try:  # noqa: SIM105
            endless()
        except Exception:
            pass


def hides_everything():
    while True:
        try:  # noqa: SIM105
            endless()
        except:  # noqa: E722
            pass


def outcome(theirs, seconds=PATIENCE_S, most_bytes=2**30):
    """What comes of a function, and how long it took."""
    begin = time.monotonic()
    try:
        with limits(seconds, most_bytes):
            return call(theirs), time.monotonic() - begin
    except (OverLimitError, TheirError) as error:
        return error, time.monotonic() - begin


def in_a_thread(function):
    """The same in another thread, as where a kernel runs cells elsewhere."""
    found = []
    thread = threading.Thread(target=lambda: found.append(function()), daemon=True)
    thread.start()
    thread.join(SOON_S)
    return found[0]


LOOPS = [endless, in_a_comprehension, hides_errors, hides_everything]


@pytest.mark.parametrize("loop", [*LOOPS, asleep])
def test_what_never_ends_is_stopped(loop):
    error, took_s = outcome(loop)
    assert isinstance(error, OutOfTimeError)
    assert PATIENCE_S <= took_s < SOON_S


@pytest.mark.parametrize("loop", LOOPS)
def test_in_another_thread_as_well(loop):
    error, took_s = in_a_thread(lambda: outcome(loop))
    assert isinstance(error, OutOfTimeError)
    assert took_s < SOON_S


@pytest.mark.parametrize("loop", LOOPS)
def test_where_there_are_neither_timers_nor_threads(loop, monkeypatch):
    monkeypatch.setattr(sys, "platform", "emscripten")
    error, took_s = outcome(loop)
    assert isinstance(error, OutOfTimeError)
    assert took_s < SOON_S


def calls(loop):
    """Short calls for longer than one of them may take, then one that never comes back."""
    end = time.monotonic() + 3 * PATIENCE_S
    with limits(SOON_S, call_seconds=PATIENCE_S):
        while time.monotonic() < end:
            call(sum, range(1_000))
        since = time.monotonic()
        try:
            call(loop)
        except NotBackError as stopped:
            return stopped, time.monotonic() - since


@pytest.mark.parametrize("loop", [endless, hides_everything])
@pytest.mark.parametrize("where", ["main thread", "another thread", "browser"])
def test_a_single_call_that_does_not_come_back_is_stopped_and_named(loop, where, monkeypatch):
    if where == "browser":
        monkeypatch.setattr(sys, "platform", "emscripten")
    run = in_a_thread if where == "another thread" else lambda function: function()
    stopped, took_s = run(lambda: calls(loop))
    assert stopped.theirs is loop
    assert PATIENCE_S <= took_s < SOON_S / 2


@pytest.mark.parametrize("platform", [sys.platform, "emscripten"])
def test_what_is_left_of_an_interrupt_does_not_stop_the_next_answer(monkeypatch, platform):
    monkeypatch.setattr(sys, "platform", platform)
    error, _ = outcome(endless)
    error.itself = error  # so that it lives until the next answer collects it
    del error

    def next_answer():
        gc.collect()
        answer = 1
        return answer + 1

    assert outcome(next_answer, SOON_S)[0] == 2


def grows():
    kept = []
    while True:
        kept.append(bytearray(10**7))


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of memory there")
def test_what_takes_too_much_memory_is_stopped():
    error, _ = outcome(grows, SOON_S, 2**27)
    assert isinstance(error, OutOfMemoryError)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a limit of Linux")
def test_one_large_allocation_is_refused():
    error, _ = outcome(lambda: bytearray(2**45), SOON_S)
    assert isinstance(error, OutOfMemoryError)


def test_what_ends_in_time_is_left_alone():
    begin = time.monotonic()
    with limits(SOON_S):
        assert call(sorted, [2, 1]) == [1, 2]
    assert time.monotonic() - begin < SOON_S / 2
    time.sleep(0.15)  # no timer of ours is left behind


def test_our_own_code_is_not_interrupted():
    with limits(0.01):
        end = time.monotonic() + 0.3
        while time.monotonic() < end:
            pass


def test_deep_recursion_ends_though_its_limit_was_raised():
    def deep(n=0):
        sys.setrecursionlimit(10**9)
        return deep(n + 1)

    gc.collect()  # else what others have left is collected in the deep, where nothing can close
    before = sys.getrecursionlimit()
    error, _ = outcome(deep, SOON_S)
    assert isinstance(error, (TheirError, OverLimitError))
    assert sys.getrecursionlimit() == before


@pytest.mark.parametrize("leave", [lambda: sys.exit(3), lambda: exec("raise BaseException")])
def test_leaving_the_program_is_their_error(leave):
    error, _ = outcome(leave)
    assert isinstance(error, TheirError)
    assert isinstance(error.error, BaseException)


def test_an_interrupt_by_hand_passes():
    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), limits(1.0):
        call(interrupted)


def test_an_error_of_ours_between_two_calls_of_theirs_is_ours():
    def ours():
        with limits(1.0):
            call(len, [])
            return 1 / 0

    with pytest.raises(ZeroDivisionError):
        ours()


def test_output_is_kept_in_part_and_counted():
    with limits(5.0) as printed:
        call(lambda: [print(n) for n in range(100)])
    assert printed.text().splitlines()[:2] == ["0", "1"]
    assert printed.text().endswith("... and 88 more lines")
    with limits(5.0) as printed:
        call(lambda: print("x" * 10**6))
    assert len(printed.text()) <= 2_000
    with limits(5.0) as printed:
        call(lambda: print("to the other", file=sys.stderr))
    assert printed.text() == "to the other"


def test_without_output_there_is_no_text():
    with limits(1.0) as printed:
        call(len, [])
    assert printed.text() == ""


def test_bad_seconds_of_a_call_are_named():
    with pytest.raises(ValueError, match=r"limits: call_seconds must .* got 0"), limits(1.0, 1, 0):
        pass


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), "long"])
def test_bad_seconds_are_named(seconds):
    with pytest.raises(ValueError, match="limits: seconds must be finite and > 0"):
        limits(seconds).__enter__()


def test_a_system_that_does_not_count_its_memory_is_no_fault(monkeypatch):
    """Neither one without the module nor a browser, whose module has nothing in it."""
    import types

    from scalelab.real import limits

    for nothing in (None, types.ModuleType("resource")):
        monkeypatch.setattr(limits, "resource", nothing)
        assert limits.call(lambda: 7) == 7
