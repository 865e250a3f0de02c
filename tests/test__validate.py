import numpy as np
import pytest

from scalelab import _validate as v


def message(*arguments, **more):
    with pytest.raises(ValueError, match="must") as caught:
        v.refuse(*arguments, **more)
    return str(caught.value)


def test_a_text_of_the_caller_has_quotes_and_words_of_ours_have_none():
    assert message("f", "n", "be small", "over 9") == "f: n must be small, got 'over 9'"
    assert message("f", "n", "be small", v.Words("over 9")) == "f: n must be small, got over 9"
    assert message("f", "n", "be small", 9, "halve it") == "f: n must be small, got 9; halve it"


@pytest.mark.parametrize(
    ("call", "got"),
    [
        (lambda: v.vector("f", "x", [[1.0, 2.0]]), "got shape (1, 2)"),
        (lambda: v.generator("f", 1), "got int; pass np.random.default_rng(SEED)"),
        (lambda: v.positive("f", "x", range(20_000_000)), "got 20,000,000"),
    ],
)
def test_what_the_checks_say_of_a_value_has_no_quotes(call, got):
    with pytest.raises(ValueError, match="must") as caught:
        call()
    assert str(caught.value).endswith(got)


def test_whatever_a_value_makes_of_itself_is_short():
    class Rude:
        def __str__(self):
            raise RuntimeError("no")

    assert message("f", "x", "be kind", Rude()) == "f: x must be kind, got a value of type Rude"
    assert len(message("f", "x", "be short", np.arange(1_000))) < 100


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (2**53 + 1, "be at most 2**53 where it is whole"),
        ([1, -(2**53) - 1], "be at most 2**53 where it is whole"),
        (np.array([2**60], np.uint64), "be at most 2**53 where it is whole"),
        (10**400, "be finite"),
        (np.ma.array([1.0, 2.0], mask=[0, 1]), "hold no masked values"),
        (np.ma.masked, "hold no masked values"),
        (range(10**12), "hold at most 10,000,000 numbers"),
        (range(10**20), "hold at most 10,000,000 numbers"),
    ],
    ids=str,
)
def test_what_would_become_another_number_is_refused(value, rule):
    with pytest.raises(ValueError, match=r"f: x must") as caught:
        v.positive("f", "x", value)
    assert rule in str(caught.value)


@pytest.mark.parametrize("value", [2**53, -(2**53), np.int64(2**53), np.float16(0.5)])
def test_what_a_float_holds_is_taken(value):
    assert float(v.vector("f", "x", [value])[0]) == float(value)


@pytest.mark.parametrize("whole", [2**53 + 1, 10**400])
def test_a_count_has_an_end(whole):
    with pytest.raises(ValueError, match=r"f: n must be an integer of at most 2\*\*53, got"):
        v.count("f", "n", whole)
    assert v.count("f", "n", 7, maximum=7) == 7
    with pytest.raises(ValueError, match="of at most 7, got 8"):
        v.count("f", "n", 8, maximum=7)


def test_no_zero_is_negative():
    assert str(v.scalar_or_array(-0.0)) == "0.0"
    assert not np.signbit(v.scalar_or_array(np.array([-0.0, 1.0]))).any()


@pytest.mark.parametrize("value", [1, 2.5, 1e300, 2**53, np.float32(0.5), np.int64(3)])
def test_a_number_is_a_float_whatever_it_came_as(value):
    assert type(v.number("f", "x", value)) is float
    assert v.number("f", "x", value) == value == v.number("f", "x", value, minimum=0)


@pytest.mark.parametrize(
    "value", [0, 0.0, -1, np.inf, np.nan, 2**53 + 1, True, "1", None, [2.0, 3.0]]
)
def test_what_is_no_number_above_zero_is_refused(value):
    with pytest.raises(ValueError, match="f: x must be"):
        v.number("f", "x", value)


@pytest.mark.parametrize("value", [-1e-9, -np.inf, np.inf, np.nan, -1])
def test_what_is_below_the_minimum_is_refused(value):
    assert v.number("f", "x", 0, minimum=0) == v.number("f", "x", 0.0, minimum=-1) == 0.0
    with pytest.raises(ValueError, match="f: x must be finite and >= 0"):
        v.number("f", "x", value, minimum=0)
