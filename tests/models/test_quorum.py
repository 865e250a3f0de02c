from itertools import combinations, product

import numpy as np
import pytest

from scalelab.models.quorum import (
    ExponentialWars,
    k_staleness,
    miss_probability,
    monotonic_violation,
    stale_read_probability,
)

EQUAL = (0.01, 0.01, 0.01, 0.01)
SLOW_WRITES = (0.05, 0.01, 0.003, 0.02)


def delays(means):
    names = ("write_s", "acknowledge_s", "read_s", "respond_s")
    return ExponentialWars(**dict(zip(names, means, strict=True)))


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_every_pair_of_quorums_counted(n):
    for r, w in product(range(1, n + 1), repeat=2):
        pairs = product(combinations(range(n), r), combinations(range(n), w))
        missed = np.mean([not set(read) & set(write) for read, write in pairs])
        assert miss_probability(n, r, w) == pytest.approx(missed)


def test_bailis_examples():
    """Bailis et al. 2012, sec. 3.1: N = 3, within k versions."""
    within = 1 - k_staleness(3, 1, 1, [3, 5, 10])
    assert within == pytest.approx([0.703, 0.868, 0.982], abs=1e-3)
    assert 1 - k_staleness(3, 1, 2, [1, 2]) == pytest.approx([2 / 3, 8 / 9])
    assert 1 - k_staleness(3, 1, 2, 5) > 0.995
    assert monotonic_violation(3, 1, 1, 0) == miss_probability(3, 1, 1)
    assert monotonic_violation(3, 1, 1, 2) == k_staleness(3, 1, 1, 3)


def simulated(rng, means, t, n, r, w, runs=200_000):
    """WARS message by message, and its standard error."""
    write, ack, read, respond = (rng.exponential(mean, (runs, n)) for mean in means)
    returned = np.sort(write + ack, axis=1)[:, w - 1, None]
    first = np.argsort(read + respond, axis=1)[:, :r]
    fresh = np.take_along_axis(write <= returned + t + read, first, axis=1).any(axis=1)
    share = 1 - fresh.mean()
    return share, np.sqrt(share * (1 - share) / runs)


@pytest.mark.parametrize("means", [EQUAL, SLOW_WRITES])
@pytest.mark.parametrize(
    ("n", "r", "w", "t"),
    [(3, 1, 1, 0), (3, 1, 2, 0), (3, 2, 1, 0), (3, 1, 1, 0.01), (5, 2, 2, 0.002)],
)
def test_messages_simulated(rng, means, n, r, w, t):
    share, error = simulated(rng, means, t, n, r, w)
    ours = stale_read_probability(delays(means), t, n, r, w)
    assert abs(share - ours) < 4 * error < abs(share - 1.1 * ours)


def test_one_replica_and_overlapping_quorums_are_never_stale():
    for n, r, w in ((1, 1, 1), (3, 2, 2), (3, 1, 3), (5, 3, 3)):
        assert stale_read_probability(delays(EQUAL), 0.0, n, r, w) == 0


def test_by_hand():
    """Two replicas, read and write one, acknowledgement and response at once.

    The write returns after M ~ Exp(ω) at the other replica: E[e^{−ωM}] = 1/2. The read goes
    out on the faster of two messages with the same rate 1/S: E[e^{−ωr}] = 2/(2 + 1).
    """
    instant = 1e-9
    wars = delays((0.01, instant, 0.01, instant))
    assert stale_read_probability(wars, 0.0, 2, 1, 1) == pytest.approx(1 / 3, rel=1e-5)


def test_staleness_falls_with_time_and_quorum():
    curve = stale_read_probability(delays(EQUAL), [0, 0.01, 0.05, 1.0], 3, 1, 1)
    assert np.all(np.diff(curve) < 0)
    assert curve[1] == pytest.approx(curve[0] / np.e)
    assert stale_read_probability(delays(EQUAL), 0.0, 3, 1, 1) == pytest.approx(0.2469, abs=2e-3)
    assert stale_read_probability(delays(EQUAL), 0.0, 3, 1, 2) == pytest.approx(0.0857, abs=2e-3)
    assert stale_read_probability(delays(EQUAL), 0.0, 3, 2, 1) == pytest.approx(0.0378, abs=1e-3)


def test_delays_of_very_different_sizes():
    wars = delays((1.0, 1e-6, 1e-3, 30.0))
    assert 0 < stale_read_probability(wars, 0.0, 9, 2, 3) < 1
