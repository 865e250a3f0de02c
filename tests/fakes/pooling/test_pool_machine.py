"""Random actions on the fake pool, every setting in play; hypothesis shortens what fails."""

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
from scalelab.fakes.pooling.database import FakeDatabase


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
