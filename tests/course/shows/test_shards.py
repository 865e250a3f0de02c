"""Requests and rows of shards on the stage: watched and unwatched alike."""

import numpy as np
import pytest

from scalelab.course.shows.shards import show_shards
from scalelab.course.stage import Stage
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.routing.modulo import ModuloRouter
from scalelab.fakes.routing.ranges import RangeRouter
from scalelab.fakes.routing.router import Router
from scalelab.fakes.sharding.sharded_store import ShardedStore

ROUTERS = {
    "range": lambda: RangeRouter([20, 40], ["a", "b", "c"]),
    "hash": lambda: ModuloRouter(["a", "b", "c"]),
}


def nothing(_):
    pass


def day(clock, router: Router, show=nothing):
    """Write, write again, look up, delete and ask, at times of a seeded generator."""
    store = ShardedStore(clock, router, work_s=0.3, scan_s_per_row=0.01)
    show(store)
    rng = np.random.default_rng(5)
    for _ in range(80):
        key, verb, at_s = int(rng.integers(0, 60)), rng.choice(4), float(rng.uniform(0, 20))
        act = [
            lambda key=key: store.submit_put(key, "there", nothing, nothing),
            lambda key=key: store.submit_get(key, nothing, nothing),
            lambda key=key: store.submit_delete(key, nothing, nothing),
            lambda key=key: store.submit_query(
                lambda *_: True, nothing, nothing, key_range=(key, key + 5)
            ),
        ][verb if rng.random() < 0.5 else 0]
        clock.schedule_at(at_s, act)
    return store


@pytest.mark.parametrize("router", ROUTERS)
def test_the_watched_day_is_the_unwatched_one(router):
    stage, alone = Stage(), VirtualClock()
    shown = day(stage.clock, ROUTERS[router](), lambda store: show_shards(stage, store))
    trace = stage.run(60.0)
    unseen = day(alone, ROUTERS[router]())
    alone.run(60.0)
    for shard in "abc":
        assert shown.shard_stats(shard) == unseen.shard_stats(shard)
    assert shown.contents() == unseen.contents()
    for ms, numbers in dict(stage.books).items():
        assert {what: trace.count(what, ms) for what in numbers} == numbers, ms
    loads = {counter: sum(shown.loads(counter).values()) for counter in ("rows", "requested")}
    assert trace.count("rows", trace.end_ms) == loads["rows"] > 0
    assert trace.count("in line", trace.end_ms) == 0
    stored = len([t for t in trace.steps if any(step[3] == 5 for step in t)])  # became a row
    assert trace.count("answers", trace.end_ms) == loads["requested"] - stored


def test_a_question_has_a_token_for_each_shard_that_it_asks():
    stage = Stage()
    store = ShardedStore(stage.clock, ROUTERS["range"](), work_s=1.0)
    show_shards(stage, store)
    store.submit_query(lambda *_: True, nothing, nothing, key_range=(15, 25))
    trace = stage.run(0.5)
    assert trace.count("in line", trace.end_ms) == 2
