import numpy as np
import pytest
from support.agreement import standard_errors_off

from scalelab.course.chapters.diagonal import experiments
from scalelab.models.amdahl import amdahl_speedup
from scalelab.models.node_size import economic_cores
from scalelab.planner.growth_plan import best_plan
from scalelab.planner.node_menu import NodeFleet
from scalelab.plotting import canvas
from scalelab.real.cores import ThreadRun


def test_the_pictures_hold_their_machines():
    assert len(experiments.phases_picture().axes[0].patches) == 4 + 4 + 6
    assert len(experiments.tiers_picture().axes[0].patches) == 1 + 4 + 3 + 3


def test_the_picture_of_the_tiers_is_what_the_planner_finds():
    found = {name: menu.cheapest(5_000) for name, menu in experiments.shop_tiers().items()}
    assert found == {
        "application": NodeFleet(4, 8),
        "database": NodeFleet(3, 16),
        "cache": NodeFleet(3, 2),
    }


def test_growth_has_a_baseline():
    before, after = (4, 2), (6, 8)
    assert experiments.growth_factor(before, after, each=True) == 24
    assert experiments.growth_factor(before, after, each=False) == 6


@pytest.mark.parametrize(("before", "after"), [((0, 2), (6, 8)), ((4, 2), (6, -8.0))])
def test_bad_fleets_are_named(before, after):
    with pytest.raises(ValueError, match=r"^growth_factor: (before|after) must .*, got"):
        experiments.growth_factor(before, after, each=True)


def test_the_guides_two_measurements_are_met():
    law = experiments.guide_law()
    assert law.throughput_per_s([4, 32]) == pytest.approx([1_000, 5_000])


def test_a_simulated_node_is_amdahls():
    samples = [experiments.node_speedup(rng, 32) for rng in np.random.default_rng(2).spawn(20)]
    theory = amdahl_speedup(32, experiments.guide_law().sigma)
    assert standard_errors_off(samples, theory) < 4
    assert standard_errors_off(samples, 1.02 * theory) > 4


@pytest.mark.parametrize("fee", [0, 100, 500])
def test_the_figure_of_node_costs_marks_the_economic_size(fee):
    _, ax = canvas()
    text = experiments.draw_node_cost(ax, fee, 100 * experiments.guide_law().sigma)
    size = economic_cores(experiments.guide_law(), usd_per_core=70, usd_per_node=fee)
    assert f"cheapest at {round(size)} cores" in text


def test_the_figure_of_options_says_which_is_cheapest():
    _, ax = canvas()
    text = experiments.draw_options(ax, 5_000, 100)
    assert "cheapest are 4 nodes of 8 cores, 2,640 dollars a month" in text
    assert len(ax.patches) == len(experiments.SIZES)


def test_demand_grows_as_asked_and_has_a_season():
    flat = experiments.growing_demand(13, season=0.0)
    assert flat[12] / flat[0] == pytest.approx(1.15**12)
    wave = experiments.growing_demand(24, growth=1.0)
    assert wave.max() / wave.min() > 1.5
    assert wave[:12] == pytest.approx(wave[12:])


def test_the_card_beats_the_other_rules():
    menu, demand = experiments.guide_menu(), experiments.growing_demand()
    best = best_plan(menu, demand, experiments.CHANGES, experiments.START)
    plans = experiments.strategy_plans(menu, demand)
    regrets = {name: plan.regret(best) for name, plan in plans.items()}
    assert min(regrets, key=regrets.get) == "enlarge up to 8 cores, then add"
    assert max(regrets, key=regrets.get) == "enlarge as far as it goes"
    assert min(regrets.values()) > 0  # nobody knows the future


def test_plans_are_drawn_with_their_names():
    menu, demand = experiments.guide_menu(), experiments.growing_demand(6)
    _, axes = canvas(2)
    experiments.plot_plans(axes, experiments.strategy_plans(menu, demand))
    assert [line.get_label() for line in axes[1].get_lines()] == list(experiments.strategies())
    assert len(axes[0].get_lines()) == 4


def test_believing_the_wrong_law_is_harmless_between_the_measurements():
    near = experiments.believers_shortfall(20_000, 2_000)
    far = experiments.believers_shortfall(20_000, 8_000)
    assert near["carries, % of the demand"] >= 100 - 1e-9
    assert far["carries, % of the demand"] < 60
    assert "96 cores" in far["bought"]


def runs(one, two):
    return lambda threads, locked_share: [
        ThreadRun(threads=1, jobs_per_s=one),
        ThreadRun(threads=2, jobs_per_s=two),
    ]


@pytest.mark.parametrize(
    ("two", "said"),
    [(150.0, "as if 33 % of it were done in turn"), (210.0, "something else was running")],
)
def test_this_machine_says_what_it_found(monkeypatch, two, said):
    monkeypatch.setattr(experiments, "cores", lambda: 2)
    monkeypatch.setattr(experiments, "thread_runs", runs(100.0, two))
    assert said in repr(experiments.own_machine())


def test_one_core_cannot_be_measured(monkeypatch):
    monkeypatch.setattr(experiments, "cores", lambda: 1)
    assert "one core" in repr(experiments.own_machine())


def test_the_table_of_the_tiers_has_the_planners_fleets():
    rows = [line.split(" | ") for line in experiments.tier_table().text.splitlines()[1:]]
    assert [row[2] for row in rows] == ["4 × 8 cores", "3 × 16 cores", "3 × 2 cores"]
    assert {row[4] for row in rows} == {"4 × 8 cores"}


def test_a_tier_like_the_application_gets_its_fleet():
    tiers = experiments.shop_tiers()
    fleets = {experiments.same_as_application(menu).cheapest(5_000) for menu in tiers.values()}
    assert fleets == {tiers["application"].cheapest(5_000)}


def test_the_order_of_the_strategies_turns_with_the_fee_and_is_drawn():
    without, dear = experiments.regrets(0.0), experiments.regrets(1_000.0)
    assert without["only add"] < without["enlarge as far as it goes"]
    assert dear["only add"] > dear["enlarge as far as it goes"]
    _, ax = canvas()
    experiments.plot_regrets(ax)
    adding = ax.get_lines()[0].get_ydata()
    assert adding[0] == pytest.approx(100 * without["only add"])
    assert adding[-1] == pytest.approx(100 * dear["only add"])
