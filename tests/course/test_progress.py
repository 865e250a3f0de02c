import contextlib
import json
import math
import os
import signal
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from scalelab.course import progress_file
from scalelab.course.progress import Progress, ProgressWarning, current, default_path


@pytest.fixture
def path(tmp_path):
    return tmp_path / "progress.json"


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


class TestWriting:
    def test_a_change_is_in_the_file_at_once(self, path):
        Progress(path).predicted("gain", 10.0, 5.0, 20.0, "×")
        assert read(path)["predictions"] == {
            "gain": {"guess": 10.0, "low": 5.0, "high": 20.0, "unit": "×"}
        }

    def test_the_first_guess_counts(self, path):
        mine = Progress(path)
        mine.predicted("gain", 10.0, 5.0, 20.0, "×")
        mine.predicted("gain", 16.0, 15.9, 16.1, "×")
        assert read(path)["predictions"]["gain"]["guess"] == 10.0

    def test_once_passed_stays_passed_and_attempts_add_up(self, path):
        mine = Progress(path)
        for passed in (False, True, False):
            mine.attempted("lab/task", passed)
        assert mine.exercise("lab/task") == {"attempts": 3, "passed": True}

    def test_hints_never_go_back(self, path):
        mine = Progress(path)
        mine.hinted("lab/task", 2)
        mine.hinted("lab/task", 1)
        assert mine.exercise("lab/task")["hints"] == 2
        assert mine.exercise("lab/task")["attempts"] == 0

    def test_nothing_but_the_file_is_left_in_the_folder(self, path):
        Progress(path).attempted("lab/task", True)
        assert [entry.name for entry in path.parent.iterdir()] == [path.name]

    def test_a_crash_between_write_and_replace_leaves_the_old_file(self, path, monkeypatch):
        mine = Progress(path)
        mine.attempted("lab/old", True)
        before = path.read_bytes()

        def crash(*_):
            raise KeyboardInterrupt

        monkeypatch.setattr(os, "replace", crash)
        with pytest.raises(KeyboardInterrupt):
            mine.attempted("lab/new", True)
        assert path.read_bytes() == before
        monkeypatch.undo()
        assert Progress(path).exercise("lab/old")["passed"]

    def test_the_new_text_is_on_the_disk_before_it_takes_the_old_ones_place(
        self, path, monkeypatch
    ):
        order = []
        monkeypatch.setattr(os, "fsync", lambda handle: order.append("fsync"))
        replace = os.replace
        monkeypatch.setattr(os, "replace", lambda *a: (order.append("replace"), replace(*a)))
        Progress(path).attempted("lab/task", True)
        assert order == ["fsync", "replace"]

    @pytest.mark.skipif(sys.platform == "win32", reason="a link needs a right of its own there")
    def test_a_link_stays_a_link_and_the_file_keeps_its_mode(self, path, tmp_path):
        synced = tmp_path / "synced" / "mine.json"
        synced.parent.mkdir()
        Progress(synced).attempted("lab/task", False)
        synced.chmod(0o640)
        path.symlink_to(synced)
        Progress(path).attempted("lab/task", True)
        assert path.is_symlink()
        assert read(synced)["exercises"]["lab/task"]["attempts"] == 2
        assert synced.stat().st_mode & 0o777 == 0o640
        assert [entry.name for entry in synced.parent.iterdir()] == [synced.name]

    def test_a_guess_after_the_answer_is_not_kept(self, path):
        mine = Progress(path)
        mine.measured("gain", 16.0)
        mine.predicted("gain", 16.0, 15.9, 16.1, "×")
        assert read(path)["predictions"]["gain"] == {"actual": 16.0}
        assert mine.calibration().guesses == 0

    @pytest.mark.parametrize(
        "change",
        [
            lambda mine: mine.predicted("gain", math.inf, 0.0, 1.0, ""),
            lambda mine: mine.measured("gain", math.nan),
            lambda mine: mine.attempted("\x1b[2J", True),
            lambda mine: mine.hinted("", 1),
            lambda mine: mine.answered("chapter", "\ud800", "3", True),
        ],
    )
    def test_what_could_not_be_read_again_is_refused(self, path, change):
        mine = Progress(path)
        mine.attempted("lab/task", True)
        before = path.read_bytes()
        with pytest.raises(ValueError, match=r"^\w+: arguments must be printable .* got "):
            change(mine)
        assert path.read_bytes() == before
        assert set(mine.load()["exercises"]) == {"lab/task"}


