import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.quantities import NBSP, column, number, percent, quantity, unparted, with_error


def spaced(text):
    return text.replace(NBSP, " ")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.0, "0"),
        (-0.0, "0"),
        (1_000, "1,000"),
        (-3, "−3"),
        (np.int64(20_000), "20,000"),
        (5.0, "5"),
        (-5.25, "−5.25"),
        (100.0, "100"),
        (16.66666, "16.67"),
        (9.99996, "10"),
        (99_999.6, "100,000"),
        (1_234_567.0, "1,234,567"),
        (0.1, "0.1"),
        (0.058824, "0.05882"),
        (0.00012346, "0.0001235"),
        (0.00001, "0.00001"),
        (0.00000012344, "1.234 × 10⁻⁷"),
        (1e15, "1 × 10¹⁵"),
        (float("inf"), "∞"),
        (float("nan"), "–"),
    ],
)
def test_number_by_hand(value, text):
    assert spaced(number(value)) == text


@given(value=st.floats(1e-5, 1e12))
def test_a_number_keeps_four_digits(value):
    assert float(number(value).replace(",", "")) == pytest.approx(value, rel=0.5e-3)


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([1000, 5570], ["1,000", "5,570"]),
        ([1000, 1001.0], ["1,000", "1,001"]),
        ([3.246, -2.074, 0.3318, -10.25], ["3.25", "−2.07", "0.33", "−10.25"]),
        ([5.0, 4.997], ["5.000", "4.997"]),
        ([2.362, 1.97], ["2.362", "1.970"]),
        ([0.5, 0.7], ["0.5", "0.7"]),
        ([1046.3, 0.05787], ["1,046.30", "0.06"]),
        ([20.0, -2e-14], ["20", "0"]),
        (["none", 3.5], ["none", "3.5"]),
        ([True, False], ["True", "False"]),
        ([], []),
        ([1e-9, 2e-9], ["1 × 10⁻⁹", "2 × 10⁻⁹"]),
        ([math.inf, 2.5], ["∞", "2.5"]),
    ],
)
def test_a_column_is_set_alike(values, texts):
    assert [spaced(text) for text in column(values)] == texts


@given(values=st.lists(st.floats(0.01, 1e6), min_size=1, max_size=6))
def test_a_column_has_as_many_decimals_everywhere(values):
    assert len({len(text.partition(".")[2]) for text in column(values)}) == 1


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (3.27912, 0.02613, "3.279 ± 0.026"),
        (1046.3, 12.4, "1,046 ± 12"),
        (-0.5, 0.1, "−0.50 ± 0.10"),
        (12.0, 0.0, "12"),
    ],
)
def test_a_value_is_rounded_to_its_error(value, error, text):
    assert spaced(with_error(value, error)) == text


def test_a_quantity_does_not_part():
    assert quantity(85, "ms") == f"85{NBSP}ms"
    assert quantity(-20.5, "$") == "−$20.5"
    assert percent(0.9) == f"90{NBSP}%"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("takes 85 ms and 3.6 % of 2 × 4", "takes 85_ms and 3.6_% of 2_×_4"),
        ("see section 3 or chapter 12", "see section_3 or chapter_12"),
        ("5 members", "5 members"),
        ("at 1,000 requests/s", "at 1,000_requests/s"),
        ("10 minutes, 3 GB, 2 million users", "10_minutes, 3_GB, 2_million_users"),
        ("± 3 or ≤ 4", "±_3 or ≤_4"),
        ("with kappa = 0.0005, where x = y", "with kappa_=_0.0005, where x = y"),
    ],
)
def test_what_stays_together(text, kept):
    assert unparted(text).replace(NBSP, "_") == kept


@given(text=st.text(alphabet="a1 %×ms.=", max_size=30))
def test_nothing_but_spaces_changes(text):
    once = unparted(text)
    assert unparted(once) == once
    assert spaced(once).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("reads to writes 1 : 100", "reads to writes 1_:_100"),
        ("M/G/∞", "M/G/\u2060∞"),
        ("± standard error", "±_standard error"),
        ("note: 3 of 4", "note: 3 of 4"),
    ],
)
def test_no_line_ends_within_a_ratio_or_the_name_of_a_queue(text, kept):
    assert unparted(text).replace(NBSP, "_") == kept


def test_a_rate_stands_close_to_its_number():
    assert quantity(1_000, "/s") == "1,000/s"
