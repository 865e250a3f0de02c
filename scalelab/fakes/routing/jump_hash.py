"""A router by jump consistent hashing."""

from __future__ import annotations

from scalelab.fakes.routing._placed import PlacedRouter, Placement
from scalelab.sim.jump_hash import JumpPlacement


class JumpRouter(PlacedRouter):
    """Jump consistent hashing; nodes are numbered in order of arrival, and leave in reverse.

    Parameters
    ----------
    nodes : iterable of str or int
        Names of the first nodes, distinct; there may be none yet.

    Examples
    --------
    >>> router = JumpRouter(["a", "b", "c"])
    >>> try:
    ...     router.remove_node("a")
    ... except ValueError as error:
    ...     print(error)
    JumpRouter.remove_node: node must be the last, c, got 'a'; there can be no gaps
    """

    may_leave = "last"

    def _place(self) -> Placement:
        return JumpPlacement(len(self._nodes))