class TestQuizzes:
    def test_answers_are_kept_in_order_by_chapter(self, path):
        clock = iter([3 * 86_400 - 1.0, 3 * 86_400.0, 0.0])
        mine = Progress(path, now_s=lambda: next(clock))
        mine.answered("scaling", "peak", "64", False)
        mine.answered("scaling", "peak", "58", True)
        mine.answered("state", "peak", "none", False)
        first = {"answer": "64", "right": False, "day": 2}
        second = {"answer": "58", "right": True, "day": 3}
        assert Progress(path).quiz("scaling") == {"peak": [first, second]}
        assert Progress(path).quiz("caching") == {}

    @pytest.mark.parametrize("said", ["140\xa0% of it", "a\tb", "\x1b[D3", "\ud83d", "5" * 300, ""])
    def test_whatever_somebody_answers_is_kept(self, path, said):
        mine = Progress(path)
        mine.answered("vertical", "knee", said, True)
        (answer,) = Progress(path).quiz("vertical")["knee"]
        assert len(answer["answer"]) == min(200, len(said))
        assert answer["answer"].isprintable()

    def test_the_first_answer_stays_with_the_last_ones_and_the_file_does_not_grow(self, path):
        mine = Progress(path)
        for answer in range(progress_file.MAX_ANSWERS + 2):
            mine.answered("scaling", "peak", str(answer), False)
        kept = mine.quiz("scaling")["peak"]
        assert len(kept) == progress_file.MAX_ANSWERS
        last = range(3, progress_file.MAX_ANSWERS + 2)
        assert [each["answer"] for each in kept] == ["0", *map(str, last)]

    def test_one_chapter_is_cleared(self, path):
        mine = Progress(path)
        for chapter in ("scaling", "state"):
            mine.answered(chapter, "peak", "1", True)
        mine.clear_quiz("scaling")
        assert mine.quiz("scaling") == {}
        assert set(mine.quiz("state")) == {"peak"}


WRITER = """
    import sys
    from pathlib import Path
    from scalelab.course.progress import Progress

    mine = Progress(Path(sys.argv[1]))
    for number in range(int(sys.argv[3])):
        mine.attempted("lab/task", True)
        mine.measured(f"{sys.argv[2]}-{number}", 1.0)
"""
CHANGES = 200  # of each kind, in each of two processes


def writer(path, name, changes):
    program = [sys.executable, "-W", "error", "-c", textwrap.dedent(WRITER)]
    return subprocess.Popen([*program, str(path), name, str(changes)])


class TestTwoSessions:
    def test_two_processes_at_once_lose_nothing(self, path):
        writers = [writer(path, name, CHANGES) for name in "ab"]
        assert [process.wait() for process in writers] == [0, 0]
        kept = Progress(path).load()
        assert kept["exercises"]["lab/task"]["attempts"] == 2 * CHANGES
        assert len(kept["predictions"]) == 2 * CHANGES
        assert [entry.name for entry in path.parent.iterdir()] == [path.name]

    def test_two_threads_at_once_lose_nothing(self, path):
        def work(_):
            for _ in range(50):
                Progress(path).attempted("lab/task", True)

        with ThreadPoolExecutor(2) as threads:
            list(threads.map(work, range(2)))
        assert Progress(path).exercise("lab/task")["attempts"] == 100

    @pytest.mark.skipif(sys.platform == "win32", reason="sends SIGKILL")
    def test_a_holder_that_was_killed_holds_up_nobody(self, path):
        doomed = writer(path, "doomed", 1_000_000)
        while not path.exists():
            assert doomed.poll() is None
        for _ in range(20):  # in the midst of whatever it is doing
            doomed.send_signal(signal.SIGSTOP)
            held = path.with_name(".progress.json.lock").exists()
            if held:
                break
            doomed.send_signal(signal.SIGCONT)
        doomed.kill()
        doomed.wait()
        before = Progress(path).exercise("lab/task")["attempts"]
        Progress(path).attempted("lab/task", True)
        assert Progress(path).exercise("lab/task")["attempts"] == before + 1

    def test_neither_undoes_the_other(self, path):
        one, other = Progress(path), Progress(path)
        one.attempted("lab/a", True)
        other.attempted("lab/b", False)
        one.predicted("gain", 1.0, 0.5, 2.0, "")
        other.measured("gain", 1.5)
        one.attempted("lab/b", True)
        assert read(path)["exercises"] == {
            "lab/a": {"attempts": 1, "passed": True},
            "lab/b": {"attempts": 2, "passed": True},
        }
        assert read(path)["predictions"]["gain"] == {
            "guess": 1.0,
            "low": 0.5,
            "high": 2.0,
            "unit": "",
            "actual": 1.5,
        }


