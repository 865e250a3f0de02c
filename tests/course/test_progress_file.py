import json
import os
import sys
import threading

import pytest

from scalelab.course import progress_file
from scalelab.course.progress_file import LaterVersionError, checked, empty, locked, read, write


@pytest.fixture
def path(tmp_path):
    return tmp_path / "progress.json"


def test_what_is_written_is_read(path):
    data = empty()
    data["predictions"]["gain"] = {
        "guess": 2.5,
        "low": 1,
        "high": 1e308,
        "unit": "×",
        "actual": -0.5,
    }
    data["exercises"]["lab/task"] = {"attempts": 2**53, "passed": False, "hints": 0}
    undated, dated = {"answer": "", "right": False}, {"answer": "5", "right": True, "day": 20_000}
    data["quizzes"]["scaling/peak"] = {"answers": [undated, dated]}
    write(path, data)
    assert read(path) == data


def test_a_later_version_is_none_of_ours():
    with pytest.raises(LaterVersionError, match="format 4, and this one reads up to 3"):
        checked({"version": 4})


@pytest.mark.parametrize("size", [progress_file.MAX_BYTES, progress_file.MAX_BYTES + 1])
def test_a_large_file_is_refused_unread(path, size):
    text = json.dumps(empty()).encode()
    path.write_bytes(text + b" " * (size - len(text)))
    if size > progress_file.MAX_BYTES:
        with pytest.raises(ValueError, match="larger than 4 MB"):
            read(path)
    else:
        assert read(path) == empty()


def test_a_lock_keeps_the_next_one_waiting(path):
    order = []

    def next_one():
        with locked(path):
            order.append("next")

    with locked(path):
        waiting = threading.Thread(target=next_one)
        waiting.start()
        waiting.join(0.1)
        order.append("first")
    waiting.join()
    assert order == ["first", "next"]
    assert list(path.parent.iterdir()) == []


def test_a_lock_file_that_was_left_means_nothing(path):
    left = path.with_name(".progress.json.lock")
    left.touch()
    with locked(path):
        assert left.exists()
    assert not left.exists()


def test_a_file_system_without_locks_is_worked_on_alone(path, monkeypatch):
    fcntl = pytest.importorskip("fcntl")

    def refused(*_):
        raise OSError(progress_file._NO_LOCKS_HERE[0], "No locks available")

    monkeypatch.setattr(fcntl, "flock", refused)
    with locked(path):
        write(path, empty())
    assert read(path) == empty()


@pytest.mark.skipif(sys.platform == "win32", reason="another module has the locks there")
def test_a_browser_without_locks_is_worked_on_alone(path, monkeypatch):
    import fcntl

    monkeypatch.setattr(sys, "platform", "emscripten")
    monkeypatch.delattr(fcntl, "flock")
    with locked(path):
        write(path, empty())
    assert read(path) == empty()
    assert [left.name for left in path.parent.iterdir()] == [path.name]


def test_a_lock_that_fails_otherwise_is_an_error_and_stays_not_open(path, monkeypatch):
    fcntl = pytest.importorskip("fcntl")
    handles = []

    def refused(handle, _):
        handles.append(handle)
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(fcntl, "flock", refused)
    with pytest.raises(PermissionError), locked(path):
        pass
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(handles[0])


@pytest.mark.parametrize("day", [-1, 1.5, "today", True, None])
def test_a_day_is_a_count(day):
    answer = {"answer": "5", "right": True, "day": day}
    with pytest.raises(ValueError, match="is not an entry of quizzes"):
        checked(empty() | {"quizzes": {"scaling/peak": {"answers": [answer]}}})


def test_answers_of_the_second_version_have_no_day():
    answers = {"answers": [{"answer": "5", "right": True}]}
    old = empty() | {"version": 2, "quizzes": {"scaling/peak": answers}}
    assert checked(old)["quizzes"]["scaling/peak"] == answers
