"""Staleness of quorums beside the cost of drawing its delays, which no method can save."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.engines import engines
from benchmarks.rounds import Case, Contender
from scalelab.sim.quorum import CHUNK, quorum_staleness

TRIALS, REPLICAS = 1_000_000, 3
MEANS_S = {"write": 0.010, "acknowledge": 0.002, "read": 0.002, "respond": 0.002}
SEED = 20260101


def draws() -> dict:
    """Exponential delays for each of the four messages."""
    return {
        name: lambda rng, shape, mean_s=mean_s: rng.exponential(mean_s, shape)
        for name, mean_s in MEANS_S.items()
    }


def staleness() -> np.ndarray:
    """Play every trial; return the share of stale reads at a few times."""
    run = quorum_staleness(
        REPLICAS, 1, 1, trials=TRIALS, rng=np.random.default_rng(SEED), **draws()
    )
    return run.stale_share(np.linspace(0, 0.05, 6))


def drawing_alone() -> None:
    """Draw the same delays in chunks of the same size, and throw them away."""
    rng = np.random.default_rng(SEED)
    for start in range(0, TRIALS, CHUNK):
        for draw in draws().values():
            draw(rng, (min(CHUNK, TRIALS - start), REPLICAS))


def same_shares(ours: np.ndarray, theirs: np.ndarray | None, requests: int) -> None:
    """Refuse other shares; drawing alone finds none."""
    if theirs is not None:
        np.testing.assert_allclose(theirs, ours)


def cases() -> Iterator[Case]:
    """One case; below 1, drawing is the faster by that factor."""
    yield Case(
        title=f"Staleness of {REPLICAS} replicas, R = W = 1, at every time",
        contenders=(
            *engines("quorum_staleness", staleness, TRIALS),
            Contender(name="drawing the delays alone", run=drawing_alone, requests=TRIALS),
        ),
        same=same_shares,
    )