def kept_file(predictions=b"{}", exercises=b"{}", version=b"1"):
    parts = version, predictions, exercises
    return b'{"version": %s, "predictions": %s, "exercises": %s}' % parts


NOT_PROGRESS = {
    "cut off": b'{"version": 1, "predic',
    "empty": b"",
    "not text": b"\xff\xfe\x00\x01",
    "a list": b"[]",
    "version true": kept_file(version=b"true"),
    "version 0": kept_file(version=b"0"),
    "no tables": kept_file(predictions=b"[]"),
    "a part of somebody else's": kept_file(version=b'1, "mail": {}'),
    "an entry that is no table": kept_file(b'{"a": 3}'),
    "a guess in words": kept_file(b'{"a": {"guess": "ten"}}'),
    "attempts in words": kept_file(exercises=b'{"a": {"attempts": "x"}}'),
    "attempts below zero": kept_file(exercises=b'{"a": {"attempts": -1, "passed": true}}'),
    "a range with one end": kept_file(b'{"a": {"guess": 1, "low": 0, "actual": 1}}'),
    "a measurement that is none": kept_file(b'{"a": {"actual": NaN}}'),
    "a measurement beyond floats": kept_file(b'{"a": {"actual": 1e999}}'),
    "401 digits": kept_file(b'{"a": {"actual": 1' + b"0" * 400 + b"}}"),
    "5,000 digits": kept_file(b'{"a": {"actual": 1' + b"0" * 5_000 + b"}}"),
    "attempts beyond floats": kept_file(exercises=b'{"a": {"attempts": 9007199254740993}}'),
    "nested deeply": b"[" * 100_000,
    "half a pair as name": kept_file(exercises=rb'{"\ud800": {"attempts": 1, "passed": true}}'),
    "a name that clears the screen": kept_file(
        exercises=rb'{"\u001b[2J": {"attempts": 1, "passed": true}}'
    ),
    "a unit that turns the line": kept_file(b'{"a": {"actual": 1, "unit": "\xe2\x80\xae"}}'),
    "a long name": kept_file(b'{"%s": {"actual": 1}}' % (b"a" * 201)),
    "quizzes in version 1.5": kept_file(version=b"1.5"),
    "an answer without a verdict": kept_file(
        version=b'2, "quizzes": {"a/b": {"answers": [{"answer": "x"}]}}'
    ),
    "huge": b" " * 5_000_000,
}


class TestCorruptFile:
    def test_a_later_versions_file_is_named_and_left_alone(self, path):
        later = kept_file(version=b"99")
        path.write_bytes(later)
        mine = Progress(path)
        with pytest.warns(ProgressWarning, match=r"later version of scalelab \(format 99.*memory"):
            mine.attempted("lab/task", True)
        assert path.read_bytes() == later
        assert mine.exercise("lab/task")["passed"]
        assert [entry.name for entry in path.parent.iterdir()] == [path.name]

    def test_the_first_version_is_read_on(self, path):
        path.write_bytes(kept_file(exercises=b'{"lab/old": {"attempts": 2, "passed": true}}'))
        mine = Progress(path)
        mine.answered("chapter", "question", "four", True)
        assert mine.exercise("lab/old") == {"attempts": 2, "passed": True}
        assert read(path)["version"] == progress_file.VERSION

    def test_a_byte_order_mark_is_read(self, path, tmp_path):
        marked = b"\xef\xbb\xbf" + kept_file(b'{"gain": {"actual": 2}}')
        path.write_bytes(marked)
        assert Progress(path).load()["predictions"] == {"gain": {"actual": 2}}
        other = Progress(tmp_path / "other.json")
        other.import_from(path)
        assert other.load()["predictions"] == {"gain": {"actual": 2}}

    def test_another_process_may_have_mended_it_meanwhile(self, path, monkeypatch):
        path.write_bytes(b"scrambled")
        mine = Progress(path)

        @contextlib.contextmanager
        def after_another(_):
            path.write_bytes(kept_file(b'{"gain": {"actual": 2}}'))
            yield

        monkeypatch.setattr(progress_file, "locked", after_another)
        assert mine.load()["predictions"] == {"gain": {"actual": 2}}

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
    def test_a_device_is_left_where_it_is(self):
        with pytest.warns(ProgressWarning, match="no ordinary file"):
            assert Progress(Path(os.devnull)).load()["exercises"] == {}
        assert Path(os.devnull).exists()

    @pytest.mark.parametrize("content", NOT_PROGRESS.values(), ids=NOT_PROGRESS)
    def test_it_is_set_aside_and_named_and_work_goes_on(self, path, content):
        path.write_bytes(content)
        with pytest.warns(
            ProgressWarning, match=r"progress\.json is not .* progress\.json\.corr"
        ) as said:
            Progress(path).attempted("lab/task", True)
        assert str(said[0].message).isprintable()
        assert said[0].filename == __file__
        assert path.with_name("progress.json.corrupt-1").read_bytes() == content
        assert read(path)["exercises"] == {"lab/task": {"attempts": 1, "passed": True}}

    def test_a_second_one_does_not_overwrite_the_first(self, path):
        for content in (b"first", b"second"):
            path.write_bytes(content)
            with pytest.warns(ProgressWarning):
                Progress(path).load()
        kept = sorted(file.read_bytes() for file in path.parent.glob("*.corrupt-*"))
        assert kept == [b"first", b"second"]

    def test_what_this_session_knew_is_written_again(self, path):
        mine = Progress(path)
        mine.attempted("lab/task", True)
        path.write_bytes(b"scrambled")
        with pytest.warns(ProgressWarning):
            mine.attempted("lab/other", False)
        assert set(read(path)["exercises"]) == {"lab/task", "lab/other"}

    def test_if_it_cannot_be_moved_it_stays_and_the_session_goes_on(self, path, monkeypatch):
        path.write_bytes(b"scrambled")

        def refuse(self, target):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "rename", refuse)
        mine = Progress(path)
        with pytest.warns(ProgressWarning, match="kept in memory"):
            mine.attempted("lab/task", True)
        assert path.read_bytes() == b"scrambled"
        assert mine.exercise("lab/task")["passed"]


