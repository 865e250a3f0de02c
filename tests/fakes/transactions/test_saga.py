import pytest

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.transactions.saga import Saga, SagaStep, SagaUndoneError, StepFailedError


class Bank:
    """Two accounts, and steps whose compensations are right in every case."""

    def __init__(self, *, closed=False):
        self.ann, self.bob, self.closed = 100, 0, closed
        self.effects = set()

    def debit(self):
        self.ann -= 30
        self.effects.add("debit")

    def refund(self):
        if "debit" in self.effects:
            self.ann += 30
            self.effects.remove("debit")

    def credit(self):
        if self.closed:
            raise StepFailedError("a closed account")
        self.bob += 30
        self.effects.add("credit")

    def take_back(self):
        if "credit" in self.effects:
            self.bob -= 30
            self.effects.remove("credit")

    def saga(self, **settings):
        steps = [
            SagaStep("debit", self.debit, self.refund),
            SagaStep("credit", self.credit, self.take_back),
        ]
        return Saga(VirtualClock(), steps, **settings)


def test_all_steps_are_done_in_turn():
    bank = Bank()
    saga = bank.saga()
    saga.run()
    assert (bank.ann, bank.bob, saga.log[-1]) == (70, 30, "done")
    saga.check_invariants()


def test_a_step_that_fails_undoes_the_others():
    bank = Bank(closed=True)
    saga = bank.saga()
    with pytest.raises(SagaUndoneError, match="step credit must succeed, got a closed account"):
        saga.run()
    assert (bank.ann, bank.bob, saga.is_over) == (100, 0, True)


def test_everybody_can_see_it_half_done():
    bank = Bank()
    saga = bank.saga(step_s=1.0)
    saga.submit(lambda _: None, lambda _: None)
    saga._clock.advance(1.5)
    assert bank.ann + bank.bob == 70  # isolation is what a saga gives up


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("tenths", range(35))
def test_a_crash_at_any_moment_ends_in_all_or_nothing(tenths, closed):
    bank = Bank(closed=closed)
    saga = bank.saga(step_s=1.0)
    saga.submit(lambda _: None, lambda _: None)
    saga._clock.advance(tenths / 10)
    saga.crash()
    saga._clock.advance(1.0)
    saga.recover()
    saga._clock.advance(5.0)
    saga.check_invariants()
    assert saga.is_over
    assert (bank.ann, bank.bob) == ((70, 30) if saga.log[-1] == "done" else (100, 0))


def test_a_crash_between_the_deed_and_its_line_is_compensated():
    bank = Bank()
    credit = bank.credit
    bank.credit = lambda: (credit(), saga.crash())
    saga = bank.saga()
    saga.submit(lambda _: None, lambda _: None)
    saga._clock.advance(1.0)
    assert bank.bob == 30
    assert "credit done" not in saga.log
    saga.recover()
    saga._clock.advance(1.0)
    assert (bank.ann, bank.bob) == (100, 0)


def test_a_saga_runs_once():
    saga = Bank().saga()
    saga.run()
    with pytest.raises(RuntimeError, match="saga must be new"):
        saga.run()


def test_a_compensation_that_does_nothing_is_noticed_by_the_sum():
    bank = Bank(closed=True)
    bank.refund = lambda: None
    with pytest.raises(SagaUndoneError):
        bank.saga().run()
    assert bank.ann + bank.bob != 100
