"""The line before a pool: its order, its patience, and callbacks that ask again."""

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.pooling.waiting_line import Ticket, WaitingLine


def ticket(number, log, **how):
    return Ticket(
        number=number,
        holder=f"holder {number}",
        on_granted=how.get("on_granted", lambda got: log.append((number, got))),
        on_failed=lambda error: log.append((number, str(error))),
        since_s=0.0,
    )


def test_the_first_to_come_is_the_first_to_be_served():
    clock, log = VirtualClock(), []
    line = WaitingLine(clock)
    for number in range(3):
        line.join(ticket(number, log))
    line.grant_first(lambda chosen: f"to {chosen.holder}")
    assert log == []  # called from the clock, never from within
    clock.advance(0.0)
    assert log == [(0, "to holder 0")]
    assert (len(line), line.overtaken()) == (2, False)


def test_who_gives_up_leaves_and_is_told_once():
    clock, log = VirtualClock(), []
    line = WaitingLine(clock)
    patient, hasty = ticket(0, log), ticket(1, log)
    for one, patience_s in ((patient, 9.0), (hasty, 1.0)):
        line.join(one)
        line.give_up_after(one, patience_s, lambda gone: line.fail(gone, RuntimeError("late")))
    clock.advance(2.0)
    assert log == [(1, "late")]
    assert patient in line
    assert hasty not in line
    line.grant_first(lambda chosen: "served")
    clock.advance(20.0)
    assert log == [(1, "late"), (0, "served")]  # the timeout of the one served is off


def test_a_callback_may_ask_again():
    clock, log = VirtualClock(), []
    line = WaitingLine(clock)

    def again(got):
        log.append(got)
        line.join(ticket(1, log))

    line.join(ticket(0, log, on_granted=again))
    line.grant_first(lambda chosen: "first")
    clock.advance(0.0)
    line.fail_all(RuntimeError("closed"))
    clock.advance(0.0)
    assert log == ["first", (1, "closed")]
    assert len(line) == 0


def test_overtaking_is_seen():
    line = WaitingLine(VirtualClock())
    line.join(ticket(1, []))
    line.grant_first(lambda chosen: None)
    line.join(ticket(0, []))
    assert line.overtaken()
