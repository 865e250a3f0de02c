import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.agreement import standard_errors_off

from scalelab.models.ttl_cache import ttl_hit_ratio
from scalelab.sim.ttl_cache import EARLY, HIT, MISS, MODES, STALE, WAIT, ttl_cache_run
from scalelab.workloads.arrivals import poisson_arrivals_s

both_engines = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def textbook(times, keys, ttl, recompute, mode):
    """At each request, look at everything that was ever recomputed for its key."""
    begun, found = [], []
    for now, key in zip(times, keys, strict=True):
        own = [start for start, whose in begun if whose == key]
        done = [start for start in own if start + recompute <= now]
        if done and now < max(done) + recompute + ttl:
            found.append(HIT)
        elif mode != "none" and len(done) < len(own):
            found.append(STALE if mode == "stale" and done else WAIT)
        else:
            found.append(MISS)
            begun.append((now, key))
    return found


@given(
    requests=st.lists(
        st.tuples(st.sampled_from([0.0, 0.25, 1.0, 3.0]), st.integers(0, 2)),
        min_size=1,
        max_size=60,
    ),
    mode=st.sampled_from(["none", "single flight", "stale"]),
    recompute=st.sampled_from([0.0, 0.5, 4.0]),
)
@both_engines
def test_equals_the_textbook(engine, requests, mode, recompute):
    gaps, keys = map(list, zip(*requests, strict=True))
    times = np.cumsum(gaps)
    run = ttl_cache_run(times, keys, ttl_s=2.0, recompute_s=recompute, mode=mode)
    assert run.outcome.tolist() == textbook(times, keys, 2.0, recompute, mode)
    assert run.recomputations == (run.outcome == MISS).sum()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("jitter", [0.0, 0.3])
def test_both_engines_agree(monkeypatch, mode, jitter):
    rng = np.random.default_rng(3)
    times = poisson_arrivals_s(50.0, 20_000, rng=rng)
    keys = rng.integers(0, 40, 20_000)
    settings = {"ttl_s": 5.0, "recompute_s": 0.4, "mode": mode, "jitter": jitter}
    here = ttl_cache_run(times, keys, **settings, rng=np.random.default_rng(4))
    monkeypatch.setenv("SCALELAB_NO_NUMBA", "1")
    plain = ttl_cache_run(times, keys, **settings, rng=np.random.default_rng(4))
    assert np.array_equal(here.outcome, plain.outcome)
    assert here.peak_concurrent == plain.peak_concurrent > 1


def hot_key(rng, mode, **settings):
    """One key, 1,000 requests a second, 50 ms to recompute, over 300 expiries."""
    times = poisson_arrivals_s(1_000.0, 600_000, rng=rng)
    keys = np.zeros(times.size, np.int32)
    return ttl_cache_run(times, keys, ttl_s=2.0, recompute_s=0.05, mode=mode, rng=rng, **settings)


def recomputations_per_expiry(run):
    starts = run.recomputation_start_s
    first = np.flatnonzero(np.diff(starts, prepend=-np.inf) > 1.0)  # a new lifetime
    return np.diff(np.append(first, starts.size))


def test_a_stampede_agrees_with_its_closed_form(rng, engine):
    """The first miss and all requests within its recomputation: 1 + rate × time."""
    run = hot_key(rng, "none")
    each = recomputations_per_expiry(run)[1:-1]
    assert standard_errors_off(each, 1 + 1_000 * 0.05) < 4
    assert standard_errors_off(each, 1.1 * (1 + 1_000 * 0.05)) > 4
    assert run.peak_concurrent >= 51


def test_single_flight_recomputes_once(rng, engine):
    run = hot_key(rng, "single flight")
    assert run.peak_concurrent == 1
    assert set(recomputations_per_expiry(run)) == {1}
    waiting = (run.outcome == WAIT).sum() / run.recomputations
    assert waiting == pytest.approx(50, rel=0.05)


def test_stale_values_spare_the_wait(rng, engine):
    run = hot_key(rng, "stale")
    assert run.peak_concurrent == 1
    assert run.stale_serves / run.recomputations == pytest.approx(50, rel=0.05)
    assert (run.outcome == WAIT).sum() < 100  # at the very beginning only
    assert run.hit_ratio > hot_key(rng, "single flight").hit_ratio


def test_early_recomputation_spares_the_stampede(rng, engine):
    """XFetch with beta one: between two and three recomputations, and nobody waits."""
    run = hot_key(rng, "early", warm=True)
    each = recomputations_per_expiry(run)[1:-1]
    assert 2.3 < each.mean() < 3.0
    assert (run.outcome == MISS).sum() == 0
    assert (run.outcome == EARLY).sum() == run.recomputations
    lazy = hot_key(rng, "early", warm=True, beta=0.02)
    assert (lazy.outcome == MISS).sum() > 1_000  # too little eagerness is a stampede again


def test_misses_agree_with_the_closed_form(rng, engine):
    """Recomputed at once: 1/(1 + rate × ttl)."""
    ratios = []
    for stream in rng.spawn(20):
        times = poisson_arrivals_s(4.0, 20_000, rng=stream)
        run = ttl_cache_run(times, np.zeros(20_000, int), ttl_s=2.0, recompute_s=0.0)
        ratios.append(run.hit_ratio)
    assert standard_errors_off(ratios, ttl_hit_ratio(4.0, 2.0)) < 4
    assert standard_errors_off(ratios, ttl_hit_ratio(4.0, 2.1)) > 4


def test_jitter_spreads_a_mass_expiry(rng):
    """Ten thousand keys loaded at once; asked for ten times a second each, a minute long."""
    times = np.arange(1, 1_300_001) / 10_000
    keys = rng.permutation(10_000)[np.arange(times.size) % 10_000]
    settings = {"ttl_s": 100.0, "recompute_s": 0.01, "mode": "single flight", "warm": True}
    together = ttl_cache_run(times, keys, **settings)
    spread = ttl_cache_run(times, keys, **settings, jitter=0.1, rng=rng)
    assert together.peak_rate_per_s() == pytest.approx(10_000, rel=0.01)
    assert spread.peak_rate_per_s() == pytest.approx(10_000 / 20, rel=0.15)  # over 20 s
    assert together.recomputations == 10_000


def test_the_claimed_mass_expiry(rng):
    """100,000 keys of 600 s: 10,000 requests a second find nearly all expired, or a few."""
    count = 10_000 * 700
    times = np.arange(1, count + 1) / 10_000
    keys = rng.integers(0, 100_000, count, dtype=np.int32)
    settings = {"ttl_s": 600.0, "recompute_s": 0.01, "mode": "single flight", "warm": True}
    peak = ttl_cache_run(times, keys, **settings).peak_rate_per_s()
    assert peak == pytest.approx(100_000 * (1 - np.exp(-0.1)), rel=0.02)
    jittered = ttl_cache_run(times, keys, **settings, jitter=0.1, rng=rng).peak_rate_per_s()
    assert jittered == pytest.approx(882, rel=0.12)


def test_no_recomputation_at_all(engine):
    run = ttl_cache_run([1.0, 2.0], [0, 0], ttl_s=9.0, recompute_s=1.0, warm=True)
    assert run.outcome.tolist() == [HIT, HIT]
    assert run.peak_rate_per_s() == 0.0
    assert run.hit_ratio == 1.0


def test_randomness_must_be_given():
    for wants_it in ({"mode": "early"}, {"jitter": 0.1}):
        with pytest.raises(ValueError, match=r"ttl_cache_run: rng must be a numpy"):
            ttl_cache_run([1.0], [0], ttl_s=1.0, recompute_s=0.1, **wants_it)
