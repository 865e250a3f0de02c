import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare, zipfian

from scalelab.workloads.popularity import (
    KeySampler,
    hot_set_popularity,
    uniform_popularity,
    zipf_popularity,
    zipf_trace,
)

any_weights = st.lists(
    st.one_of(st.just(0.0), st.floats(1e-6, 1e6)), min_size=1, max_size=40
).filter(any)


def table_shares(sampler):
    """What each key gets by the table, exactly: its own column and its parts of the others."""
    own = sampler._own_share.astype(float)
    return (own + np.bincount(sampler._other, 1 - own, sampler.keys)) / sampler.keys


@pytest.mark.parametrize("exponent", [0.01, 0.5, 1.0, 2.5])
def test_zipf_is_scipys(exponent):
    ours = zipf_popularity(50, exponent)
    assert ours == pytest.approx(zipfian.pmf(np.arange(1, 51), exponent, 50), rel=1e-12)


def test_no_skew_is_uniform_and_much_is_one_key():
    assert np.array_equal(zipf_popularity(8, 0), uniform_popularity(8))
    assert zipf_popularity(3, 1e6).tolist() == [1.0, 0.0, 0.0]


@given(keys=st.integers(2, 400), share=st.floats(0.01, 0.99), requests=st.floats(0, 1))
def test_the_hot_set_has_its_share(keys, share, requests):
    popularity = hot_set_popularity(keys, share, requests)
    hot = min(max(round(share * keys), 1), keys - 1)
    assert popularity.sum() == pytest.approx(1)
    assert popularity[:hot].sum() == pytest.approx(requests)


@given(weight=any_weights)
def test_the_alias_table_is_the_distribution(weight):
    shares = np.array(weight) / np.sum(weight)
    assert table_shares(KeySampler(weight)) == pytest.approx(shares, abs=2e-7)


def test_the_alias_table_of_a_large_catalogue():
    popularity = zipf_popularity(300_000, 1.1)
    assert np.allclose(table_shares(KeySampler(popularity)), popularity, rtol=1e-4, atol=0)


def test_rare_keys_keep_their_share():
    weight = np.full(1_000, 1e-9)
    weight[7] = 1.0
    shares = table_shares(KeySampler(weight))
    assert shares[0] == pytest.approx(1e-9, rel=0.1, abs=1e-10)


def test_draws_follow_the_popularity(rng):
    popularity = zipf_popularity(60, 0.9)
    counts = np.bincount(KeySampler(popularity).draw(200_000, rng=rng), minlength=60)
    assert chisquare(counts, 200_000 * popularity).pvalue > 1e-4
    steeper = zipf_popularity(60, 0.92)  # and the comparison can fail
    assert chisquare(counts, 200_000 * steeper).pvalue < 1e-4


def test_draws_are_independent(rng):
    drawn = KeySampler(zipf_popularity(4, 1.0)).draw(200_000, rng=rng)
    pairs = np.bincount(4 * drawn[:-1] + drawn[1:], minlength=16)
    shares = np.outer(zipf_popularity(4, 1.0), zipf_popularity(4, 1.0)).ravel()
    assert chisquare(pairs, pairs.sum() * shares).pvalue > 1e-4


def test_a_key_that_nobody_asks_for_is_never_drawn(rng):
    assert set(KeySampler([0, 1, 0, 2, 0]).draw(10_000, rng=rng).tolist()) == {1, 3}


def test_the_same_seed_gives_the_same_trace_of_four_bytes_a_request():
    first, again = (zipf_trace(99, 1.0, 50_000, rng=np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(first, again)
    assert first.dtype == np.int32
    assert first.nbytes == 200_000


def test_shuffled_keys_say_nothing_of_their_rank(rng):
    ranked = np.bincount(zipf_trace(500, 1.0, 100_000, rng=rng, shuffled=False), minlength=500)
    shuffled = np.bincount(zipf_trace(500, 1.0, 100_000, rng=rng), minlength=500)
    rank = np.arange(500)
    assert np.corrcoef(rank, ranked)[0, 1] < -0.25
    assert abs(np.corrcoef(rank, shuffled)[0, 1]) < 0.15
    assert np.sort(shuffled)[-1] == pytest.approx(ranked[0], rel=0.1)
