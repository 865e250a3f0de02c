import numpy as np
import pytest

from scalelab.course.chapters.sticky_sessions import imbalance


@pytest.mark.parametrize("tail", imbalance.TAILS)
def test_no_tail_comes_near_the_example(tail):
    peaks = [imbalance.sticky_peak(np.random.default_rng(s), tail) for s in range(20)]
    assert max(peaks) < 1.12


def test_three_causes_make_the_guides_counts():
    causes = (
        imbalance.after_restarts(np.random.default_rng(2026)),
        imbalance.behind_addresses(first=imbalance.FIRST_ADDRESS),
        imbalance.on_a_bare_ring(),
    )
    for counts in causes:
        assert counts == [pytest.approx(guide, abs=30) for guide in imbalance.GUIDE]
    text = imbalance.cause_table().text
    assert "1.875" in text
    assert text.count("\n") == 5


def test_one_address_that_holds_all_or_nobody():
    assert imbalance.hot_address_share(0.0) == pytest.approx(1 / 3)
    assert imbalance.hot_address_share(1.0) == 1
    assert imbalance.address_for(imbalance.hot_address_share(0.2)) == pytest.approx(0.2)


def test_the_shorter_of_two_pareto_lengths_by_drawing():
    rng = np.random.default_rng(5)
    lengths = 1 + rng.pareto(3.5, (200_000, 2))
    share = lengths.min(axis=1).mean() / lengths.mean()
    assert share == pytest.approx(imbalance.shorter_pareto(3.5), abs=0.005)
    assert imbalance.shorter_pareto(1.5) == 0.5
