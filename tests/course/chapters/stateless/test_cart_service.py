import numpy as np
import pytest

from scalelab.course.chapters.stateless import cart_service as carts

# what each trial must give: memory at random, memory with affinity, token, store
EXPECTED = {
    "ordinary traffic": (1 / 9, 1, 1, 1),  # all three requests on one server
    "one of three servers dies": (None, 2 / 3, 1, 1),
    "a deployment": (0, 0, 1, 1),
    "a fourth server": (1 / 12, 1, 1, 1),
    "the store dies": (1 / 9, 1, 1, 0),
    "log out, copied credential": (1 / 3, 1, 0, 1),
}


def fresh(style, seed=3):
    return carts.CartService(style, np.random.default_rng(seed))


@pytest.mark.parametrize("trial", EXPECTED)
def test_every_trial_on_every_style(trial):
    for style, expected in zip(carts.STYLES, EXPECTED[trial], strict=True):
        service = fresh(style)
        found = carts.TRIALS[trial](service)
        service.balancer.check_invariants()
        service.state.check_invariants()
        if expected is not None:
            tolerance = 0.09 if 0 < expected < 1 else 0  # four standard errors of 300 users
            assert found == pytest.approx(expected, abs=tolerance), style


def test_the_table_has_all_trials():
    text = carts.trial_table().text
    assert all(trial in text for trial in carts.TRIALS)


def test_an_unknown_style_is_named():
    with pytest.raises(ValueError, match=r"CartService: style must be one of .* got 'cookie'"):
        fresh("cookie")
