"""Seven steps under traffic: what goes wrong, how often, and what cures it."""

import math
from functools import partial

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.routing.hash_ring import HashRingRouter
from scalelab.fakes.routing.modulo import ModuloRouter
from scalelab.fakes.sharding.live_resharding import LiveResharding, ReshardingError

CURED = {"copy_rule": "versioned", "tombstones": True}


def all_move(**how):
    return LiveResharding(VirtualClock(), ModuloRouter(["old"]), ModuloRouter(["new"]), **how)


def double_writing(rows=3, **how):
    move = all_move(**how)
    for row in range(rows):
        move.put(row, "first")
    move.add_nodes()
    move.double_write()
    return move


def spoiled_shares(write_rate_per_s, copy_s, *, rows=20_000, delete_share=0.2, seed=1, **how):
    """Shares of rows that were overwritten or came back, by a backfill of all rows at once."""
    rng = np.random.default_rng(seed)
    move = double_writing(rows, copy_s=copy_s, **how)
    move.start_backfill()
    for row in range(rows):
        time_s = 0.0
        while (time_s := time_s + float(rng.exponential(1 / write_rate_per_s))) < copy_s:
            verb = move.delete if rng.random() < delete_share else lambda r: move.put(r, "new")
            move.clock.schedule(time_s, partial(verb, row))
    move.clock.advance(copy_s)
    move.switch_reads(force=True)
    audit = move.audit()
    return len(audit.corrupted) / rows, len(audit.resurrected) / rows, len(audit.missing) / rows


def test_plain_overwrite_spoils_what_was_written_in_the_copy_window():
    w, c, rows = 0.2, 0.05, 20_000
    expected = 1 - math.exp(-w * c)
    corrupted, resurrected, missing = spoiled_shares(w, c, rows=rows)
    error = math.sqrt(expected / rows)
    assert abs(corrupted + resurrected - expected) < 4 * error
    assert abs(resurrected - 0.2 * expected) < 4 * math.sqrt(0.2 * expected / rows)
    assert missing == 0


def test_the_comparison_can_fail():
    """With so many more writes a model that is a tenth off is rejected."""
    rows, w, c = 20_000, 20.0, 0.05
    expected = 1 - math.exp(-w * c)
    corrupted, resurrected, _ = spoiled_shares(w, c, rows=rows)
    error = math.sqrt(expected * (1 - expected) / rows)
    assert abs(corrupted + resurrected - expected) < 4 * error
    assert abs(corrupted + resurrected - 1.1 * expected) > 4 * error
    assert abs(corrupted + resurrected - 0.9 * expected) > 4 * error


def test_insert_if_absent_still_brings_the_deleted_back():
    corrupted, resurrected, _ = spoiled_shares(0.2, 0.05, copy_rule="if_absent")
    expected = 0.2 * (1 - math.exp(-0.2 * 0.05))
    assert corrupted == 0
    assert abs(resurrected - expected) < 4 * math.sqrt(expected / 20_000)


def test_a_tombstone_is_a_row_that_an_insert_finds():
    how = {"copy_rule": "if_absent", "tombstones": True}
    assert spoiled_shares(20.0, 0.05, rows=2_000, **how) == (0.0, 0.0, 0.0)


def test_versions_without_tombstones_do_so_too():
    assert spoiled_shares(20.0, 0.05, rows=500, copy_rule="versioned")[1] > 0.05


def test_versions_with_tombstones_spoil_nothing():
    assert spoiled_shares(20.0, 0.05, rows=2_000, **CURED) == (0.0, 0.0, 0.0)


def test_two_late_second_writes_that_overtake_each_other():
    def run(**how):
        delays = iter([0.3, 0.1])
        move = double_writing(
            1, second_write_s=lambda rng: next(delays), rng=np.random.default_rng(1), **how
        )
        move.put(0, "second")
        move.put(0, "third")
        move.clock.advance(1.0)
        return move.rows_on("new")[0]

    assert run() == "second"
    assert run(**CURED) == "third"


def test_the_seven_steps_in_order_and_no_other():
    move = double_writing(5)
    with pytest.raises(ReshardingError, match=r"switch_reads: step must be VERIFIED, got DOUBLE_W"):
        move.switch_reads()
    with pytest.raises(ReshardingError, match="add_nodes"):
        move.add_nodes()
    assert move.backfill(rows_per_s=10.0) == 5
    assert move.clock.now_s == pytest.approx(0.4)
    assert move.verify().is_equal
    move.switch_reads()
    move.stop_double_writes()
    move.put(0, "last")
    assert move.clean_up() == 5
    assert move.get(0) == "last"
    assert move.rows_on("old") == {}
    assert move.audit().wrong == 0
    with pytest.raises(ReshardingError, match="rollback"):
        move.rollback()


def test_reads_that_switch_before_the_backfill_ended_miss_rows():
    move = double_writing(10)
    move.start_backfill(rows_per_s=1.0)
    move.clock.advance(3.5)
    move.switch_reads(force=True)
    assert move.audit().missing == tuple(range(4, 10))
    assert move.get(9) is None


def test_only_a_look_from_both_sides_finds_what_came_back():
    move = double_writing(3, copy_s=0.1)
    move.start_backfill()
    move.clock.advance(0.05)
    move.put(1, "second")
    move.delete(2)
    move.clock.advance(0.1)
    one_way, both = move.verify(both_ways=False), move.verify()
    assert (one_way.differing, one_way.only_new) == ((1,), ())
    assert (both.differing, both.only_new) == ((1,), (2,))
    assert (move.overwritten, move.resurrected) == (1, 1)
    assert move.verify(repair=True).repaired == 2
    assert move.verify().is_equal
    move.switch_reads()
    assert move.audit().wrong == 0


