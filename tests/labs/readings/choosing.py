"""Answers to the lab on choosing a way to scale, written from its page alone."""

import math
from bisect import insort

import numpy as np


def rows(table, traits):
    names = []
    for name, conditions in table.items():
        if not traits.isdisjoint(conditions):
            insort(names, name)
    return names


def conflict(table, first, second):
    for condition in table[first]:
        if condition in table[second]:
            return frozenset([condition])
    return {next(iter(table[first])), next(iter(table[second]))}


def months(users, growth, requests_a_day, peak_to_mean, server_per_s, headroom):
    month = 0
    while True:
        visitors = users * (1 + growth) ** month / 5
        mean_per_s = visitors * requests_a_day / (24 * 60 * 60)
        if mean_per_s * peak_to_mean > (1 - headroom) * server_per_s:
            return month
        month += 1


def _chance(availability, needed, nodes):
    """One server after the other: chances of 0, 1, 2, ... being up."""
    up = np.zeros(nodes + 1)
    up[0] = 1.0
    for _ in range(nodes):
        up[1:] = up[1:] * (1 - availability) + up[:-1] * availability
        up[0] *= 1 - availability
    return up[needed:].sum()


def promise(peak_per_s, server_per_s, availability, promised):
    needed = 1
    while needed * server_per_s < peak_per_s:
        needed += 1
    nodes = needed
    while _chance(availability, needed, nodes) < promised:
        nodes += 1
    return nodes


def plan(offers, needs):
    best, price = None, math.inf
    for offer in offers:
        carried = 0.7 * offer.per_s
        if not needs.divisible and needs.peak_per_s > carried:
            continue
        number = promise(needs.peak_per_s, carried, needs.server_availability, needs.availability)
        if number * offer.usd_per_month < price:
            best, price = (offer, number), number * offer.usd_per_month
    return best
