"""Compiled lookups: which node owns each key. The plain forms stand beside their callers."""

from __future__ import annotations

import numpy as np

from scalelab.sim._compiled import Kernel


@Kernel
def _mix(x):
    # splitmix64 (Steele, Lea and Flood 2014): every bit of the key moves every bit of the hash
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@Kernel
def _hash(keys, hashes):
    for i in range(keys.size):
        hashes[i] = _mix(keys[i])


@Kernel
def _ring(keys, points, owner_of, first_point, shift, owners):
    # first_point[b]: first point whose leading bits are b or more; a step or two from there
    for i in range(keys.size):
        place = _mix(keys[i])
        point = first_point[place >> shift]
        while points[point] < place:
            point += 1
        owners[i] = owner_of[point]


@Kernel
def _jump(keys, nodes, owners):
    for i in range(keys.size):
        state = _mix(keys[i])
        node, next_node = np.int64(-1), np.int64(0)
        while next_node < nodes:
            node = next_node
            state = state * np.uint64(2862933555777941757) + np.uint64(1)
            step = np.float64(2147483648.0) / (np.float64(state >> np.uint64(33)) + 1.0)
            next_node = np.int64(np.float64(node + 1) * step)
        owners[i] = node


@Kernel
def _rendezvous(keys, node_hashes, nodes, owners):
    for i in range(keys.size):
        key = _mix(keys[i])
        highest, winner = np.uint64(0), 0
        for n in range(node_hashes.size):
            score = _mix(key ^ node_hashes[n])
            if score > highest:
                highest, winner = score, n
        owners[i] = nodes[winner]


@Kernel
def _maglev_table(starts, steps, table):
    # every node in turn takes the next free place of its own permutation
    nexts = starts.copy()
    filled = 0
    while filled < table.size:
        for n in range(starts.size):
            place = nexts[n]
            while table[place] >= 0:
                place = (place + steps[n]) % table.size
            table[place] = n
            nexts[n] = place
            filled += 1
            if filled == table.size:
                break


@Kernel
def _table(keys, table, owners):
    for i in range(keys.size):
        owners[i] = table[_mix(keys[i]) % np.uint64(table.size)]
