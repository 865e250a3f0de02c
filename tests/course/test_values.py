"""Values in a few words, whatever they make of themselves."""

import numpy as np
import pytest

from scalelab.course.values import refused, short, unwrapped


class Rude:
    """Its text cannot be had."""

    def __repr__(self):
        raise RuntimeError


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        ("a", "'a'"),
        (Rude(), "a Rude that cannot be shown"),
        (10**5000, "a int that cannot be shown"),
        (np.zeros((2, 2)), "array([[0., 0.], [0., 0.]])"),
    ],
    ids=["number", "text", "rude", "huge", "rows"],
)
def test_any_value_has_a_text(value, text):
    assert short(value) == text


def test_a_long_text_is_cut():
    assert len(short("x" * 10**6)) == 160
    assert short("x" * 100, 20).endswith("…")


@pytest.mark.parametrize("value", [np.float64(2.5), np.array(2.5)])
def test_numpy_has_pythons_numbers_in_it(value):
    assert type(unwrapped(value)) is float


def test_what_is_masked_is_nothing():
    assert unwrapped(np.ma.masked) is None


@pytest.mark.parametrize("value", [b"text", bytearray(b"text")])
def test_bytes_for_a_text_are_told_how_to_become_one(value):
    assert ".decode()" in refused("a text", value, value).why


def test_a_yes_or_a_no_for_each_item_is_no_number():
    for value in ([True], [True, False], np.array([True])):
        assert "a yes or a no for each item" in refused("a number", value, value).why
    assert "wrapped in a list of one" in refused("a number", [1.0], [1.0]).why
