"""The quiz machinery, and every question of every bank."""

import html
import json
import re

import numpy as np
import pytest
from support.tree import cells, chapters

from scalelab.course.contents import CHAPTERS
from scalelab.course.page import prose
from scalelab.course.quiz import (
    VARIANTS,
    Choice,
    Numeric,
    Option,
    Trap,
    Variant,
    bank,
    carrier_of,
    quiz,
)

BANKS = list(CHAPTERS)
QUESTIONS = [(chapter, question) for chapter in BANKS for question in bank(chapter)]
CHOICES = [pytest.param(q, id=f"{c}/{q.name}") for c, q in QUESTIONS if isinstance(q, Choice)]
NUMERICS = [pytest.param(q, id=f"{c}/{q.name}") for c, q in QUESTIONS if isinstance(q, Numeric)]

RIGHT, WRONG = Option("2", "One and one.", right=True), Option("3", "One too many.")


def feedback_faults(choice: Choice) -> list[str]:
    """Options without words of their own: empty, too short to explain, or said twice."""
    texts = [option.text for option in choice.options]
    said = [option.feedback for option in choice.options]
    faults = [f"{t!r}: says nothing" for t, f in zip(texts, said, strict=True) if len(f) < 15]
    faults += [f"{f!r}: said twice" for f in set(said) if said.count(f) > 1]
    faults += [f"{t!r}: offered twice" for t in set(texts) if texts.count(t) > 1]
    return faults


def variant_faults(variant: Variant) -> list[str]:
    """Traps that a right answer could fall into, that coincide, or that say nothing."""
    faults = []
    answer, margin = variant.answer, abs(variant.answer) * variant.tolerance
    if not np.isfinite(answer):
        faults.append(f"the answer is {answer}")
    values = [trap.value for trap in variant.traps]
    for trap in variant.traps:
        # A typed value may be off by the tolerance on either side: of the answer and of the trap.
        if abs(trap.value - answer) <= margin + abs(trap.value) * variant.tolerance:
            faults.append(f"the trap {trap.value:g} is taken for the answer {answer:g}")
        if len(trap.feedback) < 15:
            faults.append(f"the trap {trap.value:g} says nothing")
    faults += [f"two traps at {v:g}" for v in set(values) if values.count(v) > 1]
    said = [variant.solution, *(trap.feedback for trap in variant.traps)]
    if len(set(said)) < len(said):
        faults.append("the same words for two answers")
    return faults


def test_there_is_a_bank():
    assert BANKS
    assert all(len(bank(chapter)) >= 5 for chapter in BANKS)