def test_a_rollback_is_safe_while_double_writes_go_on():
    move = double_writing(3)
    move.backfill()
    move.verify()
    move.switch_reads()
    move.put(0, "after the switch")
    move.rollback()
    assert move.get(0) == "after the switch"
    assert move.audit().wrong == 0


def test_a_rollback_after_they_stopped_loses_what_was_written_since():
    move = double_writing(3)
    move.backfill()
    move.verify()
    move.switch_reads()
    move.stop_double_writes()
    move.put(0, "after the stop")
    move.put("new row", "x")
    move.delete(2)
    move.rollback()
    audit = move.audit()
    assert (audit.corrupted, audit.missing, audit.resurrected) == ((0,), ("new row",), (2,))


@pytest.mark.parametrize(("make", "share"), [(ModuloRouter, 0.75), (HashRingRouter, 0.25)])
def test_only_the_rows_on_which_the_routers_disagree_move(make, share):
    before, after = make(list("abc")), make(list("abcd"))
    move = LiveResharding(VirtualClock(), before, after)
    for key in range(10_000, 10_400):
        move.put(key, key)
    move.add_nodes()
    move.double_write()
    moved = move.backfill()
    assert moved / 400 == pytest.approx(share, abs=0.08)
    move.verify()
    move.switch_reads()
    move.stop_double_writes()
    assert move.clean_up() == moved
    assert sum(len(move.rows_on(node)) for node in "abcd") == 400
    assert move.rows_on("a")  # adding a shard removes none
    assert move.audit().wrong == 0


def test_none_is_no_value():
    with pytest.raises(ValueError, match=r"put: value must .*use delete"):
        all_move().put("x", None)


class CuredMove(RuleBasedStateMachine):
    """Any interleaving of clients and steps: versions and tombstones lose nothing."""

    how = CURED

    @initialize(seed=st.integers(0, 999))
    def start(self, seed):
        self.move = all_move(
            copy_s=lambda rng: rng.exponential(0.05),
            second_write_s=lambda rng: rng.exponential(0.02),
            rng=np.random.default_rng(seed),
            **self.how,
        )
        self.expected = {}

    @rule(key=st.integers(0, 5), value=st.integers(0, 99), s=st.sampled_from([0.0, 0.01, 0.1]))
    def put(self, key, value, s):
        self.move.put(key, value)
        self.expected[key] = value
        self.move.clock.advance(s)

    @rule(key=st.integers(0, 5), s=st.sampled_from([0.0, 0.01, 0.1]))
    def delete(self, key, s):
        self.move.delete(key)
        self.expected.pop(key, None)
        self.move.clock.advance(s)

    @rule()
    def step(self):
        """Take the next step, or wait until it can be taken."""
        move = self.move
        if move.step == 2:
            if not move.in_flight:
                move.start_backfill(rows_per_s=50.0)
            return
        if move.step == 3:
            move.clock.advance(1.0)
        if move.step == 0:
            move.add_nodes()
        elif move.step == 1:
            move.double_write()
        elif move.step == 3:
            assert move.verify().is_equal
        elif move.step == 4:
            move.switch_reads()
        elif move.step == 5 and not move.in_flight:
            move.stop_double_writes()
        elif move.step == 6:
            move.clean_up()

    @precondition(lambda self: self.move.step == 5 and not self.move.in_flight)
    @rule()
    def rollback(self):
        self.move.rollback()

    @invariant()
    def readers_see_what_was_written(self):
        if hasattr(self, "move"):
            self.move.check_invariants()
            if not self.move.in_flight or self.move.step < 3:
                seen = {key: self.move.get(key) for key in range(6)}
                assert {k: v for k, v in seen.items() if v is not None} == self.expected


CuredMove.TestCase.settings = settings(max_examples=60, stateful_step_count=40)
TestCuredMove = CuredMove.TestCase


@pytest.mark.parametrize("how", [{}, {"copy_rule": "if_absent"}, {"copy_rule": "versioned"}])
def test_the_same_traffic_finds_the_fault_without_the_cure(how):
    """Teeth: the random work that passes with the cure fails without."""
    wrong = cured = 0
    for seed in range(40):
        for settings_, cure in ((how, False), (CURED, True)):
            rng = np.random.default_rng(seed)
            move = double_writing(6, copy_s=0.05, **settings_)
            move.start_backfill(rows_per_s=50.0)
            for _ in range(20):
                key = int(rng.integers(6))
                move.delete(key) if rng.random() < 0.5 else move.put(key, int(rng.integers(99)))
                move.clock.advance(float(rng.exponential(0.01)))
            move.clock.advance(1.0)
            move.switch_reads(force=True)
            found = move.audit().wrong
            wrong, cured = (wrong, cured + found) if cure else (wrong + found, cured)
    assert wrong > 5
    assert cured == 0


def test_a_lost_row_of_a_cured_move_is_noticed():
    move = double_writing(3, **CURED)
    move.backfill()
    move.check_invariants()
    del move._copies.nodes["new"][1]
    with pytest.raises(AssertionError, match="the copies differ"):
        move.check_invariants()
