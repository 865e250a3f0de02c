"""A participant of a two-phase commit: accounts, locks, and a log that survives a crash."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.invariants import ensure
from scalelab.fakes.transactions.two_phase_types import Decision

Changes = Mapping[Hashable, float]


@dataclass
class Part:
    """What a participant's log says of one transaction: on disk, so a crash leaves it."""

    changes: dict[Hashable, float]
    prepared_at_s: float
    decision: Decision | None = None
    doubt_s: float = 0.0


@dataclass(eq=False)
class Participant:
    """One shard's side; `send` takes a message to the coordinator."""

    name: str
    clock: VirtualClock
    balances: dict[Hashable, float]
    send: Callable[[str, tuple[Any, ...]], object]
    retry_s: float
    is_up: bool = True
    blocked: int = 0
    log: dict[int, Part] = field(default_factory=dict)
    locks: dict[Hashable, int] = field(default_factory=dict)  # in memory: rebuilt from the log

    def receive(self, message: tuple[Any, ...]) -> None:
        """Handle a message of the coordinator; a second copy changes nothing."""
        if not self.is_up:
            return
        verb, number, *rest = message
        if verb == "prepare":
            self._prepare(number, rest[0])
        else:
            self._decide(number, verb)

    def crash(self) -> None:
        """Lose what is in memory: the locks. Balances and log are on disk."""
        self.is_up = False
        self.locks.clear()

    def restart(self) -> None:
        """Lock again what is in doubt, and ask for the decision."""
        self.is_up = True
        for number, part in self.log.items():
            if part.decision is None:
                self._lock(number, part)
                self._ask(number)

    def in_doubt(self) -> list[Part]:
        """Parts that wait for a decision."""
        return [part for part in self.log.values() if part.decision is None]

    def doubts_s(self) -> list[float]:
        """Seconds in doubt of every part so far."""
        now_s = self.clock.now_s
        return [
            now_s - part.prepared_at_s if part.decision is None else part.doubt_s
            for part in self.log.values()
        ]

    def check_invariants(self) -> None:
        """Raise AssertionError when locks and log differ."""
        if self.is_up:
            doubtful = {key for part in self.in_doubt() for key in part.changes}
            ensure(set(self.locks) == doubtful, "locks and log of a participant differ")
        ensure(all(b >= 0 for b in self.balances.values()), "an account is overdrawn")

    def _prepare(self, number: int, changes: Changes) -> None:
        known = self.log.get(number)
        if known is not None:  # a second copy, or a prepare that was overtaken
            if known.decision is None:
                self.send(self.name, ("yes", number))
            return
        if any(key in self.locks for key in changes):
            self.blocked += 1
            self.send(self.name, ("no", number))
        elif any(self.balances.get(key, 0) + amount < 0 for key, amount in changes.items()):
            self.send(self.name, ("no", number))
        else:
            part = self.log[number] = Part(dict(changes), self.clock.now_s)
            self._lock(number, part)
            self.send(self.name, ("yes", number))
            self._ask_later(number)

    def _decide(self, number: int, decision: Decision) -> None:
        part = self.log.get(number)
        if part is not None and part.decision is None:
            part.decision = decision
            part.doubt_s = self.clock.now_s - part.prepared_at_s
            for key, amount in part.changes.items():
                if decision == "commit":
                    self.balances[key] = self.balances.get(key, 0) + amount
                self.locks.pop(key, None)
        if decision == "commit":
            self.send(self.name, ("done", number))

    def _lock(self, number: int, part: Part) -> None:
        self.locks.update(dict.fromkeys(part.changes, number))

    def _ask_later(self, number: int) -> None:
        self.clock.schedule(self.retry_s, lambda: self._ask(number))

    def _ask(self, number: int) -> None:
        """Ask again and again; nobody else can say how it ended."""
        if self.is_up and self.log[number].decision is None:
            self.send(self.name, ("ask", number))
            self._ask_later(number)
