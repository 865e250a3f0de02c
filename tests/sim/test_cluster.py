"""The cluster that works in rounds: its law, a slow twin, and that a wrong law is rejected."""

import numpy as np
import pytest
from support.agreement import standard_errors_off

from scalelab.models.amdahl import amdahl_speedup
from scalelab.models.usl import usl_capacity
from scalelab.sim.cluster import cluster_throughput_per_s

SIGMA, KAPPA = 0.02, 0.0005


def runs(nodes, sigma=SIGMA, kappa=KAPPA, repeat=30, rounds=2_000):
    return [
        cluster_throughput_per_s(nodes, 1.0, rounds, sigma=sigma, kappa=kappa, rng=rng)
        for rng in np.random.default_rng(3).spawn(repeat)
    ]


@pytest.mark.parametrize("nodes", [2, 16, 44, 200])
def test_a_long_run_is_the_universal_scalability_law(nodes):
    theory = usl_capacity(nodes, SIGMA, KAPPA)
    assert standard_errors_off(runs(nodes), theory) < 4
    assert standard_errors_off(runs(nodes), 1.01 * theory) > 4
    assert (
        standard_errors_off(runs(nodes), usl_capacity(nodes, SIGMA, 1.1 * KAPPA)) > 4 or nodes < 9
    )


def test_without_exchanges_it_is_amdahls_law():
    assert standard_errors_off(runs(50, kappa=0.0), amdahl_speedup(50, SIGMA)) < 4


def test_one_node_alone_and_nothing_shared_are_exact():
    rng = np.random.default_rng(1)
    alone = cluster_throughput_per_s(1, 0.01, 9, sigma=0.0, kappa=0.5, rng=rng)
    assert alone == pytest.approx(100)  # one node has nobody to talk to
    apart = cluster_throughput_per_s(40, 0.01, 9, sigma=0.0, kappa=0.0, rng=rng)
    assert apart == pytest.approx(4_000)


def slow_round_s(nodes, rng):
    """One round, event by event."""
    clock = 1 - SIGMA
    for _ in range(nodes):
        clock += SIGMA * rng.exponential()
    for sender in range(nodes):
        for receiver in range(nodes):
            if sender != receiver:
                clock += KAPPA * rng.exponential()
    return clock


def test_a_round_written_out_takes_as_long_and_varies_as_much():
    rng = np.random.default_rng(5)
    slow = np.array([20 / slow_round_s(20, rng) for _ in range(1_500)])
    fast = np.array(runs(20, repeat=1_500, rounds=1))
    error = np.hypot(slow.std(), fast.std()) / np.sqrt(1_500)
    assert abs(slow.mean() - fast.mean()) < 4 * error
    assert slow.std() == pytest.approx(fast.std(), rel=0.1)


def test_the_same_seed_gives_the_same_run():
    assert runs(7, repeat=2) == runs(7, repeat=2)
