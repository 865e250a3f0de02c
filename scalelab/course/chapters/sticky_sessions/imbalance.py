"""How sessions come to lie unevenly on sticky servers, and what does not make them."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from scalelab.course.page import Html, table
from scalelab.models.balls_into_bins import mean_max_load_normal
from scalelab.models.imbalance import peak_to_mean, usable_share
from scalelab.models.infinite_servers import fill_time_s
from scalelab.plotting import BLUE, INK, ORANGE, label
from scalelab.quantities import number
from scalelab.sim.hash_ring import HashRing
from scalelab.sim.hashing import hash_keys
from scalelab.workloads.service_times import pareto_times_s
from scalelab.workloads.sessions import poisson_sessions

GUIDE = (1_000, 100, 500)  # the guide's example of three servers
MEAN_S = 600.0  # ten minutes
TAILS = ("exponential", "lognormal", "pareto")
FIRST_ADDRESS = 15  # the two offices then hash to the first and to the third server
UNEVEN_RING = (1_008, 1_009, 1_010)  # ids whose single points part the ring as the guide's servers


def turn_peak(sessions: float, servers: int, shorter_of_two: float = 0.5) -> float:
    r"""Mean load of the fullest server over the mean, when new sessions go to servers in turn.

    `sessions` are open on average on all servers. Placed at random, a server's number is Poisson.
    In turn, what differs between servers is only who is still there, with variance
    :math:`\sum p(1-p)`, so the excess over one shrinks by
    :math:`\sqrt{1 - E[\min(L_1, L_2)]/E[L]}`. That ratio, `shorter_of_two`, is a half for
    exponential lengths; see `shorter_pareto`.
    """
    at_random = mean_max_load_normal(round(sessions), servers) * servers / sessions
    return float(1 + (at_random - 1) * math.sqrt(1 - shorter_of_two))


def shorter_pareto(index: float) -> float:
    """Mean of the shorter of two Pareto lengths over the mean length."""
    return 2 * (index - 1) / (2 * index - 1)


def sticky_counts(
    rng: np.random.Generator, tail: str, sessions: int = 1_600, servers: int = 3
) -> NDArray[np.int64]:
    """Count the sessions on each server after sixty mean lengths, placed in turn.

    Their lengths are exponential, lognormal, or pareto with index 1.5. Of Pareto's there are still
    a twentieth fewer than in the long run: the longest have not had the time to come in.
    """
    end_s = 60 * MEAN_S
    run = poisson_sessions(sessions / MEAN_S, MEAN_S, end_s, tail=tail, rng=rng)
    here = np.arange(run.start_s.size)[run.end_s > end_s] % servers
    return np.bincount(here, minlength=servers)


def sticky_peak(rng: np.random.Generator, tail: str, sessions: int = 1_600) -> float:
    """Fullest of three sticky servers over the mean; see `sticky_counts`."""
    return peak_to_mean(sticky_counts(rng, tail, sessions))


def draw_counts(ax: Axes, tail: str, sessions: int) -> str:
    """Draw the sessions on three sticky servers, beside the guide's example.

    `tail` and `sessions` as in `sticky_counts`.
    """
    counts = sticky_counts(np.random.default_rng(2026), tail, sessions)
    law = "Pareto" if tail == "pareto" else tail
    shares = [100 * counts / counts.sum(), 100 * np.array(GUIDE) / sum(GUIDE)]
    for i, (name, share, colour) in enumerate(
        zip((f"{law} lengths", "the guide's example"), shares, (BLUE, ORANGE), strict=True)
    ):
        ax.bar(np.arange(3) + 0.36 * i - 0.18, share, 0.34, color=colour, label=name)
    ax.axhline(100 / 3, color=INK, linewidth=1)
    ax.set(xticks=range(3), xticklabels=["server 1", "server 2", "server 3"], ylim=(0, 82))
    label(ax, y="% of sessions", legend=True)
    said = ", ".join(f"{count:,}" for count in counts)
    return (
        f"{law.capitalize()} lengths, {sessions:,} sessions: {said} on the servers, the fullest "
        f"{peak_to_mean(counts):.3f} × the mean; the guide's example 1.875 ×."
    )


# Three causes ---------------------------------------------------------------------------------


def after_restarts(rng: np.random.Generator) -> list[int]:
    """Count sessions on servers of 1,000 sessions each, of which two were restarted lately.

    The third was restarted when half of its sessions would be new by now, the second when a tenth
    would be. New sessions keep coming to all three alike.
    """
    now_s = 30 * MEAN_S
    ages = [np.inf, float(fill_time_s(0.1, MEAN_S)), float(fill_time_s(0.5, MEAN_S))]
    counts = []
    for age_s, part in zip(ages, rng.spawn(3), strict=True):
        run = poisson_sessions(1_000 / MEAN_S, MEAN_S, now_s, rng=part)
        counts.append(int(np.sum((run.end_s > now_s) & (run.start_s > now_s - age_s))))
    return counts


def behind_addresses(first: int = 0) -> list[int]:
    """Count users by the hash of their address modulo three, when offices share an address.

    300 users have an address of their own, from `first` on; offices of 900 and of 400 follow.
    """
    addresses = np.arange(first, first + 302)
    users = np.repeat(addresses, [1] * 300 + [900, 400])
    owners = (hash_keys(users) % np.uint64(3)).astype(np.int64)
    return [int(count) for count in np.bincount(owners, minlength=3)]


def on_a_bare_ring() -> list[int]:
    """Count 1,600 session ids on a hash ring with one point for each of three servers."""
    owners = HashRing(UNEVEN_RING, virtual_nodes=1).place(np.arange(1_600))
    return [int(np.sum(owners == node)) for node in UNEVEN_RING]


def hot_address_share(share: float, servers: int = 3) -> float:
    """Share of all users on the server that an office hashes to.

    `share` of the users sit behind the office's one address; the others spread evenly.
    """
    return share + (1 - share) / servers


def address_for(share: float) -> float:
    """Share of users behind one address that gives its server, of three, `share` of all users."""
    return (share - 1 / 3) / (1 - 1 / 3)


def cause_table(seed: int = 2026) -> Html:
    """Show the guide's counts and what each of three causes makes."""
    cases = {
        "the guide's example": list(GUIDE),
        "two servers restarted lately": after_restarts(np.random.default_rng(seed)),
        "offices of 900 and 400 behind an address": behind_addresses(first=FIRST_ADDRESS),
        "a hash ring with one point a server": on_a_bare_ring(),
        "long sessions (Pareto)": [
            int(n) for n in sticky_counts(np.random.default_rng(seed), "pareto")
        ],
    }
    return table(
        [
            {
                "cause": name,
                "sessions": ", ".join(number(count) for count in counts),
                "fullest, × mean": peak_to_mean(counts),
                "usable, %": 100 * usable_share(counts),
            }
            for name, counts in cases.items()
        ],
        "The guide's counts, three causes that make them, and one that does not",
    )


