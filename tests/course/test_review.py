"""Sittings in a terminal under a clock of the test, and what a notebook and a page show."""

import json
import re
from html import unescape

import pytest

from scalelab.course import progress_file
from scalelab.course.contents import CHAPTERS
from scalelab.course.progress import Progress
from scalelab.course.quiz import Choice, KeptQuiz, anchor, bank, mixed_options
from scalelab.course.review import NOTHING, Terminal, hold_review, questions_due, review

DAY_S = 86_400.0
FIRST = {
    chapter: next(question for question in bank(chapter) if isinstance(question, Choice))
    for chapter in ("horizontal", "caching", "stateless")
}


class Clock:
    day = 100

    def __call__(self):
        return self.day * DAY_S


class Typist:
    """Answers the prompts in turn, then does what Ctrl-C or the end of the input does."""

    def __init__(self, *answers, then=KeyboardInterrupt):
        self.answers, self.then, self.lines = list(answers), then, []
        self.terminal = Terminal(self.read, self.lines.append)

    def read(self, prompt):
        if not self.answers:
            raise self.then
        return self.answers.pop(0)

    @property
    def said(self):
        return "\n".join(self.lines)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def mine(tmp_path, clock):
    kept = Progress(tmp_path / "progress.json", now_s=clock)
    for chapter, question in FIRST.items():
        kept.answered(chapter, question.name, "something", False)
    clock.day += 1
    return kept


def right(question):
    assert isinstance(question, Choice)
    return "".join("abcdefg"[i] for i, o in enumerate(mixed_options(question)) if o.right)


def test_nothing_is_due_on_the_day_of_the_answer(mine, clock):
    clock.day -= 1
    typist = Typist()
    assert hold_review(mine, typist.terminal) == []
    assert " ".join(typist.said.split()) == NOTHING


def test_an_interrupt_keeps_what_was_answered(mine):
    first = questions_due(mine)[0]
    typist = Typist("?", right(first.question))
    ((asked, judged),) = hold_review(mine, typist.terminal)
    assert asked == first
    assert judged.right
    assert "Type a letter" in typist.said or "Type letters" in typist.said
    assert "Stopped. What you answered is kept." in typist.said
    assert "1 of 1 right." in typist.said
    last = progress_file.read(mine.path)["quizzes"][f"{first.chapter}/{first.question.name}"]
    assert last["answers"][-1]["right"]
    assert first not in questions_due(mine)


@pytest.mark.parametrize("then", [KeyboardInterrupt, EOFError])
def test_an_end_before_the_first_answer_loses_nothing(mine, then):
    before = mine.path.read_bytes()
    assert hold_review(mine, Typist(then=then).terminal) == []
    assert mine.path.read_bytes() == before


def test_each_answer_is_in_the_file_before_the_next_question(mine):
    found = []

    def read(prompt):
        found.append(progress_file.read(mine.path)["quizzes"])
        return "a"

    hold_review(mine, Terminal(read, lambda line: None))
    counts = {sum(len(entry["answers"]) for entry in kept.values()) for kept in found}
    assert counts == {3, 4, 5}


def test_another_process_answers_meanwhile(mine, clock):
    other = Progress(mine.path, now_s=clock)

    def read(prompt):
        other.answered("workloads", "elsewhere", "x", True)
        return "a"

    assert len(hold_review(mine, Terminal(read, lambda line: None))) == len(FIRST)
    kept = progress_file.read(mine.path)["quizzes"]
    assert len(kept["workloads/elsewhere"]["answers"]) >= len(FIRST)
    for chapter, question in FIRST.items():
        assert len(kept[f"{chapter}/{question.name}"]["answers"]) == 2


def test_one_chapter_and_a_few_questions(mine):
    found = questions_due(mine, "caching")
    assert [asked.chapter for asked in found] == ["caching"]
    assert len(hold_review(mine, Typist(*"aa").terminal, most=2)) == 2
    with pytest.raises(ValueError, match=r"page_of: chapter must be one of .*, got 'alchemy'"):
        hold_review(mine, Typist().terminal, chapter="alchemy")


def test_what_a_bank_has_lost_is_not_asked(mine, clock):
    mine.answered("caching", "gone", "x", False)
    mine.answered("alchemy", "gold", "x", False)
    clock.day += 1
    assert len(questions_due(mine)) == len(FIRST)


def test_numbers_are_others_each_day(mine, clock):
    seeds = {questions_due(mine)[0].seed}
    clock.day += 1
    seeds.add(questions_due(mine)[0].seed)
    assert len(seeds) == 2
    assert min(seeds) > 5  # and none of the page's


def test_what_was_wrong_is_to_be_read_again(mine):
    typist = Typist(*"aaa", then=EOFError)
    done = hold_review(mine, typist.terminal)
    wrong = [asked for asked, judged in done if not judged.right]
    for asked in wrong:
        assert asked.question.section in typist.said.split("Read again:")[1]


def test_lines_fit_a_terminal(mine):
    typist = Typist(*"aaa")
    hold_review(mine, typist.terminal)
    assert max(map(len, typist.said.splitlines())) <= 88


class TestNotebook:
    def test_it_asks_what_is_due_in_the_quiz_of_its_chapter(self, kept, notebook):
        kept._now_s = lambda: 100 * DAY_S
        for chapter, question in FIRST.items():
            kept.answered(chapter, question.name, "something", False)
        assert review().text == NOTHING
        kept._now_s = lambda: 101 * DAY_S
        shown = review()
        assert isinstance(shown, KeptQuiz)
        assert set(shown.chapters) == set(FIRST)
        assert shown.body.count("<form") == len(FIRST)
        assert "data-answers" not in shown.body
        assert "sl-clear" not in shown.body  # which would clear whole chapters

    def test_a_page_knows_where_each_question_is_answered(self, page):
        body = review().body
        chapters = json.loads(unescape(re.search('data-chapters="([^"]*)"', body)[1]))
        assert list(chapters) == list(CHAPTERS)
        for chapter, its in chapters.items():
            for question in bank(chapter):
                assert its["sections"][question.name] == [
                    question.section,
                    anchor(question.section),
                ]
