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
