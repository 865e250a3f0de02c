import pytest
from support.typed import TYPED

from scalelab.course.typed_number import typed_number


@pytest.mark.parametrize(("text", "value"), TYPED.items(), ids=map(repr, TYPED))
def test_it_reads_as_the_page_does(text, value):
    assert typed_number(text) == value


@pytest.mark.parametrize("text", ["1_000", "١٢", "Infinity", "NaN", "+-5"])
def test_what_only_python_takes_for_a_number_is_none(text):
    assert typed_number(text) is None
