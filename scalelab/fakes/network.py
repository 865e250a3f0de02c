"""A network between named nodes that delays, loses, repeats and reorders messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from scalelab import _validate as v
from scalelab.fakes._callbacks import tell_all
from scalelab.fakes._delays import Delay, delay_source
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.invariants import ensure


@dataclass(frozen=True, kw_only=True)
class NetworkStats:
    """A network's books; ``sent + duplicated == delivered + lost + blocked + in_flight``."""

    sent: int
    """Messages given to the network."""
    duplicated: int
    """Second copies that it made."""
    delivered: int
    """Copies that arrived."""
    lost: int
    """Messages lost by chance."""
    blocked: int
    """Copies stopped by a cut link, at the sender or on their way."""
    in_flight: int
    """Copies on their way."""
    reordered: int
    """Copies that arrived after a message sent later on the same link."""


@dataclass(eq=False, slots=True)
class _Link:
    delay: Callable[[], float]
    is_open: bool = True
    sent: int = 0
    latest_due_s: float = 0.0
    latest_delivered: int = 0


class FakeNetwork:
    """Links between named nodes, each direction on its own, on a virtual clock.

    Parameters
    ----------
    clock : VirtualClock
        Whose time passes.
    delay_s : float or callable
        One-way delay of a message in seconds, >= 0: a constant, or a function that draws
        one from a generator. `set_delay` changes it for one link.
    loss, duplication : float
        Share of messages that vanish, in [0, 1), and that arrive twice, in [0, 1].
    ordered : bool
        Whether messages of a link keep their order, as in a TCP stream; if not, one with a
        short delay overtakes one with a long delay.
    rng : numpy.random.Generator, optional
        Needed where anything is left to chance.

    Notes
    -----
    A partition cuts links; a message that falls due on a cut link is gone, also when it was
    sent before. Every open link can fail by `loss`; nobody is told.

    Examples
    --------
    >>> clock = VirtualClock()
    >>> network = FakeNetwork(clock, delay_s=0.050)
    >>> network.add(["a", "b"])
    >>> network.send("a", "b", "hello", print)
    >>> clock.advance(0.050)
    hello
    >>> network.partition({"a"})
    >>> network.send("a", "b", "still there?", print)
    >>> network.stats().blocked
    1
    """

    def __init__(
        self,
        clock: VirtualClock,
        *,
        delay_s: Delay = 0.0,
        loss: float = 0.0,
        duplication: float = 0.0,
        ordered: bool = True,
        rng: np.random.Generator | None = None,
    ) -> None:
        if not isinstance(clock, VirtualClock):
            v.refuse("FakeNetwork", "clock", "be a VirtualClock", clock)
        self.clock = clock
        self.loss = _share("loss", loss)
        if self.loss == 1:
            v.refuse("FakeNetwork", "loss", "be below 1", loss, "cut the links instead")
        self.duplication = _share("duplication", duplication)
        self.ordered = v.truth("FakeNetwork", "ordered", ordered)
        self._delay = delay_source("FakeNetwork", "delay_s", delay_s, rng)
        if self.loss or self.duplication:
            v.generator("FakeNetwork", rng)  # type: ignore[arg-type]  # None is refused
        self._rng = rng
        self._links: dict[tuple[str, str], _Link] = {}
        self._nodes: list[str] = []
        self._listeners: list[Callable[[], object]] = []
        self._sent = self._duplicated = self._delivered = 0
        self._lost = self._blocked = self._in_flight = self._reordered = 0

    @property
    def nodes(self) -> tuple[str, ...]:
        """Names of the nodes, in the order of their coming."""
        return tuple(self._nodes)

    def add(self, names: Iterable[str]) -> None:
        """Connect nodes with all others; one that is there already stays as it is."""
        for name in _texts("FakeNetwork.add", "names", names):
            if name in self._nodes:
                continue
            for other in self._nodes:
                self._links[name, other] = _Link(self._delay)
                self._links[other, name] = _Link(self._delay)
            self._nodes.append(name)

    def send(
        self, source: str, target: str, message: Any, on_delivered: Callable[[Any], object]
    ) -> None:
        """Send a message; `on_delivered` is called with it once for each copy that arrives.

        Raises
        ------
        ValueError
            `source` or `target` is no node, or they are the same.
        """
        link = self._link("send", source, target)
        delays_s: list[float] = []
        is_lost = link.is_open and self._happens(self.loss)
        if link.is_open and not is_lost:
            copies = 1 + self._happens(self.duplication)
            delays_s = [link.delay() for _ in range(copies)]  # the caller's; the books come after
        self._sent += 1
        link.sent += 1
        self._blocked += not link.is_open
        self._lost += is_lost
        self._duplicated += max(0, len(delays_s) - 1)
        for delay_s in delays_s:
            self._launch(link, delay_s, message, on_delivered)

    def is_open(self, source: str, target: str) -> bool:
        """Whether messages can pass from `source` to `target`."""
        return self._link("is_open", source, target).is_open

    def connected(self, source: str, target: str) -> bool:
        """Whether messages can pass in both directions."""
        return self.is_open(source, target) and self.is_open(target, source)

    def set_delay(self, source: str, target: str, delay_s: Delay, *, both: bool = True) -> None:
        """Give a link its own delay, and the way back the same unless `both` is False.

        Raises
        ------
        ValueError
            A name is no node.
        """
        delay = delay_source("FakeNetwork.set_delay", "delay_s", delay_s, self._rng)
        self._link("set_delay", source, target).delay = delay
        if both:
            self._link("set_delay", target, source).delay = delay

    def cut(self, source: str, target: str) -> None:
        """Stop messages from `source` to `target`; those the other way still pass."""
        self._link("cut", source, target).is_open = False

    def partition(self, left: Iterable[str], right: Iterable[str] | None = None) -> None:
        """Stop messages between two groups of nodes, both ways.

        Parameters
        ----------
        left, right : iterable of str
            The groups; without `right`, `left` and all the others.

        Raises
        ------
        ValueError
            A name is no node, or is in both groups.
        """
        lefts = self._group("left", left)
        rights = set(self._nodes) - lefts if right is None else self._group("right", right)
        if lefts & rights:
            v.refuse("FakeNetwork.partition", "right", "share no node with left", lefts & rights)
        for one in sorted(lefts):
            for other in sorted(rights):
                self._link("partition", one, other).is_open = False
                self._link("partition", other, one).is_open = False

    def heal(self) -> None:
        """Open every link again."""
        for link in self._links.values():
            link.is_open = True
        tell_all(self.clock, self._listeners)

    def heal_link(self, source: str, target: str) -> None:
        """Open one direction of one link again."""
        self._link("heal_link", source, target).is_open = True
        tell_all(self.clock, self._listeners)

    def on_heal(self, listener: Callable[[], object]) -> None:
        """Call `listener` whenever links open again, as a client's reconnect would notice.

        An error in a listener comes out of the clock's run; the other listeners are called.
        """
        self._listeners.append(listener)

    def stats(self) -> NetworkStats:
        """Return the books at this moment."""
        return NetworkStats(
            sent=self._sent,
            duplicated=self._duplicated,
            delivered=self._delivered,
            lost=self._lost,
            blocked=self._blocked,
            in_flight=self._in_flight,
            reordered=self._reordered,
        )

    def check_invariants(self) -> None:
        """Raise AssertionError when a message got lost from the books."""
        books = self.stats()
        ends = books.delivered + books.lost + books.blocked + books.in_flight
        ensure(books.sent + books.duplicated == ends, "a message got lost from the books")
        ensure(books.in_flight >= 0, "more arrived than were sent")
        ensure(not (self.ordered and books.reordered), "an ordered link changed the order")
        ensure(books.sent == sum(link.sent for link in self._links.values()), "links differ")

    def _group(self, argument: str, names: Iterable[str]) -> set[str]:
        group = set(_texts("FakeNetwork.partition", argument, names))
        if not group or not group <= set(self._nodes):
            rule = f"be a non-empty group of {self._nodes}"
            v.refuse("FakeNetwork.partition", argument, rule, names)
        return group

    def _link(self, verb: str, source: str, target: str) -> _Link:
        for argument, name in (("source", source), ("target", target)):
            if not isinstance(name, str) or name not in self._nodes:
                v.refuse(f"FakeNetwork.{verb}", argument, f"be one of {self._nodes}", name)
        if source == target:
            v.refuse(f"FakeNetwork.{verb}", "target", "differ from source", target)
        return self._links[source, target]

    def _happens(self, share: float) -> bool:
        return bool(share) and self._rng is not None and bool(self._rng.random() < share)

    def _launch(
        self, link: _Link, delay_s: float, message: Any, on_delivered: Callable[[Any], object]
    ) -> None:
        number_sent = link.sent

        def arrive() -> None:
            self._in_flight -= 1
            if not link.is_open:
                self._blocked += 1
                return
            self._delivered += 1
            self._reordered += number_sent < link.latest_delivered
            link.latest_delivered = max(link.latest_delivered, number_sent)
            on_delivered(message)

        due_s = self.clock.now_s + delay_s
        if self.ordered:
            due_s = link.latest_due_s = max(due_s, link.latest_due_s)
        self._in_flight += 1
        self.clock.schedule_at(due_s, arrive)


def _texts(function: str, argument: str, names: Iterable[str]) -> list[str]:
    is_group = isinstance(names, Iterable) and not isinstance(names, str)
    group = list(names) if is_group else [""]
    if not all(isinstance(name, str) and name for name in group):
        v.refuse(function, argument, "be a group of non-empty texts", names)
    return group


def _share(argument: str, share: float) -> float:
    """One ratio from 0 to 1."""
    v.number("FakeNetwork", argument, share, minimum=0)
    return float(v.fraction("FakeNetwork", argument, share))
