"""Maglev's table against the paper's permutations."""

import pytest
from support.splitmix import MASK, splitmix64

from scalelab.sim.maglev import MaglevPlacement

pytestmark = pytest.mark.usefixtures("engine")


def test_maglev_fills_its_table_in_turn():
    """The permutations of the paper's section 3.4, one place a node and a turn."""
    made, size, nodes = MaglevPlacement([5, 6, 7], table_size=13), 13, [5, 6, 7]
    table = [None] * size
    order = {
        n: [
            (splitmix64(n) % size + j * (splitmix64(~n & MASK) % (size - 1) + 1)) % size
            for j in range(size)
        ]
        for n in nodes
    }
    while None in table:
        for n in nodes:
            free = next((place for place in order[n] if table[place] is None), None)
            if free is not None:
                table[free] = n
    assert made.table.tolist() == table
