"""Experiments of the chapter on read replicas: lag, its laws, rules for readers, capacity."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scalelab import _validate as v
from scalelab.course.page import Html, note, table
from scalelab.diagrams import Arrow, Box, diagram
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.fakes.replication.replication_types import Read, Write
from scalelab.fakes.replication.routing_policies import (
    AnyReplica,
    PinAfterWrite,
    Policy,
    Route,
    WriteToken,
)
from scalelab.fakes.replication.session_guarantees import Session
from scalelab.models.lag_laws import UniformSumLag, lognormal_from_percentiles
from scalelab.models.replication import safe_read_load_per_s
from scalelab.models.staleness import stale_share
from scalelab.plotting import BLUE, GREEN, INK, MUTED, ORANGE, RED, TINTS, label
from scalelab.quantities import percent, quantity
from scalelab.real.limits import TheirError, call
from scalelab.sim.replication_lag import ReplayRun, replay_run

GUIDE_LAGS_S = {  # the guide's ranges; the last is from another of its lists
    "one data centre, 1 to 10 ms": (0.001, 0.010),
    "two regions, 50 to 200 ms": (0.050, 0.200),
    "“typical”, 10 ms to 5 s": (0.010, 5.0),
}
ROWS = {name.partition(",")[0]: name for name in GUIDE_LAGS_S}
WINDOWS_MS = (1, 5, 10, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000)
NODE_PER_S = 10_000  # reads a second that fill one node of the guide's box
LIMIT = 0.7  # how busy a node should be at the most


def replicas_picture() -> Figure:
    """Draw who gets what, and the way of a write to those who answer reads."""
    boxes = {
        "app": Box(x=0, y=1.1, text="application", width=1.9),
        "primary": Box(x=3.6, y=2.2, text="primary", colour=ORANGE, width=1.7),
        "balancer": Box(x=3.6, y=0, text="balancer", width=1.7),
    }
    arrows = [
        Arrow(start="app", end="primary", text="writes"),
        Arrow(start="app", end="balancer", text="reads"),
    ]
    for i in range(3):
        name = f"replica {i + 1}"
        boxes[name] = Box(x=8, y=2.2 - 1.1 * i, text=name, colour=GREEN, width=1.7)
        arrows.append(Arrow(start="primary", end=name, dashed=True, text="" if i else "log"))
        arrows.append(Arrow(start="balancer", end=name))
    return diagram(boxes, arrows, height=2.5)


def missed_share(
    rng: np.random.Generator, redirect_ms: float, low_ms: float, high_ms: float, posts: int = 300
) -> float:
    """Post on the fake, read a random replica after a redirect, and count what is not there.

    A replica shows a write between `low_ms` and `high_ms` after it has received it, at random.
    """
    clock = VirtualClock()
    store = ReplicatedStore(
        clock,
        replicas=3,
        apply_delay_s=lambda r: float(r.uniform(low_ms, high_ms)) / 1e3,
        rng=rng,
    )
    session = Session(store, AnyReplica(rng=rng))
    for post in range(posts):
        session.put(post, "my comment")
        clock.advance(redirect_ms / 1e3)
        session.get(post)
        clock.advance(high_ms / 1e3)
    return session.stats().stale / posts


def missed_by_model(redirect_ms: float, low_ms: float, high_ms: float) -> float:
    """Share of lags, any in the range as likely as another, that a redirect does not outwait."""
    lag = UniformSumLag(stages_s=((low_ms / 1e3, high_ms / 1e3),))
    return float(stale_share(lag, redirect_ms / 1e3))


def tails(low_s: float, high_s: float, time_s: v.FloatArray | float) -> dict[str, v.FloatArray]:
    """Share of lags beyond a time, by four laws that all say "from `low_s` to `high_s`"."""
    time = np.asarray(time_s, dtype=float)
    with np.errstate(divide="ignore"):
        log_uniform = np.log(high_s / time) / np.log(high_s / low_s)
    nine_of_ten = lognormal_from_percentiles(low_s, high_s)
    nearly_all = lognormal_from_percentiles(low_s, high_s, low_share=0.01, high_share=0.99)
    return {
        "log-normal, ends are p5 and p95": np.asarray(stale_share(nine_of_ten, time)),
        "log-normal, ends are p1 and p99": np.asarray(stale_share(nearly_all, time)),
        "log-uniform": np.clip(log_uniform, 0, 1),
        "uniform": np.asarray(stale_share(UniformSumLag(stages_s=((low_s, high_s),)), time)),
    }


def band(low_s: float, high_s: float, time_s: float) -> tuple[float, float]:
    """Smallest and largest share of late replicas that the four laws give."""
    shares = [float(tail) for tail in tails(low_s, high_s, time_s).values()]
    return min(shares), max(shares)


def draw_window(ax: Axes, window_ms: float, row: str) -> str:
    """Draw how many replicas are late, against the age of the write, as a band over the laws."""
    time_s = np.geomspace(1e-3, 20, 300)
    # Colour, and where its words stand: in two rows, so that they do not meet on a phone.
    looks = zip((GREEN, BLUE, ORANGE), ((4, 104), (60, 118), (4_000, 104)), strict=True)
    for (name, ends), (colour, words) in zip(GUIDE_LAGS_S.items(), looks, strict=True):
        shares = 100 * np.array(list(tails(*ends, time_s).values()))
        chosen = name == row
        ax.fill_between(
            1e3 * time_s,
            shares.min(axis=0),
            shares.max(axis=0),
            color=colour if chosen else TINTS[colour],
            alpha=0.55 if chosen else 1,
            lw=0,
        )
        ax.text(*words, name.split(", ")[1], ha="center", color=INK if chosen else MUTED)
    least, most = band(*GUIDE_LAGS_S[row], window_ms / 1e3)
    ax.axvline(window_ms, color=INK, ls="--", lw=1)
    for edge in (least, most):
        ax.plot([window_ms], [100 * edge], "o", color=INK, ms=4)
    ax.set(xscale="log", xlim=(1, 20_000), ylim=(0, 132), yticks=[0, 25, 50, 75, 100])
    ax.set_xticks([1, 10, 100, 1_000, 10_000], ["1 ms", "10 ms", "100 ms", "1 s", "10 s"])
    label(ax, x="time since the write", y="replicas without it, %")
    apart = most - least > 5e-4
    share = f"{percent(least, 2)} to {percent(most, 2)}" if apart else percent(least, 2)
    law = ", depending on the law" if apart else ", by each of the laws"
    return (
        f"Lag in {row}: {quantity(window_ms, 'ms')} after a write, {share} of the replicas "
        f"do not have it{law}."
    )


class PrimaryForReads:
    """The guide's "next few reads": after a write, so many reads go to the primary.

    Parameters
    ----------
    reads : int
        How many, one or more.
    rng : numpy.random.Generator
        Chooses the replica for all others.
    """

    def __init__(self, reads: int, *, rng: np.random.Generator) -> None:
        self._most, self._left = v.count("PrimaryForReads", "reads", reads), 0
        self._others = AnyReplica(rng=rng)

    def route(self, store: ReplicatedStore) -> Route:
        """Send the read to the primary while any of the reads is left."""
        self._left -= 1
        return Route(node=None) if self._left >= 0 else self._others.route(store)

    def wrote(self, store: ReplicatedStore, write: Write) -> None:
        """Begin to count anew."""
        self._left = self._most

    def saw(self, read: Read) -> None:
        """Take no note."""


PAGE = ("menu", "avatar", "article", "advertisement", "comments", "footer")  # reads of one page


def who_sees_it(rng: np.random.Generator, lag_s: float) -> dict[str, dict[str, bool]]:
    """Post a comment on a laptop, load a page of six reads there and, 0.2 s later, on a phone.

    Returns for each rule whether each device shows the comment; replicas are `lag_s` behind.
    """
    rules: dict[str, tuple[Callable[[], Policy], bool]] = {
        "the next 3 reads, by session": (lambda: PrimaryForReads(3, rng=rng), False),
        "500 ms, by session": (lambda: PinAfterWrite(0.5, rng=rng), False),
        "500 ms, by user": (lambda: PinAfterWrite(0.5, rng=rng), True),
        "position of the write, by user": (lambda: WriteToken(behind="skip", rng=rng), True),
    }
    seen = {}
    for name, (make, shared) in rules.items():
        store = ReplicatedStore(VirtualClock(), replicas=3, apply_delay_s=lag_s)
        policy = make()
        laptop = Session(store, policy, client="laptop")
        phone = Session(store, policy if shared else make(), client="phone")
        laptop.put("comments", "my comment")
        on_laptop = [laptop.get(part) for part in PAGE]
        store.clock.advance(0.2)
        on_phone = [phone.get(part) for part in PAGE]
        seen[name] = {
            "laptop": "my comment" in on_laptop,
            "phone": "my comment" in on_phone,
        }
    return seen


def rules_table(rng: np.random.Generator, lag_s: float) -> Html:
    """Show which rule lets whom see the comment."""
    words = {True: "there", False: "missing"}
    rows: list[dict[str, Any]] = [
        {
            "reads go to the primary for": name,
            "on the laptop": words[seen["laptop"]],
            "on the phone": words[seen["phone"]],
        }
        for name, seen in who_sees_it(rng, lag_s).items()
    ]
    return table(rows, "A comment of one user on two devices, with replicas that are behind.")


def promises() -> dict[str, float]:
    """Return the reads a second of three replicas, with one condition more each time."""
    safe = safe_read_load_per_s
    return {
        "all three full": safe(NODE_PER_S, 3),
        "replay takes 10 %": safe(NODE_PER_S, 3, write_share=0.1),
        "and nobody over 70 %": safe(NODE_PER_S, 3, write_share=0.1, max_utilisation=LIMIT),
        "and one may fail": safe(NODE_PER_S, 3, write_share=0.1, max_utilisation=LIMIT, lost=1),
    }


LOAD_PER_S = 30_000  # reads a second of the explorer


def busy(replicas: int, write_share: float, lost: int) -> float:
    """How busy each replica is that is left, at the explorer's load."""
    return write_share + LOAD_PER_S / (NODE_PER_S * (replicas - lost))


