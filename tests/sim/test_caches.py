import tracemalloc

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scalelab.models.hit_ratio import perfect_hit_ratio
from scalelab.sim import _requests
from scalelab.sim.caches import POLICIES, simulate_cache
from scalelab.workloads.oracle_general import write_oracle_general
from scalelab.workloads.popularity import zipf_popularity, zipf_trace

both_engines = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
traces = st.lists(st.integers(0, 12), min_size=1, max_size=150)
# Belady, 1966, as in Silberschatz, Galvin and Gagne, *Operating System Concepts*, ch. 9.
BELADY_STRING = [7, 0, 1, 2, 0, 3, 0, 4, 2, 3, 0, 3, 2, 1, 2, 0, 1, 7, 0, 1]
ANOMALY_STRING = [1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5]
IN_LIBCACHESIM = {
    "fifo": "FIFO",
    "lru": "LRU",
    "clock": "Clock",
    "sieve": "Sieve",
    "s3-fifo": "S3FIFO",
    "lfu": "LFU",
    "2q": "TwoQ",
    "arc": "ARC",
    "belady": "Belady",
}


def hits(trace, capacity, policy):
    return int(simulate_cache(trace, capacity, policy).sum())


@pytest.mark.parametrize(("policy", "faults"), [("fifo", 15), ("lru", 12), ("belady", 9)])
def test_the_textbooks_page_faults(engine, policy, faults):
    """Three frames, twenty references: the counts in every book on operating systems."""
    assert len(BELADY_STRING) - hits(BELADY_STRING, 3, policy) == faults


def test_beladys_anomaly(engine):
    """FIFO with four frames faults ten times, with three nine times."""
    assert 12 - hits(ANOMALY_STRING, 3, "fifo") == 9
    assert 12 - hits(ANOMALY_STRING, 4, "fifo") == 10


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        # a b c fill three places; a is used again; d and e push somebody out
        ("fifo", "...x....."),
        ("lru", "...x....."),
        ("clock", "...x....."),
        ("sieve", "...x...x."),
        ("lfu", "...x...x."),
        ("belady", "...x..xx."),
    ],
)
def test_by_hand(engine, policy, expected):
    """A, b, c, a, d, e, b, a, c with room for three.

    FIFO loses a to d at once. LRU and CLOCK keep it until b comes back. LFU has counted two uses,
    and SIEVE's hand has passed a and goes on with what is newer. Belady loses c, and keeps a and b.
    """
    found = simulate_cache([0, 1, 2, 0, 3, 4, 1, 0, 2], 3, policy)
    assert "".join(".x"[hit] for hit in found.astype(int)) == expected


def test_sieve_keeps_the_hand_where_clock_moves_keys(engine):
    """CLOCK sends a visited key to the back of the queue, SIEVE leaves it in its old place."""
    trace = [0, 1, 2, 0, 3, 4, 5, 0, 1]
    differ = [
        simulate_cache(trace, 3, policy).astype(int).tolist() for policy in ("clock", "sieve")
    ]
    assert differ[0] == [0, 0, 0, 1, 0, 0, 0, 0, 0]
    assert differ[1] == [0, 0, 0, 1, 0, 0, 0, 1, 0]


def test_a_scan_does_not_flush_what_resists_scans(rng, engine):
    hot = rng.integers(0, 50, 4_000)
    mixed = np.where(rng.random(4_000) < 0.7, hot, np.arange(10_000, 14_000))
    trace = np.concatenate([mixed, np.arange(100, 2_100), hot])
    after = slice(6_000, 6_200)  # right after the scan
    ratio = {policy: simulate_cache(trace, 100, policy)[after].mean() for policy in POLICIES}
    assert ratio["lru"] < 0.8
    assert ratio["fifo"] < 0.8
    for policy in ("s3-fifo", "arc", "2q", "lfu", "w-tinylfu", "belady"):
        assert ratio[policy] > 0.95, policy


def test_frequency_is_forgotten_by_w_tinylfu_and_not_by_lfu(rng, engine):
    """Yesterday's hot keys hold LFU's cache for ever."""
    trace = np.concatenate([rng.integers(0, 50, 50_000), rng.integers(100, 150, 10_000)])
    late = {
        policy: simulate_cache(trace, 50, policy)[-2_000:].mean() for policy in ("lfu", "w-tinylfu")
    }
    assert late["lfu"] < 0.1
    assert late["w-tinylfu"] > 0.9


@pytest.mark.parametrize("policy", POLICIES)
@given(trace=traces, capacity=st.integers(1, 14))
def test_both_forms_agree(policy, trace, capacity):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCALELAB_NO_NUMBA", "1")
        plain = simulate_cache(trace, capacity, policy)
        patch.delenv("SCALELAB_NO_NUMBA")
        assert np.array_equal(simulate_cache(trace, capacity, policy), plain)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("capacity", [7, 150, 700])
def test_both_forms_agree_on_a_long_run(monkeypatch, rng, policy, capacity):
    trace = zipf_trace(2_000, 0.7, 30_000, rng=rng)
    here = simulate_cache(trace, capacity, policy)
    monkeypatch.setenv("SCALELAB_NO_NUMBA", "1")
    assert np.array_equal(simulate_cache(trace, capacity, policy), here)


