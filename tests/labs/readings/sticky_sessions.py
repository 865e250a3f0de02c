"""Answers to the lab on sticky sessions, written from its page alone."""

import hashlib
import math
from bisect import bisect
from functools import cache


def moved(before, after):
    """Let two hands go round, one of `before` and one of `after` marks, until both are back."""
    one, other, steps, apart = 0, 0, 0, 0
    while True:
        steps, apart = steps + 1, apart + (one != other)
        one, other = (one + 1) % before, (other + 1) % after
        if one == other == 0:
            return apart / steps


def _at(text):
    return int(hashlib.sha1(text.encode()).hexdigest()[:12], 16)


@cache
def _points(server):
    return [(_at(f"{server} no. {copy}"), server) for copy in range(150)]


@cache
def _ring(servers):
    return sorted(point for server in servers for point in _points(server))


def rendezvous(session_id, servers):
    """Many points each on a circle; the next one after the session's own place has it."""
    ring = _ring(tuple(sorted(servers)))
    return ring[bisect(ring, (_at(session_id), "")) % len(ring)][1]


def deadline(sessions, mean_s, allowed):
    """Halve the interval in which so many are left."""
    if sessions <= allowed:
        return 0.0
    low, high = 0.0, 100.0 * mean_s
    for _ in range(200):
        middle = (low + high) / 2
        if sessions * math.exp(-middle / mean_s) > allowed:
            low = middle
        else:
            high = middle
    return high


def route(cookie, states, loads):
    best = None
    for server, state in states.items():
        if server == cookie and state != "out":
            return server
        if state == "in" and (best is None or loads[server] < loads[best]):
            best = server
    return best
