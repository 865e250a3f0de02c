"""Transfers between shards on the fakes: in doubt after a crash, or half done in a saga."""

from __future__ import annotations

from contextlib import suppress
from typing import get_args

from matplotlib.axes import Axes

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.transactions.saga import Saga, SagaStep, SagaUndoneError, StepFailedError
from scalelab.fakes.transactions.two_phase_commit import TwoPhaseCommit
from scalelab.fakes.transactions.two_phase_types import CrashPoint, UnknownOutcomeError
from scalelab.plotting import ORANGE, TINTS, label, write

POINTS: tuple[CrashPoint, ...] = get_args(CrashPoint)
ONE_WAY_S, BACK_S = 0.005, 5.0  # a message, and when the coordinator is there again


def doubt_s(point: CrashPoint, back_s: float = BACK_S) -> tuple[float, float]:
    """Crash the coordinator of a transfer of 30; return the longest lock, and Bob's balance.

    It is there again after `back_s`, and the balance is what Bob has in the end.
    """
    network = FakeNetwork(VirtualClock(), delay_s=ONE_WAY_S)
    bank = TwoPhaseCommit(network, {"shard 1": {"ann": 100}, "shard 2": {"bob": 0}})
    bank.crash_coordinator(at=point)
    with suppress(UnknownOutcomeError):
        bank.transfer("ann", "bob", 30)
    network.clock.run(back_s)
    bank.restart_coordinator()
    network.clock.run(back_s + 10)
    bank.check_invariants()
    return bank.stats().longest_in_doubt_s, bank.balance("bob")


def plot_doubt(ax: Axes) -> Axes:
    """Draw for each place of the crash how long accounts stay locked, and what came of it."""
    for place, point in enumerate(POINTS):
        locked_s, bob = doubt_s(point)
        ax.barh(place, locked_s, color=TINTS[ORANGE], ec=ORANGE, height=0.55)
        end = "committed" if bob else "rolled back"
        write(ax, locked_s, place, f"{locked_s:.2f} s, {end}", dx=4, va="center")
    ax.set_yticks(range(len(POINTS)), list(POINTS))
    ax.invert_yaxis()
    ax.set(xlim=(0, 8))
    return label(ax, x="seconds that accounts are locked", y="crash")


def doubts_in_words() -> str:
    """Say what `plot_doubt` shows."""
    return "; ".join(f"{point} {doubt_s(point)[0]:.2f} s" for point in POINTS)


def saga_story() -> tuple[float, float, float]:
    """Move 30 by a saga whose second step fails; return the sums before, in between, and after."""
    account, seen = {"ann": 100.0, "bob": 0.0}, []
    clock = VirtualClock()

    def change(who: str, amount: float) -> None:
        account[who] += amount

    def refuse() -> None:
        raise StepFailedError("Bob's account is closed")

    taken: list[bool] = []

    def take() -> None:
        change("ann", -30)
        taken.append(True)

    def give_back() -> None:
        if taken:  # right to call twice, and without a step before
            change("ann", 30)
            taken.clear()

    steps = [SagaStep("debit", take, give_back), SagaStep("credit", refuse, lambda: None)]
    saga = Saga(clock, steps, step_s=1.0)
    for at_s in (0.5, 1.5):
        clock.schedule_at(at_s, lambda: seen.append(sum(account.values())))
    try:
        saga.run()
    except SagaUndoneError:
        seen.append(sum(account.values()))
    before, between, after = seen
    return before, between, after