def draw_replicas(ax: Axes, replicas: int, write_share: float, fails: bool) -> str:
    """Draw how busy each replica is with replay and with reads, and what a failure does."""
    left = replicas - fails
    each = busy(replicas, write_share, fails)
    names = [str(i + 1) for i in range(left)]
    ax.bar(names, 100 * write_share, color=ORANGE, label="replay of writes")
    reads = [100 * (each - write_share)] * left
    ax.bar(names, reads, bottom=100 * write_share, color=TINTS[BLUE], ec=BLUE, label="reads")
    if fails:
        ax.bar([str(replicas)], [0])
        ax.text(replicas - 1, 3, "failed", ha="center", color=RED, rotation=90)
    ax.axhline(100 * LIMIT, color=INK, ls="--", lw=1)
    ax.set(ylim=(0, max(160.0, 110 * each)))
    label(ax, x="replica", y="busy, %", legend=True)
    verdict = "within" if each <= LIMIT + 1e-9 else "beyond"
    return (
        f"{quantity(LOAD_PER_S, 'reads/s')} on {left} of {replicas} replicas: each is "
        f"{percent(each, 3)} busy, {verdict} the limit of {percent(LIMIT)}."
    )


APPLIES_PER_S = 1_600  # writes a second that one replay process applies
QUIET_PER_S, IMPORT_PER_S, IMPORT_S = 200, 2_000, (10.0, 20.0)


