"""Dollars a month, added up by hand."""

from dataclasses import replace

import pytest

from scalelab.models.system_parts import AppTier, Cache, Database, Demand, SessionStore, System
from scalelab.planner.system_prices import Prices, monthly_usd

SYSTEM = System(
    demand=Demand(rate_per_s=100.0),
    app=AppTier(servers=3, cores=4),
    cache=Cache(capacity=200_000),
    sessions=SessionStore(cores=2),
    database=Database(shards=2, replicas=1, cores=8),
)


def test_a_bill_is_its_lines():
    servers, nodes = 3 * (4 * 35 + 25) + 20, 4 * (8 * 90 + 25) + 400
    assert monthly_usd(SYSTEM) == pytest.approx(servers + nodes + 20 + 10 + 2 * 20 + 25)


def test_one_server_needs_no_balancer():
    one, two = (monthly_usd(System(demand=SYSTEM.demand, app=AppTier(servers=n))) for n in (1, 2))
    assert two - one == 4 * 35 + 25 + 20


@pytest.mark.parametrize(
    ("price", "units"),
    [
        ("app_core_usd", 12), ("database_core_usd", 32), ("session_core_usd", 2),
        ("node_usd", 3 + 4 + 1), ("balancer_usd", 1), ("cache_usd", 1),
        ("cache_million_usd", 0.2), ("further_shard_usd", 1),
    ],
)  # fmt: skip
def test_every_price_counts(price, units):
    dearer = replace(Prices(), **{price: getattr(Prices(), price) + 10})
    assert monthly_usd(SYSTEM, dearer) - monthly_usd(SYSTEM) == pytest.approx(10 * units)
