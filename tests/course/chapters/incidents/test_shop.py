"""A run of the shop, and its requests."""

from dataclasses import replace

import numpy as np

from scalelab.course.chapters.incidents.shop import SHOP, Setting, trace_of

CALM = Setting(seed=1, rates_per_s=np.full(20, 500.0))


def test_from_the_change_on_a_share_asks_for_the_hot_key():
    hot = replace(CALM, changes_s=10.0, hot_share=0.5, hot_key=49_999, hot_writes=0.9)
    trace = trace_of(hot, np.random.default_rng(1))
    late = trace.arrive_s >= 10
    is_hot = trace.keys == 49_999
    assert not is_hot[~late].any()
    assert abs(is_hot[late].mean() - 0.5) < 0.03
    assert abs(trace.writes[is_hot].mean() - 0.9) < 0.03
    assert abs(trace.writes[~is_hot].mean() - SHOP.demand.write_share) < 0.02


def test_a_part_is_changed_and_the_rest_stays():
    other = CALM.with_part("database", connections=3).with_part("clients", retries=4)
    assert other.system.database.connections == 3
    assert other.clients.retries == 4
    assert other.system.app == SHOP.app
    assert CALM.system == SHOP
