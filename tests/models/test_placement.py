from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.models.placement import (
    lost_share,
    maglev_peak_to_mean,
    minimum_moved_share,
    modulo_moved_share,
    ring_moved_share_sd,
    ring_peak_to_mean,
    slots_moved_share,
    wrong_server_share,
)


@given(before=st.integers(1, 40), after=st.integers(1, 40))
def test_modulo_key_by_key(before, after):
    keys = np.arange(np.lcm(before, after))
    moved = np.mean(keys % before != keys % after)
    assert modulo_moved_share(before, after) == pytest.approx(moved)
    assert modulo_moved_share(before, after) >= minimum_moved_share(before, after) - 1e-12


def test_resizing_three_servers():
    assert [modulo_moved_share(3, m) for m in (4, 6, 2)] == pytest.approx([3 / 4, 1 / 2, 2 / 3])
    assert modulo_moved_share(10, 11) == pytest.approx(10 / 11)
    assert minimum_moved_share(3, [4, 6]) == pytest.approx([0.25, 0.5])
    assert wrong_server_share(3) == pytest.approx(2 / 3)
    assert lost_share(3) == pytest.approx(1 / 3)


def ring_shares(rng, nodes, points, runs):
    """Shares of the nodes on random rings, arc by arc."""
    places = rng.random((runs, nodes * points))
    order = np.argsort(places, axis=1)
    places = np.take_along_axis(places, order, axis=1)
    arcs = np.diff(places, axis=1, prepend=places[:, -1:] - 1)
    owner = order // points
    return np.stack([np.where(owner == n, arcs, 0).sum(axis=1) for n in range(nodes)], axis=1)


@pytest.mark.parametrize(("nodes", "points"), [(4, 1), (4, 10), (4, 100), (10, 3)])
def test_rings_drawn_at_random(rng, nodes, points):
    shares = ring_shares(rng, nodes, points, 4_000)
    # adding the last node to the others moves just its share
    assert shares[:, -1].mean() == pytest.approx(1 / nodes, rel=0.04)
    assert shares[:, -1].std() == pytest.approx(ring_moved_share_sd(nodes - 1, points), rel=0.06)
    peaks = shares.max(axis=1) * nodes
    error = peaks.std() / np.sqrt(peaks.size)
    excess = ring_peak_to_mean(nodes, points) - 1
    assert abs(peaks.mean() - 1 - excess) < 4 * error < abs(peaks.mean() - 1 - 1.1 * excess)


@pytest.mark.parametrize("nodes", [1, 2, 5, 100, 10_000])
def test_the_largest_of_n_arcs_is_harmonic(nodes):
    """David and Nagaraja 2003, sec. 6.4: E max = H_n / n."""
    harmonic = np.sum(1 / np.arange(1, nodes + 1))
    assert ring_peak_to_mean(nodes, 1) == pytest.approx(harmonic)


def test_virtual_nodes_even_out():
    assert ring_moved_share_sd(3, 100) == pytest.approx(0.0216, abs=5e-5)
    assert ring_peak_to_mean(4, 1_000) == pytest.approx(1.0325, abs=0.001)


@pytest.mark.parametrize(("nodes", "size"), [(3, 13), (7, 101), (10, 997)])
def test_a_maglev_table_filled_in_turn(rng, nodes, size):
    """Eisenbud et al. 2016, pseudocode 1."""
    preferences = [
        (rng.integers(size) + np.arange(size) * rng.integers(1, size)) % size for _ in range(nodes)
    ]
    table = np.full(size, -1)
    while (table < 0).any():
        for node, preference in enumerate(preferences):
            free = preference[table[preference] < 0]
            if free.size:
                table[free[0]] = node
    peak = np.bincount(table, minlength=nodes).max() * nodes / size
    assert maglev_peak_to_mean(nodes, size) == pytest.approx(peak)


def even(slots, nodes):
    return np.full(nodes, slots // nodes) + (np.arange(nodes) < slots % nodes)


@given(slots=st.integers(8, 60), before=st.integers(1, 8), after=st.integers(1, 8))
def test_slots_moved_one_by_one(slots, before, after):
    """Largest shares stay with the nodes that are there before and after."""
    few, many = sorted((before, after))
    least = np.sort(even(slots, few))[::-1]
    most = np.sort(even(slots, many))[::-1]
    stay = np.minimum(least, most[:few]).sum()
    assert slots_moved_share(slots, before, after) == pytest.approx((slots - stay) / slots)


def test_slots_of_a_cluster():
    assert slots_moved_share(16_384, 3, 4) == 0.25
    assert all(
        slots_moved_share(16_384, n, m) >= minimum_moved_share(n, m) - 1e-3
        for n, m in product((3, 5, 8), (4, 6, 9))
    )
