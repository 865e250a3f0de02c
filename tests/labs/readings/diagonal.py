"""Answers to the lab on diagonal scaling, written from its page alone."""

from fractions import Fraction

import numpy as np


def growth(before, after):
    old = np.array([[before[0], 0], [0, before[0]]]) @ np.array(before[1:])
    new = after[0] * np.array(after[1:])
    return new / old


def usable(nodes, node_per_s, most_busy):
    load = nodes * most_busy * node_per_s
    left = (nodes - 1) * node_per_s
    return left if load > left else load


def cheapest(menu, demand_per_s):
    """Go through fleets by their number of nodes, until no cheaper one can come."""
    best, price = None, float("inf")
    nodes = 2
    while nodes * (menu.usd_per_node + menu.usd_per_core * menu.sizes[0]) < price:
        for size in menu.sizes:
            may = usable(nodes, float(menu.law.throughput_per_s(size)), 0.7)
            usd = nodes * menu.usd_per_node + nodes * size * menu.usd_per_core
            if may >= demand_per_s and usd < price:
                best, price = [nodes, size], usd
        nodes += 1
    return best


def play(menu, fleet, demand_per_s, costs):
    """Leave the size only for one that is a sixth cheaper; then take the next larger one."""
    same = menu.fewest(demand_per_s, fleet.size)
    larger = [size for size in menu.sizes if size > fleet.size]
    for size in larger[:2]:
        other = menu.fewest(demand_per_s, size)
        if menu.usd_per_month(other) < Fraction(11, 12) * Fraction(menu.usd_per_month(same)):
            return other
    return same
