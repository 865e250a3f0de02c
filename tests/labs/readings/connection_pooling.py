"""Answers to the lab on connection pooling, written from its page alone."""

import math
from collections import Counter
from fractions import Fraction


def account(steps, rtt_s):
    seconds = Counter()
    for step in steps:
        seconds[step.phase] += step.work_s
        for _ in range(step.round_trips):
            seconds[step.phase] += rtt_s
    own = seconds["set-up"] + seconds["query"] + seconds["close"]
    return own, seconds["borrow"] + seconds["query"]


class Pool:
    """Places, each free, idle or lent."""

    def __init__(self, connect, max_size):
        self.connect = connect
        self.places = [("free", None)] * max_size

    def _place(self, state, connection=None):
        for number, (found, kept) in enumerate(self.places):
            if found == state and (connection is None or kept is connection):
                return number
        return None

    def acquire(self):
        number = self._place("idle")
        if number is None:
            number = self._place("free")
            if number is None:
                return None
            self.places[number] = ("free", None)
            connection = self.connect()
        else:
            connection = self.places[number][1]
        self.places[number] = ("lent", connection)
        return connection

    def release(self, connection):
        number = self._place("lent", connection)
        if number is None:
            raise ValueError(connection)
        self.places[number] = ("idle", connection) if connection.alive else ("free", None)


pool = Pool


def _share_in_time(load, size, lengths):
    """Share of M/M/c responses of at most so many mean query lengths."""
    blocked = 1.0  # Erlang B, then C
    for n in range(1, size + 1):
        blocked = load * blocked / (n + load * blocked)
    wait = blocked / (1 - load / size * (1 - blocked))
    spare = size - load - 1
    if abs(spare) < 1e-9:
        late = math.exp(-lengths) * (1 + wait * lengths)
    else:
        late = (
            math.exp(-lengths)
            + wait * (math.exp(-lengths) - math.exp(-(size - load) * lengths)) / spare
        )
    return 1 - late


def smallest(arrival_rate_per_s, mean_query_s, target_s):
    load, lengths = arrival_rate_per_s * mean_query_s, target_s / mean_query_s
    size = 1
    while size <= load or _share_in_time(load, size, lengths) < 0.99:
        size += 1
    return size


def diagnosis(metrics):
    """Look at each column for what it says by itself."""
    rows = list(metrics.itertuples())
    peak = [row for row in rows if 13 <= row.time_s <= 24]
    arrived, answered = (sum(getattr(r, c) for r in peak) for c in ("arrived", "answered"))
    end = sorted(row.borrowed for row in rows if row.time_s > 30)
    if end[1] >= 5:
        return "leak"
    if answered > 0.8 * arrived:
        return "healthy"
    return "overload" if answered > 120 * len(peak) else "slow database"


def fleet(fleet):
    new = math.ceil(fleet.instances * Fraction(str(fleet.surge)))
    left = fleet.max_connections - fleet.reserved
    for _ in range(fleet.instances + new):
        left -= fleet.needed_per_instance
    pooler = 0 if left >= 0 else fleet.max_connections - fleet.reserved
    return fleet.needed_per_instance, pooler
