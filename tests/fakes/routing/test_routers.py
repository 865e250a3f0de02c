"""What single routers do beyond the contract of all; see tests/contracts."""

from collections import Counter

import numpy as np
import pytest

from scalelab.fakes.routing.routers import (
    HashRingRouter,
    MaglevRouter,
    ModuloRouter,
)
from scalelab.fakes.routing.table_routers import DirectoryRouter, SlotRouter
from scalelab.sim.hashing import hash_keys, hash_text
from scalelab.sim.placement import moved_share, redis_slot


def moved(router, change):
    keys = [f"session:{number}" for number in range(20_000)]
    before = [hash_text(router.node_for(key)) % 1_000 for key in keys]
    change()
    return moved_share(before, [hash_text(router.node_for(key)) % 1_000 for key in keys])


def test_sessions_lost_on_scale_out_and_crash():
    """st-mod-n-remap: 3 to 4 moves 75 %, and a crash of one in three 66.7 %, with modulo."""
    names = ["web-1", "web-2", "web-3"]
    router = ModuloRouter(names)
    assert moved(router, lambda: router.add_node("web-4")) == pytest.approx(0.75, abs=0.01)
    router = ModuloRouter(names)
    assert moved(router, lambda: router.remove_node("web-3")) == pytest.approx(2 / 3, abs=0.01)
    router = HashRingRouter(names, virtual_nodes=500)
    assert moved(router, lambda: router.add_node("web-4")) == pytest.approx(0.25, abs=0.03)


def test_modulo_is_the_textbook_formula():
    router = ModuloRouter(["a", "b", "c"])
    for key in ("ann", "bob", ""):
        expected = int(hash_keys(np.array([hash_text(key)], np.uint64))[0]) % 3
        assert router.node_for(key) == router.nodes[expected]


def test_slots_are_redis_slots_and_stay_even():
    router = SlotRouter(["a"])
    assert router.slot_of("123456789") == redis_slot("123456789") == 12_739
    for name in "bcdefg":
        before = router.owners
        router.add_node(name)
        shares = Counter(router.owners)
        assert max(shares.values()) - min(shares.values()) <= 1
        changed = sum(x != y for x, y in zip(before, router.owners, strict=True))
        assert changed == router.slots // len(router.nodes)
    router.remove_node("c")
    shares = Counter(router.owners)
    assert max(shares.values()) - min(shares.values()) <= 1


def test_a_slot_can_be_moved_by_hand():
    router = SlotRouter(["a", "b"], slots=16)
    slot = router.slot_of("user:1")
    for node in ("b", "a"):
        router.move_slot(slot, node)
        assert router.node_for("user:1") == node
    with pytest.raises(ValueError, match="slot must be < slots=16, got 16"):
        router.move_slot(16, "a")
    with pytest.raises(ValueError, match="slots must divide 16384, got 5"):
        SlotRouter(["a"], slots=5)
    with pytest.raises(ValueError, match="nodes must be at most slots=1"):
        SlotRouter(["a", "b"], slots=1)


def test_the_directory_remembers():
    router = DirectoryRouter(["a", "b"])
    for number in range(10):
        router.node_for(str(number))
    assert (router.keys_of("a"), router.keys_of("b")) == (5, 5)
    router.add_node("c")
    assert [router.node_for(f"new {number}") for number in range(5)] == ["c"] * 5
    router.forget("0")
    assert len(router) == 14
    router._held["a"] += 1
    with pytest.raises(AssertionError, match="keys are miscounted"):
        router.check_invariants()


def test_maglev_refuses_a_bad_size_at_once():
    with pytest.raises(ValueError, match="table_size must be a prime"):
        MaglevRouter([], table_size=100)
