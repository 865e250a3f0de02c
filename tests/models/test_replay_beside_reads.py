"""Replay beside reads against M/M/1 and against cores that are played by hand."""

import heapq

import numpy as np
import pytest

from scalelab.models.erlang import mm1_mean_response_s
from scalelab.models.replay_beside_reads import replay_beside_reads


def test_without_reads_it_is_mm1():
    state = replay_beside_reads(700, 0.001, 0, 0.004, 4)
    assert state.replay_s == pytest.approx(mm1_mean_response_s(700, 1_000))
    assert state.replay_utilisation == pytest.approx(0.7)
    assert state.node_utilisation == pytest.approx(0.175)


def played(rng, writes, apply, reads, read, cores, seconds):
    """Mean seconds from a write's arrival until it is applied, one at a time, beside reads."""
    jobs = [(t, "read") for t in np.sort(rng.random(rng.poisson(reads * seconds)) * seconds)]
    arrivals = np.sort(rng.random(rng.poisson(writes * seconds)) * seconds)
    events = sorted(jobs + [(t, "write") for t in arrivals])
    line, free, waiting, applying, lags = [], cores, [], False, []

    def begin(now):
        nonlocal free
        while free and line:
            free -= 1
            kind, since = line.pop(0)
            work = rng.exponential(read if kind == "read" else apply)
            heapq.heappush(events, (now + work, "done " + kind, since))

    while events:
        now, kind, *since = heapq.heappop(events)
        if kind == "read":
            line.append(("read", now))
        elif kind == "write":
            waiting.append(now)
        else:
            free += 1
            if kind == "done write":
                lags.append(now - since[0])
                applying = False
        if waiting and not applying:
            applying = True
            line.append(("write", waiting.pop(0)))
        begin(now)
    return np.mean(lags)


@pytest.mark.parametrize(("writes", "reads", "cores"), [(200, 300, 4), (150, 700, 4), (60, 120, 1)])
def test_a_replica_played_by_hand_agrees(writes, reads, cores):
    found = played(np.random.default_rng(6), writes, 0.001, reads, 0.004, cores, 400)
    model = replay_beside_reads(writes, 0.001, reads, 0.004, cores).replay_s
    assert model == pytest.approx(found, rel=0.2)
    if reads > 500:
        alone = replay_beside_reads(writes, 0.001, 0, 0.004, cores).replay_s
        assert alone != pytest.approx(found, rel=0.2)


@pytest.mark.parametrize(
    ("change", "told"),
    [({"reads_per_s": 1_100}, "need < 4 cores"), ({"writes_per_s": 990}, "be < 1 a replay")],
)
def test_what_falls_behind_for_ever_is_refused(change, told):
    good = {"writes_per_s": 300, "apply_s": 0.001, "reads_per_s": 400, "read_s": 0.004, "cores": 4}
    with pytest.raises(ValueError, match=f"replay_beside_reads: .*{told}.*without bound"):
        replay_beside_reads(**(good | change))