@pytest.mark.parametrize("policy", IN_LIBCACHESIM)
@pytest.mark.parametrize(("keys", "exponent", "capacity"), [(900, 0.6, 40), (3_000, 1.0, 500)])
def test_hits_are_libcachesims(tmp_path, rng, policy, keys, exponent, capacity):
    libcachesim = pytest.importorskip("libcachesim", exc_type=ImportError)
    trace = zipf_trace(keys, exponent, 40_000, rng=rng)
    file = tmp_path / "trace.oracleGeneral"
    write_oracle_general(file, trace)
    reader = libcachesim.TraceReader(str(file), libcachesim.TraceType.ORACLE_GENERAL_TRACE)
    misses, _ = getattr(libcachesim, IN_LIBCACHESIM[policy])(capacity).process_trace(reader)
    assert hits(trace, capacity, policy) == round((1 - misses) * trace.size)


def test_w_tinylfu_is_near_to_libcachesims(tmp_path, rng):
    """Theirs counts with a sketch and starts otherwise, so hits differ by some hundredths."""
    libcachesim = pytest.importorskip("libcachesim", exc_type=ImportError)
    trace = zipf_trace(3_000, 0.9, 100_000, rng=rng)
    file = tmp_path / "trace.oracleGeneral"
    write_oracle_general(file, trace)
    reader = libcachesim.TraceReader(str(file), libcachesim.TraceType.ORACLE_GENERAL_TRACE)
    misses, _ = libcachesim.WTinyLFU(300).process_trace(reader)
    ours = hits(trace, 300, "w-tinylfu") / trace.size
    assert ours == pytest.approx(1 - misses, abs=0.03)
    assert ours > hits(trace, 300, "lru") / trace.size + 0.05


@pytest.mark.parametrize("policy", POLICIES)
@given(trace=traces, capacity=st.integers(1, 14))
@both_engines
def test_nobody_beats_belady(policy, trace, capacity):
    assert hits(trace, capacity, policy) <= hits(trace, capacity, "belady")


@given(trace=st.lists(st.integers(0, 5), min_size=1, max_size=14), capacity=st.integers(1, 4))
def test_belady_is_the_optimum_by_brute_force(trace, capacity):
    """Every choice of victim at every miss, and the best of them."""
    best = {frozenset(): 0}
    for key in trace:
        following = {}
        for cache, found in best.items():
            if key in cache:
                options = [(cache, found + 1)]
            elif len(cache) < capacity:
                options = [(cache | {key}, found)]
            else:
                options = [(cache - {victim} | {key}, found) for victim in cache]
            for state, score in options:
                following[state] = max(score, following.get(state, 0))
        best = following
    assert hits(trace, capacity, "belady") == max(best.values())


@given(trace=traces, capacity=st.integers(1, 13))
def test_stack_policies_never_lose_by_a_larger_cache(trace, capacity):
    smaller, larger = (simulate_cache(trace, size, "lru") for size in (capacity, capacity + 1))
    assert not np.any(smaller & ~larger)  # what is in the smaller cache is in the larger one
    assert hits(trace, capacity + 1, "belady") >= hits(trace, capacity, "belady")


@pytest.mark.parametrize("policy", POLICIES)
@given(trace=traces, more=st.integers(0, 40))
def test_with_room_for_all_only_first_requests_miss(policy, trace, more):
    found = simulate_cache(trace, max(trace) + 1 + more, policy)
    assert (~found).sum() == len(set(trace))


@pytest.mark.parametrize("policy", POLICIES)
@given(trace=traces, capacity=st.integers(1, 14), shift=st.integers(1, 9))
def test_the_number_of_a_key_says_nothing(policy, trace, capacity, shift):
    renamed = (np.array(trace) * 5 + shift) % 13  # a permutation of 0..12
    assert np.array_equal(
        simulate_cache(trace, capacity, policy), simulate_cache(renamed, capacity, policy)
    )


def test_lfu_comes_near_to_the_most_popular_keys(rng, engine):
    popularity = zipf_popularity(2_000, 0.9)
    trace = zipf_trace(2_000, 0.9, 200_000, rng=rng)
    late = simulate_cache(trace, 200, "lfu")[100_000:].mean()
    best = perfect_hit_ratio(popularity, 200)
    assert best - 0.05 < late < best + 0.01


def test_one_byte_a_request_and_some_for_each_key(rng):
    """Beside the trace: the answer, LRU's bits or Belady's moments, and a few arrays over keys."""
    pytest.importorskip("numba")
    keys, requests = 20_000, 1_000_000
    trace = zipf_trace(keys, 1.0, requests, rng=rng)
    for policy in POLICIES:
        simulate_cache(trace[:100], 10, policy)  # compiled beforehand
        tracemalloc.start()
        simulate_cache(trace, 2_000, policy)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        per_request = 6 if policy == "belady" else 2
        assert peak < per_request * requests + 64 * keys, policy


def test_any_integers_and_no_copy_of_four_bytes(rng):
    trace = rng.integers(0, 9, 50)
    expected = simulate_cache(trace, 3)
    for kind in (np.int8, np.uint16, np.int32, np.uint64):
        assert np.array_equal(simulate_cache(trace.astype(kind), 3), expected)
    assert np.array_equal(simulate_cache(np.repeat(trace, 2)[::2], 3), expected)
    small = trace.astype(np.int32)
    assert _requests.checked_trace("f", small)[0] is small


def test_sparse_keys_are_refused_with_the_remedy():
    with pytest.raises(
        ValueError, match=r"simulate_cache: trace must have keys < .*, got 4.*renum"
    ):
        simulate_cache([2**42, 3], 1)
