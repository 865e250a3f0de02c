"""What an exercise asks for: many types are read as one, and what cannot be read is named."""

from collections import deque
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from scalelab.course.kinds import Bytes, Data, ListOf, Maybe, Number, Parts, Text, Truth, Whole
from scalelab.course.values import NotThatError

PAIR = Parts(low=Number(), count=Whole())
NAMED = Parts(name=Text(), count=Whole())
READ = [
    (Number(), [2, 2.0, np.int64(2), np.float32(2), Fraction(2), Decimal(2), np.array(2.0)], 2.0),
    (Number(), [10**400], float("inf")),
    (Whole(), [3, 3.0, np.int8(3), np.float64(3), Fraction(3), np.array(3)], 3),
    (Truth(), [True, np.True_, 1, np.int64(1), 1.0], True),
    (Text(), ["a", np.str_("a")], "a"),
    (Bytes(), [b"ab", bytearray(b"ab"), memoryview(b"ab")], b"ab"),
    (Maybe(Number()), [None], None),
    (Maybe(Number()), [1, np.int64(1)], 1.0),
    (ListOf(Whole()), [[1, 2], (1, 2), np.array([1, 2]), pd.Series([1, 2]), deque([1, 2])], [1, 2]),
    (PAIR, [(1.5, 2), [1.5, 2], np.array([1.5, 2.0])], (1.5, 2)),
    (Data(), [{"a": (1, 2)}, {"a": np.array([1, 2])}], {"a": [1, 2]}),
    (Data("anything", object), [None], None),
]


@pytest.mark.parametrize(
    ("kind", "value", "form"), [(k, v, form) for k, values, form in READ for v in values]
)
def test_every_type_that_means_the_same_is_read(kind, value, form):
    read = kind.read(value)
    assert read == form
    assert type(read) is type(form)
    assert kind.same(read, form)


REFUSED = [
    (Number(), None, "`return`"),
    (Number(), "2.5", "text"),
    (Number(), True, "yes or a no"),
    (Number(), [2.5], "wrapped"),
    (Number(), np.ma.masked, "none"),
    (Number(), 1j, "none"),
    (Number(), len, "function"),
    (Whole(of="servers"), 2.5, "Part of one of the servers cannot be had"),
    (Whole(of="hits"), 0.4, "share of a whole"),
    (Whole(of="hits"), 1.4, "another of the numbers"),
    (ListOf(Whole()), range(10**6), "1,000,000 items"),
    (Data("anything", object), [[0] * 10**6], "1,000,000 items"),
    (Data("names", list), {1, 2}, "A set has no order"),
    (Data("names", list), {1: 2}.keys(), "`list(...)`"),
    (Parts(a=Whole(), b=Number(), c=Number()), (1.5, 2, 3), "The order is a, b, c."),
    (Whole(), float("nan"), "0/0 or inf - inf"),
    (Whole(), float("inf"), "infinite"),
    (Whole(), 2.5, "round, and think"),
    (Number(), float("nan"), "0/0 or inf - inf"),
    (Whole(), None, "`return`"),
    (Truth(), 2, "yes or no"),
    (Truth(), "True", "yes or no"),
    (Truth(), None, "`return`"),
    (Text(("up", "down")), "left", "not on the list"),
    (Text(), 3, "none"),
    (Bytes(), "text", "none"),
    (ListOf(Number()), None, "`return`"),
    (ListOf(Number()), 3, "none"),
    (ListOf(Number()), "abc", "none"),
    (ListOf(Number()), {1.0, 2.0}, "no order"),
    (ListOf(Number()), (n for n in (1.0,)), "generator"),
    (ListOf(Number(), "step"), [1.0, None], "This step has no answer"),
    (PAIR, (1.0, 2, 3), "These are 3"),
    (PAIR, (1.0, 2.5), "round, and think"),
    (NAMED, (3, "a"), "changed places: first name"),
    (NAMED, ("a", None), "`return`"),
    (Maybe(NAMED), (None, 3), "return None itself"),
    (Maybe(NAMED), ("a", 2.5), "round, and think"),
    (Text(), ("wait",), "tuple of texts"),
    (Text(), [3], "wrapped"),
    (Data(), [1, 2], "none"),
    (Data(), {"a": object()}, "no plain data"),
]


@pytest.mark.parametrize(("kind", "value", "words"), REFUSED)
def test_what_cannot_be_read_is_named(kind, value, words):
    with pytest.raises(NotThatError) as refused:
        kind.read(value)
    assert words in refused.value.why
    assert refused.value.asked


def test_the_place_of_a_bad_item_is_named():
    with pytest.raises(NotThatError) as refused:
        ListOf(Truth(), "probe").read([True, "x"])
    assert refused.value.asked == "True or False for probe 2"
    with pytest.raises(NotThatError) as refused:
        PAIR.read([None, 2])
    assert refused.value.asked == "low: a number"


def test_data_that_holds_itself_is_refused():
    loop: dict = {}
    loop["self"] = loop
    with pytest.raises(NotThatError, match="asked for"):
        Data().read(loop)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        (Number(), 1.0, 1.00001),
        (Number(), 0.0, float("nan")),
        (Whole(), 3, 4),
        (Truth(), True, False),
        (Text(), "a", "b"),
        (Bytes(), b"a", b"b"),
        (Maybe(Number()), None, 0.0),
        (ListOf(Whole()), [1, 2], [1]),
        (ListOf(Whole()), [1, 2], [1, 3]),
        (PAIR, (1.0, 2), (1.0, 3)),
        (Data(), {"a": 1}, {"a": True}),
        (Data(), {"a": 1}, {"a": "1"}),
        (Data(), {"a": [1]}, {"a": [1, 2]}),
    ],
)
def test_what_differs_is_not_the_same_and_is_shown(kind, one, other):
    assert kind.same(one, one)
    assert not kind.same(other, one)
    expected, got = kind.difference(other, one)
    assert expected != got


def test_numbers_that_look_alike_get_digits_enough():
    expected, got = Number().difference(1.00000234, 1.0)
    assert (expected, got) == ("1", "1.00000234")


def test_a_list_counts_its_items_as_the_page_does():
    assert ListOf(Whole(), "room", first=0).difference([1, 2], [1, 3])[0] == "3 for room 1"
    assert ListOf(Whole(), "room").difference([1, 2], [1, 3])[0] == "3 for room 2"


def test_short_lists_of_other_lengths_are_shown():
    kind = ListOf(Text())
    assert kind.difference(["a"], []) == ("a list of 0", "a list of 1: ['a']")
    assert kind.difference(["a"], ["b"] * 99) == ("a list of 99", "a list of 1: ['a']")
