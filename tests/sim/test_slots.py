"""Fixed slots: those of Redis, and how few of them move."""

import numpy as np
import pytest

from scalelab.sim.slots import SlotPlacement, redis_slot


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


def test_a_key_that_utf8_cannot_hold_has_a_slot():
    assert redis_slot("half \ud83d") == redis_slot(b"half \xed\xa0\xbd")
