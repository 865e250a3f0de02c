"""Menus of nodes: redundancy written out, brute force, and what other laws make of them."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.models.headroom import smallest_redundant_fleet, utilisation_after_loss
from scalelab.models.scaling_law import ScalingLaw, amdahl_through
from scalelab.planner.node_menu import NodeFleet, NodeMenu

LAW = amdahl_through([4, 32], [1_000, 5_000])
SIZES = (2, 4, 8, 16, 32, 64, 96)


def menu(**changed):
    return NodeMenu(**{"sizes": SIZES, "law": LAW, "usd_per_core": 70.0, **changed})


def test_what_small_fleets_carry_by_hand():
    offered = menu()
    carried = [offered.carries_per_s(NodeFleet(n, 4)) for n in (1, 2, 3, 4, 10)]
    assert carried == pytest.approx([0, 1_000, 2_000, 2_800, 7_000])


def test_a_fleet_survives_from_the_size_that_headroom_says():
    offered = menu()
    n = smallest_redundant_fleet(0.7)
    full = offered.carries_per_s(NodeFleet(n, 4)) / (n * 1_000)
    assert full == pytest.approx(0.7)
    assert utilisation_after_loss(full, n) <= 1
    assert offered.carries_per_s(NodeFleet(n - 1, 4)) / ((n - 1) * 1_000) < 0.7


@given(
    demand=st.floats(10, 30_000),
    fixed=st.floats(0, 1_000),
    shared=st.sampled_from([0.0, 0.05]),
    spare=st.integers(0, 2),
)
def test_the_cheapest_by_brute_force(demand, fixed, shared, spare):
    offered = menu(usd_per_node=fixed, shared=shared, spare=spare, most_nodes=60)
    best = np.inf
    for n, c in itertools.product(range(spare + 1, 61), SIZES):
        node = 267.17557251908397 * c / (1 + 0.02290076335877863 * (c - 1))
        together, left = (k / (1 + shared * (k - 1)) for k in (n, n - spare))
        if node * min(0.7 * together, left) >= demand:
            best = min(best, n * (fixed + 70 * c))
    if np.isinf(best):
        with pytest.raises(ValueError, match="cheapest: demand_per_s must be within"):
            offered.cheapest(demand)
    else:
        assert offered.usd_per_month(offered.cheapest(demand)) == pytest.approx(best)


def test_one_node_is_never_redundant():
    assert all(fleet.nodes > 1 for fleet in menu().options(100))
    assert menu(spare=0).fewest(100, 2) == NodeFleet(1, 2)


def test_replicas_that_apply_every_write_must_be_large():
    apart, replicas = menu(usd_per_node=100), menu(usd_per_node=100, shared=0.1)
    assert replicas.cheapest(10_000).size > apart.cheapest(10_000).size
    assert replicas.fewest(10_000, 2) is None  # no number of small ones will do


def test_a_fixed_cost_makes_nodes_larger():
    sizes = [menu(usd_per_node=fixed).cheapest(20_000).size for fixed in (0, 100, 500, 5_000)]
    assert sizes == sorted(sizes)
    assert sizes[0] == 2 < sizes[-1]


def test_two_points_do_not_tell_laws_apart():
    coherent = menu(law=ScalingLaw(unit_throughput_per_s=250.0, sigma=0.0, kappa=0.0006))
    assert coherent.carries_per_s(NodeFleet(4, 96)) < coherent.carries_per_s(NodeFleet(4, 32))
