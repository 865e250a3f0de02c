"""Old and new servers on the same sessions."""

import pytest

from scalelab.course.chapters.serialization.rollout import Rollout


@pytest.mark.parametrize(
    ("keeps", "updated", "lost"), [(False, False, 1), (False, True, 0), (True, False, 0)]
)
def test_who_drops_the_coupon(keeps, updated, lost):
    rollout = Rollout(["a", "b"], ["s", "t"], keeps=keeps)
    if updated:
        rollout.update("a")
    rollout.request("s", "a")
    assert rollout.lost == lost
    assert rollout.has_coupon("t")


def test_a_request_under_way_has_not_written_yet():
    rollout = Rollout(["old"], ["s"])
    rollout.read("s", "old")
    assert (rollout.under_way, rollout.lost) == (1, 0)
    rollout.write("s")
    assert (rollout.under_way, rollout.lost) == (0, 1)
