"""The planner beside the simulation, and where it ends."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from support.legends import under_legend

from scalelab.course.chapters.progressive_path import runs
from scalelab.course.chapters.progressive_path.experiments import SHOP
from scalelab.planner.system_plan import plan_system
from scalelab.plotting import canvas

LARGE = "four servers, cache, two replicas, 1,000/s"


@pytest.fixture(scope="module")
def rows():
    with ThreadPoolExecutor(1) as one:
        return runs.comparison(one)


def test_the_planner_is_within_five_per_cent_on_the_path(rows):
    assert len(rows) == len(runs.SYSTEMS) >= 6
    for percentile in ("p50", "p99"):
        assert runs.worst_error(rows, percentile) < 0.05
    assert runs.comparison_table(rows).text.count("±") == 2 * len(rows)


def test_a_wrong_planner_would_be_seen(rows):
    wrong = [row | {"p99": (1.1 * row["p99"][0], *row["p99"][1:])} for row in rows]
    assert runs.worst_error(wrong, "p99") > 0.05


def test_parts_are_as_busy_as_the_formula_says():
    found = runs.busy_measured(SHOP, [120])[120]
    assert found["app server"] == pytest.approx(0.6, rel=0.06)
    assert found["database"] == pytest.approx(0.36, rel=0.06)


def test_sums_of_percentiles_are_too_high():
    for name in runs.SYSTEMS:
        total, whole = runs.summed(name)
        assert total > 1.2 * whole
        assert whole == pytest.approx(1e3 * plan_system(runs.SYSTEMS[name]).p99_s)
        # as fine a grid as the planner's, of which the parts are on
        found = runs.latency_of(name)
        assert 1e3 * float(found.whole.quantile(0.99)) == pytest.approx(whole, rel=0.02)


def test_who_visits_what():
    text = runs.parts_table(LARGE).text
    assert "app | 100.0" in text
    assert "primary | 5.0" in text


def test_tails_are_drawn():
    _, ax = canvas()
    runs.plot_tails(ax, LARGE)
    assert {line.get_label() for line in ax.lines} >= {"app", "replica", "primary", "whole"}


def test_without_retries_a_crowd_passes_and_with_them_it_stays():
    calm, jam = runs.crowd_run(0), runs.crowd_run(3)
    before, end = slice(0, 3), slice(-3, None)
    assert calm[before].min() > 0.98
    assert jam[before].min() > 0.98
    assert calm[end].min() > 0.98
    assert jam[end].max() < 0.02
    _, ax = canvas(height=1.9)
    runs.plot_crowd(ax)
    assert np.array_equal(ax.lines[0].get_ydata(), 100 * calm)
    assert under_legend(ax) == []


def test_what_the_planner_says_beyond_its_range():
    found = {one.name: one for one in runs.breaches()}
    refused = [one for one in found.values() if one.says.startswith("refused")]
    flagged = [one for one in found.values() if one.says.startswith("flagged")]
    assert (len(refused), len(flagged), len(found)) == (3, 2, 6)
    assert all(one.off is None for one in refused)
    assert found["a request heavy for one part is heavy for all"].off < -0.08
    assert found["work of infinite variance (Pareto 1.5)"].off < -0.3
    assert abs(found["three retries"].off) < 0.08
    assert "−" in runs.breaches_table().text


def test_the_autoscaler_follows_the_day():
    run, lost = runs.autoscaled_day()
    assert lost == 0
    servers, demand = runs.servers_by_hour()
    assert servers.shape == demand.shape == (24,)
    assert np.corrcoef(servers, demand)[0, 1] > 0.9
    assert run.running.min() == 2
    mean_over_peak = 1 / runs.NOON.peak_over_mean
    assert 0.25 < runs.saved_share() < 1 - mean_over_peak + 0.05
    _, ax = canvas(height=1.9)
    runs.plot_day(ax)
    assert runs.fixed_servers() == 6
    planned = runs.planned_servers()
    assert np.abs(planned - servers).max() < 1.2
    assert planned.mean() == pytest.approx(servers.mean(), rel=0.05)
    assert f"says {planned.mean():.1f} servers" in runs.planned_in_words()
    assert np.array_equal(ax.lines[1].get_ydata(), planned)
    assert under_legend(ax) == []


def test_the_words_of_the_crowd():
    said = runs.crowd_in_words()
    assert "50\u00a0% busy" in said
    assert "For 15\u00a0s a crowd" in said
