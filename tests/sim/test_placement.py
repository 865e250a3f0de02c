"""Placements against textbook loops, published vectors and the theory of moved and uneven keys."""

import bisect
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scalelab.sim.hashing import hash_keys, hash_text
from scalelab.sim.placement import (
    JumpPlacement,
    MaglevPlacement,
    ModuloPlacement,
    RendezvousPlacement,
    SlotPlacement,
    largest_over_mean,
    moved_share,
    redis_slot,
)
from scalelab.sim.ring import HashRing
from scalelab.sim.statistics import standard_errors_off

KEYS = np.random.default_rng(5).integers(-(2**63), 2**63 - 1, 20_000)
MASK = 2**64 - 1
MAKERS = {
    "modulo": ModuloPlacement,
    "ring": lambda nodes: HashRing(nodes, virtual_nodes=50),
    "rendezvous": RendezvousPlacement,
    "maglev": lambda nodes: MaglevPlacement(nodes, table_size=997),
    "jump": lambda nodes: JumpPlacement(len(nodes)),
    "slots": lambda nodes: SlotPlacement.even(len(nodes)),
}
pytestmark = pytest.mark.usefixtures("engine")


def mixed(x):
    """splitmix64 in Python's own whole numbers."""
    x = (x + 0x9E3779B97F4A7C15) & MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


def jump(key, buckets):
    """Lamping and Veach's figure 1, in whole numbers and floats."""
    b, j = -1, 0
    while j < buckets:
        b = j
        key = (key * 2862933555777941757 + 1) & MASK
        j = int((b + 1) * ((1 << 31) / ((key >> 33) + 1)))
    return b


def test_hashes_are_splitmix64():
    assert hash_keys([0])[0] == 0xE220A8397B1DCDAF  # the generator's first value from state 0
    assert hash_keys(KEYS[:500]).tolist() == [mixed(int(k) & MASK) for k in KEYS[:500]]
    assert np.unique(hash_keys(np.arange(100_000))).size == 100_000


def test_a_text_has_one_hash_in_every_process():
    code = "from scalelab.sim.hashing import hash_text; print(hash_text('ключ'))"
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(made.stdout) == hash_text("ключ") == hash_text("ключ".encode())


def test_jump_is_the_published_one():
    known = {(1, 1): 0, (42, 57): 43, (0xDEAD10CC, 666): 361, (256, 1024): 520}
    assert {pair: jump(*pair) for pair in known} == known
    placed = JumpPlacement(57).place(KEYS[:500])
    assert placed.tolist() == [jump(mixed(int(k) & MASK), 57) for k in KEYS[:500]]


def test_the_ring_is_the_textbooks():
    ring = HashRing([3, 1, 8], virtual_nodes=20)
    points = sorted((mixed(mixed((node << 32) | i)), node) for node in (3, 1, 8) for i in range(20))
    places = [p for p, _ in points]
    wanted = [
        points[bisect.bisect_left(places, mixed(int(k) & MASK)) % len(points)][1] for k in KEYS
    ]
    assert ring.place(KEYS).tolist() == wanted


def test_small_keys_do_not_all_belong_to_the_first_node():
    """The points of a node and the places of keys come from different hashes."""
    owners = HashRing(range(4), virtual_nodes=160).place(np.arange(400))
    assert largest_over_mean(owners, 4) < 1.5


def test_a_bounded_ring_is_the_textbooks():
    ring, limit = HashRing([0, 1, 2], virtual_nodes=10), 74  # 1.1 times a third of 200
    points = sorted((mixed(mixed((node << 32) | i)), node) for node in range(3) for i in range(10))
    load, wanted = [0, 0, 0], []
    for key in KEYS[:200]:
        at = bisect.bisect_left(points, (mixed(int(key) & MASK), -1)) % 30
        while load[points[at][1]] >= limit:
            at = (at + 1) % 30
        load[points[at][1]] += 1
        wanted.append(points[at][1])
    assert ring.place_bounded(KEYS[:200], 1.1).tolist() == wanted
    assert max(load) == limit


def test_rendezvous_takes_the_highest_score():
    nodes = [4, 0, 9]

    def scores(key):
        return [(mixed(mixed(int(key) & MASK) ^ mixed(~n & MASK)), n) for n in nodes]

    wanted = [max(scores(k))[1] for k in KEYS[:300]]
    assert RendezvousPlacement(nodes).place(KEYS[:300]).tolist() == wanted


def test_maglev_fills_its_table_in_turn():
    """The permutations of the paper's section 3.4, one place a node and a turn."""
    made, size, nodes = MaglevPlacement([5, 6, 7], table_size=13), 13, [5, 6, 7]
    table = [None] * size
    order = {
        n: [(mixed(n) % size + j * (mixed(~n & MASK) % (size - 1) + 1)) % size for j in range(size)]
        for n in nodes
    }
    while None in table:
        for n in nodes:
            free = next((place for place in order[n] if table[place] is None), None)
            if free is not None:
                table[free] = n
    assert made.table.tolist() == table


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


def test_the_ring_moves_the_new_nodes_own_share():
    """Exactly the arc of the new node; its spread is 1/√virtual_nodes of a share."""
    shares = []
    for first in range(0, 600, 5):
        nodes = range(first, first + 4)
        after = HashRing([*nodes, first + 4], virtual_nodes=16).place(KEYS[:4_000])
        moved = moved_share(HashRing(nodes, virtual_nodes=16).place(KEYS[:4_000]), after)
        assert moved == np.mean(after == first + 4)
        shares.append(moved)
    assert standard_errors_off(shares, 1 / 5) < 4
    # a node's arc is a Beta(16, 64) variable: the sum of 16 of 80 exponential gaps
    assert np.std(shares) == pytest.approx((0.2 * 0.8 / 81) ** 0.5, rel=0.25)


def test_slots_move_no_more_than_they_must():
    before = SlotPlacement.even(3)
    after = before.rebalanced_to(4)
    counts = np.bincount(after.owner_of_slot)
    assert counts.tolist() == [4096] * 4
    assert np.mean(before.owner_of_slot != after.owner_of_slot) == pytest.approx(0.25, abs=1e-3)
    back = after.rebalanced_to(2)
    assert set(back.owner_of_slot.tolist()) == {0, 1}
    kept = after.owner_of_slot < 2
    assert (back.owner_of_slot[kept] == after.owner_of_slot[kept]).all()


def test_slots_of_redis():
    """CRC-16/XMODEM of 123456789 is 0x31C3; tags as in the cluster specification."""
    assert redis_slot("123456789") == 0x31C3
    assert redis_slot("{user1000}.following") == redis_slot(b"user1000")
    assert redis_slot("foo{}{bar}") != redis_slot("bar")  # an empty tag is no tag
    assert redis_slot("foo{{bar}}zap") == redis_slot("{bar")
    assert redis_slot("foo{bar}{zap}") == redis_slot("bar")


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
