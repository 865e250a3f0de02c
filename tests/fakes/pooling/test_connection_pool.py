"""The pool step by step, against a recursion and Erlang's formulas, and under random actions."""

import heapq
import itertools

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.pooling.connection_pool import FakeConnectionPool
from scalelab.fakes.pooling.database import BrokenConnectionError, FakeDatabase
from scalelab.fakes.pooling.pool_types import (
    PoolClosedError,
    PoolFullError,
    PoolTimeoutError,
)
from scalelab.models._mmc import blocking
from scalelab.models.erlang import mmc_mean_wait_s


@pytest.fixture
def clock():
    return VirtualClock()


def make(clock, *, min_size=0, max_size=2, acquire_timeout_s=5.0, database=None, **settings):
    database = database or FakeDatabase(clock, setup_s=0.07, close_s=0.01)
    pool = FakeConnectionPool(
        database,
        clock,
        min_size=min_size,
        max_size=max_size,
        acquire_timeout_s=acquire_timeout_s,
        **settings,
    )
    return pool, database


def check(pool, database):
    pool.check_invariants()
    database.check_invariants()


# Size


def test_opens_the_minimum_at_the_start_and_more_on_demand(clock):
    pool, database = make(clock, min_size=2, max_size=3)
    assert (pool.stats().opening, pool.stats().idle) == (2, 0)
    pool.warm_up()
    assert clock.now_s == pytest.approx(0.07)  # side by side
    assert (pool.stats().size, pool.stats().idle) == (2, 2)
    held = [pool.acquire(), pool.acquire()]
    assert clock.now_s == pytest.approx(0.07)
    held.append(pool.acquire())
    assert clock.now_s == pytest.approx(0.14)
    assert pool.stats().size == database.open_connections == 3
    check(pool, database)


def test_a_request_takes_a_released_connection_before_its_own_is_open(clock):
    pool, database = make(clock, min_size=1, max_size=2)
    pool.warm_up()
    lease = pool.acquire()
    clock.schedule(0.01, lease.release)
    start_s = clock.now_s
    pool.acquire()
    assert clock.now_s - start_s == pytest.approx(0.01)
    clock.advance(1.0)
    assert (pool.stats().size, pool.stats().idle) == (2, 1)
    check(pool, database)


# The line


def test_serves_in_the_order_of_arrival(clock):
    pool, database = make(clock, min_size=1, max_size=1)
    order = []
    for number in range(6):

        def use(lease, number=number):
            order.append(number)
            database.submit(lease.connection, wait_s=0.1, on_done=lease.release)

        clock.schedule(0.01 * number, lambda use=use: pool.request(use, pytest.fail))
    while clock.now_s < 2.0:
        clock.advance(0.05)
        check(pool, database)
    assert order == [0, 1, 2, 3, 4, 5]


def test_each_request_keeps_its_own_patience(clock):
    pool, database = make(clock, min_size=1, max_size=1)
    pool.acquire(holder="long report")
    log = []
    for name, timeout_s in [("patient", 3.0), ("hasty", 1.0), ("default", None)]:
        pool.request(
            lambda lease, name=name: log.append((name, "granted")),
            lambda error, name=name: log.append((name, type(error).__name__, clock.now_s)),
            timeout_s=timeout_s,
        )
    start_s = clock.now_s
    clock.advance(10.0)
    assert [entry[:2] for entry in log] == [
        ("hasty", "PoolTimeoutError"),
        ("patient", "PoolTimeoutError"),
        ("default", "PoolTimeoutError"),
    ]
    assert [entry[2] - start_s for entry in log] == pytest.approx([1.0, 3.0, 5.0])
    assert pool.stats().timed_out == 3
    check(pool, database)


