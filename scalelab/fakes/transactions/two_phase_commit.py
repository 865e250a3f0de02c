"""Two-phase commit between accounts on different shards, with crashes at every point."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, get_args

from scalelab import _validate as v
from scalelab.fakes._checks import OnFailed
from scalelab.fakes.clock import Timer
from scalelab.fakes.invariants import ensure
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.transactions._two_phase_participant import Participant
from scalelab.fakes.transactions.two_phase_types import (
    CommitReceipt,
    CrashPoint,
    Decision,
    TransactionAbortedError,
    TwoPhaseStats,
    UnknownOutcomeError,
)

COORDINATOR = "coordinator"


@dataclass
class _Transaction:
    """What the coordinator keeps in memory until the transaction is over."""

    number: int
    changes: dict[str, dict[Hashable, float]]
    begun_s: float
    on_done: Callable[[CommitReceipt], object]
    on_failed: OnFailed
    votes: set[str] = field(default_factory=set)
    timeout: Timer | None = None


@dataclass
class _CommitRecord:
    """What the coordinator has on disk: only commits are written, aborts are presumed."""

    participants: tuple[str, ...]
    decided_s: float
    done: set[str] = field(default_factory=set)
    completed_s: float | None = None


class TwoPhaseCommit:
    """One coordinator, and a participant for each shard of accounts.

    The coordinator asks every participant to prepare. Each checks the balances, locks the
    accounts, writes to its log, and votes. If all say yes, the coordinator writes the commit
    to its log, which is the decision, and tells them; they apply it and release the locks.
    One no, or no vote in time, aborts. A participant that has voted yes is *in doubt*: it
    must keep its locks until it hears the decision, however long that takes.

    Parameters
    ----------
    network : FakeNetwork
        The way between the nodes; its clock is the clock.
    accounts : mapping
        From the name of each participant to its accounts: a mapping from key to balance. Not empty.
    timeout_s : float
        Seconds that the coordinator waits for votes, > 0.
    retry_s : float
        Seconds after which an unanswered decision, or question, is sent again, > 0.

    Notes
    -----
    Presumed abort: where the coordinator's log has no commit, the answer to a participant
    that asks is abort. Atomicity and durability hold under every crash; what is lost is
    availability. Locks are not waited for, so there is no deadlock.

    References
    ----------
    Gray, "Notes on data base operating systems", 1978; Mohan, Lindsay and Obermarck,
    "Transaction management in the R* distributed database management system", ACM TODS 11(4),
    1986.

    Examples
    --------
    >>> from scalelab.fakes.clock import VirtualClock
    >>> network = FakeNetwork(VirtualClock(), delay_s=0.005)
    >>> bank = TwoPhaseCommit(network, {"shard1": {"ann": 100}, "shard2": {"bob": 0}})
    >>> receipt = bank.transfer("ann", "bob", 30)
    >>> round(receipt.decided_s, 3), bank.balance("bob")
    (0.01, 0)
    >>> network.clock.advance(0.010)
    >>> bank.balance("ann"), bank.balance("bob")
    (70.0, 30.0)
    """

    def __init__(
        self,
        network: FakeNetwork,
        accounts: Mapping[str, Mapping[Hashable, float]],
        *,
        timeout_s: float = 1.0,
        retry_s: float = 0.5,
    ) -> None:
        if not isinstance(network, FakeNetwork):
            v.refuse("TwoPhaseCommit", "network", "be a FakeNetwork", network)
        self.network, self.clock = network, network.clock
        self._timeout_s = v.number("TwoPhaseCommit", "timeout_s", timeout_s)
        self._retry_s = v.number("TwoPhaseCommit", "retry_s", retry_s)
        self._participants = {
            name: Participant(name, self.clock, balances, self._to_coordinator, self._retry_s)
            for name, balances in _checked(accounts).items()
        }
        network.add([COORDINATOR, *self._participants])
        self.is_up = True
        self._begun = self._aborted = 0
        self._memory: dict[int, _Transaction] = {}
        self._log: dict[int, _CommitRecord] = {}
        self._crash_at: CrashPoint | None = None
        self._money = self._total()

    def transfer(self, source: Hashable, target: Hashable, amount: float) -> CommitReceipt:
        """Move money between two accounts; the virtual clock passes until the decision.

        Raises
        ------
        TransactionAbortedError
            A participant voted no, or did not vote in time; nothing happened.
        UnknownOutcomeError
            The coordinator is down or went down; the transfer may still happen.
        """
        return self.clock.wait_for(
            lambda done, failed: self.submit_transfer(source, target, amount, done, failed)
        )

    def submit_transfer(
        self,
        source: Hashable,
        target: Hashable,
        amount: float,
        on_done: Callable[[CommitReceipt], object],
        on_failed: OnFailed,
    ) -> None:
        """Begin a transfer; one of the functions is called by the clock, once."""
        name = "TwoPhaseCommit.transfer"
        amount = v.number(name, "amount", amount)
        changes: dict[str, dict[Hashable, float]] = {}
        for argument, key, change in (("source", source, -amount), ("target", target, amount)):
            changes.setdefault(self._home(name, argument, key), {})[key] = change
        if source == target:
            v.refuse(name, "target", "differ from source", target)
        if not self.is_up:
            self.clock.schedule(0.0, lambda: on_failed(_unknown()))
            return
        self._begun += 1
        begun = _Transaction(self._begun, changes, self.clock.now_s, on_done, on_failed)
        self._memory[begun.number] = begun
        self.clock.schedule(0.0, lambda: self._prepare(begun))

    def balance(self, account: Hashable) -> float:
        """Balance of an account on its shard at this moment; nobody is asked."""
        home = self._home("TwoPhaseCommit.balance", "account", account)
        return self._participants[home].balances[account]

    def crash_coordinator(self, at: CrashPoint | None = None) -> None:
        """Take the coordinator down now, or when a transaction next comes to a point.

        Raises
        ------
        ValueError
            There is no such point.
        """
        if at is not None:
            points = get_args(CrashPoint)
            v.choice("TwoPhaseCommit.crash_coordinator", "at", at, points)
            self._crash_at = at
            return
        self.is_up, self._crash_at = False, None
        lost, self._memory = self._memory, {}
        for transaction in lost.values():
            if transaction.timeout is not None:
                transaction.timeout.cancel()
            if transaction.number not in self._log:
                self._aborted += 1  # nobody will ever find a commit
            self.clock.schedule(0.0, partial(transaction.on_failed, _unknown()))

    def restart_coordinator(self) -> None:
        """Bring the coordinator back: its log says which commits were not finished."""
        if self.is_up:
            return
        self.is_up = True
        for number in self._log:
            self._tell_commit(number)

    def crash(self, participant: str) -> None:
        """Take a participant down; its log and balances are kept, its locks are not."""
        self._named("crash", participant).crash()

    def restart(self, participant: str) -> None:
        """Bring a participant back; what it had prepared is locked and asked for again."""
        server = self._named("restart", participant)
        if not server.is_up:
            server.restart()

    def completed_s(self, receipt: CommitReceipt) -> float | None:
        """When the last participant said that it has committed; None before that."""
        if not isinstance(receipt, CommitReceipt) or receipt.number not in self._log:
            rule = "be a receipt of this object"
            v.refuse("TwoPhaseCommit.completed_s", "receipt", rule, receipt)
        return self._log[receipt.number].completed_s

    def stats(self) -> TwoPhaseStats:
        """Return the books at this moment."""
        servers = self._participants.values()
        doubts = [seconds for server in servers for seconds in server.doubts_s()]
        return TwoPhaseStats(
            begun=self._begun,
            committed=len(self._log),
            aborted=self._aborted,
            undecided=sum(n not in self._log for n in self._memory),
            completed=sum(record.completed_s is not None for record in self._log.values()),
            in_doubt=sum(len(server.in_doubt()) for server in servers),
            in_doubt_s=sum(doubts),
            longest_in_doubt_s=max(doubts, default=0.0),
            blocked=sum(server.blocked for server in servers),
        )

    def check_invariants(self) -> None:
        """Raise AssertionError when a transaction was decided twice, or money was made."""
        self.network.check_invariants()
        stats = self.stats()
        ends = stats.committed + stats.aborted + stats.undecided
        ensure(stats.begun == ends, "a transaction got lost")
        decided: dict[int, set[Decision]] = {n: {"commit"} for n in self._log}
        for server in self._participants.values():
            server.check_invariants()
            for n, part in server.log.items():
                if part.decision is not None:
                    decided.setdefault(n, set()).add(part.decision)
        twice = [n for n, decisions in decided.items() if len(decisions) > 1]
        ensure(not twice, f"two decisions on transactions {twice}")
        invented = [n for n, what in decided.items() if "commit" in what and n not in self._log]
        ensure(not invented, f"transactions {invented} committed without the coordinator")
        if not stats.in_doubt and stats.completed == stats.committed:
            ensure(self._total() == self._money, "half of a transfer happened")

    def _prepare(self, transaction: _Transaction) -> None:
        if not self._reaches("before prepare", transaction):
            return
        give_up = partial(self._abort, transaction, "no vote of some in time")
        transaction.timeout = self.clock.schedule(self._timeout_s, give_up)
        for name, changes in transaction.changes.items():
            self._to_participant(name, ("prepare", transaction.number, changes))
        self._reaches("after prepare", transaction)

    def _to_coordinator(self, name: str, message: tuple[Any, ...]) -> None:
        def receive(message: tuple[Any, ...]) -> None:
            if self.is_up:
                self._hear(name, *message)

        self.network.send(name, COORDINATOR, message, receive)

    def _to_participant(self, name: str, message: tuple[Any, ...]) -> None:
        self.network.send(COORDINATOR, name, message, self._participants[name].receive)

    def _hear(self, name: str, verb: str, number: int) -> None:
        transaction, record = self._memory.get(number), self._log.get(number)
        if verb == "done":
            self._note_done(number, name)
        elif record is not None:
            self._to_participant(name, ("commit", number))
        elif transaction is None:
            self._to_participant(name, ("abort", number))  # presumed: there is no commit
        elif verb == "no":
            self._abort(transaction, f"a no of {name}")
        elif verb == "yes":
            transaction.votes.add(name)
            if transaction.votes == set(transaction.changes):
                self._commit(transaction)

    def _commit(self, transaction: _Transaction) -> None:
        if not self._reaches("before decision", transaction):
            return
        now_s = self.clock.now_s
        self._log[transaction.number] = _CommitRecord(tuple(transaction.changes), now_s)
        if transaction.timeout is not None:
            transaction.timeout.cancel()
        if not self._reaches("after decision", transaction):
            return
        first = next(iter(transaction.changes))
        self._to_participant(first, ("commit", transaction.number))
        if not self._reaches("after first send", transaction):
            return
        self._tell_commit(transaction.number, but=first)
        del self._memory[transaction.number]
        transaction.on_done(
            CommitReceipt(number=transaction.number, begun_s=transaction.begun_s, decided_s=now_s)
        )

    def _abort(self, transaction: _Transaction, got: str) -> None:
        del self._memory[transaction.number]
        self._aborted += 1
        if transaction.timeout is not None:
            transaction.timeout.cancel()
        for name in transaction.changes:
            self._to_participant(name, ("abort", transaction.number))
        rule = f"TwoPhaseCommit.transfer: participants must all vote yes, got {got}"
        transaction.on_failed(TransactionAbortedError(rule))

    def _tell_commit(self, number: int, but: str | None = None) -> None:
        """Tell those that have not said that it is done, until they have."""
        record = self._log[number]
        if not self.is_up or record.completed_s is not None:
            return
        for name in record.participants:
            if name not in record.done and name != but:
                self._to_participant(name, ("commit", number))
        self.clock.schedule(self._retry_s, lambda: self._tell_commit(number))

    def _note_done(self, number: int, name: str) -> None:
        record = self._log[number]
        last = record.done | {name} == set(record.participants) and record.completed_s is None
        if last and not self._reaches("before end", None):
            return
        record.done.add(name)
        if last:
            record.completed_s = self.clock.now_s

    def _reaches(self, point: CrashPoint, transaction: _Transaction | None) -> bool:
        """Whether the coordinator lives on at this point; False is its crash."""
        if self._crash_at == point:
            self.crash_coordinator()
        return self.is_up and (transaction is None or transaction.number in self._memory)

    def _total(self) -> float:
        return sum(sum(server.balances.values()) for server in self._participants.values())

    def _home(self, function: str, argument: str, key: Hashable) -> str:
        try:
            for name, server in self._participants.items():
                if key in server.balances:
                    return name
        except TypeError:
            pass
        v.refuse(function, argument, "be an account", key)

    def _named(self, verb: str, name: str) -> Participant:
        if not isinstance(name, str) or name not in self._participants:
            rule = f"be one of {list(self._participants)}"
            v.refuse(f"TwoPhaseCommit.{verb}", "participant", rule, name)
        return self._participants[name]


def _checked(accounts: Any) -> dict[str, dict[Hashable, float]]:
    rule = "map the name of each participant to its accounts, each with a balance >= 0"
    if not isinstance(accounts, Mapping) or not accounts or COORDINATOR in accounts:
        v.refuse("TwoPhaseCommit", "accounts", rule, accounts)
    seen: set[Hashable] = set()
    for name, balances in accounts.items():
        good = isinstance(name, str) and name and isinstance(balances, Mapping)
        if not good or seen & set(balances):
            v.refuse("TwoPhaseCommit", "accounts", rule, accounts)
        seen |= set(balances)
        for balance in balances.values():
            v.number("TwoPhaseCommit", "accounts", balance, minimum=0)
    return {name: dict(balances) for name, balances in accounts.items()}


def _unknown() -> UnknownOutcomeError:
    return UnknownOutcomeError(
        "TwoPhaseCommit.transfer: coordinator must be up, got one that is down; "
        "the transfer may have happened, so look before trying again"
    )
