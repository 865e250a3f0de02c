"""The slot router beyond the contract of all routers."""

from collections import Counter

import pytest

from scalelab.fakes.routing.slots import SlotRouter
from scalelab.sim.slots import redis_slot


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


def test_a_number_has_the_slot_of_its_digits():
    router = SlotRouter(["a", "b"])
    assert router.slot_of(42) == router.slot_of(42.0) == router.slot_of("42") == redis_slot("42")