def test_a_full_line_fails_fast(clock):
    pool, database = make(clock, min_size=1, max_size=1, max_waiters=2)
    lease = pool.acquire()
    outcomes = []
    for _ in range(2):
        pool.request(outcomes.append, outcomes.append)
    before_s = clock.now_s
    with pytest.raises(PoolFullError, match="at most max_waiters=2, got one more"):
        pool.acquire()
    assert clock.now_s == before_s
    assert pool.stats().rejected == 1
    lease.release()
    clock.advance(0.0)
    assert len(outcomes) == 1
    check(pool, database)


def test_a_line_without_places_still_lends_what_is_free(clock):
    pool, database = make(clock, max_size=2, max_waiters=0)
    held = [pool.acquire(), pool.acquire()]
    with pytest.raises(PoolFullError):
        pool.acquire()
    held[0].release()
    pool.acquire()
    check(pool, database)


def test_a_retry_storm_does_not_corrupt_the_pool(clock):
    """Every request that fails is sent again at once, three times."""
    pool, database = make(clock, max_size=2, acquire_timeout_s=0.2, max_waiters=10)
    outcomes = []

    def send(attempts_left):
        def retry(error):
            check(pool, database)
            if attempts_left:
                send(attempts_left - 1)
            else:
                outcomes.append(error)

        def use(lease):
            check(pool, database)
            outcomes.append(lease)
            database.submit(lease.connection, wait_s=0.15, on_done=lease.release)

        pool.request(use, retry)

    for number in range(200):
        clock.schedule(0.01 * number, lambda: send(3))
    clock.advance(10.0)
    stats = pool.stats()
    assert len(outcomes) == 200  # each request ended once
    assert stats.requested > 500  # the storm was one
    assert stats.timed_out > 0
    assert stats.rejected > 0
    assert (stats.borrowed, stats.waiting, stats.idle) == (0, 0, 2)
    check(pool, database)


