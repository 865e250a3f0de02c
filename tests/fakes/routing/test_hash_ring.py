"""The ring router beyond the contract of all routers."""

import numpy as np
import pytest

from scalelab.fakes.routing.hash_ring import HashRingRouter
from scalelab.fakes.routing.modulo import ModuloRouter
from scalelab.sim.hash_ring import HashRing
from scalelab.sim.hashing import hash_text
from scalelab.sim.placement import moved_share


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


def test_nodes_that_are_numbers_have_their_place_in_the_arrays():
    keys = np.arange(200)
    router = HashRingRouter([5, 0, 9])
    assert [router.node_for(int(key)) for key in keys] == HashRing([0, 5, 9]).place(keys).tolist()


def test_names_whose_ids_collide_are_refused():
    taken = hash_text("a") >> 33
    router = HashRingRouter(["a"])
    with pytest.raises(ValueError, match=r"node must not collide with a, got .*another name"):
        router.add_node(taken)
    assert router.nodes == ("a",)
