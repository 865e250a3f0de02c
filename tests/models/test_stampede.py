import numpy as np
import pytest

from scalelab.models.stampede import (
    early_recomputation,
    jittered_expiry_rate_per_s,
    mass_expiry_misses,
    redundant_recomputations,
)


def xfetch(rng, rate, recompute, beta):
    """One expiry at time 0, request by request, from long before it; as in Vattani et al. 2015."""
    start = -40 * beta * recompute
    times = start + np.cumsum(rng.exponential(1 / rate, int(rate * (recompute - start)) * 2 + 50))
    early = times - recompute * beta * np.log(rng.random(times.size)) >= 0
    first = times[np.argmax(early)]
    begun = times[early & (times <= first + recompute)]
    return first, begun.size


@pytest.mark.parametrize(
    ("rate", "recompute", "beta"),
    [(1_000, 0.05, 1.0), (20, 0.05, 1.0), (100, 0.05, 2.0), (60, 0.05, 0.4)],
)
def test_xfetch_request_by_request(rng, rate, recompute, beta):
    ours = early_recomputation(rate, recompute, beta=beta)
    runs = np.array([xfetch(rng, rate, recompute, beta) for _ in range(3_000)])
    begun, ahead = runs[:, 1], np.maximum(-runs[:, 0], 0)
    for mine, seen in ((ours.mean_recomputations, begun), (ours.mean_early_s, ahead)):
        error = seen.std() / np.sqrt(seen.size)
        assert abs(seen.mean() - mine) < 4 * error < abs(seen.mean() - 1.15 * mine)
    late = np.mean(runs[:, 0] > 0)
    assert late == pytest.approx(ours.miss_probability, abs=0.03)


def test_a_hot_key():
    """50 needless recomputations without XFetch; e in all with it, at beta = 1, and no miss."""
    assert redundant_recomputations(1_000, 0.05) == pytest.approx(50)
    early = early_recomputation(1_000, 0.05)
    assert early.mean_recomputations == pytest.approx(np.e, rel=1e-3)
    assert early.miss_probability < 1e-20
    eager = early_recomputation(1_000, 0.05, beta=2.0)
    assert eager.mean_early_s > early.mean_early_s
    assert eager.mean_recomputations < early.mean_recomputations


def test_many_keys_expire(rng):
    asked = rng.integers(0, 100_000, (20, 10_000))
    different = np.mean([np.unique(row).size for row in asked])
    assert mass_expiry_misses(100_000, 10_000, 1.0) == pytest.approx(different, rel=0.003)
    ttl = 600 * rng.uniform(0.9, 1.1, 100_000)
    per_second = np.histogram(ttl, bins=120, range=(540, 660))[0]
    assert jittered_expiry_rate_per_s(100_000, 600, 0.1) == pytest.approx(per_second.mean())
