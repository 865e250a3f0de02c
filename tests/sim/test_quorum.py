"""Staleness of quorums: against a loop that plays single reads, integrals and set arithmetic."""

import math

import numpy as np
import pytest
from scipy.integrate import dblquad

from scalelab.sim.quorum import quorum_staleness

pytestmark = pytest.mark.usefixtures("engine")


def exponential(mean_s):
    return lambda rng, shape: rng.exponential(mean_s, shape)


def run(replicas, read_quorum, write_quorum, trials=40_000, seed=1, means=(10.0, 2.0, 2.0, 2.0)):
    names = ("write", "acknowledge", "read", "respond")
    return quorum_staleness(
        replicas,
        read_quorum,
        write_quorum,
        **dict(zip(names, map(exponential, means), strict=True)),
        trials=trials,
        rng=np.random.default_rng(seed),
    )


def one_read_is_stale(write, acknowledge, read, respond, read_quorum, write_quorum, time_s):
    """Play one trial as it would happen, at one time."""
    done = sorted(w + a for w, a in zip(write, acknowledge, strict=True))[write_quorum - 1]
    order = sorted(range(len(read)), key=lambda i: read[i] + respond[i])[:read_quorum]
    return all(write[i] > done + time_s + read[i] for i in order)


@pytest.mark.parametrize(("replicas", "r", "w"), [(1, 1, 1), (3, 1, 1), (3, 1, 2), (5, 2, 2)])
def test_every_time_at_once_is_one_time_after_another(replicas, r, w):
    rng, delays = np.random.default_rng(3), []

    def draw(rng, shape):
        delays.append(rng.exponential(1.0, shape))
        return delays[-1]

    made = quorum_staleness(
        replicas, r, w, write=draw, acknowledge=draw, read=draw, respond=draw, trials=400, rng=rng
    )
    for time_s in (0.0, 0.3, 2.0):
        stale = [one_read_is_stale(*(d[k] for d in delays), r, w, time_s) for k in range(400)]
        assert made.stale_share(time_s) == pytest.approx(np.mean(stale))


def test_two_replicas_by_integration():
    """R = W = 1 of two: the reader is stale if the replica that answers is late by time t.

    With A = S = 0 and read delays alike, the write is done at W₁ (the smaller), the answer
    comes from either replica with probability 1/2, and it misses the write if it is the other
    one and W₂ > W₁ + t + R for the smaller R of two.
    """
    mean_write, mean_read, time_s = 10.0, 2.0, 3.0

    def density(r, excess):  # W₂ − W₁ is exponential again; R of the first answer: the smaller
        return (2 / mean_read) * math.exp(-2 * r / mean_read) * math.exp(-excess / mean_write)

    late, _ = dblquad(
        lambda excess, r: density(r, excess) / mean_write,
        0,
        60,
        lambda r: r + time_s,
        lambda r: 400,
    )
    made = quorum_staleness(
        2,
        1,
        1,
        write=exponential(mean_write),
        acknowledge=lambda rng, shape: np.zeros(shape),
        read=exponential(mean_read),
        respond=lambda rng, shape: np.zeros(shape),
        trials=200_000,
        rng=np.random.default_rng(5),
    )
    error = math.sqrt(late / 2 * (1 - late / 2) / 200_000)
    assert abs(made.stale_share(time_s) - late / 2) < 4 * error
    assert abs(made.stale_share(time_s) - 1.05 * late / 2) > 4 * error  # it can fail


@pytest.mark.parametrize(("r", "w"), [(2, 2), (1, 3), (3, 1)])
def test_quorums_that_overlap_are_never_stale(r, w):
    assert run(3, r, w).stale_share([0.0, 1.0]).tolist() == [0.0, 0.0]


def test_at_once_the_overlap_of_random_sets():
    """Bailis et al., eq. 1: if writes take for ever, a read of R misses W random replicas."""
    made = run(5, 2, 2, means=(1e9, 0.0, 0.0, 1.0), trials=100_000)
    theory = math.comb(3, 2) / math.comb(5, 2)
    assert made.stale_share(0.0) == pytest.approx(theory, abs=4 * math.sqrt(theory / 100_000))


def test_later_reads_are_fresher_and_larger_quorums_too():
    shares = run(3, 1, 1).stale_share(np.linspace(0, 60, 50))
    assert (np.diff(shares) <= 0).all()
    assert run(3, 1, 2).stale_share(5.0) < shares[0] > run(3, 2, 1).stale_share(0.0)


def test_latencies_are_order_statistics():
    made = run(3, 1, 1, means=(10.0, 0.0, 6.0, 0.0))
    assert made.write_s.mean() == pytest.approx(10 / 3, rel=0.03)  # the smallest of three
    assert run(3, 3, 1, means=(10.0, 0.0, 6.0, 0.0)).read_s.mean() == pytest.approx(11.0, rel=0.03)


def test_engines_agree(monkeypatch):
    pytest.importorskip("numba")
    monkeypatch.delenv("SCALELAB_NO_NUMBA", raising=False)
    compiled = run(5, 2, 3)
    monkeypatch.setenv("SCALELAB_NO_NUMBA", "1")
    assert np.allclose(compiled.fresh_after_s, run(5, 2, 3).fresh_after_s)
