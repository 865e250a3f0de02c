import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scalelab.models.hit_ratio import lru_trace_hit_ratio
from scalelab.sim import _stack_distances
from scalelab.sim.caches import simulate_cache
from scalelab.sim.miss_ratio_curve import LruCurveCounter, lru_curve, shards_curve
from scalelab.workloads.popularity import zipf_popularity, zipf_trace

both_engines = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
traces = st.lists(st.integers(0, 30), min_size=1, max_size=200)


def textbook_hits(trace):
    """Mattson's stack: move to the front, note how deep it was. Hits by capacity."""
    stack, depth = [], np.zeros(len(set(trace)) + 1)
    for key in trace:
        if key in stack:
            depth[stack.index(key) + 1] += 1
            stack.remove(key)
        stack.insert(0, key)
    return np.cumsum(depth)


@given(trace=traces)
@both_engines
def test_equals_the_textbooks_stack(engine, trace):
    curve = lru_curve(trace)
    assert curve.capacity.tolist() == list(range(len(set(trace)) + 1))
    assert np.array_equal(curve.hit_ratio, textbook_hits(trace) / len(trace))


def test_every_size_is_the_simulated_cache(rng, engine):
    trace = zipf_trace(400, 0.8, 5_000, rng=rng)
    curve = lru_curve(trace)
    for capacity in (1, 2, 17, 100, 333, 1_000):
        assert curve.at(capacity) == simulate_cache(trace, capacity).mean()


@pytest.mark.parametrize("room_for", [3_000, 5_000_000])
def test_more_requests_than_slots_and_a_deeper_tree(rng, room_for):
    """Slots are used up and squeezed; with room for millions of keys the tree has more levels."""
    pytest.importorskip("numba")
    trace = zipf_trace(3_000, 0.7, 5_000_000, rng=rng)
    counter = LruCurveCounter(room_for)
    counter.feed(trace)
    words = counter._counter._is_last.size
    assert (64 * words < trace.size) == (room_for == 3_000)
    assert (words > _stack_distances.LEAST_WORDS) == (room_for == 5_000_000)
    curve = counter.curve()
    for capacity in (10, 500, 2_900):
        assert curve.at(capacity) == simulate_cache(trace, capacity).mean()


@given(trace=traces, cuts=st.lists(st.integers(0, 200), max_size=4))
@both_engines
def test_pieces_give_the_whole(engine, trace, cuts):
    counter = LruCurveCounter(31)
    for piece in np.split(np.array(trace), sorted(set(cuts) & set(range(1, len(trace))))):
        if piece.size:
            counter.feed(piece)
    assert np.array_equal(counter.curve().hit_ratio, lru_curve(trace).hit_ratio)


def test_nothing_was_fed():
    with pytest.raises(ValueError, match=r"curve: the trace must have a request, got 0; feed it"):
        LruCurveCounter(3).curve()


def test_memory_does_not_grow_with_the_requests(rng):
    pytest.importorskip("numba")
    counter = LruCurveCounter(10_000)
    sizes = []
    for _ in range(3):
        counter.feed(zipf_trace(10_000, 0.9, 300_000, rng=rng))
        arrays = [x for x in vars(counter._counter).values() if isinstance(x, np.ndarray)]
        sizes.append(sum(x.nbytes for x in arrays))
    assert sizes[0] == sizes[2] < 21 * 10_000 + 1_000_000


def test_smallest_capacity(engine):
    curve = lru_curve([0, 1, 0, 1, 2, 0, 1])
    assert [curve.smallest_capacity(ratio) for ratio in (0, 0.1, 0.3, 4 / 7)] == [0, 2, 3, 3]
    with pytest.raises(ValueError, match=r"hit_ratio must be <= 0.571429, got 0.6; every key"):
        curve.smallest_capacity(0.6)
    assert curve.at([0, 2, 99]).tolist() == [0, 2 / 7, 4 / 7]


def test_a_curve_for_the_finite_trace_agrees_with_the_model(rng, engine):
    """Che with the cold start counted, and what a 10 % wrong trace length would do."""
    requests = 60_000
    curve = lru_curve(zipf_trace(5_000, 0.9, requests, rng=rng))
    sizes = np.array([50, 200, 1_000, 3_000, 5_000])
    popularity = zipf_popularity(5_000, 0.9)
    off = np.abs(curve.at(sizes) - lru_trace_hit_ratio(popularity, sizes, requests))
    assert off.max() < 0.006
    wrong = np.abs(curve.at(sizes) - lru_trace_hit_ratio(popularity, sizes, requests // 2))
    assert wrong.max() > 0.02


def test_the_finite_model_is_within_a_thousandth_of_a_long_trace(rng):
    pytest.importorskip("numba")
    requests = 2_000_000
    curve = lru_curve(zipf_trace(100_000, 1.0, requests, rng=rng))
    sizes = np.unique(np.geomspace(1, 100_000, 40).astype(int))
    model = lru_trace_hit_ratio(zipf_popularity(100_000, 1.0), sizes, requests)
    assert np.abs(curve.at(sizes) - model).max() < 1e-3


def test_shards_with_every_key_is_exact(rng, engine):
    trace = zipf_trace(300, 0.9, 4_000, rng=rng)
    exact, sample = lru_curve(trace), shards_curve(trace, 1.0, rng=rng)
    assert exact.mean_absolute_error(sample) == 0
    assert np.array_equal(exact.hit_ratio, sample.hit_ratio)


def test_shards_error_shrinks_with_the_sample(rng):
    """Waldspurger et al. find a mean absolute error of a few thousandths to hundredths."""
    pytest.importorskip("numba")
    trace = zipf_trace(50_000, 0.8, 1_000_000, rng=rng)
    exact = lru_curve(trace)
    errors = [
        np.mean([exact.mean_absolute_error(shards_curve(trace, rate, rng=rng)) for _ in range(6)])
        for rate in (0.01, 0.3)
    ]
    assert errors[0] < 0.03
    assert errors[1] < errors[0] / 2


def test_the_adjustment_helps(rng):
    """Without it, a sample with too many hot keys shifts the whole curve."""
    pytest.importorskip("numba")
    trace = zipf_trace(20_000, 1.0, 400_000, rng=rng)
    exact, with_it, without = lru_curve(trace), [], []
    for stream in rng.spawn(12):
        chosen = np.random.default_rng(stream.bit_generator.seed_seq).random(20_000) < 0.05
        same = np.random.default_rng(stream.bit_generator.seed_seq)
        with_it.append(exact.mean_absolute_error(shards_curve(trace, 0.05, rng=same)))
        sample = lru_curve(trace[chosen[trace]])  # its keys keep their numbers: no matter
        ratio = sample.at(exact.capacity * 0.05)
        without.append(np.abs(ratio - exact.hit_ratio).mean())
    assert np.mean(with_it) < np.mean(without) / 2
