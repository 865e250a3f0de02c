"""What a function keeps is copied, put back for a while, and left as it was."""

import pytest

from scalelab.course.kept import Kept

total = 0
seen = [1]


def counting(value, more=[]):  # noqa: B006  # that is what is looked for
    global total
    total += value
    more.append(value)
    seen.append(value)
    return total, len(more), len(seen)


def nested():
    free = {}

    def inner(value):
        free[value] = value
        return len(free)

    return inner


def test_globals_and_defaults_are_put_back_and_then_as_they_were():
    before = Kept(counting)
    first = counting(2)
    with before.put_back() as other:
        assert other
        assert counting(2) == first
    assert counting(2) == (first[0] + 2, first[1] + 1, first[2] + 1)


def test_a_closure_is_put_back():
    inner = nested()
    before = Kept(inner)
    assert inner(1) == 1
    with before.put_back() as other:
        assert other
        assert inner(2) == 1
    assert inner(3) == 2


@pytest.mark.parametrize("answer", [len, 3, None, type("Made", (), {}), lambda value: value])
def test_what_keeps_nothing_is_no_other(answer):
    with Kept(answer).put_back() as other:
        assert not other


def test_what_cannot_be_copied_or_compared_is_left_alone():
    class Odd:
        def __deepcopy__(self, memo):
            raise ValueError

    def asks(value, odd=Odd()):  # noqa: B008
        return odd

    with Kept(asks).put_back() as other:
        assert not other


def test_what_a_class_keeps_is_put_back():
    class Older:
        made = 0

    class Counts(Older):
        def __init__(self):
            Older.made += 1
            Counts.last = Older.made
            seen.append(Older.made)

    before = Kept(Counts)
    Counts()
    with before.put_back() as other:
        assert other
        assert (Older.made, hasattr(Counts, "last")) == (0, False)
    assert (Older.made, Counts.last) == (1, 1)
