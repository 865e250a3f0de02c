"""Users, ceilings and single steps."""

import numpy as np
import pytest

from scalelab.course.chapters.progressive_path import experiments, tasks
from scalelab.course.chapters.progressive_path.experiments import GROWN, SHOP
from scalelab.planner.next_remedy import sized_for_per_s
from scalelab.planner.remedy_menu import RemedyMenu
from scalelab.planner.system_plan import plan_system
from scalelab.planner.system_prices import Prices
from scalelab.plotting import canvas


def test_the_picture_is_drawn():
    assert len(experiments.path_picture().axes) == 1


def test_a_load_by_hand():
    assert experiments.peak_of(86_400, 0.5, 10, 3) == pytest.approx(15)
    shop = experiments.peak_of(1_728_000, *experiments.HABITS.values())
    assert shop == pytest.approx(1_000)


def test_products_differ_a_thousandfold():
    text = experiments.products_table().text
    assert "sensors, a report every 10 s | 1,000.0 | 10" in text
    assert "a news page | 0.7 | 14,400" in text


def test_the_words_of_the_habits():
    _, ax = canvas()
    said = experiments.draw_habits(ax, 0.2, 50, 5)
    assert "10,000 users make 5.787\u00a0requests/s" in said
    assert not tasks.BUSY_USERS.right(0.2, 50, 5)
    assert tasks.BUSY_USERS.right(1.0, 8_640, 1)
    assert tasks.BUSY_USERS.right(0.2, 8_640, 5)
    assert not tasks.BUSY_USERS.right(1.0, 1_440, 5)


@pytest.mark.parametrize("system", [SHOP, GROWN])
def test_how_busy_the_parts_are_is_what_the_planner_says(system):
    found = experiments.busy(system, [120.0])
    tiers = {t.tier: t.utilisation for t in plan_system(experiments.at_rate(system, 120)).tiers}
    assert found["app server"][0] == pytest.approx(tiers["app"])
    assert found["database"][0] == pytest.approx(tiers["primary"])


def test_each_line_has_its_dots():
    _, axes = canvas(2)
    dot = {100: {"app server": 0.5, "database": 0.3}}
    experiments.plot_busy(axes, {"a": SHOP, "b": GROWN}, {"a": dot, "b": dot})
    assert [len(ax.lines) for ax in axes] == [5, 5]


def test_the_road_alternates_between_the_parts():
    lines = experiments.road_table().text.splitlines()
    assert len(lines) == 7
    assert lines[1].startswith("137 | app | servers of 4 cores")
    assert lines[2].startswith("229 | primary | ")


def test_a_step_at_the_part_that_is_not_full_carries_nothing_more():
    now = sized_for_per_s(GROWN)
    steps = {step.name: step for step in experiments.single_steps(GROWN)}
    for name in ("a second app server", "twice the app cores", "optimised app code"):
        assert steps[name].carries_per_s == pytest.approx(now)
        assert steps[name].usd_more > 0
    assert steps["twice the database cores"].carries_per_s > 1.1 * now
    server = GROWN.app.cores * 35 + 25 + 20  # and a balancer
    assert steps["a second app server"].usd_more == pytest.approx(server + 8 * 600 / 12)
    assert steps["twice the database cores"].usd_more == pytest.approx(2 * 90)


def test_other_prices_are_used():
    dear = Prices(engineer_day_usd=1_200)
    usd = [
        next(s.usd_more for s in experiments.single_steps(GROWN, p) if s.name == "two shards")
        for p in (None, dear)
    ]
    assert usd[1] - usd[0] == pytest.approx(60 * 600 / 12)
    assert "$1,200" in experiments.prices_table(dear, RemedyMenu()).body
    assert experiments.spread_usd(8, Prices()) == pytest.approx(400)


def test_what_carries_nothing_is_red():
    _, ax = canvas()
    steps = experiments.single_steps(GROWN)
    experiments.plot_steps_taken(ax, steps, sized_for_per_s(GROWN))
    assert len(ax.patches) == len(steps)
    assert len({patch.get_edgecolor() for patch in ax.patches}) == 2
    widths = [patch.get_width() for patch in ax.patches]
    assert np.all(np.diff(widths) >= -1e-9)


def test_the_words_of_the_shop_and_the_planner():
    assert "10 ms of work for the app server, which has 2 cores" in experiments.shop_in_words()
    assert "Two cores count as 1.96" in experiments.sized_in_words()
