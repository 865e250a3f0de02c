"""Three complaints of a support desk, played on fakes, and their picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scalelab.fakes.caching.ttl_cache import TtlCache
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.fakes.replication.routing_policies import AnyReplica, StickyReplica
from scalelab.fakes.replication.session_guarantees import Session
from scalelab.history.operations import History, Operation
from scalelab.history.recorder import Recorder
from scalelab.plotting import (
    BLUE,
    INK,
    MUTED,
    ORANGE,
    PHONE_WIDTH,
    RED,
    canvas,
    draw_otherwise_on_a_phone,
)
from scalelab.quantities import quantity


def comment_ticket() -> History:
    """Save a comment, load the page 5 ms later from a replica that is 100 ms behind."""
    clock = VirtualClock()
    store = ReplicatedStore(
        clock, replicas=1, network=FakeNetwork(clock, delay_s=0.001), apply_delay_s=0.1
    )
    recorder = Recorder(clock)
    ann = recorder.session(Session(store, AnyReplica(rng=np.random.default_rng(1))), "Ann")
    ann.put("comment", "nice")
    clock.advance(0.005)
    ann.get("comment")
    clock.advance(0.12)
    ann.get("comment")
    return recorder.history()


class _Page:
    """A value in a store, seen through a cache that knows nothing of writes."""

    def __init__(self, clock: VirtualClock, ttl_s: float) -> None:
        self.clock, self.store = clock, {"photo": "old"}
        self.cache = TtlCache(clock, capacity=10, ttl_s=ttl_s)

    def put(self, key: str, value: str) -> None:
        self.clock.advance(0.5)
        self.store[key] = value

    def get(self, key: str) -> Any:
        self.clock.advance(0.5)
        if key not in self.cache:
            self.cache.put(key, self.store[key])
        return self.cache.get(key)


def photo_ticket() -> History:
    """Change a photo that a cache has had for 20 of its 60 s; look now, and again later."""
    clock = VirtualClock()
    page, recorder = _Page(clock, 60.0), Recorder(clock)
    page.get("photo")
    clock.advance(20.0)
    bob = recorder.session(page, "Bob")
    bob.put("photo", "new")
    bob.get("photo")
    clock.advance(30.0)
    bob.get("photo")
    clock.advance(15.0)
    bob.get("photo")
    return recorder.history()


def product_ticket() -> History:
    """Add a product and search for it; a read model learns of it 500 ms later."""
    clock = VirtualClock()
    store = ReplicatedStore(
        clock, replicas=1, network=FakeNetwork(clock, delay_s=0.02), apply_delay_s=0.5
    )
    recorder = Recorder(clock)
    cid = recorder.session(Session(store, StickyReplica(rng=np.random.default_rng(1))), "Cid")
    cid.put("lamp", "in stock")
    for pause_s in (0.01, 0.2, 0.4):
        clock.advance(pause_s)
        cid.get("lamp")
    return recorder.history()


TICKETS: dict[str, Callable[[], History]] = {
    "Ann: a comment, and a replica 100 ms behind": comment_ticket,
    "Bob: a photo, and a cache that keeps it for 60 s": photo_ticket,
    "Cid: a product, and a search index 500 ms behind": product_ticket,
}


def tickets_picture() -> Figure:
    """Draw the three histories below each other, their events at equal distances."""
    figure, ax = canvas(height=3.4)
    _draw(ax, " later", ", ")
    draw_otherwise_on_a_phone(figure, _on_a_phone)
    return figure


def _on_a_phone() -> Figure:
    """Draw them with less text: a name on two lines, and a time without its word."""
    figure, ax = canvas(height=4.4)
    figure.set_size_inches(PHONE_WIDTH, 4.4)
    _draw(ax, "", ",\n")
    return figure


def _draw(ax: Axes, word_of_time: str, comma: str) -> None:
    for lane, (name, ticket) in enumerate(TICKETS.items()):
        write, *reads = ticket()
        title = ax.text(-0.35, 0.5 - lane, name.replace(", ", comma), va="center", color=INK)
        title.set_in_layout(False)  # it stands over the whole lane, and must not narrow it
        ax.plot([0, len(reads)], [-lane, -lane], color=MUTED, lw=1, zorder=1)
        for place, operation in enumerate((write, *reads)):
            word, colour = _word(operation)
            ax.plot(place, -lane, "o", ms=9, color=colour)
            ax.text(place, 0.12 - lane, word, ha="center", va="bottom", color=INK)
            below = "" if operation is write else _time(operation, write, word_of_time)
            ax.text(place, -0.12 - lane, below, ha="center", va="top", color=MUTED)
    ax.set(xlim=(-0.4, 3.5), ylim=(0.65 - len(TICKETS), 0.65))
    ax.axis("off")


def _time(read: Operation, write: Operation, word: str) -> str:
    later_s = float(read.invoked_s or 0) - float(write.responded_s or 0)
    if later_s <= 0:
        return "at once"
    return f"{quantity(later_s, 's') if later_s >= 1 else quantity(1_000 * later_s, 'ms')}{word}"


def _word(operation: Operation) -> tuple[str, str]:
    if operation.is_write:
        return "saved", ORANGE
    if operation.value is None:
        return "not there", RED
    return ("old", RED) if operation.value == "old" else ("there", BLUE)
