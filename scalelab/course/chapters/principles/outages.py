"""Two incidents, simulated request by request: a cache is emptied, a server is lost."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes

from scalelab import _validate as v
from scalelab.models.availability import downtime_s_per_year, parallel_availability
from scalelab.models.cache_effect import mean_layer_latency_s
from scalelab.models.system_parts import AppTier, Cache, Database, Demand, System
from scalelab.plotting import BLUE, GREEN, INK, ORANGE, RED, label, label_lines
from scalelab.quantities import percent, quantity
from scalelab.sim.system import SystemRun, simulate_system
from scalelab.sim.system_needs import Clients, Fault, Guards

SEED = 33
WATCHED_S = 100
EMPTIED_S = 20.0
PATIENCE_S = 0.5  # of the clients, of whom none tries again
GONE_S = (20.0, 60.0)  # a server answers nothing but errors
HITS, LOOKUP_MS, NEAR_MS, QUERY_MS = 0.7, 3.0, 0.5, 4.0  # of section 3
UP = 0.999

CACHED_SHOP = System(
    demand=Demand(rate_per_s=1_400.0, write_share=0.05, keys=20_000),
    app=AppTier(servers=6, cores=4, app_s=0.005),
    database=Database(cores=4, read_s=0.006, connections=50),
    cache=Cache(capacity=5_000),
)


def with_cache_ms(
    hits: float = HITS, lookup_ms: float = LOOKUP_MS, query_ms: float = QUERY_MS
) -> float:
    """Mean time of a read that asks the cache, and then, if it must, the database."""
    return 1e3 * mean_layer_latency_s([hits], [lookup_ms / 1e3, query_ms / 1e3])


def plot_cache_latency(ax: Axes) -> None:
    """Draw the mean time of a read by the share of hits, for a near and for a far cache."""
    hits = np.linspace(0, 1, 51)
    for lookup_ms, colour in ((NEAR_MS, GREEN), (LOOKUP_MS, ORANGE)):
        means = [with_cache_ms(float(h), lookup_ms) for h in hits]
        ax.plot(100 * hits, means, color=colour, label=f"a look takes {lookup_ms:g} ms")
    ax.axhline(QUERY_MS, color=INK, ls="--", lw=1.2, label="no cache")
    ax.set(xlim=(0, 100), ylim=(0, 7.5))
    label_lines(label(ax, x="hits, % of the reads", y="mean read, ms"))


@lru_cache(maxsize=4)
def emptied(*, keeps_filling: bool) -> v.FloatArray:
    """Empty the cache of a shop, and return the share answered in time, by second.

    `keeps_filling` says whether a read whose client has left still fills the cache.
    """
    run = simulate_system(
        CACHED_SHOP,
        WATCHED_S,
        clients=Clients(timeout_s=PATIENCE_S),
        guards=Guards(fills_when_left=keeps_filling),
        faults=[Fault(kind="cache flush", at_s=EMPTIED_S)],
        warm=True,
        rng=np.random.default_rng(SEED),
    )
    return _in_time(run, PATIENCE_S)


def hits_before() -> float:
    """Share of the shop's reads that the cache answers while all is well."""
    run = simulate_system(CACHED_SHOP, 20, warm=True, rng=np.random.default_rng(SEED))
    return float(run.hit.sum() / run.per_second["reads"].sum())


def needed_without_cache() -> float:
    """Utilisation of the database that the whole load would need."""
    demand, database = CACHED_SHOP.demand, CACHED_SHOP.database
    work = (1 - demand.write_share) * database.read_s + demand.write_share * database.write_s
    return demand.rate_per_s * work / database.cores


def emptied_in_words() -> str:
    """Say how much of the shop hangs on its cache."""
    return (
        f"Its cache answers {percent(hits_before(), 2)} of the reads, and its database is sized "
        f"for the rest: without the cache it would need {needed_without_cache():.1f} of them. The "
        f"clients wait for {quantity(PATIENCE_S, 's')}."
    )


def plot_emptied(ax: Axes) -> None:
    """Draw what an emptied cache does to the answers, with and without a plan."""
    names = {
        False: ("a read stops when its client leaves", RED),
        True: ("it goes on and fills the cache", GREEN),
    }
    for keeps, (name, colour) in names.items():
        ax.plot(100 * emptied(keeps_filling=keeps), color=colour, label=name)
    _time_axis(ax)


def spare_shop(servers: int, busy: float) -> System:
    """Return a shop whose servers of two cores are so busy while all are there."""
    rate = busy * servers * 2 / 0.010
    return System(
        demand=Demand(rate_per_s=rate, write_share=0.05, keys=20_000),
        app=AppTier(servers=servers, cores=2, app_s=0.010, routing="fewest outstanding"),
        database=Database(cores=8, read_s=0.002, write_s=0.002, connections=100),
    )


SPARES = {"two servers, 70 % busy": (2, 0.70), "three servers, 47 % busy": (3, 1.4 / 3)}


@lru_cache(maxsize=4)
def lost_server(servers: int, busy: float) -> v.FloatArray:
    """Lose one server for 40 s, and return the share answered in time, by second.

    The balancer leaves out, for 10 s each time, who answered with an error.
    """
    run = simulate_system(
        spare_shop(servers, busy),
        WATCHED_S,
        clients=Clients(timeout_s=1.0),
        guards=Guards(ejects=True),
        faults=[Fault(kind="server errors", at_s=GONE_S[0], until_s=GONE_S[1])],
        rng=np.random.default_rng(SEED),
    )
    return _in_time(run, 1.0)


def plot_lost_server(ax: Axes) -> None:
    """Draw what the loss of a server does to two fleets under the same load."""
    for (name, fleet), colour in zip(SPARES.items(), (RED, BLUE), strict=True):
        short = name.replace(" servers", "")
        ax.plot(100 * lost_server(*fleet), color=colour, label=short)
    ax.axvspan(*GONE_S, color=INK, alpha=0.08, lw=0)
    ax.text(sum(GONE_S) / 2, 108, "one is gone", ha="center", color=INK)
    _time_axis(ax)
    ax.legend(loc="center left", bbox_to_anchor=(0.23, 0.5), frameon=False)


def _time_axis(ax: Axes) -> None:
    ax.set(xlim=(0, WATCHED_S - 1), ylim=(-4, 120))
    ax.set_yticks([0, 25, 50, 75, 100])
    label(ax, x="time, s", y="answered in time, %", legend=True)


def _in_time(run: SystemRun, patience_s: float) -> v.FloatArray:
    """Share of the requests of each second that were answered in time."""
    second = run.trace.arrive_s.astype(int)
    is_good = (np.nan_to_num(run.latency_s, nan=np.inf) <= patience_s) & ~run.failed
    asked = np.bincount(second, minlength=WATCHED_S)
    return np.bincount(second, is_good, WATCHED_S) / np.maximum(asked, 1)


def down_h(parts: int, common: float = 0.0) -> float:
    """Hours a year in which none of several equal parts is up.

    A share `common` of each part's downtime strikes all of them at once.
    """
    own = float(parallel_availability([1 - (1 - common) * (1 - UP)] * parts))
    return float(downtime_s_per_year(own * (1 - common * (1 - UP)))) / 3_600