def import_run(workers: int = 1) -> ReplayRun:
    """Commit 200 writes a second for 40 s, and 2,000 a second for ten of them; replay all."""
    begin, end = IMPORT_S
    pieces = ((0.0, begin, QUIET_PER_S), (begin, end, IMPORT_PER_S), (end, 40.0, QUIET_PER_S))
    commits = np.concatenate([np.arange(a, b, 1 / rate) for a, b, rate in pieces])
    return replay_run(commits, np.full(commits.size, 1 / APPLIES_PER_S), workers=workers)


def lag_at_the_end(run: ReplayRun) -> float:
    """Lag in seconds of the last write of the import."""
    return float(run.lag_s[np.searchsorted(run.commit_s, IMPORT_S[1]) - 1])


def missed_in_import(run: ReplayRun, window_s: float) -> float:
    """Share of the import's writes that a read after a window does not see."""
    within = (run.commit_s >= IMPORT_S[0]) & (run.commit_s < IMPORT_S[1])
    return float((run.lag_s[within] > window_s).mean())


def plot_import(ax: Axes, runs: dict[str, ReplayRun]) -> Axes:
    """Draw the lag of each write against its commit, and a window of a second."""
    for (name, run), colour in zip(runs.items(), (ORANGE, BLUE), strict=False):
        ax.plot(run.commit_s[::50], run.lag_s[::50], color=colour, label=name)
    ax.axvspan(*IMPORT_S, color=MUTED, alpha=0.15, lw=0)
    ax.axhline(1.0, color=INK, ls="--", lw=1, label="window of 1 s")
    ax.set(xlim=(0, 40), ylim=(-0.15, 3))  # a lag of 0 stands off the axis
    ax.text(15, 2.75, "import", ha="center", color=INK)
    return label(ax, x="time of the commit, s", y="lag, s", legend=True)


NOON = tuple((i / 600, 0.005) for i in range(600))  # commits in a second, and what each takes


def own_noon(shown_at_s: Callable[..., Any], window_ms: Callable[..., Any]) -> Html:
    """Let a learner's replica apply an import, and a learner's window look at its lags."""
    try:
        shown = call(shown_at_s, list(NOON), 0.001, None)
        if shown is ...:
            return note("Still to do: your shown_at_s is the stub. Then it applies noon.")
        lags_ms = [
            max(1, round(1e3 * (at - commit))) for at, (commit, _) in zip(shown, NOON, strict=True)
        ]
        window = call(window_ms, list(lags_ms), 100)
    except TheirError as theirs:
        return note(f"{type(theirs.error).__name__} came out of your code. The check says where.")
    except (TypeError, ValueError):
        return note(f"shown_at_s must return a time for each of the {len(NOON)} writes.")
    if window is ...:
        said = "Your window_ms is the stub: with it, this says how long the window must be."
    else:
        said = f"For one late write in a hundred your window must be {window} ms."
    return note(f"Noon on your replica: lags from {min(lags_ms)} to {max(lags_ms)} ms. {said}")
