"""Questions with options, read from text."""

import pytest

from scalelab.course.quiz import Choice, Option
from scalelab.course.quiz_text import choice


def test_marks_begin_options_and_feedback_and_lines_go_on_until_the_next():
    question = choice(
        "sign",
        """
        What is 3 - 4? It is
        less than nothing.
        - 1, or - as some say -
          no +1.
        : The sign is turned: it is
          3 - 4, not 4 - 3.
        + -1.
        : Four are taken
          from three.
        """,
    )
    assert question == Choice(
        "sign",
        "What is 3 - 4? It is less than nothing.",
        (
            Option("1, or - as some say - no +1.", "The sign is turned: it is 3 - 4, not 4 - 3."),
            Option("-1.", "Four are taken from three.", right=True),
        ),
    )


def test_several_may_be_chosen_where_several_are_right():
    right = "+ Two.\n: It divides.\n- Five.\n: It does not.\n"
    assert not choice("divisors", f"Of six?\n{right}").many
    assert choice("divisors", f"Of six?\n{right}+ Three.\n: It divides, too.").many


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "?\n+ Yes.",
            r"choice: text of q must have a feedback behind each option, got the marks \+",
        ),
        ("?\n: So it is.\n+ Yes.\n: Yes.", r"each option, got the marks :\+:"),
        ("?\n+ Yes.\n: So it is.\n: Really.", r"each option, got the marks \+::"),
        ("?\n- Yes.\n: It is not.", "options of q must hold exactly one right option, got 0"),
        ("No option at all?", "options of q must hold exactly one right option, got 0"),
    ],
)
def test_a_question_that_is_not_whole_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        choice("q", text)


def test_a_question_names_the_part_of_the_page_that_has_its_answer():
    text = "How many?\n+ One.\n: There is only one.\n- Two.\n: One is counted twice."
    assert choice("n", text).section == ""
    assert choice("n", text, section="1. Numbers").section == "1. Numbers"
