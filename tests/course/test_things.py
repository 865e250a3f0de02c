"""Objects and sets as answers: read kindly, refused by name, compared exactly."""

from dataclasses import dataclass

import numpy as np
import pytest

from scalelab.course.check import Lab
from scalelab.course.examine import examine
from scalelab.course.kinds import Maybe, Number, Parts, Text, Whole
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


def test_a_set_that_nobody_touched_has_not_changed():
    """A copy of a set may show its members in another order than the set itself."""
    lab = Lab("tiny")
    said = {"why": "It is counted.", "hint": "len", "hints": ("Count.", "len"), "explanation": ""}
    task = lab.exercise("union", "All names", SetOf(Text(), "name"), **said)

    @task.ask
    def ask(rng):
        names = [f"{a}{b}" for a, b in rng.choice(list("abcdefghijklm"), (8, 2)).tolist()]
        return set(names), {"more": frozenset(names[::-1])}

    @task.solve
    def union(names, table):
        return names | table["more"]

    verdict = examine(task, task.solution, range(200))
    assert verdict.passed
    assert "Take care" not in dict(verdict.lines)

    def spoiler(names, table):
        names.pop()
        return union(names, table)

    assert "`names`" in dict(examine(task, spoiler, range(5)).lines)["Take care"]


def test_a_misreading_that_answers_none_is_named():
    lab = Lab("tiny")
    said = {"why": "It is needed.", "hint": "//", "hints": ("Half.", "//"), "explanation": ""}
    task = lab.exercise("half", "Half of it, if it is even", Maybe(Whole()), **said)

    @task.ask
    def ask(rng):
        return (int(rng.integers(1, 100)),)

    @task.solve
    def half(number):
        return None if number % 2 else number // 2

    @task.misread("An even number can be large, too.")
    def small_ones(number):
        return number // 2 if number < 10 and number % 2 == 0 else None

    told = dict(examine(task, lambda n: half(n) if n < 10 else None).lines)
    assert told["Why it matters"] == "An even number can be large, too."
    assert told["Got"] == "None"


def test_a_misreading_that_is_wrong_where_the_answer_is_right_is_not_named():
    """Both answer None now and then; that alone does not make them the same mistake."""
    lab = Lab("tiny")
    said = {"why": "It is needed.", "hint": "//", "hints": ("Half.", "//"), "explanation": ""}
    task = lab.exercise("half", "Half of it, if it is even", Maybe(Whole()), **said)
    task.ask(lambda rng: (int(rng.integers(1, 100)),))
    task.solve(lambda number: None if number % 2 else number // 2)
    task.misread("It is never None.")(lambda number: None)
    told = dict(examine(task, lambda n: None if n % 2 or n > 80 else n // 2).lines)
    assert told["Why it matters"] == "It is needed."
    assert dict(examine(task, lambda number: None).lines)["Why it matters"] == "It is never None."


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda n: (100 * n / 7, n / 3), "per cent"),
        (lambda n: (round(n / 7, 3), n / 3), "rounded"),
        (lambda n: (n / 7, -n / 3), "sign"),
        (lambda n: (n / 3, n / 7), "changed places"),
        (lambda n: (n / 7, n / 4), "It is needed."),
    ],
)
def test_a_part_in_an_odd_form_is_named_as_a_number_is(answer, told):
    lab = Lab("tiny")
    said = {"why": "It is needed.", "hint": "/", "hints": ("Divide.", "/"), "explanation": ""}
    kind = Parts(seventh=Number(unit="ratio"), third=Number(unit="ratio"))
    task = lab.exercise("parts", "A seventh and a third", kind, **said)
    task.ask(lambda rng: (int(rng.integers(1, 100)),))
    task.solve(lambda number: (number / 7, number / 3))
    assert told in dict(examine(task, answer).lines)["Why it matters"]
