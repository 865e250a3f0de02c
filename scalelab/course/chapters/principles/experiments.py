"""Experiments of the chapter on the principles: what is full first, money, time, and the record."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scalelab import _validate as v
from scalelab.course.page import Html, table
from scalelab.diagrams import Arrow, Box, diagram
from scalelab.fakes.balancing.web_server import Request, Response, WebServer
from scalelab.fakes.clock import VirtualClock
from scalelab.models.amdahl import amdahl_speedup
from scalelab.models.tiers import bottleneck, mean_value_analysis, tiers_capacity_per_s
from scalelab.models.traffic import periods_to_grow
from scalelab.planner.remedy_menu import RemedyMenu
from scalelab.planner.system_prices import Prices
from scalelab.plotting import BLUE, GREEN, INK, MUTED, ORANGE, RED, TINTS, label, label_lines, write
from scalelab.quantities import number, percent

PARTS = ("app server", "database", "disk")
PAGE_S = np.array([0.010, 0.005, 0.002])  # work of a page at each part
REPORT_S = np.array([0.002, 0.060, 0.002])  # and of a report
USERS = (1, 2, 3, 4, 5, 8, 12, 20)
GROWTH = 1.05  # a month
LEAD_MONTHS = 6.0  # that a resharding takes
PRICE, MENU = Prices(), RemedyMenu()
DATABASE_CORES = 4  # of each shard in the claim on building too early
APP_S = 0.010  # work of a request on the app server, in section 2


def cycle_picture() -> Figure:
    """Draw the order in which the principles are used."""
    texts = (
        "measure the\nfull part",
        "optimise,\ncache",
        "simple,\nat its price",
        "a spare,\nno state",
        "reads, writes;\nshards last",
    )
    colours = (BLUE, GREEN, GREEN, ORANGE, RED)
    boxes = {
        str(i): Box(x=2.8 * i, y=0, text=text, colour=colour, width=2.35, height=0.95)
        for i, (text, colour) in enumerate(zip(texts, colours, strict=True))
    }
    arrows = [Arrow(start=str(i), end=str(i + 1)) for i in range(len(texts) - 1)]
    return diagram(boxes, arrows, height=1.0)


# The part that is full first ----------------------------------------------------------------------


def halved(part: int) -> v.FloatArray:
    """Return the work of a page with that of one part halved."""
    work = PAGE_S.copy()
    work[part] /= 2
    return work


def throughput_per_s(users: int, work_s: v.FloatArray = PAGE_S) -> float:
    """Pages a second of so many users, each of whom asks again as soon as he is answered."""
    return mean_value_analysis(users, 0.0, work_s).throughput_per_s


def gain(users: int, part: int) -> float:
    """Share by which the throughput grows when the work at one part is halved."""
    return throughput_per_s(users, halved(part)) / throughput_per_s(users) - 1


def closed_run(rng: np.random.Generator, users: int, part: int | None = None) -> float:
    """Send users round three fake servers for two minutes, with exponential work; pages a second.

    `part` is the one whose work is halved; None for none.
    """
    work_s = PAGE_S if part is None else halved(part)
    clock, done = VirtualClock(), [0]
    servers = [WebServer(clock, name) for name in PARTS]

    def visit(user: int, at: int, _: Response | None = None) -> None:
        if at == len(servers):
            done[0] += clock.now_s > 5.0
            at = 0
        request = Request(client=str(user), service_s=float(rng.exponential(work_s[at])))
        servers[at].submit(request, partial(visit, user, at + 1), _never)

    for user in range(users):
        visit(user, 0)
    clock.run(65.0)
    return done[0] / 60.0


def _never(error: Exception) -> None:
    raise error


def plot_gains(ax: Axes) -> None:
    """Draw what halving the work at each part brings, by the number of users."""
    users = np.arange(1, 21)
    for part, (name, colour) in enumerate(zip(PARTS, (GREEN, BLUE, ORANGE), strict=True)):
        ax.plot(users, [100 * gain(int(n), part) for n in users], color=colour, label=name)
    ax.set(xlim=(1, 20), ylim=(-3, 100), xticks=[1, 5, 10, 15, 20])
    label_lines(label(ax, x="users at a time", y="more pages per second, %"))


def draw_halved(ax: Axes, users: int, part: int) -> str:
    """Draw how busy each part is before and after the work of one of them is halved."""
    before = mean_value_analysis(users, 0.0, PAGE_S)
    after = mean_value_analysis(users, 0.0, halved(part))
    for row, (old, new) in enumerate(zip(before.utilisations, after.utilisations, strict=True)):
        ax.barh(row - 0.19, 100 * old, height=0.34, color=TINTS[BLUE], ec=BLUE)
        ax.barh(row + 0.19, 100 * new, height=0.34, color=TINTS[ORANGE], ec=ORANGE)
    ax.set(xlim=(0, 108), yticks=range(3), yticklabels=PARTS)
    ax.invert_yaxis()
    label(ax, x="busy, % (upper bar: before; lower bar: after)")
    more = after.throughput_per_s / before.throughput_per_s - 1
    return (
        f"{users} at a time, work at the {PARTS[part]} halved: "
        f"{number(before.throughput_per_s)} pages per second become "
        f"{number(after.throughput_per_s)}, {100 * more:.1f} % more."
    )


def mixed_s(reports: float) -> v.FloatArray:
    """Return the mean work of a request at each part, if a share of them are reports."""
    return (1 - reports) * PAGE_S + reports * REPORT_S


def turning_share() -> float:
    """Share of reports from which on the database is the part that is full first."""
    app, database, _ = PAGE_S - REPORT_S
    return float((PAGE_S[0] - PAGE_S[1]) / (app - database))


# Requests a second in each hour, and the share of them that are reports.
DAY = {"day": (22, 80.0, 0.01), "night": (2, 45.0, 0.30)}


def day_mean_share() -> float:
    """Share of reports among all requests of the day."""
    asked = {name: hours * rate for name, (hours, rate, _) in DAY.items()}
    return sum(asked[name] * DAY[name][2] for name in DAY) / sum(asked.values())


def plot_mix(ax: Axes) -> None:
    """Draw what each part can carry, by the share of reports, and what comes by day and night."""
    shares = np.linspace(0, 0.35, 141)
    for part, colour in ((0, GREEN), (1, BLUE)):
        most = [1 / mixed_s(share)[part] for share in shares]
        ax.plot(100 * shares, most, color=colour, label=PARTS[part])
    for name, (_, rate, share) in DAY.items():
        ax.plot([100 * share], [rate], "o", color=INK, ms=6)
        write(ax, 100 * share, rate, name, dx=-4, dy=-16)  # its middle would lie over the axis
    ax.axvline(100 * turning_share(), color=MUTED, ls=":", lw=1.2)
    ax.set(xlim=(0, 35), ylim=(0, 210))
    label_lines(label(ax, x="reports, % of the requests", y="requests per second"))


@dataclass(frozen=True)
class Hour:
    """A time of the day: what comes, what is full first, and how busy it is."""

    name: str
    reports: float
    rate_per_s: float
    first: str
    busy: float


def hours() -> list[Hour]:
    """Find the part that is full first by day, by night, and on the average of the day."""
    total = sum(count for count, _, _ in DAY.values())
    mean_rate = sum(count * rate for count, rate, _ in DAY.values()) / total
    cases = {name: (rate, share) for name, (_, rate, share) in DAY.items()}
    cases["mean of the day"] = (mean_rate, day_mean_share())
    found = []
    for name, (rate, share) in cases.items():
        work = mixed_s(share)
        busy = rate / tiers_capacity_per_s(work)
        found.append(Hour(name, share, rate, PARTS[bottleneck(work)], busy))
    return found


def hours_table() -> Html:
    """Show the part that is full first at three times."""
    rows = [
        {
            "when": hour.name,
            "requests a second": round(hour.rate_per_s, 1),
            "reports, %": round(100 * hour.reports, 1),
            "full first": hour.first,
            "busy, %": round(100 * hour.busy, 1),
        }
        for hour in hours()
    ]
    return table(rows, "The average names one part, the night hangs at another.")


# Money --------------------------------------------------------------------------------------------


def break_even_cores(days: float = MENU.queries_days, saved: float = MENU.queries_saved) -> float:
    """Database cores from which on optimising the queries pays within the months of the prices."""
    once = days * PRICE.engineer_day_usd
    return once / (saved * PRICE.database_core_usd * PRICE.pay_off_months)


def one_machine() -> list[tuple[float, float]]:
    """Return requests a second and dollars a month of one app server, by its size."""
    return [(_carries_per_s(n), n * PRICE.app_core_usd + PRICE.node_usd) for n in MENU.sizes]


def fleet(servers: int, cores: int = 4) -> tuple[float, float]:
    """Return requests a second and dollars a month of several servers, the first work included."""
    work = MENU.stateless_days * PRICE.engineer_day_usd / PRICE.pay_off_months
    each = cores * PRICE.app_core_usd + PRICE.node_usd
    return servers * _carries_per_s(cores), servers * each + PRICE.balancer_usd + work


def _carries_per_s(cores: int) -> float:
    return MENU.most_busy * float(amdahl_speedup(cores, MENU.core_contention)) / APP_S


def cheapest_fleet_usd(rate_per_s: float) -> float:
    """Dollars a month of the smallest fleet that carries a load; two servers at least."""
    return fleet(max(2, int(np.ceil(rate_per_s / fleet(1)[0]))))[1]


def simple_until_per_s() -> float:
    """Load below which one machine is never dearer than several."""
    before = 0.0
    for rate, usd in one_machine():
        carried = before * (1 + 1e-9)  # a load that this machine is needed for
        if usd > cheapest_fleet_usd(carried):
            return before
        before = rate
    return before


def never_again_per_s() -> float:
    """Largest load for which one machine is cheaper than several."""
    return max(rate for rate, usd in one_machine() if usd < cheapest_fleet_usd(rate))


def plot_machine_or_fleet(ax: Axes) -> None:
    """Draw what one machine and several cost, by the load that they carry."""
    single = [(0.0, one_machine()[0][1]), *one_machine()]
    several = [(0.0, fleet(2)[1]), *(fleet(n) for n in range(2, 11))]
    for line, name, colour in ((single, "one machine", GREEN), (several, "several", BLUE)):
        rates, usd = zip(*line, strict=True)
        ax.step(rates, usd, where="pre", color=colour, label=name)
    ax.set(xlim=(0, 2_000), ylim=(0, 2_400))
    label_lines(label(ax, x="requests per second", y="$ a month"))


# Time ---------------------------------------------------------------------------------------------


def begin_at(lead_months: float = LEAD_MONTHS, growth: float = GROWTH) -> float:
    """Share of the limit at which a step has to begin, so that it is done when the limit comes."""
    return float(growth**-lead_months)


def months_until(share: float, growth: float = GROWTH) -> float:
    """Months in which a load grows from a share of the limit to the limit."""
    return float(periods_to_grow(share, 1.0, growth))


def too_early_usd(now: float) -> float:
    """Dollars that two shards cost, bought now, before the month in which they must be begun."""
    node = DATABASE_CORES * PRICE.database_core_usd + PRICE.node_usd
    return (months_until(now) - LEAD_MONTHS) * (node + PRICE.further_shard_usd)


def plot_lead(ax: Axes, now: float) -> None:
    """Draw a load that grows to its limit, and when the step has to begin."""
    end = months_until(now)
    months = np.linspace(0, 1.15 * end, 100)
    ax.plot(months, 100 * now * GROWTH**months, color=BLUE)
    ax.axhline(100, color=RED, ls="--", lw=1.2)
    start = end - LEAD_MONTHS
    ax.axvspan(start, end, color=TINTS[ORANGE])
    write(ax, (start + end) / 2, 12, "the step", ha="center")
    write(ax, start / 2, 12, "too early", ha="center", color=MUTED)
    ax.plot([start], [100 * begin_at()], "o", color=INK, ms=6)
    write(
        ax, start, 100 * begin_at(), f"begin at {percent(begin_at(), 2)}", dx=-8, dy=6, ha="right"
    )
    ax.set(xlim=(0, 1.15 * end), ylim=(0, 120), xticks=range(0, int(1.15 * end) + 1, 3))
    label(ax, x="months from now", y="load, % of the limit")
