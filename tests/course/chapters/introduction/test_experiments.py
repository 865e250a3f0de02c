"""The acceptance of the introduction."""

import numpy as np
import pytest

from scalelab.course.chapters.introduction import experiments
from scalelab.plotting import canvas


def test_one_machine_fails_for_availability_alone_while_it_is_small():
    reports = experiments.sweep_load(experiments.one_machine, [1, 2])
    assert experiments.failures(reports, experiments.Criteria()) == [["availability"]] * 2
    free = experiments.Criteria(must_survive=False)
    assert experiments.scalable_up_to("one machine", free) >= 2


def test_a_load_that_is_not_carried_is_said_so():
    assert "not carried" in experiments.acceptance("a cluster that must agree").text
    assert "not carried" not in experiments.acceptance("a shared fleet").text


@pytest.mark.parametrize("system", ["a shared fleet", "a cluster that must agree"])
def test_the_explorer_says_what_it_marks(system):
    _, ax = canvas()
    text = experiments.draw_cost(ax, system, 2)
    found = experiments.SYSTEMS[system](800.0)
    assert f"{found.servers} servers" in text
    assert f"{found.usd_per_million:.3f} $" in text


def test_a_fleet_gets_cheaper_and_a_cluster_dearer():
    fleet = [r.usd_per_million for r in experiments.sweep_load(experiments.shared_fleet, [1, 2, 4])]
    cluster = [
        r.usd_per_million for r in experiments.sweep_load(experiments.agreeing_cluster, [1, 2, 3])
    ]
    assert fleet == sorted(fleet, reverse=True)
    assert cluster == sorted(cluster)


def test_the_picture_has_one_panel():
    assert len(experiments.growth_picture().axes) == 1


def test_requests_that_are_turned_away_do_not_make_the_others_cheaper():
    """Eight servers do 800 a second, whatever is asked for: beyond that the price stays."""
    asked = [400.0, 800.0, 1_600.0, 4_000.0]
    cost = [experiments.report(load, 8).usd_per_million for load in asked]
    assert cost[1] == pytest.approx(cost[0] / 2)
    assert cost[1:] == pytest.approx([8 * 70 / (800 * 365 * 86_400 / 12) * 1e6] * 3)


def test_the_figures_draw_what_is_computed():
    _, ax = canvas()
    experiments.plot_margin(ax)
    margin = ax.get_lines()[0].get_ydata()
    assert margin[0] == 3
    assert margin[-1] == pytest.approx(1.046)
    _, ax = canvas()
    experiments.plot_p99(ax)
    fleet, cluster = (line.get_ydata() for line in ax.get_lines()[:2])
    assert not np.isnan(fleet).any()
    assert np.isnan(cluster[-1])
    _, ax = canvas()
    experiments.plot_thresholds(ax)
    fleet, cluster = (list(line.get_ydata()) for line in ax.get_lines()[:2])
    assert set(fleet) == {10.0}
    assert cluster == sorted(cluster)
