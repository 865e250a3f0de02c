"""Two copies of the data and a cut between them: what is given up, and what is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from scalelab.course.page import Html, table
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.fakes.replication.replication_types import NotPrimaryError, StoreTimeoutError
from scalelab.plotting import BLUE, ORANGE, RED, TINTS, label
from scalelab.quantities import percent

CUT_S, HEALED_S = 3.0, 7.0
LINK_S = 0.1  # one way, between the two places
CLIENTS = ("clients in the east", "clients in the west")
FAR_S = 0.050  # one way, in the runs without a cut
WRITE_RATE, READS = 5.0, 4_000


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What a store promises: who has to have a write, and who may answer behind a cut."""

    is_cut: bool = True
    replicas: int = 1
    waits: bool = False
    promotes: bool = False


RULES = {
    "network whole": Rule(is_cut=False),
    "cut: only the primary answers": Rule(),
    "cut: both sides answer": Rule(promotes=True),
    "cut: a write needs both copies": Rule(waits=True),
}
MAJORITY = {"cut: a write needs two of three copies": Rule(replicas=2, waits=True)}


@dataclass
class Told:
    """What the clients of each side were told about their writes."""

    confirmed: dict[str, int] = field(default_factory=lambda: dict.fromkeys(CLIENTS, 0))
    unanswered: dict[str, int] = field(default_factory=lambda: dict.fromkeys(CLIENTS, 0))
    lost: int = 0


def make_store(clock: VirtualClock, rule: Rule) -> ReplicatedStore:
    """Make a store whose last copy is in the west, and all others in the east.

    Its promotions fence nobody: over a cut network nobody can be fenced.
    """
    network = FakeNetwork(clock)
    store = ReplicatedStore(
        clock,
        replicas=rule.replicas,
        network=network,
        sync="receive" if rule.waits else "async",
        fencing=False,
        timeout_s=1.0,
    )
    network.add(CLIENTS)
    for name in [*store.nodes[:-1], CLIENTS[0]]:
        for far in (store.nodes[-1], CLIENTS[1]):
            network.set_delay(name, far, LINK_S)
    return store


def set_going(store: ReplicatedStore, rule: Rule, times_s: Any, told: Told) -> None:
    """Let both sides write at these times, in turn; cut the network, and make it whole again."""
    clock, west = store.clock, store.nodes[-1]

    def write(i: int) -> None:
        client = CLIENTS[i % 2]
        is_cut = rule.is_cut and CUT_S <= clock.now_s < HEALED_S
        node = west if is_cut and rule.promotes and i % 2 else "node0"
        if not is_cut:
            node = store.primary

        def done(_: object) -> None:
            told.confirmed[client] += 1

        def failed(error: Exception) -> None:
            if not isinstance(error, (StoreTimeoutError, NotPrimaryError)):
                raise error
            told.unanswered[client] += 1

        store.submit_put("stock", i + 1, done, failed, node=node, client=client)

    for i, at_s in enumerate(times_s):
        clock.schedule_at(float(at_s), lambda i=i: write(i))  # type: ignore[misc]
    if rule.is_cut:
        clock.schedule_at(CUT_S, lambda: cut(store, rule))
        clock.schedule_at(HEALED_S, lambda: heal(store, rule))


def cut(store: ReplicatedStore, rule: Rule) -> None:
    """Separate the west from the east; promote its copy if the rule says so."""
    west = store.nodes[-1]
    store.network.partition([west, CLIENTS[1]])
    if rule.promotes:
        store.failover.promote(west, allow_loss=True)


def heal(store: ReplicatedStore, rule: Rule) -> None:
    """Make the network whole; of two primaries the older one follows the younger."""
    store.network.heal()
    if rule.promotes:
        store.failover.rejoin("node0")


@lru_cache(maxsize=8)
def told_by(rule: Rule) -> Told:
    """Let each side write five times a second for ten seconds, four of which are cut."""
    clock, told = VirtualClock(), Told()
    store = make_store(clock, rule)
    set_going(store, rule, 0.05 + 0.1 * np.arange(100), told)
    clock.run(13.0)
    store.check_invariants()
    told.lost = len(store.lost_writes())
    return told