class TestNowhereToWrite:
    def test_it_is_said_once_and_the_session_goes_on(self, tmp_path):
        blocker = tmp_path / "a_file"
        blocker.write_text("not a folder")
        mine = Progress(blocker / "progress.json")
        with pytest.warns(ProgressWarning, match="memory for this session only.*SCALELAB_PROGRESS"):
            mine.attempted("lab/task", True)
        mine.attempted("lab/task", True)  # a second warning would be an error here
        assert mine.exercise("lab/task") == {"attempts": 2, "passed": True}

    def test_a_full_disk_leaves_the_old_file_and_no_scraps(self, path, monkeypatch):
        mine = Progress(path)
        mine.attempted("lab/task", True)
        before = path.read_bytes()

        def full(handle):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.warns(ProgressWarning, match="No space left"):
            mine.attempted("lab/task", True)
        assert path.read_bytes() == before
        assert [entry.name for entry in path.parent.iterdir()] == [path.name]
        assert mine.exercise("lab/task")["attempts"] == 2

    @pytest.mark.skipif(sys.platform == "win32", reason="modes of folders mean little there")
    def test_a_folder_that_cannot_be_written_still_shows_what_is_there(self, path, monkeypatch):
        Progress(path).attempted("lab/task", True)

        def refused(*_):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(progress_file, "_open_locked", refused)  # root may write anywhere
        mine = Progress(path)
        with pytest.warns(ProgressWarning, match="cannot be written"):
            mine.attempted("lab/task", False)
        assert mine.exercise("lab/task") == {"attempts": 2, "passed": True}

    def test_a_folder_in_the_files_place_is_left_alone(self, path):
        path.mkdir()
        with pytest.warns(ProgressWarning, match="cannot be read"):
            assert Progress(path).load()["exercises"] == {}
        assert path.is_dir()

    def test_no_file_at_all_keeps_for_the_session(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        mine = Progress(None)
        mine.attempted("lab/task", True)
        assert mine.exercise("lab/task")["passed"]
        assert list(tmp_path.iterdir()) == []

    def test_sessions_without_a_file_share_nothing(self):
        Progress(None).attempted("lab/task", True)
        assert Progress(None).exercise("lab/task") == {"attempts": 0, "passed": False}


class TestCalibration:
    def test_by_hand(self, path):
        mine = Progress(path)
        for name, guess, low, high, actual in (
            ("twice", 20.0, 5.0, 30.0, 10.0),  # a factor of 2, inside
            ("half", 5.0, 1.0, 6.0, 10.0),  # a factor of 2 the other way, outside
            ("eight times", 8.0, 1.0, 8.0, 1.0),  # on the edge of the range: inside
            ("exact", 7.0, 7.0, 7.0, 7.0),
        ):
            mine.predicted(name, guess, low, high, "")
            mine.measured(name, actual)
        mine.predicted("never run", 1.0, 1.0, 1.0, "")
        mine.measured("never guessed", 1.0)
        result = mine.calibration()
        assert (result.guesses, result.ranges) == (4, 4)
        assert result.held == 3
        # logarithms: 1 + 1 + 3 + 0 times log 2, over four guesses
        assert result.typical_factor == pytest.approx(2 ** (5 / 4))

    def test_a_guess_may_have_no_range_and_parts_are_told_apart(self, path):
        mine = Progress(path)
        mine.predicted("a-bare", 20.0, None, None, "")
        mine.measured("a-bare", 10.0)
        mine.predicted("b-ranged", 10.0, 1.0, 11.0, "")
        mine.measured("b-ranged", 10.0)
        assert (mine.calibration().guesses, mine.calibration().ranges) == (2, 1)
        assert mine.calibration(("a-",)).guesses == 1
        assert mine.calibration(("a-", "b-")).held == 1

    def test_far_off_is_a_number_too(self, path):
        mine = Progress(path)
        mine.predicted("far", 1e308, 1e308, 1e308, "")
        mine.measured("far", 5e-324)
        assert math.isfinite(mine.calibration().typical_factor)

    def test_a_guess_of_zero_has_no_factor_but_a_range(self, path):
        mine = Progress(path)
        mine.predicted("none", 0.0, 0.0, 1.0, "")
        mine.measured("none", 0.0)
        result = mine.calibration()
        assert result.held == 1
        assert math.isnan(result.typical_factor)

    def test_before_the_first_comparison(self, path):
        result = Progress(path).calibration()
        assert (result.guesses, result.ranges, result.held) == (0, 0, 0)
        assert math.isnan(result.typical_factor)


class TestMoving:
    def test_export_then_import_elsewhere(self, path, tmp_path):
        mine = Progress(path)
        mine.attempted("lab/task", True)
        mine.predicted("gain", 10.0, 5.0, 20.0, "×")
        copy = mine.export(tmp_path / "copy.json")
        other = Progress(tmp_path / "elsewhere.json")
        other.import_from(copy)
        assert read(tmp_path / "elsewhere.json") == read(path)

    def test_what_is_already_here_wins(self, path, tmp_path):
        mine, other = Progress(path), Progress(tmp_path / "other.json")
        mine.predicted("gain", 10.0, 5.0, 20.0, "×")
        other.predicted("gain", 99.0, 5.0, 200.0, "×")
        other.attempted("lab/theirs", True)
        mine.import_from(other.export(tmp_path / "copy.json"))
        assert mine.load()["predictions"]["gain"]["guess"] == 10.0
        assert mine.exercise("lab/theirs")["passed"]

    def test_export_never_overwrites(self, path, tmp_path):
        target = tmp_path / "precious.txt"
        target.write_text("mine")
        with pytest.raises(FileExistsError):
            Progress(path).export(target)
        assert target.read_text() == "mine"

    @pytest.mark.parametrize("content", NOT_PROGRESS.values(), ids=NOT_PROGRESS)
    def test_a_file_that_is_none_changes_nothing(self, path, tmp_path, content):
        mine = Progress(path)
        mine.attempted("lab/task", True)
        before = path.read_bytes()
        (tmp_path / "bad.json").write_bytes(content)
        with pytest.raises(ValueError, match=r"import_from: path must be .* got .*bad\.json"):
            mine.import_from(tmp_path / "bad.json")
        assert path.read_bytes() == before


class TestWhere:
    def test_the_variable_names_it(self, monkeypatch, path):
        monkeypatch.setenv("SCALELAB_PROGRESS", str(path))
        assert default_path() == path
        assert current() is current()

    def test_the_home_folder_may_be_a_tilde(self, monkeypatch, tmp_path):
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("USERPROFILE", str(tmp_path))
        monkeypatch.setenv("SCALELAB_PROGRESS", "~/p.json")
        assert default_path() == tmp_path / "p.json"

    def test_off_keeps_nothing(self, monkeypatch):
        monkeypatch.setenv("SCALELAB_PROGRESS", "off")
        assert default_path() is None

    @pytest.mark.parametrize("start", ["", "labs", "book/database"])
    def test_beside_the_labs_from_anywhere_in_the_course(self, monkeypatch, tmp_path, start):
        monkeypatch.delenv("SCALELAB_PROGRESS", raising=False)
        (tmp_path / "labs" / "checks").mkdir(parents=True)
        (tmp_path / "book" / "database").mkdir(parents=True)
        monkeypatch.chdir(tmp_path / start)
        assert default_path() == tmp_path / "labs" / "progress.json"

    def test_here_outside_the_course(self, monkeypatch, tmp_path):
        monkeypatch.delenv("SCALELAB_PROGRESS", raising=False)
        monkeypatch.chdir(tmp_path)
        assert default_path() == tmp_path / "progress.json"
