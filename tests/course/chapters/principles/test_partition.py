"""Each promise keeps what its words say, and gives up the rest."""

import pytest

from scalelab.course.chapters.principles import partition as p
from scalelab.fakes.clock import VirtualClock
from scalelab.plotting import canvas

RUNS = p.RULES | p.MAJORITY


@pytest.mark.parametrize("name", RUNS)
def test_every_write_is_told_once(name):
    told = p.told_by(RUNS[name])
    assert sum(told.confirmed.values()) + sum(told.unanswered.values()) == 100


def test_without_a_cut_all_is_confirmed_and_kept():
    told = p.told_by(p.RULES["network whole"])
    assert (sum(told.unanswered.values()), told.lost) == (0, 0)


def test_only_two_primaries_lose_what_they_confirmed():
    lost = {name: p.told_by(rule).lost for name, rule in RUNS.items()}
    assert [name for name, count in lost.items() if count] == ["cut: both sides answer"]
    assert lost["cut: both sides answer"] == 20  # those of the east behind the cut


def test_afterwards_there_is_one_primary_again():
    clock, rule = VirtualClock(), p.RULES["cut: both sides answer"]
    store = p.make_store(clock, rule)
    p.set_going(store, rule, [1.0], p.Told())
    clock.run(p.CUT_S + 1)
    assert store.failover.primaries() == ("node0", "node1")
    clock.run(p.HEALED_S + 1)
    assert store.failover.primaries() == ("node1",)


def test_who_waits_for_both_copies_gives_answers_to_neither_side():
    both = p.told_by(p.RULES["cut: a write needs both copies"])
    majority = p.told_by(p.MAJORITY["cut: a write needs two of three copies"])
    east, west = p.CLIENTS
    assert min(both.unanswered.values()) > 10
    assert (majority.unanswered[east], majority.unanswered[west] > 10) == (0, True)


def test_the_tables():
    assert "cut: both sides answer | 50 | 49 | 1 | 20" in p.told_table().text
    assert "it takes 100 ms, and 0 %" in p.whole_in_words().replace("\u00a0", " ")


def test_without_a_cut_one_waits_or_reads_what_is_old():
    (waits_s, fresh), (quick_s, old) = (p.without_a_cut(waits=waits) for waits in (True, False))
    assert waits_s == pytest.approx(2 * p.FAR_S)
    assert (fresh, quick_s) == (0.0, 0.0)
    error = (old * (1 - old) / p.READS) ** 0.5
    assert abs(old - p.old_share_by_model()) < 4 * error
    assert abs(old - 1.3 * p.old_share_by_model()) > 4 * error  # the comparison can fail


def test_the_bars_are_the_writes():
    _, ax = canvas()
    p.plot_told(ax)
    widths = [[bar.get_width() for bar in bars] for bars in ax.containers]
    assert [sum(bars) for bars in zip(*widths, strict=True)] == [100] * len(RUNS)
    assert widths[2] == [p.told_by(rule).lost for rule in RUNS.values()]