def told_table() -> Html:
    """Show what the clients of each side were told under each rule."""
    rows = []
    for name, rule in (RULES | MAJORITY).items():
        told = told_by(rule)
        rows.append(
            {
                "rule": name,
                "confirmed, east": told.confirmed[CLIENTS[0]],
                "confirmed, west": told.confirmed[CLIENTS[1]],
                "without an answer": sum(told.unanswered.values()),
                "confirmed and lost": told.lost,
            }
        )
    return table(rows, "100 writes, 50 of each side; the network is cut for 40 of them.")


def plot_told(ax: Axes) -> None:
    """Draw what became of the writes under each rule, as bars."""
    names = [*RULES, *MAJORITY]
    found = [told_by(rule) for rule in (RULES | MAJORITY).values()]
    lost = np.array([told.lost for told in found])
    kept = np.array([sum(told.confirmed.values()) for told in found]) - lost
    silent = np.array([sum(told.unanswered.values()) for told in found])
    left = np.zeros(len(names))
    for counts, colour, what in (
        (kept, BLUE, "confirmed, kept"),
        (silent, ORANGE, "no answer"),
        (lost, RED, "confirmed, lost"),
    ):
        ax.barh(range(len(names)), counts, left=left, color=TINTS[colour], ec=colour, label=what)
        left = left + counts
    ax.set_yticks(range(len(names)), [name.removeprefix("cut: ") for name in names])
    ax.invert_yaxis()
    label(ax, x="writes, of 100")
    ax.legend(loc="lower center", bbox_to_anchor=(0.35, 1.0), ncols=3, frameon=False)


@lru_cache(maxsize=2)
def without_a_cut(*, waits: bool) -> tuple[float, float]:
    """Write in the east and read in the west over a whole network, 50 ms each way.

    Writes and reads come at random, with exponential gaps. Returns the mean seconds of a write, and
    the share of reads that are older than what was confirmed when they were asked.
    """
    clock, rng = VirtualClock(), np.random.default_rng(12)
    network = FakeNetwork(clock)
    store = ReplicatedStore(
        clock, replicas=1, network=network, sync="apply" if waits else "async", timeout_s=5.0
    )
    network.set_delay("node0", "node1", FAR_S)
    took: list[float] = []
    counts = {"confirmed": 0, "old": 0, "read": 0}

    def write() -> None:
        began_s = clock.now_s

        def done(answer: Any) -> None:
            took.append(clock.now_s - began_s)
            counts["confirmed"] = max(counts["confirmed"], answer.version)

        store.submit_put("stock", 1, done, _refused)

    def read() -> None:
        known = counts["confirmed"]

        def done(answer: Any) -> None:
            counts["read"] += 1
            counts["old"] += answer.version < known

        store.submit_read("stock", done, _refused, node="node1")

    end_s = _at_random(clock, rng, read, READS, 2 * WRITE_RATE)
    _at_random(clock, rng, write, int(end_s * WRITE_RATE), WRITE_RATE)
    clock.run(end_s + 10.0)
    return float(np.mean(took)), counts["old"] / counts["read"]


def _at_random(
    clock: VirtualClock,
    rng: np.random.Generator,
    action: Callable[[], None],
    count: int,
    rate_per_s: float,
) -> float:
    """Do something again and again, with exponential gaps; returns when the last one is."""
    times_s = np.cumsum(rng.exponential(1 / rate_per_s, count))
    for at_s in times_s:
        clock.schedule_at(float(at_s), action)
    return float(times_s[-1])


def _refused(error: Exception) -> None:
    raise error


def old_share_by_model() -> float:
    """Share of time in which a write is confirmed and on its way, for writes at random."""
    return float(1 - np.exp(-WRITE_RATE * FAR_S))


def whole_in_words() -> str:
    """Say what waiting costs on a whole network, and what not waiting does."""
    (waits_s, fresh), (quick_s, old) = (without_a_cut(waits=waits) for waits in (True, False))
    return (
        f"The copies are {1e3 * FAR_S:.0f} ms apart, each way, and there are {WRITE_RATE:.0f} "
        f"writes a second. If a write waits until both copies have applied it, it takes "
        f"{1e3 * waits_s:.0f} ms, and {percent(fresh)} of the reads in the west are old. If it "
        f"waits for nothing, it takes {1e3 * quick_s:.0f} ms, and {percent(old)} are old; the "
        f"formula 1 − exp(−{WRITE_RATE:.0f} × {FAR_S:g}) says {percent(old_share_by_model())}."
    )
