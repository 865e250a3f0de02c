"""Questions to several shards: the slowest answer, an index, and all orders from one city."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from scalelab.course.page import Html, table
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.routing.entities import EntityRouter
from scalelab.fakes.routing.modulo import ModuloRouter
from scalelab.fakes.sharding.indexed_store import IndexedStore
from scalelab.fakes.sharding.sharded_store import ShardedStore
from scalelab.models.lag_laws import LogNormalLag
from scalelab.models.tail_at_scale import fanout_quantile_s, fanout_slow_share, hedged_tail
from scalelab.plotting import BLUE, INK, ORANGE, label
from scalelab.quantities import percent, quantity

ONE_SHARD = LogNormalLag(median_s=0.010, log_sd=0.8)  # how long one shard takes to answer


def scattered_ms(rng: np.random.Generator, shards: int, quantile: float) -> float:
    """Ask all shards of a store 400 times, and return a quantile of the answers in ms."""
    store = ShardedStore(
        VirtualClock(),
        ModuloRouter(range(shards)),
        latency_s=lambda r: float(r.lognormal(math.log(0.010), 0.8)),
        rng=rng,
    )
    times = [store.query(lambda *_: True).latency_s for _ in range(400)]
    return float(1e3 * np.quantile(times, quantile))


def scattered_by_model(shards: int, quantile: float) -> float:
    """Return the same by the formula."""
    return float(1e3 * fanout_quantile_s(ONE_SHARD, quantile, shards))


SHARD_COUNTS = (1, 3, 10, 30, 70, 100, 300)


def draw_fanout(ax: Axes, shards: int) -> str:
    """Draw how long a question takes that asks so many shards, against one that asks one."""
    counts = np.unique(np.geomspace(1, 300, 60).round().astype(int))
    for quantile, colour, name in (
        (0.99, ORANGE, "one question in 100"),
        (0.5, BLUE, "one in two"),
    ):
        ms = 1e3 * np.asarray(fanout_quantile_s(ONE_SHARD, quantile, counts))
        ax.plot(counts, ms, color=colour, label=f"{name} takes longer")
        at = scattered_by_model(shards, quantile)
        ax.plot([shards], [at], "o", color=INK, ms=5, zorder=5)
    limit = scattered_by_model(1, 0.99)
    ax.axhline(limit, color=INK, ls=":", lw=1.2, label="one answer in 100 of one shard")
    ax.set(xscale="log", ylim=(0, 200), xlim=(1, 300))
    ax.set_xticks([1, 3, 10, 30, 100, 300], ["1", "3", "10", "30", "100", "300"])
    label(ax, x="shards asked", y="answer complete, ms", legend=True)
    met = percent(float(fanout_slow_share(0.99, shards)), 3)
    words = "shard" if shards == 1 else "shards"
    return (
        f"{shards} {words}: half of the questions take longer than "
        f"{quantity(scattered_by_model(shards, 0.5), 'ms', 3)}, and {met} meet at least one answer "
        "of the slowest 1 %."
    )


def hedged() -> tuple[float, float, float]:
    """Return how many single answers in 100,000 take over 100 ms: plain, and asked twice.

    The second request goes out after the 95th percentile; the last value is that time in ms.
    """
    late_s = float(ONE_SHARD.quantile(0.95))
    plain = float(ONE_SHARD.tail(0.1))
    twice = float(hedged_tail(ONE_SHARD, 0.1, late_s))
    return 1e5 * plain, 1e5 * twice, 1e3 * late_s


def asked_by_mail(shards: int = 10) -> dict[str, int]:
    """Look a user up by e-mail, without an index and with one; return the shards asked."""
    router = ModuloRouter([f"shard {i}" for i in range(shards)])
    store = ShardedStore(VirtualClock(), router)
    users = IndexedStore(store, lambda row: row["mail"], router)
    for user in range(200):
        users.put(user, {"mail": f"u{user}@example.org"})
    plain = store.query(lambda _, row: row.value["mail"] == "u7@example.org")
    indexed = users.find("u7@example.org")
    return {"scattered": len(plain.shards_touched), "indexed": len(indexed.shards_touched)}


def boston(shards: int = 3) -> dict[tuple[str, str], tuple[int, int]]:
    """Ask for all orders from Boston; return rounds and requests to shards, by placement.

    Orders lie with their user or by their own number; the city stands with the user alone, or in
    each order as well.
    """
    names, found = list(range(shards)), {}
    placements = {
        "with their user": EntityRouter(lambda row: row[0], ModuloRouter(names)),
        "by order number": EntityRouter(
            lambda row: row if row[1] == "user" else row[2], ModuloRouter(names)
        ),
    }
    for placement, router in placements.items():
        for has_city in (False, True):
            store = ShardedStore(VirtualClock(), router)
            for user in range(60):
                city = "Boston" if user % 6 == 0 else "Rome"
                store.put((user, "user", 0), {"city": city})
                for n in range(3):
                    value = {"city": city} if has_city else {"total": 9}
                    store.put((user, "order", 3 * user + n), value)
            found[placement, "yes" if has_city else "no"] = _boston_orders(store, has_city)
    return found


def _boston_orders(store: ShardedStore, has_city: bool) -> tuple[int, int]:
    """Find the orders as cheaply as the placement allows; count rounds and requests."""

    def home(row: Any) -> Any:
        return store.router.node_for(row)

    before = sum(store.loads("queries").values())
    together = all(
        home(row) == home((row[0], "user", 0))
        for rows in store.contents().values()
        for row in _keys(rows)
    )
    if has_city:
        rounds = 1
        orders = store.query(lambda row, value: row[1] == "order" and value["city"] == "Boston")
    elif together:  # each shard joins its own users with their orders
        rounds = 1
        orders = store.query(lambda row, _: row[1] == "order" and row[0] % 6 == 0)
    else:
        rounds = 2
        users = store.query(lambda row, value: row[1] == "user" and value["city"] == "Boston")
        ids = {row[0] for row in _keys(users.rows)}
        orders = store.query(lambda row, _: row[1] == "order" and row[0] in ids)
    assert len(orders.rows) == 30
    return rounds, int(sum(store.loads("queries").values()) - before)


def _keys(rows: dict[Any, Any]) -> list[Any]:
    return list(rows)


def boston_table() -> Html:
    """Show what a copy of the city in each order saves, and what it does not."""
    rows: list[dict[str, Any]] = [
        {
            "orders lie": placement,
            "city in each order": has_city,
            "rounds": rounds,
            "requests to shards": requests,
        }
        for (placement, has_city), (rounds, requests) in boston().items()
    ]
    return table(rows, "All orders from Boston, on three shards")
