"""A router by Maglev's lookup table."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from scalelab.fakes.routing._placed import NamedRouter, Placement
from scalelab.sim.maglev import MaglevPlacement


class MaglevRouter(NamedRouter):
    """Maglev's table, made anew at each change; a few keys move between nodes that stay.

    Parameters
    ----------
    nodes : iterable of str or int
        Names of the first nodes, distinct.
    table_size : int
        Places of the table, a prime number.

    Examples
    --------
    >>> router = MaglevRouter(["a", "b"], table_size=251)
    >>> router.node_for("user:1") == MaglevRouter(["b", "a"], table_size=251).node_for("user:1")
    True
    """

    def __init__(self, nodes: Iterable[Hashable] = (), table_size: int = 65_537) -> None:
        MaglevPlacement([0], table_size)  # refuses a bad size now, not at the first key
        self.table_size = table_size
        super().__init__(nodes)

    def _place(self) -> Placement:
        return MaglevPlacement(sorted(self._names), self.table_size)
