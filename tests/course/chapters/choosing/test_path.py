import pytest

from scalelab.course.chapters.choosing import experiments as choosing
from scalelab.course.chapters.choosing import path as choosing_path
from scalelab.plotting import canvas


def test_the_explorers_say_what_they_draw():
    _, ax = canvas()
    assert "2 rows match; vertical has most." in choosing.draw_card(ax, 2)
    assert "a tie of horizontal and vertical" in choosing.draw_card(ax, 9)
    with pytest.raises(ValueError, match="draw_card: card must be"):
        choosing.draw_card(ax, 0)
    _, ax = canvas()
    assert "57.87 requests/s at the peak; one small server" in choosing_path.draw_users(
        ax, 100_000, 50
    )
    assert "one larger server does it" in choosing_path.draw_users(ax, 2_000_000, 50)
    assert "83 small servers" in choosing_path.draw_users(ax, 100_000_000, 50)
    _, ax = canvas()
    assert "vertical first 65 %, horizontal only 0 %" in choosing_path.draw_plans(ax, 6, 100)


def test_growth_doubles_when_it_says():
    rates = choosing_path.growth(6)
    assert rates.size == 36
    assert rates[[0, 6, 12]].tolist() == pytest.approx([100, 200, 400])


def test_nothing_beats_hindsight():
    for usd_per_node in (0, 100, 2_000):
        found = choosing_path.plans(6, usd_per_node=usd_per_node)
        best = found.pop("best in hindsight")
        assert all(plan.regret(best) >= -1e-12 for plan in found.values())
