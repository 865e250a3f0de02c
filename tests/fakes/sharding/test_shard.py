"""One shard: its line, its crash, its books."""

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.routing.modulo import ModuloRouter
from scalelab.fakes.sharding.shard import ShardDownError
from scalelab.fakes.sharding.sharded_store import ShardedStore


def test_a_crash_breaks_the_requests_in_line_and_keeps_the_rows():
    store = ShardedStore(VirtualClock(), ModuloRouter(["a"]), latency_s=0.01, work_s=0.1)
    store.put("x", 1)
    outcomes = []
    store.submit_put("x", 2, outcomes.append, outcomes.append)
    store.clock.advance(0.05)
    store.crash("a")
    store.restart("a")
    store.clock.advance(1.0)
    assert isinstance(outcomes[0], ShardDownError)
    assert store.get("x") == 1
    assert store.shard_stats("a").failed == 1
