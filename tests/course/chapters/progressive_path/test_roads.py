"""The cheapest systems, the guide's rules, and what they cost."""

import numpy as np
import pytest

from scalelab.course.chapters.progressive_path import roads, tasks
from scalelab.course.chapters.progressive_path.experiments import SHOP, THRESHOLDS
from scalelab.planner.remedies import cheapest_configuration
from scalelab.plotting import canvas


@pytest.mark.parametrize("rate", [100.0, 1_000.0, 5_000.0])
def test_no_rule_is_cheaper_than_the_cheapest(rate):
    best = cheapest_configuration(SHOP, rate).usd_per_month
    assert roads.cheapest_usd(rate) == best
    assert all(roads.regret(rate, rule) >= -1e-12 for rule in roads.ROADS)


def test_what_optimising_first_costs_where_it_is_not_needed():
    """Eight days at 600 dollars over a year, and nothing to be had for them."""
    assert roads.regret(100.0, "optimise first") == pytest.approx(400 / 300)
    assert roads.regret(10_000.0, "optimise first") == pytest.approx(0, abs=1e-9)


def test_without_a_cache():
    assert roads.regret(100.0, "without a cache") == 0
    assert roads.regret(1_000.0, "without a cache") == pytest.approx(0.43, abs=0.005)


def test_every_road_has_a_line():
    _, ax = canvas()
    roads.plot_roads(ax)
    assert [line.get_label() for line in ax.lines] == list(roads.ROADS)


def test_no_kind_of_system_keeps_the_guides_order():
    for kind in roads.KINDS:
        found = roads.entered_at(kind)
        phases = [roads.ENTRIES[name] for name in found if name in roads.ENTRIES]
        assert phases != sorted(phases)
        if "shards" in found:
            assert found["shards"] == max(found.values())
    assert roads.entries_table().text.count("–") >= 3


def test_the_words_and_the_task_of_the_entries():
    _, ax = canvas()
    assert "cache from 475" in roads.draw_entries(ax, 8.0, 90.0, 6.0)
    right = [d for d in roads.DAYS if tasks.GUIDES_ORDER.right(d, 90.0, 6.0)]
    assert max(right) == 2.0
    assert not any(
        tasks.GUIDES_ORDER.right(d, c, m)
        for d in (8.0, 20.0)
        for c in roads.CORES_USD
        for m in roads.READS_MS
    )
    assert not any(tasks.GUIDES_ORDER.right(d, 90.0, 1.0) for d in roads.DAYS)


def test_the_letter_by_hand():
    """Phase 1: 95 + 205, and eight days. Phase 2: two servers, balancer, store, two nodes."""
    assert roads.by_the_letter(THRESHOLDS[0])[1] == pytest.approx(300 + 400)
    second = 2 * 95 + 20 + (2 * 20 + 25) + 2 * 205 + (8 + 8 + 4) * 50
    assert roads.by_the_letter(THRESHOLDS[1])[1] == pytest.approx(second)
    with pytest.raises(ValueError, match="users must be carried"):
        roads.by_the_letter(10_000_000)
    assert "1,000,000 | 578.7" in roads.letter_table().text


def test_both_orders_end_alike_and_the_late_one_costs_more():
    early, late = roads.growth_usd()
    assert late > early
    last = float(roads.GROWTH_PER_S[-1])
    assert last > roads.replicas_without_cache_per_s() > roads.entered_at("shop")["cache"]
    assert len(roads.GROWTH_PER_S) == 60
    saved = sum(
        roads.cheapest_usd(float(rate), cache=False) - roads.cheapest_usd(float(rate))
        for rate in roads.GROWTH_PER_S
        if rate < roads.replicas_without_cache_per_s()
    )
    assert late - early == pytest.approx(saved)
    assert np.all(np.diff(roads.GROWTH_PER_S) > 0)
