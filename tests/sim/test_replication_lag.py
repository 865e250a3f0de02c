"""Replay on a replica against a loop, M/M/1 and the arithmetic of lag times rate."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.agreement import standard_errors_off

from scalelab.sim.replication_lag import replay_run
from scalelab.workloads.arrivals import poisson_arrivals_s
from scalelab.workloads.service_times import exponential_times_s


def replayed_by_hand(commits, work, delays):
    received, free, applied = 0.0, 0.0, []
    for commit, seconds, delay in zip(commits, work, delays, strict=True):
        received = max(received, commit + delay)
        free = max(free, received) + seconds
        applied.append(free)
    return applied


@given(
    st.lists(st.tuples(st.floats(0, 3), st.floats(0, 2), st.floats(0, 5)), min_size=1, max_size=30)
)
def test_one_worker_is_a_loop(rows):
    gaps, work, delays = map(list, zip(*rows, strict=True))
    commits = np.cumsum(gaps)
    run = replay_run(commits, work, delay_s=delays)
    assert run.apply_s == pytest.approx(replayed_by_hand(commits, work, delays))
    assert (np.diff(run.apply_s) >= 0).all()


def test_poisson_commits_make_an_mm1():
    """The time in the replica is exponential with rate μ − λ: so is the stale share."""
    shares = []
    for seed in range(20):
        commits, work = np.random.default_rng(seed).spawn(2)
        run = replay_run(
            poisson_arrivals_s(80, 40_000, rng=commits), exponential_times_s(0.01, 40_000, rng=work)
        )
        shares.append(run.stale_share(0.05))
    theory = math.exp(-(100 - 80) * 0.05)
    assert standard_errors_off(shares, theory) < 4
    assert standard_errors_off(shares, 1.1 * theory) > 4


def test_lost_writes_are_lag_times_rate():
    """5 s of network at 1,000 writes a second: 5,000 are acknowledged and not there."""
    run = replay_run(np.arange(1, 20_001) / 1_000, np.zeros(20_000), delay_s=5.0)
    assert run.lost_if_failed_at(15.0) == 5_000
    assert run.writes_behind([2.0, 15.0, 30.0]).tolist() == [2_000, 5_000, 0]


def test_a_replica_that_is_too_slow_falls_behind_for_ever():
    """1.2 seconds of replay a second: after 100 s it is 20 s behind."""
    commits = np.arange(1, 10_001) / 100
    run = replay_run(commits, np.full(10_000, 0.012))
    assert run.lag_s[-1] == pytest.approx(100 * 0.2, rel=0.01)
    assert replay_run(commits, np.full(10_000, 0.012), workers=2).lag_s[-1] < 0.03


def test_side_by_side_is_visible_in_order():
    run = replay_run([0.0, 0.0, 0.0], [5.0, 1.0, 1.0], workers=3)
    assert run.apply_s.tolist() == [5.0, 5.0, 5.0]
