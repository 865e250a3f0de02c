"""The parts of a system: what they refuse, and what follows from them."""

import numpy as np
import pytest

from scalelab.models.system_parts import AppTier, Cache, Database, Demand, SessionStore, System

DEMAND = Demand(rate_per_s=100.0)


def test_popularity_is_a_distribution_with_the_popular_first():
    share = Demand(rate_per_s=1.0, keys=1_000, zipf_exponent=0.9).popularity()
    assert share.sum() == pytest.approx(1)
    assert np.all(np.diff(share) < 0)


@pytest.mark.parametrize(
    ("cache", "replicas", "at_replica"),
    [
        (None, 0, False),
        (None, 2, True),
        (Cache(capacity=10), 2, True),
        (Cache(capacity=10, fill="primary"), 2, False),
        (Cache(capacity=10), 0, False),
    ],
)
def test_reads_go_to_replicas_if_there_are_any_and_the_cache_lets_them(cache, replicas, at_replica):
    database = Database(replicas=replicas)
    assert System(demand=DEMAND, database=database, cache=cache).reads_at_replica is at_replica


def test_an_acknowledgement_needs_replicas_that_are_there():
    assert Database(replicas=2, sync_replicas=2).sync_replicas == 2
    with pytest.raises(ValueError, match=r"Database: sync_replicas must be .* 1, got 2"):
        Database(replicas=1, sync_replicas=2)


@pytest.mark.parametrize(
    ("part", "value", "rule"),
    [
        ("demand", None, "Demand"),
        ("app", Cache(capacity=1), "AppTier"),
        ("cache", SessionStore(), "Cache or None"),
        ("sessions", AppTier(), "SessionStore or None"),
    ],
)
def test_a_part_in_the_wrong_place_is_named(part, value, rule):
    with pytest.raises(ValueError, match=f"System: {part} must be of the class {rule}"):
        System(**({"demand": DEMAND} | {part: value}))
