"""Answers to the lab on auto-scaling, written from its page alone."""

import math


def lasts(demand_per_s, before_per_s, after_per_s, reaction_s):
    """Cut the time into pieces in which the line changes evenly."""
    line, clock_s = 0.0, 0.0
    for served_per_s, span_s in ((before_per_s, reaction_s), (after_per_s, math.inf)):
        change = demand_per_s - served_per_s
        if change > 0:
            line += change * span_s
            clock_s += span_s
        elif line > 0:
            clock_s += line / -change
            line = 0.0
    return clock_s


def schedule(entries, baseline, day, hour):
    """Write down the week in quarters of an hour, and look up this one."""
    week = [None] * (7 * 96)
    for entry in entries:
        for first in entry.days:
            hours = entry.to_hour - entry.from_hour
            hours += 24 if hours < 0 else 0
            for quarter in range(4 * hours):
                place = (96 * first + 4 * entry.from_hour + quarter) % len(week)
                before = week[place]
                week[place] = entry.instances if before is None else max(before, entry.instances)
    found = week[96 * day + round(4 * hour)]
    return baseline if found is None else found


def diagnose(metrics):
    slow_later = metrics.wait_later_s > 0.5
    slow_first = metrics.wait_first_minutes_s > 0.5
    if slow_first and slow_later:
        return "database"
    if slow_first:
        return "warm-up"
    broken = metrics.sessions_lost_share / metrics.usual_sessions_lost_share
    return "state" if broken > 4 else "cost"


def policy():
    recent = []

    def decide(reading):
        recent.append(reading.demand_per_s)
        del recent[:-3]
        rise = max(0.0, recent[-1] - recent[0])
        needed = math.ceil((recent[-1] + 2 * rise) / 78 + reading.backlog / 6_000)
        have = reading.running + reading.starting
        return needed if needed > have else max(needed, have - 1)

    return decide
