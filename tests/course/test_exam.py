import numpy as np
import pytest

from scalelab.course.contents import CHAPTERS
from scalelab.course.exam import ELSEWHERE, MINUTES, QUESTIONS, draw_exam, exam, hold_exam
from scalelab.course.progress import Progress
from scalelab.course.quiz import Numeric, mixed_options
from scalelab.course.review import Terminal

SEED = 7


def right(asked):
    if isinstance(asked.question, Numeric):
        return f"{asked.question.variant(asked.seed).answer:.12g}"
    options = mixed_options(asked.question)
    return "".join("abcdefg"[i] for i, option in enumerate(options) if option.right)


class Sitting:
    """Somebody who answers each question rightly after so many seconds, until they have enough."""

    def __init__(self, tmp_path, seconds, answers=QUESTIONS):
        self.now_s, self.seconds, self.lines = 0.0, seconds, []
        exam = draw_exam(rng=np.random.default_rng(SEED))
        self.typed = [right(asked) for asked in exam[:answers]]
        self.kept = Progress(tmp_path / "progress.json", now_s=lambda: self.now_s)
        self.done = hold_exam(
            self.kept,
            Terminal(self.read, self.lines.append),
            now_s=lambda: self.now_s,
            rng=np.random.default_rng(SEED),
        )
        self.said = "\n".join(self.lines)

    def read(self, prompt):
        self.now_s += self.seconds
        if not self.typed:
            raise KeyboardInterrupt
        return self.typed.pop(0)


def test_chapters_are_mixed_and_no_question_comes_twice(rng):
    exam = draw_exam(rng=rng)
    assert len(exam) == QUESTIONS
    assert len({(asked.chapter, asked.question.name) for asked in exam}) == QUESTIONS
    assert len({asked.chapter for asked in exam}) == min(QUESTIONS, len(CHAPTERS))


def test_the_same_seed_is_the_same_exam():
    first, second, other = (draw_exam(rng=np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first == second
    assert first != other


def test_all_right_in_time(tmp_path):
    sitting = Sitting(tmp_path, seconds=60.0)
    assert f"{QUESTIONS} of {QUESTIONS} right in time" in sitting.said
    assert f"1 of {QUESTIONS} · {MINUTES}:00 left" in sitting.said
    assert f"2 of {QUESTIONS} · {MINUTES - 1}:00 left" in sitting.said
    assert "too late" not in sitting.said
    assert "Read again" not in sitting.said


def test_what_comes_too_late_is_told_and_does_not_count(tmp_path):
    sitting = Sitting(tmp_path, seconds=60 * MINUTES / 15)
    assert [each.late for each in sitting.done] == [False] * 15 + [True] * 5
    assert f"15 of {QUESTIONS} right in time, {QUESTIONS} answered." in sitting.said
    assert sitting.said.count("That answer came after the end.") == 5
    assert "the time is over" in sitting.said
    assert ", 1 too late" in sitting.said or ", 2 too late" in sitting.said
    kept = sitting.kept.load()["quizzes"]
    assert sum(len(entry["answers"]) for entry in kept.values()) == QUESTIONS


@pytest.mark.parametrize("answers", [0, 3])
def test_an_interrupt_hands_it_in(tmp_path, answers):
    sitting = Sitting(tmp_path, seconds=1.0, answers=answers)
    assert "Handed in. What you answered is kept." in sitting.said
    assert f"{answers} of {QUESTIONS} right in time, {answers} answered." in sitting.said
    assert len(sitting.kept.load()["quizzes"]) == answers


def test_a_notebook_has_the_questions_and_a_page_says_where_they_are(monkeypatch):
    monkeypatch.delenv("SCALELAB_RENDER", raising=False)
    shown = exam(rng=np.random.default_rng(SEED))
    assert shown.body.count("<form") == QUESTIONS
    assert "data-answers" not in shown.body
    assert set(shown.chapters) <= set(CHAPTERS)
    assert exam().body != shown.body  # others each time: the clock decides
    monkeypatch.setenv("SCALELAB_RENDER", "page")
    assert exam().text == ELSEWHERE
    assert "<form" not in exam().body
