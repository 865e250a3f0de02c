import json

import numpy as np
import pytest

from scalelab.course.predict import GuessError, predict


def guessed(**given):
    return predict("gain", "How much faster?", **({"unit": "×"} | given))


def text(result):
    return result._repr_mimebundle_()["text/plain"]


@pytest.mark.parametrize(
    "given",
    [
        {"guess": 5, "low": 1},
        {"guess": 5, "high": 9},
        {"low": 1, "high": 2},
        {"guess": 5, "low": 1, "high": float("inf")},
        {"guess": float("nan"), "low": 1, "high": 9},
        {"guess": "ten", "low": 1, "high": 20},
        {"guess": True, "low": 0, "high": 2},
        {"guess": [5], "low": 1, "high": 9},
    ],
    ids=str,
)
def test_a_part_that_is_no_number_is_named(kept, given):
    with pytest.raises(
        ValueError, match=r"predict: (guess|low|high) must be finite, got .*; (give both|a range)"
    ):
        guessed(**given)
    assert kept.load()["predictions"] == {}


@pytest.mark.parametrize("guess", [0.5, 21])
def test_a_guess_outside_its_own_range_is_refused(kept, guess):
    with pytest.raises(ValueError, match=rf"guess must lie between low=1 .* high=20, got {guess}"):
        guessed(guess=guess, low=1, high=20)
    assert kept.load()["predictions"] == {}


def test_numbers_of_numpy_are_numbers(kept):
    guessed(guess=np.int64(5), low=np.float32(1), high=np.float64(20))
    assert json.loads(kept.path.read_text())["predictions"]["gain"]["guess"] == 5.0


@pytest.mark.parametrize("actual", [float("nan"), float("inf"), "16", None, [16.0]], ids=str)
def test_what_came_out_must_be_a_number(kept, actual):
    with pytest.raises(ValueError, match=r"compare: actual must be finite, got"):
        guessed(guess=10, low=5, high=20).compare(actual)


@pytest.mark.parametrize(
    ("actual", "sentence"),
    [
        (16.0, "the range 5 to 20 held, the guess was off by a factor of 1.6."),
        (4.0, "the range 5 to 20 did not hold, the guess was off by a factor of 2.5."),
        (20.0, "the range 5 to 20 held, the guess was off by a factor of 2."),
        (5.0, "the range 5 to 20 held, the guess was off by a factor of 2."),
        (10.0, "the range 5 to 20 held."),
        (0.0, "the range 5 to 20 did not hold."),
    ],
)
def test_the_comparison_in_words(kept, actual, sentence):
    result = text(guessed(guess=10, low=5, high=20).compare(actual))
    assert result == f"The run gives {actual:g} ×; the guess was 10, {sentence}"


def test_both_are_kept(kept):
    guessed(guess=10, low=5, high=20).compare(16.0)
    entry = {"guess": 10.0, "low": 5.0, "high": 20.0, "unit": "×", "actual": 16.0}
    assert kept.load()["predictions"] == {"gain": entry}


def test_the_first_guess_counts_and_a_second_is_told_so(kept):
    guessed(guess=10, low=5, high=20)
    second = guessed(guess=16, low=16, high=16)
    assert second.guess == 10
    assert "Your first guess is the one that counts." in repr(second)
    assert text(second.compare(16.0)).startswith("The run gives 16 ×; the guess was 10, the range")
    assert kept.load()["predictions"]["gain"]["guess"] == 10


def test_a_guess_with_the_answer_known_does_not_count(kept):
    kept.measured("gain", 16.0)
    late = guessed(guess=16, low=16, high=16)
    assert "does not count" in text(late.compare(16.0))
    assert "guess" not in kept.load()["predictions"]["gain"]
    assert kept.calibration().guesses == 0


def test_a_page_has_the_result_which_its_build_keeps_shut(kept, page):
    bundle = guessed().compare(16)._repr_mimebundle_()
    assert ">The run gives 16\u00a0×.</p>" in bundle["text/html"]
    assert bundle["text/plain"] == "The run gives 16 ×."


def test_a_guess_needs_no_range(kept):
    bare = guessed(guess=10)
    assert repr(bare) == "How much faster? Guess: 10 ×"
    assert text(bare.compare(16)) == (
        "The run gives 16 ×; the guess was 10, the guess was off by a factor of 1.6."
    )
    assert kept.load()["predictions"]["gain"] == {"guess": 10.0, "unit": "×", "actual": 16.0}


def test_without_a_guess_the_result_waits_and_the_notebook_goes_on(kept):
    asked = guessed()
    assert "Put your guess into the cell" in repr(asked)
    assert text(asked.compare(16)) == "The result waits for your guess."
    assert kept.load()["predictions"] == {}


def test_no_unit_leaves_no_gap(kept):
    assert text(guessed(guess=16, low=5, high=20, unit="").compare(16)).startswith(
        "The run gives 16; "
    )


def test_the_form_asks_for_one_number_offers_a_range_and_escapes_the_question(kept, page):
    form = predict("a", 'Is it "<5"?')._repr_mimebundle_()["text/html"]
    first, rest = form.split("<details>")
    assert first.count("<input ") == first.count("<label>") == 1
    assert rest.count("<input ") == rest.count("<label>") == 2
    assert "nine in ten of your ranges hold" in rest
    assert 'class="sl-show">Show me</button>' in first
    assert "Is it &quot;&lt;5&quot;?" in form
    assert '<button type="submit">' in form


def test_a_notebook_shows_the_sentence_of_a_bad_guess_and_not_our_lines(kept):
    with pytest.raises(GuessError) as caught:
        guessed(guess=30, low=1, high=20)
    assert caught.value._render_traceback_() == [str(caught.value)]
