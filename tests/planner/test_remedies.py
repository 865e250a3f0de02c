"""The search over configurations against plain enumeration, and what comes out of it."""

import itertools
import math

import numpy as np
import pytest

from scalelab.models.amdahl import amdahl_speedup
from scalelab.models.hit_ratio_by_key import hit_ratio_by_key
from scalelab.models.system_parts import Database, Demand, System
from scalelab.planner.remedies import (
    cheapest_configuration,
    regret_usd,
    remedies_as_load_grows,
)
from scalelab.planner.remedy_menu import RemedyMenu
from scalelab.planner.system_prices import Prices

SHOP = System(
    demand=Demand(rate_per_s=300.0, write_share=0.05, keys=20_000),
    database=Database(read_s=0.006, write_s=0.006, apply_s=0.0015),
)
MENU = RemedyMenu(cacheable_share=0.9)


def bill(rate, entries, replicas, shards, safe, price=Prices(), menu=MENU):  # noqa: B008
    """Cheapest bill without optimising, in plain words: every node size is tried."""
    share = SHOP.demand.popularity()
    hit = 0.9 * hit_ratio_by_key(0.95 * share, 0.05 * share, entries).hit_ratio if entries else 0
    per_shard = rate * (1.15 if shards > 1 else 1) / shards
    reads, writes = per_shard * 0.95 * (1 - hit) * 0.006, per_shard * 0.05 * 0.006
    replay = per_shard * 0.05 * 0.0015

    def node(work):
        fits = [c for c in menu.sizes if amdahl_speedup(c, 0.02) * 0.7 >= work]
        return fits[0] * 90 + 25 if fits else math.inf

    if replicas:
        sharing = max(replicas - safe, 1)
        stored = node(writes) + replicas * node(reads / sharing + replay)
        stored = math.inf if replay > 0.8 else stored
    else:
        stored = math.inf if safe else node(reads + writes)
    fleets = []
    for cores in menu.sizes:
        n = max(math.ceil(rate * 0.01 / (0.7 * amdahl_speedup(cores, 0.02)) - 1e-9), 1) + safe
        fleets.append(n * (cores * 35 + 25) + (420 if n > 1 else 0))
    days = 5 * (entries > 0) + 4 * (replicas > 0) + 60 * (shards > 1)
    once = days * price.engineer_day_usd / 12
    cache = 20 + entries * 50e-6 if entries else 0
    return min(fleets) + shards * stored + once + cache + 400 * (shards - 1)


@pytest.mark.parametrize("safe", [False, True])
@pytest.mark.parametrize("rate", [40.0, 700.0, 3_000.0, 20_000.0])
def test_it_is_the_cheapest_of_all(rate, safe):
    never = RemedyMenu(cacheable_share=0.9, queries_days=1e9, app_days=1e9)
    found = cheapest_configuration(SHOP, rate, menu=never, survive_loss=safe)
    sizes = [0, 40, 200, 1_000, 4_000, 20_000]
    cheapest = min(
        bill(rate, *kind, safe) for kind in itertools.product(sizes, range(9), (1, 2, 4, 8, 16, 32))
    )
    assert found.usd_per_month == pytest.approx(cheapest)


def test_the_road_of_a_shop():
    found = remedies_as_load_grows(SHOP, np.geomspace(30, 100_000, 60), menu=MENU)
    order = [entered.remedy for entered in found]
    assert order.index("cache") < order.index("more servers") < order.index("shards")
    assert "read replicas" not in order
    assert [entered.rate_per_s for entered in found] == sorted(e.rate_per_s for e in found)


def test_who_must_survive_a_loss_begins_with_two_of_each():
    first = remedies_as_load_grows(SHOP, [30.0], menu=MENU, survive_loss=True)
    assert {entered.remedy for entered in first} == {"more servers", "read replicas"}


def test_the_walk_ends_where_nothing_carries_the_load():
    heavy = System(
        demand=Demand(rate_per_s=1.0, write_share=0.9, keys=100),
        database=Database(apply_s=0.01, write_s=0.05),
    )
    with pytest.raises(ValueError, match=r"rate_per_s must be within what the menu can carry"):
        cheapest_configuration(heavy, 1e6)
    assert remedies_as_load_grows(heavy, [1.0, 1e6]) == remedies_as_load_grows(heavy, [1.0])


def test_dearer_days_put_work_off():
    found = [
        {e.remedy: e.rate_per_s for e in remedies_as_load_grows(
            SHOP, np.geomspace(100, 50_000, 30), Prices(engineer_day_usd=usd), MENU)}
        for usd in (10.0, 600.0)
    ]  # fmt: skip
    assert found[0]["optimise queries"] < found[1]["optimise queries"]


def test_regret_is_what_the_cheapest_would_save():
    best = cheapest_configuration(SHOP, 300.0, menu=MENU)
    assert regret_usd(SHOP, menu=MENU) == pytest.approx(735 - best.usd_per_month + 0, abs=200)
