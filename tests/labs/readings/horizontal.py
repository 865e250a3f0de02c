"""Answers to the lab on horizontal scaling, written from its page alone."""

import math

from scalelab.models.usl_fit import fit_usl


def loss(capacities_per_s, load_per_s):
    rest = sorted(capacities_per_s)[:-1]
    return load_per_s / sum(rest) if rest else math.inf


def fleet(load_per_s, capacity_per_s, limit):
    survivors = 1
    while load_per_s / survivors > capacity_per_s * limit:
        survivors += 1
    return survivors + 1


def health(probes, misses, rises):
    state, opposite, out = "up", 0, []
    for probe in probes:
        if probe == (state == "up"):
            opposite = 0
        else:
            opposite += 1
            if state == "up" and opposite == misses:
                state, opposite = "down", 0
            elif state == "down" and opposite == rises:
                state, opposite = "up", 0
        out.append(state == "up")
    return out


def peak(nodes, throughput_per_s):
    law = fit_usl(nodes, throughput_per_s).law
    n = 1
    while law.throughput_per_s(n + 1) > law.throughput_per_s(n):
        n += 1
    return n


def orders(demand_per_s, capacity_per_s, startup_min):
    minutes = len(demand_per_s)
    out = []
    for t in range(minutes):
        busiest = max(demand_per_s[u] for u in range(t, min(t + startup_min, minutes - 1) + 1))
        out.append(math.ceil(busiest / capacity_per_s) + 1)
    return out
