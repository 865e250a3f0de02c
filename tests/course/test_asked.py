import pytest

from scalelab.course.asked import Asked, Judged
from scalelab.course.contents import CHAPTERS
from scalelab.course.quiz import Choice, Numeric, Option, Trap, Variant, bank, mixed_options

OPTIONS = tuple(Option(t, f"About {t}.", right=t in "24") for t in "1234")
MANY = Asked(chapter="c", question=Choice("even", "Which are even?", OPTIONS, many=True), seed=0)
ONE = Asked(chapter="c", question=Choice("two", "What is 1 + 1?", OPTIONS[:3]), seed=0)
LETTERS = {o.text: "abcd"[i] for i, o in enumerate(mixed_options(MANY.question))}


def draw(rng):
    return Variant("How many?", 50.0, "Ten times five.", (Trap(15.0, "You added."),))


NUMBER = Asked(chapter="c", question=Numeric("product", draw), seed=5)


@pytest.mark.parametrize("form", ["{}{}", "{} {}", "{}, {}", "{} and {}", "{}) {})"])
def test_letters_are_read_kindly(form):
    typed = form.format(LETTERS["4"], LETTERS["2"]).upper().replace("AND", "and")
    judged = MANY.judge(typed)
    assert judged.right
    assert {"About 2.", "About 4."} == {f"{part}." for part in judged.feedback[:-1].split(". ")}


def test_what_is_missing_is_told():
    judged = MANY.judge(LETTERS["2"])
    assert not judged.right
    assert judged.feedback == f"About 2. Right is {LETTERS['4']}: About 4."
    assert not MANY.judge("abcd").right


@pytest.mark.parametrize("typed", ["", "e", "1", "all"])
def test_what_is_no_letter_is_asked_again(typed):
    assert MANY.judge(typed) == "Type letters from a to d."


def test_one_letter_where_one_is_right():
    assert ONE.judge("ab") == "Type one letter."
    assert ONE.judge("z") == "Type a letter from a to c."


@pytest.mark.parametrize("typed", ["50", "50.9", "49,1", "50 requests"])
def test_a_number_within_the_tolerance_is_right(typed):
    assert NUMBER.judge(typed).right
    assert NUMBER.judge(typed).feedback == "Ten times five."


def test_a_trap_has_its_words_before_the_solution():
    wrong = Judged(answer="15.0", right=False, feedback="You added. Ten times five.")
    assert NUMBER.judge("15") == wrong
    assert NUMBER.judge("7").feedback == "Ten times five."
    assert NUMBER.judge("many") == "Type a number; a unit may follow."


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_question_can_be_answered_rightly(chapter):
    for question in bank(chapter):
        asked = Asked(chapter=chapter, question=question, seed=20_000)
        assert all(line.strip() for line in asked.lines())
        if isinstance(question, Numeric):
            right = f"{question.variant(20_000).answer:.12g}"
        else:
            options = mixed_options(question)
            right = "".join("abcdefghij"[i] for i, o in enumerate(options) if o.right)
        assert asked.judge(right).right
        assert 0 < len(asked.judge(right).answer) <= 200
