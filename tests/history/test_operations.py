"""Operations: what is one, and when two are the same."""

import math
from collections.abc import Hashable

import numpy as np
import pytest
from history.values import DIFFERENT, SAME

from scalelab.history.operations import Operation


def read(value, key="x"):
    return Operation(client="ann", kind="get", key=key, value=value, invoked=1, responded=2)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_equal_values(one, other):
    assert read(one) == read(other)
    assert hash(read(one)) == hash(read(other))


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_values_that_differ(one, other):
    assert read(one) != read(other)


class Opaque:
    """Neither plain nor hashable."""

    __hash__ = None


class Unsure:
    """Equal to nobody knows what."""

    __hash__ = object.__hash__

    def __eq__(self, other):
        raise TypeError("maybe")


def circle():
    """Return a list that holds itself."""
    made = []
    made.append(made)
    return made


@pytest.mark.parametrize("wrap", [lambda v: v, lambda v: [v], lambda v: {"a": ("b", v)}])
@pytest.mark.parametrize("value", [math.nan, np.float32("nan"), np.datetime64("NaT", "s")])
def test_a_value_that_equals_nothing_is_refused(value, wrap):
    with pytest.raises(
        ValueError, match=r"Operation: value must be equal to itself, got (nan|NaT)"
    ):
        read(wrap(value))


def test_an_array_with_a_gap_is_refused():
    with pytest.raises(ValueError, match="value must be equal to itself, got nan"):
        read(np.array([1.0, math.nan]))


@pytest.mark.parametrize("value", [Opaque(), [Opaque()], {"a": Opaque()}, Unsure()])
def test_a_value_that_cannot_be_compared_is_refused_by_name(value):
    with pytest.raises(ValueError, match=r"value must be plain .* turn the (Opaque|Unsure) into"):
        read(value)


def test_a_value_that_contains_itself_is_refused():
    with pytest.raises(ValueError, match=r"value must not contain itself or .* got 'list'"):
        read(circle())


def test_a_tuple_that_holds_a_list_is_no_key():
    key = ("x", [2])
    assert isinstance(key, Hashable)  # so says Python of every tuple
    with pytest.raises(ValueError, match="key must be hashable and equal to itself"):
        read(1, key=key)
