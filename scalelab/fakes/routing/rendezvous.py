"""A router by rendezvous hashing: the node with the highest score has the key."""

from __future__ import annotations

from scalelab.fakes.routing._placed import NamedRouter, Placement
from scalelab.sim.rendezvous import RendezvousPlacement


class RendezvousRouter(NamedRouter):
    """Highest random weight; see `scalelab.sim.rendezvous.RendezvousPlacement`.

    Parameters
    ----------
    nodes : iterable of str or int
        Names of the first nodes, distinct; there may be none yet.

    Examples
    --------
    >>> router = RendezvousRouter(["a", "b"])
    >>> router.remove_node("a")
    >>> router.node_for("user:1")
    'b'
    """

    def _place(self) -> Placement:
        return RendezvousPlacement(sorted(self._names))
