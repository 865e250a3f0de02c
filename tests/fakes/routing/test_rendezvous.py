"""The rendezvous router beyond the contract of all routers."""

import numpy as np

from scalelab.fakes.routing.rendezvous import RendezvousRouter
from scalelab.sim.rendezvous import RendezvousPlacement


def test_nodes_that_are_numbers_have_their_place_in_the_arrays():
    keys, router = np.arange(200), RendezvousRouter([5, 0, 9])
    placed = RendezvousPlacement([0, 5, 9]).place(keys)
    assert [router.node_for(int(key)) for key in keys] == placed.tolist()
