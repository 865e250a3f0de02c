"""A saga: local transactions one after another, and compensations when one fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scalelab import _validate as v
from scalelab.fakes._callbacks import raise_error
from scalelab.fakes._checks import OnDone, OnFailed, clock_of, function_of
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.invariants import ensure


class StepFailedError(RuntimeError):
    """What a step raises when it cannot be done; the steps before it are undone."""


class SagaUndoneError(RuntimeError):
    """The saga failed, and everything it had done was compensated."""


@dataclass(frozen=True)
class SagaStep:
    """One local transaction, and how to make up for it.

    Parameters
    ----------
    name : str
        For the log.
    do, undo : callable
        Called without arguments. `undo` must be right to call when `do` has not happened,
        and when it was called before: after a crash nobody knows.
    """

    name: str
    do: Callable[[], object]
    undo: Callable[[], object]

    def __post_init__(self) -> None:
        """Refuse a step that cannot be taken back."""
        if not isinstance(self.name, str) or not self.name:
            v.refuse("SagaStep", "name", "be a non-empty text", self.name)
        function_of("SagaStep", "do", self.do)
        function_of("SagaStep", "undo", self.undo)


class Saga:
    """Does the steps in turn, each visible to all at once; undoes them backwards if one fails.

    Parameters
    ----------
    clock : VirtualClock
        Whose time passes.
    steps : sequence of SagaStep
        One or more, in the order of doing.
    step_s : float
        Seconds that a step, or its compensation, takes, >= 0.

    Notes
    -----
    Nothing is locked between the steps, so a saga blocks nobody, and everybody can see it
    half done: isolation is what it gives up. The log survives a crash; `recover` undoes
    whatever was begun, and calls the compensation of the last step even if nobody knows
    whether that step happened.

    References
    ----------
    Garcia-Molina and Salem, "Sagas", SIGMOD 1987.

    Examples
    --------
    >>> account = {"ann": 100, "bob": 0}
    >>> def debit():
    ...     account["ann"] = 70
    >>> def refund():
    ...     account["ann"] = 100
    >>> def credit():
    ...     raise StepFailedError("bob's account is closed")
    >>> saga = Saga(
    ...     VirtualClock(), [SagaStep("debit", debit, refund), SagaStep("credit", credit, print)]
    ... )
    >>> try:
    ...     saga.run()
    ... except SagaUndoneError as error:
    ...     print(error)
    Saga.run: step credit must succeed, got bob's account is closed; all is undone
    >>> account["ann"], saga.log
    (100, ('debit begun', 'debit done', 'credit begun', 'debit undone', 'undone'))
    """

    def __init__(
        self, clock: VirtualClock, steps: Sequence[SagaStep], *, step_s: float = 0.0
    ) -> None:
        self._clock = clock_of("Saga", clock)
        good = isinstance(steps, (list, tuple)) and bool(steps)
        if not good or not all(isinstance(step, SagaStep) for step in steps):
            v.refuse("Saga", "steps", "be a non-empty list of SagaStep", steps)
        self._steps = tuple(steps)
        self._step_s = v.number("Saga", "step_s", step_s, minimum=0)
        self._log: list[str] = []
        self._lives = 0  # what was scheduled in an earlier life does not happen
        self.is_up = True

    @property
    def log(self) -> tuple[str, ...]:
        """What is on disk."""
        return tuple(self._log)

    @property
    def is_over(self) -> bool:
        """Whether the saga is done or undone."""
        return bool(self._log) and self._log[-1] in ("done", "undone")

    def run(self) -> None:
        """Do all steps; the virtual clock passes.

        Raises
        ------
        SagaUndoneError
            A step failed; the others were undone.
        RuntimeError
            The saga was begun already, or crashed on the way.
        """
        self._clock.wait_for(self.submit)

    def submit(self, on_done: OnDone, on_failed: OnFailed) -> None:
        """Begin; one of the functions is called by the clock, unless there is a crash."""
        if self._log:
            raise RuntimeError("Saga.submit: saga must be new, got one that was begun")
        self._do(0, on_done, on_failed)

    def crash(self) -> None:
        """Stop where it is: the step under way may have happened or not."""
        self.is_up = False
        self._lives += 1

    def recover(self) -> None:
        """Come up again, and undo what was begun unless all of it was done."""
        self.is_up = True
        if self._log and not self.is_over:
            begun = sum(line.endswith(" begun") for line in self._log)
            self._undo(begun - 1, lambda: None, raise_error)

    def check_invariants(self) -> None:
        """Raise AssertionError when the log tells a story that cannot be."""
        begun = [line[:-6] for line in self._log if line.endswith(" begun")]
        done = [line[:-5] for line in self._log if line.endswith(" done")]
        names = [step.name for step in self._steps]
        ensure(begun == names[: len(begun)], "steps in another order")
        ensure(done == begun[: len(done)], "a step done before it was begun")
        ensure(sum(line in ("done", "undone") for line in self._log) <= 1, "two ends")
        ensure("done" not in self._log or done == names, "done with a step left over")

    def _do(self, place: int, on_done: OnDone, on_failed: OnFailed) -> None:
        if place == len(self._steps):
            self._log.append("done")
            on_done(None)
            return
        step = self._steps[place]
        self._log.append(f"{step.name} begun")

        life = self._lives

        def end() -> None:
            try:
                step.do()
            except Exception as error:
                # after an error that the step did not mean, nobody knows whether it happened
                last = place - 1 if isinstance(error, StepFailedError) else place
                got = str(error) if isinstance(error, StepFailedError) else repr(error)
                text = f"Saga.run: step {step.name} must succeed, got {got}; all is undone"
                undone = SagaUndoneError(text)
                undone.__cause__ = error
                if self._lives == life:
                    self._undo(last, lambda: on_failed(undone), on_failed)
            else:
                # the deed is done, its line in the log is not: a crash can fall in between
                if self._lives == life:
                    self._note(place, on_done, on_failed)

        self._later(self._step_s, end)

    def _note(self, place: int, on_done: OnDone, on_failed: OnFailed) -> None:
        self._log.append(f"{self._steps[place].name} done")
        self._do(place + 1, on_done, on_failed)

    def _undo(self, place: int, then: Callable[[], object], on_failed: OnFailed) -> None:
        if place < 0:
            self._log.append("undone")
            then()
            return

        def end() -> None:
            name = self._steps[place].name
            try:
                self._steps[place].undo()
            except Exception as error:
                stuck = RuntimeError(
                    f"Saga.run: step {name} must be undone, got {error!r}; "
                    "mend it, and let recover() try again"
                )
                stuck.__cause__ = error
                on_failed(stuck)
                return
            self._log.append(f"{name} undone")
            self._undo(place - 1, then, on_failed)

        self._later(self._step_s, end)

    def _later(self, delay_s: float, action: Callable[[], object]) -> None:
        life = self._lives
        self._clock.schedule(delay_s, lambda: action() if self._lives == life else None)
