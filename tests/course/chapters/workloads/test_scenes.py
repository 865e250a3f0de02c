"""The scene of the chapter on workloads shows what its words say."""

import pytest

from scalelab.course.chapters.workloads import scenes
from scalelab.course.stage import Stage
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.replication.replicated_store import ReplicatedStore


def played(reads_per_write):
    stage = Stage()
    scenes.same_number_of_requests(stage, reads_per_write)
    return stage.run(15.0)


@pytest.mark.parametrize("reads_per_write", scenes.MIXES.values())
def test_every_write_is_applied_by_all_and_every_read_answered_once(reads_per_write):
    trace = played(reads_per_write)
    ends = {counter: trace.count(counter, trace.end_ms) for counter in trace.counters}
    assert ends["writes acknowledged"] + ends["fresh reads"] == scenes.OPERATIONS
    assert ends["fresh reads"] == reads_per_write * ends["writes acknowledged"]
    assert ends["applied"] == 3 * ends["writes acknowledged"]
    assert ends["received, not applied"] == ends["stale reads"] == 0


def test_the_same_requests_are_far_more_work_with_more_writes():
    few, many = (played(share).count("applied", 15_000) for share in scenes.MIXES.values())
    assert many > 3 * few > 0


def test_the_unwatched_run_acknowledges_the_same_writes():
    clock = VirtualClock()
    store = ReplicatedStore(
        clock,
        replicas=3,
        network=FakeNetwork(clock, delay_s=0.3),
        apply_work_s=0.15,
        retransmit_s=5.0,
    )
    for i in range(5):
        clock.schedule_at(
            0.5 + i, lambda i=i: store.submit_put(f"row {i}", "new", lambda _: 0, lambda _: 0)
        )
    clock.run(15.0)
    assert len(store.acknowledged_writes()) == 5
    assert all(store.lag(name).entries == 0 for name in store.replicas)
