"""All or nothing on every shard, whoever crashes when; and the price: locks in doubt."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.transactions._two_phase_participant import Participant
from scalelab.fakes.transactions.two_phase_commit import TwoPhaseCommit
from scalelab.fakes.transactions.two_phase_types import (
    CrashPoint,
    TransactionAbortedError,
    UnknownOutcomeError,
)

SHARDS = ["s1", "s2", "s3"]
ACCOUNTS = {"s1": {"ann": 100, "amy": 100}, "s2": {"bob": 100}, "s3": {"cid": 100}}
NAMES = ["ann", "amy", "bob", "cid"]


def bank(one_way_s=0.005, **settings):
    network = FakeNetwork(VirtualClock(), delay_s=one_way_s)
    return TwoPhaseCommit(network, ACCOUNTS, **settings)


def balances(made):
    return [made.balance(name) for name in NAMES]


def mend(made):
    made.network.heal()
    made.restart_coordinator()
    for shard in SHARDS:
        made.restart(shard)
    made.clock.advance(10.0)


def test_a_transfer_takes_one_round_trip_to_decide_and_two_to_complete():
    made = bank(one_way_s=0.005)
    receipt = made.transfer("ann", "bob", 30)
    assert made.completed_s(receipt) is None
    made.clock.advance(1.0)
    assert receipt.decided_s - receipt.begun_s == pytest.approx(0.010)
    assert made.completed_s(receipt) - receipt.begun_s == pytest.approx(0.020)
    assert balances(made) == [70, 100, 130, 100]
    made.check_invariants()


def test_nobody_is_overdrawn():
    made = bank()
    with pytest.raises(TransactionAbortedError, match="participants must all vote yes"):
        made.transfer("ann", "bob", 101)
    made.clock.advance(1.0)
    assert balances(made) == [100] * 4
    assert made.transfer("bob", "ann", 1)  # no lock is left behind


def test_a_participant_that_is_down_aborts_after_the_timeout():
    made = bank(timeout_s=1.0)
    made.crash("s2")
    with pytest.raises(TransactionAbortedError):
        made.transfer("ann", "bob", 1)
    assert made.clock.now_s == pytest.approx(1.0)
    mend(made)
    assert balances(made) == [100] * 4


@pytest.mark.parametrize("at", get_args(CrashPoint))
def test_the_coordinator_may_crash_at_every_point(at):
    made = bank()
    made.crash_coordinator(at)
    if at == "before end":
        made.transfer("ann", "bob", 30)
    else:
        with pytest.raises(UnknownOutcomeError):
            made.transfer("ann", "bob", 30)
    made.clock.advance(2.0)
    made.check_invariants()
    assert not made.is_up
    mend(made)
    happened = at in ("after decision", "after first send", "before end")
    assert balances(made) == ([70, 100, 130, 100] if happened else [100] * 4)
    assert made.stats().in_doubt == 0
    made.check_invariants()


def test_those_in_doubt_block_others_until_the_coordinator_is_back():
    made = bank()
    made.crash_coordinator("before decision")
    with pytest.raises(UnknownOutcomeError):
        made.transfer("ann", "bob", 30)
    made.clock.advance(60.0)
    assert made.stats().in_doubt == 2
    made.restart_coordinator()
    with pytest.raises(TransactionAbortedError):  # the locks are still held
        made.transfer("ann", "cid", 1)
    assert made.stats().blocked == 1
    made.clock.advance(5.0)
    assert made.transfer("ann", "cid", 1)
    stats = made.stats()
    assert 60 < stats.longest_in_doubt_s < 61
    assert stats.in_doubt_s == pytest.approx(2 * 60.25, abs=1.0)


def test_a_participant_that_crashed_in_doubt_locks_again_and_asks():
    made = bank()
    made.submit_transfer("ann", "bob", 30, lambda receipt: None, lambda error: None)
    made.clock.advance(0.007)  # prepared, and not told
    made.crash("s2")
    made.clock.advance(3.0)
    assert made.balance("ann") == 70
    assert made.balance("bob") == 100
    made.restart("s2")
    with pytest.raises(TransactionAbortedError):
        made.submit_transfer("amy", "cid", 1, print, print) or made.transfer("bob", "cid", 1)
    mend(made)
    assert made.balance("bob") == 130
    made.check_invariants()


class Transfers(RuleBasedStateMachine):
    @initialize(seed=st.integers(0, 999), loss=st.sampled_from([0.0, 0.2]))
    def start(self, seed, loss):
        rng = np.random.default_rng(seed)
        network = FakeNetwork(
            VirtualClock(),
            delay_s=lambda rng: rng.exponential(0.01),
            loss=loss,
            duplication=loss,
            ordered=not loss,
            rng=rng,
        )
        self.bank = TwoPhaseCommit(network, ACCOUNTS, timeout_s=0.2, retry_s=0.1)
        self.told = []

    @rule(
        pair=st.permutations(NAMES),
        amount=st.integers(1, 60),
        seconds=st.sampled_from([0.0, 0.005, 0.02, 0.3]),
    )
    def transfer(self, pair, amount, seconds):
        self.bank.submit_transfer(
            pair[0],
            pair[1],
            amount,
            lambda receipt: self.told.append((pair[0], pair[1], amount)),
            lambda error: None,
        )
        self.bank.clock.advance(seconds)

    @rule(at=st.sampled_from([None, *get_args(CrashPoint)]))
    def crash_coordinator(self, at):
        self.bank.crash_coordinator(at)

    @rule(seconds=st.sampled_from([0.0, 0.02]))
    def restart_coordinator(self, seconds):
        self.bank.restart_coordinator()
        self.bank.clock.advance(seconds)

    @rule(shard=st.sampled_from(SHARDS))
    def crash(self, shard):
        self.bank.crash(shard)

    @rule(shard=st.sampled_from(SHARDS), seconds=st.sampled_from([0.0, 0.02]))
    def restart(self, shard, seconds):
        self.bank.restart(shard)
        self.bank.clock.advance(seconds)

    @rule(shard=st.sampled_from(SHARDS))
    def cut(self, shard):
        self.bank.network.partition({shard})

    @invariant()
    def books_add_up(self):
        if hasattr(self, "bank"):
            self.bank.check_invariants()

    def teardown(self):
        if not hasattr(self, "bank"):
            return
        mend(self.bank)
        self.bank.check_invariants()
        stats = self.bank.stats()
        assert (stats.in_doubt, stats.undecided) == (0, 0)
        assert stats.completed == stats.committed >= len(self.told)
        assert sum(balances(self.bank)) == 400


Transfers.TestCase.settings = settings(max_examples=80, stateful_step_count=40)
TestTransfers = Transfers.TestCase


def test_a_participant_that_decides_for_itself_is_caught(monkeypatch):
    """Teeth: who does not wait for the decision breaks atomicity."""
    monkeypatch.setattr(Participant, "_ask", lambda self, number: self._decide(number, "abort"))
    made = bank(retry_s=0.5)
    made.submit_transfer("ann", "bob", 30, lambda receipt: None, lambda error: None)
    made.clock.advance(0.012)  # decided, and s2 does not hear of it
    made.network.partition({"s2"})
    made.clock.advance(2.0)
    with pytest.raises(AssertionError, match="two decisions"):
        made.check_invariants()


def test_a_coordinator_that_forgets_its_log_is_caught():
    made = bank()
    made.crash_coordinator("after first send")
    with pytest.raises(UnknownOutcomeError):
        made.transfer("ann", "bob", 30)
    made.clock.advance(0.1)
    made._log.clear()
    with pytest.raises(AssertionError):
        made.check_invariants()