# Requests instead of sessions -----------------------------------------------------------------


def request_peaks(
    rng: np.random.Generator, *, index: float = 1.2, cut: float = 1_000.0, runs: int = 1_500
) -> NDArray[np.float64]:
    """Draw the busiest of three servers over the mean, by requests, with 533 sessions on each.

    A session's request rate has a Pareto tail of that index, > 1. What is above `cut`, in units of
    the smallest rate, is set to it.
    """
    mean = index / (index - 1)  # then the smallest rate is 1
    rates = np.stack(
        [pareto_times_s(mean, 3 * 533, shape=index, rng=rng).reshape(3, 533) for _ in range(runs)]
    )
    load = np.minimum(rates, cut).sum(axis=2)
    peaks: NDArray[np.float64] = load.max(axis=1) / load.mean(axis=1)
    return peaks


def plot_request_peaks(ax: Axes, peaks: dict[str, NDArray[np.float64]]) -> None:
    """Draw how often the busiest server has so many times the mean, for each law of the rates."""
    bins = np.linspace(1.0, 1.8, 41).tolist()
    for (name, found), colour in zip(peaks.items(), (BLUE, ORANGE), strict=False):
        share = np.full(found.size, 100 / found.size)
        ax.hist(np.minimum(found, 1.8), bins, weights=share, color=colour, alpha=0.8, label=name)
    label(ax, x="busiest server, × mean", y="% of fleets", legend=True)
