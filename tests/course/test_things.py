"""Objects and sets as answers: read kindly, refused by name, compared exactly."""

from dataclasses import dataclass

import numpy as np
import pytest

from scalelab.course.kinds import Text
from scalelab.course.things import SetOf, Thing, in_order
from scalelab.course.values import NotThatError


@dataclass(frozen=True)
class Offer:
    name: str
    cores: int


OFFER, NAMES = Thing(Offer, "an offer of the list"), SetOf(Text(), "name")


def test_an_object_of_the_class_passes_as_it_is():
    offer = Offer("small", 2)
    assert OFFER.read(offer) is offer
    assert OFFER.same(offer, Offer("small", 2))
    assert not OFFER.same(offer, Offer("small", 4))
    assert OFFER.difference(offer, Offer("large", 8)) == (
        "Offer(name='large', cores=8)",
        "Offer(name='small', cores=2)",
    )


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("small", "This is a name"),
        (None, "Nothing came back"),
        (Offer, "This is a function"),
        ([Offer("small", 2)], "wrapped in a list of one"),
        (np.array([1, 2]), "an offer of the list, and this is none"),
        (3, "an offer of the list, and this is none"),
        (np.array(3.5), "an offer of the list, and this is none"),
    ],
)
def test_what_is_no_such_object_is_refused_by_name(value, why):
    with pytest.raises(NotThatError) as refused:
        OFFER.read(value)
    assert why in refused.value.why
    assert refused.value.asked == "an offer of the list"


def test_an_object_that_equals_everything_does_not_pass():
    class Agreeable(Offer):
        def __eq__(self, other):
            return True

        __hash__ = None

    with pytest.raises(NotThatError):
        OFFER.read(Agreeable("small", 2))


def test_sets_of_both_types_are_the_same_value():
    assert NAMES.read({"a", "b"}) == NAMES.read(frozenset("ba"))
    assert NAMES.same(NAMES.read({np.str_("a")}), frozenset("a"))
    assert NAMES.difference(frozenset("ab"), frozenset("ac")) == ("{'a', 'c'}", "{'a', 'b'}")
    assert in_order(frozenset()) == "{}"


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (None, "Nothing came back"),
        ("a", "This is one name"),
        (["a"], "`set(...)`"),
        (("a", "b"), "`set(...)`"),
        ({"a": 1}, "and this is none"),
        ({1}, "and this is none"),
        (np.array(3.5), "and this is none"),
    ],
)
def test_what_is_no_set_is_refused_by_name(value, why):
    with pytest.raises(NotThatError) as refused:
        NAMES.read(value)
    assert why in refused.value.why
