"""An answer is played beside the solution, on the case that it failed; what cannot be is said."""

import pytest

from scalelab.course.check import Lab
from scalelab.course.kinds import Whole
from scalelab.course.play import Play
from scalelab.course.stage import Place


@pytest.fixture
def lab(monkeypatch):
    monkeypatch.setenv("SCALELAB_PROGRESS", "off")
    made = Lab("played")
    double = made.exercise(
        *("double", "Twice as many", Whole()),
        why="It is counted.",
        hint="Add it to itself.",
        hints=("Twice.", "n + n."),
        explanation="Nothing is smaller than its double but what is negative.",
    )

    @double.ask
    def ask(rng):
        return (int(rng.integers(3, 9)),)

    @double.edges
    def edges():
        return {"one": (1,), "two": (2,)}

    @double.scene("So many of n:", until_s=lambda n: n + 1.0)
    def run(stage, answer, n):
        here = stage.place(Place(name="here", x=10, y=10, keep="line", counter="here"))
        for _ in range(answer(n)):
            stage.token(here)

    @double.solve
    def solution(n):
        """Add it to itself, which is what twice means, for whole numbers as for all others."""
        return n + n

    @double.solve_otherwise
    def other(n):
        return 2 * n

    @double.misread("That is its square.")
    def square(n):
        return n**2

    other_task = made.exercise(
        *("plain", "Plain", Whole()), why="", hint="", hints=("", " "), explanation=""
    )
    other_task.ask(ask)
    return made


def test_the_example_is_played_until_a_check_has_failed(lab):
    shown = lab.watch("double", lambda n: n + n)
    assert shown.text.startswith("[scene: So many of n: n=1")
    assert 'class="sl-run">answer: yours' in shown.body
    assert "answer: a right one" in shown.body
    lab.check("double", lambda n: 2 if n == 1 else 3)
    assert "n=2" in lab.watch("double", lambda n: 3).text
    assert lab.check("double", lambda n: n + n).passed
    assert "n=1" in lab.watch("double", lambda n: n + n).text


def test_both_are_counted_each_by_its_own_answer(lab):
    words = lab.watch("double", lambda n: 5 * n).body.partition('class="sl-script"')[2]
    assert "here\u00a05" in words
    assert "here\u00a02" in words


def endless(n):
    while True:
        pass


def deep(n):
    return {}["nothing"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (..., "Twice as many: write your answer first"),
        (lambda n: ..., "Twice as many: write your answer first"),
        (endless, "stopped after 0.2 s"),
        (deep, "KeyError came out of your code"),
        (lambda n: exit(), "SystemExit came out of your code"),
        (lambda n: "many", "cannot be played"),
        (lambda n: 2_000, "cannot be played"),  # more than a scene holds
        (None, "cannot be played"),
    ],
)
def test_what_cannot_be_played_is_said(lab, answer, said):
    assert said in lab.watch("double", answer, patience_s=0.2).text


def test_a_long_case_is_cut_in_the_caption(lab):
    lab.exercises["double"].words(lambda n: "many words " * 60)
    assert len(lab.watch("double", lambda n: n + n).text) < 300


def test_a_task_without_a_scene_is_refused(lab):
    with pytest.raises(ValueError, match=r"^watch: name must be one of double, got 'plain'"):
        lab.watch("plain", ...)


def test_a_play_says_how(lab):
    shown = lab.exercises["double"].shown
    assert isinstance(shown, Play)
    assert (shown.until_s(4), shown.pace) == (5.0, 1.0)
