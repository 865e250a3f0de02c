"""One check for each principle: where it holds, where it does not, and what each case brings."""

from __future__ import annotations

from dataclasses import dataclass

from scalelab.course.chapters.principles.experiments import (
    DAY,
    LEAD_MONTHS,
    MENU,
    PRICE,
    cheapest_fleet_usd,
    gain,
    mixed_s,
    months_until,
    one_machine,
)
from scalelab.course.chapters.principles.outages import (
    GONE_S,
    HITS,
    LOOKUP_MS,
    NEAR_MS,
    QUERY_MS,
    SPARES,
    lost_server,
    with_cache_ms,
)
from scalelab.course.page import Html, table
from scalelab.fakes.balancing.load_balancer import LoadBalancer
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.sessions.memory_sessions import MemorySessions
from scalelab.models.cache_effect import capacity_multiplier
from scalelab.models.cost import price_elasticity
from scalelab.models.lag_laws import lognormal_from_percentiles
from scalelab.models.placement import modulo_moved_share
from scalelab.models.replication import read_capacity
from scalelab.models.system_parts import SessionStore
from scalelab.models.tiers import tiers_capacity_per_s
from scalelab.quantities import MINUS, number, percent

NOTHING = 0.005  # a gain below half a percent is none
SESSIONS = 400
LISTED = {2: 140.0, 8: 560.0, 32: 2_240.0, 96: 6_720.0}  # virtual cores, $ a month, of the guide
TYPICAL_LAG = lognormal_from_percentiles(0.010, 5.0)  # the guide's range as its 1 % and 99 %


@dataclass(frozen=True)
class Check:
    """A principle in two cases: which they are, and what following it brings there."""

    principle: str
    holds: str
    brings: float
    fails: str
    there: float
    words: str
    is_price: bool = False

    @property
    def pays_here_only(self) -> bool:
        """Whether the first case is the better one, by more than nothing."""
        more = self.there - self.brings if self.is_price else self.brings - self.there
        return more > NOTHING


def optimising_usd(cores: int) -> float:
    """Dollars that optimising the queries of a database saves, the work paid, in the months."""
    saved = MENU.queries_saved * cores * PRICE.database_core_usd * PRICE.pay_off_months
    return saved - MENU.queries_days * PRICE.engineer_day_usd


def at_night(part: int) -> float:
    """Share by which the night's capacity grows when the work at one part is halved."""
    before = mixed_s(DAY["night"][2])
    after = before.copy()
    after[part] /= 2
    return tiers_capacity_per_s(after) / tiers_capacity_per_s(before) - 1


def simpler_usd(place: int) -> float:
    """Dollars a month that one machine of the menu saves against several servers."""
    rate, usd = one_machine()[place]
    return cheapest_fleet_usd(rate) - usd


def answered_without_one(name: str) -> float:
    """Share of the requests answered in time while one server is gone, from 10 s after on."""
    begin, end = (int(at_s) for at_s in GONE_S)
    return float(lost_server(*SPARES[name])[begin + 10 : end].mean())


def doubled(place: int) -> float:
    """Share by which a machine of the menu carries more with twice the cores."""
    machines = one_machine()
    return machines[place + 1][0] / machines[place][0] - 1


def trip_share(work_s: float) -> float:
    """Share by which a request grows that asks a session store instead of the own memory."""
    store = SessionStore()
    return (store.rtt_s + store.visit_s) / work_s


def sessions_lost(servers: int) -> float:
    """Share of the sessions in the servers' memory that are gone with one of them."""
    names = [f"server {i}" for i in range(servers)]
    balancer = LoadBalancer(VirtualClock(), names, "cookie")
    sessions = MemorySessions(balancer)
    for i in range(SESSIONS):
        sessions.save(f"user {i}", {"cart": ["book"]})
    before = sessions.sessions
    balancer.server(names[0]).crash()
    return 1 - sessions.sessions / before


def state_in_words() -> str:
    """Say what sessions in memory lose with a server, and what a store outside costs."""
    store = SessionStore()
    return (
        f"Of four servers that keep the sessions, one takes {percent(sessions_lost(4))} of them "
        f"with it. A store outside keeps them all, and costs "
        f"{1e3 * (store.rtt_s + store.visit_s):.1f} ms a request: {percent(trip_share(0.010))} of "
        f"one that takes 10 ms, and {percent(trip_share(0.0002))} of one that takes 0.2 ms."
    )


