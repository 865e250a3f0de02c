"""What may be done to a system, what it saves, and how many days of work it is."""

from __future__ import annotations

from dataclasses import dataclass

from scalelab import _validate as v
from scalelab.planner.node_menu import check_sizes


@dataclass(frozen=True, kw_only=True)
class RemedyMenu:
    """What may be done to a system, and what it brings.

    Parameters
    ----------
    sizes : tuple of int
        Cores of the nodes on offer, ascending.
    core_contention : float
        Amdahl's serial fraction of a node: of its cores so many count, in [0, 1).
    most_busy : float
        Utilisation for which every tier is sized, in (0, 1].
    replay_most_busy : float
        The same for the one replay of a replica, in (0, 1].
    queries_saved, app_saved : float
        Share of a query's, and of the servers' work that optimising once saves, in [0, 1); twice
        is possible.
    queries_days, app_days, stateless_days, autoscaler_days : float
        Days of work for each, >= 0: optimising the queries once, the servers once, taking the state
        out of the server before there is a second one, letting the servers follow the load.
    cache_days, replica_days, shard_days : float
        The same for the first cache, the first replica, the first shards.
    hot_shard : float
        Load of the fullest shard over the mean, >= 1.
    cacheable_share : float
        Share of the reads that a cache may answer at all, in [0, 1].
    """

    sizes: tuple[int, ...] = (2, 4, 8, 16, 32, 64)
    core_contention: float = 0.02
    most_busy: float = 0.7
    replay_most_busy: float = 0.8
    queries_saved: float = 0.4
    app_saved: float = 0.25
    queries_days: float = 8.0
    app_days: float = 15.0
    stateless_days: float = 8.0
    autoscaler_days: float = 5.0
    cache_days: float = 5.0
    replica_days: float = 4.0
    shard_days: float = 60.0
    hot_shard: float = 1.15
    cacheable_share: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what is no menu."""
        name = "RemedyMenu"
        check_sizes(name, self.sizes)
        for field in ("most_busy", "replay_most_busy"):
            value = v.number(name, field, getattr(self, field))
            v.keep(self, **{field: float(v.fraction(name, field, value))})
        for field in ("core_contention", "queries_saved", "app_saved", "cacheable_share"):
            value = v.number(name, field, getattr(self, field), minimum=0)
            v.keep(self, **{field: float(v.fraction(name, field, value))})
            if value == 1 and field != "cacheable_share":
                v.refuse(name, field, "be a ratio in [0, 1)", value)
        v.keep(self, hot_shard=v.number(name, "hot_shard", self.hot_shard, minimum=1))
        for field in ("queries", "app", "stateless", "autoscaler", "cache", "replica", "shard"):
            days = f"{field}_days"
            v.keep(self, **{days: v.number(name, days, getattr(self, days), minimum=0)})


def check_menu(function: str, menu: RemedyMenu | None) -> RemedyMenu:
    """Return the menu, the usual one for None; refuse what is neither."""
    if menu is None:
        return RemedyMenu()
    if not isinstance(menu, RemedyMenu):
        v.refuse(function, "menu", "be of the class RemedyMenu or None", menu)
    return menu
