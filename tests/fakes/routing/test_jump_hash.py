"""The jump router beyond the contract of all routers."""

import numpy as np

from scalelab.fakes.routing.jump_hash import JumpRouter
from scalelab.sim.jump_hash import JumpPlacement


def test_numbers_are_placed_as_in_arrays():
    router, keys = JumpRouter(["a", "b", "c"]), np.arange(200)
    placed = JumpPlacement(3).place(keys)
    assert [router.node_for(int(key)) for key in keys] == [router.nodes[i] for i in placed]


def test_only_the_last_may_leave():
    assert JumpRouter.may_leave == "last"
    router = JumpRouter(["a", "b", "c"])
    router.remove_node("c")
    router.remove_node("b")
    assert router.node_for("any") == "a"