def checks() -> list[Check]:
    """Compute all ten, in the guide's order."""
    (two, three), machines, sizes = SPARES, one_machine(), MENU.sizes
    return [
        Check("1. optimise first", "64 database cores", optimising_usd(64), "4 cores",
              optimising_usd(4), "${} a year"),
        Check("2. measure", "night: database halved", 100 * at_night(1),
              "night: app server halved", 100 * at_night(0), "{} % more"),
        Check("3. scale what matters", "20 users, full part", 100 * gain(20, 0),
              "20 users, other part", 100 * gain(20, 1), "{} % more"),
        Check("4. start simple", f"{machines[1][0]:.0f} requests/s", simpler_usd(1),
              f"{machines[-1][0]:,.0f} requests/s", simpler_usd(-1), "${} a month"),
        Check("5. design for failure", three, 100 * answered_without_one(three), two,
              100 * answered_without_one(two), "{} % answered"),
        Check("6. mind the cost", f"{sizes[1]} cores instead of {sizes[0]}", 100 * doubled(0),
              f"{sizes[-1]} instead of {sizes[-2]}", 100 * doubled(-2), "{} % more"),
        Check("7. stateless: its price", "requests of 10 ms", 100 * trip_share(0.010),
              "requests of 0.2 ms", 100 * trip_share(0.0002), "{} % longer", is_price=True),
        Check("8. cache", f"a look takes {NEAR_MS:g} ms", QUERY_MS - with_cache_ms(HITS, NEAR_MS),
              f"a look takes {LOOKUP_MS:g} ms", QUERY_MS - with_cache_ms(), "{} ms saved"),
        Check("9. reads or writes", "10 copies, 9 reads a write", float(read_capacity(10, 9)),
              "10 copies, 9 writes a read", float(read_capacity(10, 1 / 9)), "{} × one node"),
        Check("10. delay sharding", "40 % of the limit", months_until(0.4) - LEAD_MONTHS,
              "90 % of the limit", months_until(0.9) - LEAD_MONTHS, "{} months to spare"),
    ]  # fmt: skip


def checks_table() -> Html:
    """Show the ten principles, each in the two cases."""
    rows = [
        {
            "principle": check.principle,
            "here": check.holds,
            "brings": _told(check.brings, check.words),
            "but here": check.fails,
            "brings there": _told(check.there, check.words),
        }
        for check in checks()
    ]
    return table(rows, "Each principle where it pays, and where it does not.")


def _told(value: float, words: str) -> str:
    """Write a value into its words, and a gain that is none as none."""
    text = words.format(number(0.0 if abs(value) < NOTHING else round(abs(value), 2), 3))
    return f"{MINUS}{text}" if value <= -NOTHING else text


# The guide against itself -------------------------------------------------------------------------


def contradictions_table() -> Html:
    """Show six pairs of sentences of the guide, and what makes both true."""
    alarm = 100 * float(TYPICAL_LAG.tail(1.0))
    few, many = (float(capacity_multiplier(h)) for h in (0.7, 0.8))
    old = [100 * float(TYPICAL_LAG.tail(s)) for s in (0.5, 2.0)]
    elasticity = price_elasticity(*zip(*LISTED.items(), strict=True))
    rows = [
        {
            "the guide says": "cache aggressively",
            "and": "caching everything is a mistake",
            "computed": f"a look of 5 ms before a query of 5 ms, 80 % hits: "
            f"{with_cache_ms(0.8, 5.0, 5.0):.0f} ms, and a fifth of the work",
        },
        {
            "the guide says": "optimise before scaling",
            "and": "do not optimise prematurely",
            "computed": f"saves ${optimising_usd(64):,.0f} a year at 64 cores, and at 4 it loses "
            f"${-optimising_usd(4):,.0f}",
        },
        {
            "the guide says": "a cache multiplies capacity by 10 to 100",
            "and": "aim at 70–80 % hits",
            "computed": f"without writes 70–80 % make {few:.1f} to {many:.0f} ×; 10 × are 90 %",
        },
        {
            "the guide says": "a lag of 10 ms to 5 s is usual",
            "and": "ring over 1 s; pin a user to the primary for 0.5 to 2 s",
            "computed": f"the alarm rings {alarm:.0f} % of the time; after 0.5 s {old[0]:.0f} %, "
            f"after 2 s {old[1]:.0f} % of the reads are old",
        },
        {
            "the guide says": "on large machines twice the performance costs 4 to 5 ×",
            "and": "its price list: $70 a virtual core from the second size on",
            "computed": f"by that list twice the cores cost {2**elasticity:.1f} ×; twice the "
            "performance needs more cores than that",
        },
        {
            "the guide says": "from 3 shards to 6 nearly all rows move",
            "and": "from 3 to 4 three rows in four move",
            "computed": f"by the modulo {percent(modulo_moved_share(3, 6))} move to 6, and "
            f"{percent(modulo_moved_share(3, 4))} to 4",
        },
    ]
    return table(rows, "Six pairs of sentences, each about the same thing.")
