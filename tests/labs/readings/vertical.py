"""Answers to the lab on vertical scaling, written from its page alone."""

import math

from scalelab.models.scaling_law import amdahl_through, coherency_through

YEAR_MIN = 365 * 24 * 60


def serial(n1, x1, n2, x2):
    """A core takes `alone` seconds for a meter; `together` of them cannot be shared."""
    shared = (1 / x1 - 1 / x2) / (1 / n1 - 1 / n2)
    together = 1 / x1 - shared / n1
    ceiling_per_s = math.inf if together == 0 else 1 / together
    return together / (together + shared), ceiling_per_s


def third(cores, rates, sizes):
    amdahl, coherency = amdahl_through(cores, rates), coherency_through(cores, rates)
    best, most = None, 0.0
    for size in sizes:
        one, other = amdahl.throughput_per_s(size), coherency.throughput_per_s(size)
        times = max(one / other, other / one)
        if times > most:
            best, most = size, times
    return best


def cheapest(offers, law, needed_per_s, headroom):
    chosen = None
    for offer in offers:
        usable = law.throughput_per_s(offer.cores) - headroom * law.throughput_per_s(offer.cores)
        if usable < needed_per_s:
            continue
        if chosen is None or offer.usd_per_month < chosen.usd_per_month:
            chosen = offer
    return chosen


def minutes(plan):
    outage_min, failover_min = plan.mean_outage_s / 60, plan.failover_s / 60
    down_min = YEAR_MIN - plan.availability * YEAR_MIN
    events = {
        "failure": (down_min / outage_min, outage_min),
        "upgrade": (plan.upgrades_per_year, plan.upgrade_s / 60),
    }
    return sum(number * (failover_min if plan.standby else m) for number, m in events.values())
