"""What all placements promise: even shares, few moves, one owner a key."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.agreement import standard_errors_off

from scalelab.sim.hash_ring import HashRing
from scalelab.sim.jump_hash import JumpPlacement
from scalelab.sim.maglev import MaglevPlacement
from scalelab.sim.modulo import ModuloPlacement
from scalelab.sim.placement import largest_over_mean, moved_share
from scalelab.sim.rendezvous import RendezvousPlacement
from scalelab.sim.slots import SlotPlacement

KEYS = np.random.default_rng(5).integers(-(2**63), 2**63 - 1, 20_000)
MAKERS = {
    "modulo": ModuloPlacement,
    "ring": lambda nodes: HashRing(nodes, virtual_nodes=50),
    "rendezvous": RendezvousPlacement,
    "maglev": lambda nodes: MaglevPlacement(nodes, table_size=997),
    "jump": lambda nodes: JumpPlacement(len(nodes)),
    "slots": lambda nodes: SlotPlacement.even(len(nodes)),
}
pytestmark = pytest.mark.usefixtures("engine")


@pytest.mark.parametrize("name", MAKERS)
def test_shares_are_even(name):
    owners = MAKERS[name](range(8)).place(KEYS)
    assert set(owners.tolist()) == set(range(8))
    allowed = 1.6 if name == "ring" else 1.1  # fifty points a node leave about 14 % of spread
    assert 1 <= largest_over_mean(owners, 8) < allowed


@pytest.mark.parametrize("name", ["ring", "rendezvous", "jump"])
def test_no_key_moves_between_nodes_that_stay(name):
    before, after = (MAKERS[name](range(n)).place(KEYS) for n in (7, 8))
    assert set(after[before != after].tolist()) == {7}


def samples(name, old, new, runs=12):
    for run in range(runs):
        keys = np.random.default_rng(run).integers(0, 2**62, 20_000)
        yield moved_share(
            MAKERS[name](range(old)).place(keys), MAKERS[name](range(new)).place(keys)
        )


@pytest.mark.parametrize(
    ("name", "old", "new", "theory"),
    [
        ("modulo", 3, 4, 3 / 4),  # equal remainders by 3 and by 4: 3 in 12
        ("modulo", 3, 6, 1 / 2),
        ("jump", 3, 4, 1 / 4),
        ("rendezvous", 3, 4, 1 / 4),
        ("rendezvous", 4, 3, 1 / 4),
    ],
)
def test_as_many_move_as_theory_says(name, old, new, theory):
    moved = list(samples(name, old, new))
    assert standard_errors_off(moved, theory) < 4
    assert standard_errors_off(moved, 1.03 * theory) > 4  # it can fail


@given(
    keys=st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=60),
    nodes=st.sets(st.integers(0, 2**31 - 1), min_size=1, max_size=12),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
def test_every_key_has_one_owner_wherever_it_stands(keys, nodes):
    for name in ("modulo", "ring", "rendezvous", "maglev"):
        made = MAKERS[name](sorted(nodes))
        owners = made.place(keys)
        assert set(owners.tolist()) <= nodes
        assert owners[::-1].tolist() == made.place(keys[::-1]).tolist()
        assert made.place(keys[:1])[0] == owners[0]