@pytest.mark.parametrize("chapter", BANKS)
def test_names_are_unique_within_a_bank(chapter):
    names = [question.name for question in bank(chapter)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("path", chapters(), ids=lambda path: path.stem)
def test_the_part_that_a_question_names_is_on_the_page(path):
    texts = "\n".join(cell["source"] for cell in cells(path, "markdown"))
    headings = set(re.findall(r"^#+ (.+)$", texts, re.MULTILINE))
    named = {question.section for question in bank(path.stem)} - {""}
    assert named <= headings


@pytest.mark.parametrize("question", CHOICES)
def test_every_option_has_feedback_of_its_own(question):
    assert feedback_faults(question) == []


@pytest.mark.parametrize("question", CHOICES)
def test_there_is_something_to_choose(question):
    assert len(question.options) >= 3
    assert any(not option.right for option in question.options)


@pytest.mark.parametrize("question", NUMERICS)
def test_no_trap_is_near_the_answer_on_any_shown_variant(question):
    assert [variant_faults(question.variant(seed)) for seed in range(VARIANTS)] == [[]] * VARIANTS


@pytest.mark.parametrize("question", NUMERICS)
def test_a_seed_always_gives_the_same_variant_and_seeds_differ(question):
    drawn = [question.variant(seed) for seed in range(VARIANTS)]
    assert drawn == [question.variant(seed) for seed in range(VARIANTS)]
    assert len({variant.prompt for variant in drawn}) >= 3


@pytest.mark.parametrize("question", NUMERICS)
def test_there_is_at_least_one_trap(question):
    assert all(question.variant(seed).traps for seed in range(VARIANTS))


def parse_typed(text: str) -> float:
    """What the page's script makes of typed text."""
    return float(text.strip().replace(",", "").replace("−", "-").replace("–", "-"))


@pytest.mark.parametrize("question", NUMERICS)
def test_the_solution_shows_the_answer_within_the_tolerance(question):
    for seed in range(VARIANTS):
        variant = question.variant(seed)
        numbers = [parse_typed(n) for n in re.findall(r"\d[\d,]*(?:\.\d+)?", variant.solution)]
        near = abs(variant.answer) * variant.tolerance
        assert any(abs(n - variant.answer) <= near for n in numbers), variant


class TestTheRulesCanFail:
    def test_of_choices(self):
        same = Choice("q", "1 + 1?", (RIGHT, Option("3", "One and one."), Option("4", "No.")))
        assert len(feedback_faults(same)) == 4  # three too short, one of them said twice
        long = Option("2", "It is one and one.", right=True)
        assert feedback_faults(Choice("q", "?", (long, Option("3", "That is one too many.")))) == []

    @pytest.mark.parametrize(
        ("value", "faults"), [(100.5, 1), (103.9, 1), (96.5, 1), (104.2, 0), (95.0, 0)]
    )
    def test_of_traps(self, value, faults):
        trap = Trap(value, "You forgot to carry the one.")
        assert len(variant_faults(Variant("?", 100.0, "By addition.", (trap,)))) == faults

    def test_of_two_traps_in_one_place(self):
        traps = (Trap(5.0, "This is far too small."), Trap(5.0, "This is much too small."))
        assert variant_faults(Variant("?", 100.0, "By addition.", traps)) == ["two traps at 5"]


class TestDefinitions:
    @pytest.mark.parametrize(
        ("options", "many", "rule"),
        [
            ((WRONG, WRONG), False, "hold exactly one right option, got 0"),
            ((RIGHT, RIGHT), False, "hold exactly one right option, got 2"),
            ((WRONG,), True, "hold right options, got 0"),
        ],
    )
    def test_a_choice_without_its_right_options_is_refused(self, options, many, rule):
        with pytest.raises(ValueError, match=f"Choice: options of q must {rule}"):
            Choice("q", "1 + 1?", options, many)

    def test_several_may_be_right_if_many_may_be_chosen(self):
        assert Choice("q", "1 + 1?", (RIGHT, RIGHT, WRONG), many=True).many

    def test_a_chapter_without_a_bank_is_named(self):
        with pytest.raises(ValueError, match=r"quiz: chapter must have a bank .* got 'alchemy'"):
            quiz("alchemy")

    def test_a_bank_that_cannot_be_imported_is_not_called_missing(self, monkeypatch):
        """A bank that imports something missing must say that, or its author searches long."""

        def broken(name):
            raise ModuleNotFoundError("No module named 'alchemy_tools'", name="alchemy_tools")

        monkeypatch.setattr("scalelab.course.quiz.importlib.import_module", broken)
        with pytest.raises(ModuleNotFoundError, match="alchemy_tools"):
            bank("alchemy")


@pytest.mark.parametrize("chapter", BANKS)
class TestHtml:
    @pytest.fixture
    def body(self, chapter, page_of):
        return page_of(lambda: quiz(chapter))

    def test_a_form_for_each_question_with_a_place_for_feedback(self, chapter, body):
        questions = bank(chapter)
        assert body.count("<form ") == len(questions)
        assert body.count('<div class="sl-feedback" role="status">') == len(questions)
        assert body.count("<legend>") == len(questions)

    def test_each_option_keeps_its_feedback_wherever_it_stands(self, chapter, body):
        choices = [q for q in bank(chapter) if isinstance(q, Choice)]
        forms = re.findall(r'data-kind="choice".*?</form>', body, re.DOTALL)
        assert len(forms) == len(choices)
        for form, choice in zip(forms, choices, strict=True):
            data = json.loads(html.unescape(re.search(r'data-options="([^"]*)"', form)[1]))
            shown = re.findall(r'value="(\d+)"> <span>(.*?)</span></label>', form)
            assert [int(value) for value, _ in shown] == list(range(len(choice.options)))
            assert {
                (text, data[int(value)]["text"], data[int(value)]["right"]) for value, text in shown
            } == {(prose(o.text), prose(o.feedback), o.right) for o in choice.options}

    def test_no_mark_of_emphasis_is_left(self, chapter, body):
        assert re.findall(r"\*\w[^*<]*\w\*", body) == []

    def test_the_right_option_does_not_always_stand_first(self, chapter, body):
        data = [json.loads(html.unescape(d)) for d in re.findall(r'data-options="([^"]*)"', body)]
        places = [[o["right"] for o in options].index(True) for options in data]
        assert max(places.count(place) for place in set(places)) <= 0.6 * len(places)

    def test_the_script_gets_every_variant(self, chapter, body):
        numerics = [q for q in bank(chapter) if isinstance(q, Numeric)]
        data = [json.loads(html.unescape(d)) for d in re.findall(r'data-variants="([^"]*)"', body)]
        assert len(data) == len(numerics)
        for variants, question in zip(data, numerics, strict=True):
            answers = [question.variant(seed).answer for seed in range(VARIANTS)]
            # written without the digits in which processors differ
            assert [v["answer"] for v in variants] == pytest.approx(answers, rel=1e-11)

    def test_every_input_has_a_label(self, chapter, body):
        assert len(re.findall(r"<label>(?:<span>[^<]*</span> )?<input ", body)) == body.count(
            "<input "
        )


def test_prompts_are_escaped(page, monkeypatch):
    odd = Choice("odd", "Is 1 < 2 & `a < b`?", (RIGHT, Option("<i>no</i>", 'Say "yes".')))
    monkeypatch.setattr("scalelab.course.quiz.bank", lambda chapter: [odd])
    body = quiz("odd")._repr_mimebundle_()["text/html"]
    assert "Is 1 &lt;\u00a02 &amp; <code>a &lt; b</code>?" in body
    assert "<i>no</i>" not in body


def test_in_a_notebook_the_quiz_brings_its_script(notebook):
    body = quiz(BANKS[0])._repr_mimebundle_()["text/html"]
    assert body.startswith("<style>")
    assert "<script>" in body


def test_in_a_page_it_does_not(page):
    assert "<script>" not in quiz(BANKS[0])._repr_mimebundle_()["text/html"]


def test_answers_in_a_notebook_are_kept_and_shown_again(kept, notebook):
    name = bank("vertical")[0].name
    carrier = carrier_of("vertical")
    said = [{"question": name, "answer": "2", "right": False}]
    carrier.value = json.dumps(said)
    said.append({"question": name, "answer": "3", "right": True})  # two at once from a busy kernel
    said.append({"question": "of another quiz", "answer": "x", "right": True})
    carrier.value = json.dumps(said)
    answers = [(each["answer"], each["right"]) for each in kept.quiz("vertical")[name]]
    assert answers == [("2", False), ("3", True)]
    assert set(kept.quiz("vertical")) == {name}
    assert "2 answers so far, the last one right." in quiz("vertical").body


def test_the_page_of_the_book_keeps_nothing_of_a_build(kept, page):
    kept.answered("vertical", bank("vertical")[0].name, "2", True)
    assert "so far" not in quiz("vertical").body