def test_an_error_of_somebody_else_does_not_leak_the_waiting_request(clock):
    pool, database = make(clock, min_size=1, max_size=1)
    lease = pool.acquire()
    clock.schedule(1.0, lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        pool.acquire()
    lease.release()
    clock.advance(10.0)
    assert (pool.stats().borrowed, pool.stats().waiting, pool.stats().idle) == (0, 0, 1)
    check(pool, database)


# Ageing


def test_closes_idle_connections_above_the_minimum(clock):
    pool, database = make(clock, min_size=1, max_size=4, idle_timeout_s=10.0)
    held = [pool.acquire() for _ in range(4)]
    for lease in held:
        lease.release()
        clock.advance(1.0)
    clock.advance(5.9)  # 9.9 s after the first release
    assert pool.stats().size == 4
    sizes = []
    for _ in range(5):
        clock.advance(1.0)
        sizes.append(pool.stats().size)
        check(pool, database)
    assert sizes == [3, 2, 1, 1, 1]
    assert database.open_connections == 1
    clock.advance(100.0)
    assert (pool.stats().opened, pool.stats().closed) == (4, 3)  # the last one is kept


def test_a_connection_in_use_now_and_then_is_not_idle(clock):
    pool, _ = make(clock, min_size=0, max_size=4, idle_timeout_s=10.0)
    for _ in range(10):
        clock.advance(9.0)
        with pool.acquire() as lease:
            lease.query()
    assert pool.stats().opened == 1
    clock.advance(10.1)
    assert pool.stats().size == 0


def lifetimes_s(clock, pool, database, until_s):
    """When the first generation of connections goes: the times at which `closed` rises."""
    times, before = [], 0
    while clock.now_s < until_s:
        clock.advance(1.0)
        check(pool, database)
        times += [clock.now_s] * (pool.stats().closed - before)
        before = pool.stats().closed
    return np.array(times)


def test_connections_opened_together_expire_together(clock):
    pool, database = make(clock, min_size=10, max_size=10, max_lifetime_s=1800.0)
    pool.warm_up()
    times_s = lifetimes_s(clock, pool, database, 1900.0)
    assert len(times_s) == 10
    assert np.ptp(times_s) == 0
    assert pool.stats().opened == 20
    assert pool.stats().size == 10


def test_jitter_spreads_their_ends(clock, rng):
    settings = {"max_lifetime_s": 1800.0, "lifetime_jitter": 0.2, "rng": rng}
    pool, database = make(clock, min_size=10, max_size=10, **settings)
    pool.warm_up()
    times_s = lifetimes_s(clock, pool, database, 1802.0)
    assert len(times_s) == 10
    assert times_s.min() >= 1800 * 0.8
    assert np.ptp(times_s) > 100
    assert len(set(times_s)) >= 9


def test_all_expiring_at_once_stalls_requests_and_jitter_does_not(clock, rng):
    def worst_wait_s(**jitter):
        clock = VirtualClock()
        pool, _ = make(clock, min_size=4, max_size=4, max_lifetime_s=60.0, **jitter)
        pool.warm_up()
        waits = []
        for due_s in np.arange(1.0, 120.0, 0.01):
            clock.run(max(due_s, clock.now_s))
            start_s = clock.now_s
            with pool.acquire():
                waits.append(clock.now_s - start_s)
        return max(waits)

    assert worst_wait_s() > 0.06  # closing and opening again
    assert worst_wait_s(lifetime_jitter=0.5, rng=rng) < 0.001


def test_a_borrowed_connection_retires_at_its_release(clock):
    pool, database = make(clock, min_size=1, max_size=1, max_lifetime_s=60.0)
    lease = pool.acquire()
    old = lease.connection
    clock.advance(100.0)
    lease.query()
    assert pool.stats().closed == 0
    lease.release()
    assert pool.stats().closed == 1
    assert pool.acquire().connection is not old
    assert database.peak_connections == 1  # the old one was closed first
    check(pool, database)


# Validation


def restarted(clock, **settings):
    database = FakeDatabase(clock, setup_s=0.07, round_trip_s=0.002)
    pool, _ = make(clock, database=database, min_size=3, max_size=3, **settings)
    pool.warm_up()
    clock.advance(60.0)
    database.restart()
    return pool, database


def errors_of(pool, database, requests=10):
    errors = 0
    for _ in range(requests):
        with pool.acquire() as lease:
            try:
                lease.query()
            except BrokenConnectionError:
                errors += 1
        check(pool, database)
    return errors


def test_without_validation_each_broken_connection_costs_one_error(clock):
    pool, database = restarted(clock, validate="never")
    assert errors_of(pool, database) == 3
    clock.advance(1.0)
    assert (pool.stats().validations, pool.stats().size) == (0, 3)


@pytest.mark.parametrize("validate", ["on_borrow", "after_idle"])
def test_validation_replaces_broken_connections(clock, validate):
    pool, database = restarted(clock, validate=validate)
    assert errors_of(pool, database) == 0
    clock.advance(1.0)
    assert pool.stats().size == 3
    assert pool.stats().closed >= 1


def test_validation_on_borrow_costs_a_round_trip_each_time(clock):
    database = FakeDatabase(clock, round_trip_s=0.002)
    pool, _ = make(clock, database=database, min_size=2, validate="on_borrow")
    pool.warm_up()
    clock.advance(60.0)
    waits = []
    for _ in range(5):
        start_s = clock.now_s
        with pool.acquire() as lease:
            waits.append(clock.now_s - start_s)
            lease.query()
    assert waits == pytest.approx([0.002] * 5)
    assert pool.stats().validations == 5
    check(pool, database)


def test_validation_after_idle_costs_it_only_then(clock):
    database = FakeDatabase(clock, round_trip_s=0.002)
    settings = {"validate": "after_idle", "validate_after_idle_s": 0.5}
    pool, _ = make(clock, database=database, min_size=1, **settings)
    pool.warm_up()
    for pause_s, validations in [(0.4, 0), (0.6, 1), (0.0, 1), (0.4, 1)]:
        clock.advance(pause_s)
        with pool.acquire() as lease:
            lease.query()
        assert pool.stats().validations == validations


def test_a_connection_just_opened_is_not_validated(clock):
    pool, _ = make(clock, validate="on_borrow")
    pool.acquire()
    assert pool.stats().validations == 0


def test_a_validated_connection_goes_back_when_nobody_waits_any_more(clock):
    database = FakeDatabase(clock, round_trip_s=1.0)
    pool, _ = make(clock, database=database, min_size=1, max_size=1, validate="on_borrow")
    pool.warm_up()
    clock.advance(1.0)
    with pytest.raises(PoolTimeoutError):
        pool.acquire(timeout_s=0.5)
    check(pool, database)
    clock.advance(1.0)
    assert (pool.stats().idle, pool.stats().opening) == (1, 0)
    check(pool, database)


# When the server says no


def test_refused_connects_leak_no_capacity(clock):
    database = FakeDatabase(clock, setup_s=0.07, max_connections=2)
    others = [database.connect(), database.connect()]
    pool, _ = make(clock, database=database, max_size=2, acquire_timeout_s=2.0)
    with pytest.raises(PoolTimeoutError, match=r"the server said: .* max_connections=2"):
        pool.acquire()
    assert pool.stats().connect_failures > 1
    assert (pool.stats().size, pool.stats().opening) == (0, 0)
    for connection in others:
        connection.close()
    held = [pool.acquire(), pool.acquire()]
    assert pool.stats().borrowed == len(held) == 2
    check(pool, database)


def test_a_refused_growth_leaves_requests_waiting_for_what_there_is(clock):
    database = FakeDatabase(clock, max_connections=1)
    pool, _ = make(clock, database=database, min_size=1, max_size=5)
    lease = pool.acquire()
    clock.schedule(1.0, lease.release)
    pool.acquire()
    assert pool.stats().connect_failures > 0
    check(pool, database)


def test_a_restart_during_the_opening_is_made_good(clock):
    pool, database = make(clock, min_size=2)
    clock.advance(0.01)
    database.restart()
    pool.acquire().query()
    clock.advance(5.0)
    assert (pool.stats().size, pool.stats().connect_failures) == (2, 2)
    check(pool, database)


# Leaks, misuse, the end


def test_names_suspected_leaks_the_longest_first(clock):
    pool, _ = make(clock, max_size=3, leak_after_s=2.0)
    pool.acquire(holder="checkout")
    clock.advance(1.0)
    pool.acquire(holder="search")
    assert pool.suspected_leaks() == []
    clock.advance(1.5)
    (leak,) = pool.suspected_leaks()
    assert leak.holder == "checkout"
    assert leak.held_s == pytest.approx(clock.now_s - leak.granted_at_s)
    clock.advance(10.0)
    assert [leak.holder for leak in pool.suspected_leaks()] == ["checkout", "search"]


def test_leak_detection_is_off_unless_asked_for(clock):
    pool, _ = make(clock)
    pool.acquire()
    clock.advance(1e6)
    assert pool.suspected_leaks() == []


def test_a_connection_with_an_answer_outstanding_is_not_reused(clock):
    pool, database = make(clock, min_size=1, max_size=1)
    lease = pool.acquire()
    old = lease.connection
    lost = []
    database.submit(old, wait_s=9.0, on_done=lambda: pytest.fail("lost"), on_failed=lost.append)
    lease.release()
    assert pool.acquire().connection is not old
    clock.advance(20.0)
    assert len(lost) == 1
    check(pool, database)


def test_closing_fails_the_line_and_closes_what_is_still_being_opened(clock):
    pool, database = make(clock, max_size=1)
    errors = []
    pool.request(lambda lease: pytest.fail("granted by a closed pool"), errors.append)
    pool.close()
    clock.advance(1.0)
    assert [type(error) for error in errors] == [PoolClosedError]
    assert database.open_connections == pool.stats().size == 0
    assert pool.stats().opened == pool.stats().closed == 1
    check(pool, database)


def test_closing_by_force_takes_connections_that_are_being_validated(clock):
    database = FakeDatabase(clock, round_trip_s=1.0)
    pool, _ = make(clock, database=database, min_size=2, validate="on_borrow")
    pool.warm_up()
    clock.advance(1.0)
    errors = []
    pool.request(lambda lease: pytest.fail("granted by a closed pool"), errors.append)
    pool.close(force=True)
    clock.advance(5.0)
    assert len(errors) == 1
    assert database.open_connections == 0
    check(pool, database)


def test_a_blocking_call_inside_an_event_is_refused_and_leaves_no_trace(clock):
    pool, database = make(clock)
    clock.schedule(0.0, pool.acquire)
    with pytest.raises(RuntimeError, match="use the event style there"):
        clock.advance(1.0)
    assert pool.stats().requested == 0
    check(pool, database)


def test_blocking_and_event_style_are_the_same_path(clock):
    """The same visits in both styles leave the same books at the same time."""

    def visits(run):
        clock = VirtualClock()
        pool, database = make(clock, min_size=1, max_size=1, idle_timeout_s=3.0)
        run(clock, pool, database)
        clock.run(100.0)
        return pool.stats(), database.queries

    def blocking(clock, pool, database):
        for _ in range(5):
            with pool.acquire() as lease:
                lease.query(cpu_s=0.2)

    def by_events(clock, pool, database):
        left = itertools.count(4, -1)

        def use(lease):
            def done():
                lease.release()
                if next(left):
                    pool.request(use, pytest.fail)

            database.submit(lease.connection, cpu_s=0.2, on_done=done)

        pool.request(use, pytest.fail)

    assert visits(blocking) == visits(by_events)


@pytest.mark.parametrize(
    ("setting", "value", "rule"),
    [
        ("max_size", 0, "be an integer >= 1"),
        ("min_size", -1, "be an integer >= 0"),
        ("min_size", 3, "be <= max_size=2"),
        ("acquire_timeout_s", 0, "be finite and > 0"),
        ("idle_timeout_s", -1, "be finite and > 0"),
        ("max_lifetime_s", 0, "be finite and > 0"),
        ("lifetime_jitter", 1.5, r"be a ratio in \[0, 1\]"),
        ("lifetime_jitter", 0.1, "be 0 without a lifetime"),
        ("validate", "often", "be one of"),
        ("validate_after_idle_s", -1, "be finite and >= 0"),
        ("max_waiters", 1.5, "be an integer >= 0"),
        ("leak_after_s", 0, "be finite and > 0"),
    ],
)
def test_bad_settings_are_named(clock, setting, value, rule):
    with pytest.raises(ValueError, match=rf"FakeConnectionPool: {setting} must {rule}"):
        make(clock, **{setting: value})


def test_jitter_needs_a_generator(clock):
    with pytest.raises(ValueError, match=r"rng must be a numpy\.random\.Generator"):
        make(clock, max_lifetime_s=60.0, lifetime_jitter=0.1)


def test_the_clock_must_be_the_databases(clock):
    with pytest.raises(ValueError, match="clock must be the database's clock"):
        make(clock, database=FakeDatabase(VirtualClock()))


def test_a_bad_timeout_is_named(clock):
    pool, database = make(clock)
    with pytest.raises(ValueError, match=r"FakeConnectionPool.acquire: timeout_s must .* got -1"):
        pool.acquire(timeout_s=-1)
    assert pool.stats().requested == 0
    check(pool, database)


def test_the_invariants_can_fail(clock):
    pool, _ = make(clock, min_size=2)
    pool.warm_up()
    lease = pool.acquire()
    pool._members.idle[0] = pool._borrowed[lease]
    with pytest.raises(AssertionError, match="a connection is in two places"):
        pool.check_invariants()


class PoolMachine(RuleBasedStateMachine):
    @initialize(
        max_size=st.integers(1, 4),
        min_share=st.floats(0, 1),
        max_connections=st.integers(1, 5),
        round_trip_s=st.sampled_from([0.0, 0.01]),
        idle_timeout_s=st.sampled_from([None, 0.5]),
        max_lifetime_s=st.sampled_from([None, 2.0]),
        validate=st.sampled_from(["never", "on_borrow", "after_idle"]),
        max_waiters=st.sampled_from([None, 0, 3]),
    )
    def start(self, max_size, min_share, max_connections, round_trip_s, **settings):
        self.clock = VirtualClock()
        self.database = FakeDatabase(
            self.clock, max_connections=max_connections, round_trip_s=round_trip_s
        )
        self.pool = FakeConnectionPool(
            self.database,
            self.clock,
            min_size=round(min_share * max_size),
            max_size=max_size,
            acquire_timeout_s=1.0,
            **settings,
        )
        self.asked = 0
        self.outcomes = []  # numbers of the requests, in the order of their end
        self.granted = []
        self.held = []

    @rule(timeout_s=st.sampled_from([None, 0.05, 3.0]))
    def request(self, timeout_s):
        number = self.asked
        self.asked += 1

        def use(lease):
            self.outcomes.append(number)
            self.granted.append(number)
            self.held.append(lease)

        self.pool.request(use, lambda error: self.outcomes.append(number), timeout_s=timeout_s)

    @rule(seconds=st.sampled_from([0.0, 0.01, 0.1, 1.0]))
    def advance(self, seconds):
        self.clock.advance(seconds)

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def release(self, data):
        self.held.pop(data.draw(st.integers(0, len(self.held) - 1))).release()

    @precondition(lambda self: self.held)
    @rule(data=st.data(), cpu_s=st.sampled_from([0.0, 0.2]))
    def query(self, data, cpu_s):
        lease = data.draw(st.sampled_from(self.held))
        if not lease.connection.busy:
            self.database.submit(
                lease.connection, cpu_s=cpu_s, on_done=lambda: None, on_failed=lambda error: None
            )

    @rule()
    def restart(self):
        self.database.restart()

    @rule()
    def another_client(self):
        """Takes a slot of the server for a while."""

        def leave_later(connection):
            self.clock.schedule(0.5, lambda: self.database.submit_close(connection))

        self.database.submit_connect(leave_later, lambda error: None)

    @invariant()
    def the_books_are_in_order(self):
        if not hasattr(self, "pool"):
            return
        self.pool.check_invariants()
        self.database.check_invariants()
        assert len(set(self.outcomes)) == len(self.outcomes)
        assert self.granted == sorted(self.granted)
        connections = [lease.connection for lease in self.held]
        assert len(set(connections)) == len(connections)

    def teardown(self):
        """With the clients gone and the server up, all comes to rest."""
        if not hasattr(self, "pool"):
            return
        self.clock.advance(5.0)
        while self.held or self.pool.stats().waiting:
            while self.held:
                self.held.pop().release()
            self.clock.advance(5.0)
        stats = self.pool.stats()
        assert sorted(self.outcomes) == list(range(self.asked))
        assert stats.waiting == stats.borrowed == 0
        assert stats.size >= min(self.pool.min_size, self.database.max_connections)
        self.pool.close()
        self.clock.advance(5.0)
        assert self.database.open_connections == 0
        self.the_books_are_in_order()


PoolMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestPool = PoolMachine.TestCase


SIZE, LOAD = 4, 0.8


def poisson_load(rng, requests, size=SIZE, load=LOAD):
    """Arrival times and query times; a query takes a second on average."""
    arrivals, services = rng.spawn(2)
    return np.cumsum(arrivals.exponential(1 / (load * size), requests)), services.exponential(
        1.0, requests
    )


def fake_waits_s(arrivals_s, queries_s, size=SIZE, **settings):
    """Seconds that each request waits for its connection; NaN when it was refused."""
    clock = VirtualClock()
    database = FakeDatabase(clock, setup_s=0.0)
    pool = FakeConnectionPool(
        database, clock, min_size=size, max_size=size, acquire_timeout_s=1e6, **settings
    )
    pool.warm_up()
    waits_s = np.full(len(arrivals_s), np.nan)
    refusals = []

    def arrive(i):
        def use(lease):
            waits_s[i] = clock.now_s - arrivals_s[i]
            database.submit(lease.connection, wait_s=queries_s[i], on_done=lease.release)

        pool.request(use, refusals.append)
        if i + 1 < len(arrivals_s):
            clock.schedule_at(arrivals_s[i + 1], lambda: arrive(i + 1))

    clock.schedule_at(arrivals_s[0], lambda: arrive(0))
    clock.run_until(lambda: pool.stats().requested == len(arrivals_s))
    clock.advance(1e5)
    pool.check_invariants()
    assert {type(error) for error in refusals} <= {PoolFullError}
    assert pool.stats().granted + len(refusals) == len(arrivals_s)
    return waits_s


def recursion_waits_s(arrivals_s, queries_s, size=SIZE):
    """First come, first served: a request gets the connection that is free the earliest."""
    free_s, waits_s = [0.0] * size, []
    for arrival_s, query_s in zip(arrivals_s.tolist(), queries_s.tolist(), strict=True):
        start_s = max(arrival_s, free_s[0])
        heapq.heapreplace(free_s, start_s + query_s)
        waits_s.append(start_s - arrival_s)
    return np.array(waits_s)


@pytest.fixture(scope="module")
def replicate_means_s():
    """Mean waits of 20 runs of 100,000 requests, their first 1,000 left out."""
    rngs = np.random.default_rng(20260101).spawn(20)
    return np.array([recursion_waits_s(*poisson_load(r, 100_000))[1_000:].mean() for r in rngs])


def standard_errors_off(means, expected):
    return abs(means.mean() - expected) / (means.std(ddof=1) / np.sqrt(len(means)))


@pytest.mark.parametrize(("size", "load"), [(1, 0.7), (4, 0.8), (10, 0.95)])
def test_each_request_waits_as_long_as_in_the_recursion(rng, size, load):
    arrivals_s, queries_s = poisson_load(rng, 5_000, size, load)
    expected = recursion_waits_s(arrivals_s, queries_s, size)
    assert (expected > 0).mean() > 0.3
    np.testing.assert_allclose(
        fake_waits_s(arrivals_s, queries_s, size), expected, rtol=1e-9, atol=1e-9
    )


def test_the_equality_can_fail(rng):
    arrivals_s, queries_s = poisson_load(rng, 1_000)
    one_more = fake_waits_s(arrivals_s, queries_s, SIZE + 1)
    assert not np.allclose(one_more, recursion_waits_s(arrivals_s, queries_s))


def test_the_recursion_agrees_with_erlang_c(replicate_means_s):
    expected = mmc_mean_wait_s(LOAD * SIZE, 1.0, SIZE)
    assert standard_errors_off(replicate_means_s, expected) < 4


@pytest.mark.parametrize("error", [0.9, 1.1])
def test_the_agreement_can_fail(replicate_means_s, error):
    expected = mmc_mean_wait_s(LOAD * SIZE, 1.0, SIZE)
    assert standard_errors_off(replicate_means_s, error * expected) > 4


@pytest.fixture(scope="module")
def refused_shares():
    """Of 10 runs of 4,000 requests on a pool where nobody may wait."""
    rngs = np.random.default_rng(20260102).spawn(10)
    runs = [fake_waits_s(*poisson_load(r, 4_000, load=1.0), max_waiters=0) for r in rngs]
    return np.array([np.isnan(waits_s).mean() for waits_s in runs])


def test_without_a_line_refusals_agree_with_erlang_b(refused_shares):
    assert standard_errors_off(refused_shares, blocking(SIZE, SIZE)) < 4


@pytest.mark.parametrize("error", [0.9, 1.1])
def test_that_agreement_can_fail_too(refused_shares, error):
    assert standard_errors_off(refused_shares, error * blocking(SIZE, SIZE)) > 4
