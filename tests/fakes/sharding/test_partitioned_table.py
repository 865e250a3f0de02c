"""Partitions in one server, beside shards."""

import pytest

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.routing.ranges import RangeRouter
from scalelab.fakes.sharding.partitioned_table import PartitionedTable
from scalelab.fakes.sharding.sharded_store import ShardedStore


def test_writes_spread_over_shards_go_through_faster_and_partitions_do_not():
    def seconds_for_900_writes(shards):
        store = ShardedStore(VirtualClock(), RangeRouter(range(1, shards)), work_s=0.001)
        for number in range(900):
            store.submit_put(number % shards + number / 1000, 1, lambda _: None, print)
        store.clock.run_until(lambda: sum(store.loads("rows").values()) == 900)
        return store.clock.now_s

    assert seconds_for_900_writes(3) == pytest.approx(0.3, rel=0.05)
    assert seconds_for_900_writes(1) == pytest.approx(0.9, rel=0.01)
    for partitions in (1, 4):
        table = PartitionedTable(VirtualClock(), RangeRouter(range(1, partitions)), work_s=0.001)
        for number in range(900):
            table.submit_put(number % partitions + number / 1000, 1)
        table.query((0, 1))
        assert table._clock.now_s == pytest.approx(0.9, rel=0.01)


def test_partitions_are_pruned_and_dropped():
    years = RangeRouter([2022, 2023, 2024], ["y21", "y22", "y23", "y24"])
    table = PartitionedTable(VirtualClock(), years, scan_s_per_row=0.001)
    for number in range(400):
        table.put(2021 + number % 4 + number / 1000, number)
    assert table.query((2022, 2023)).rows_scanned == 100
    assert table.query((2022, 2023)).latency_s == pytest.approx(0.1)
    assert table.query().rows_scanned == 400
    assert table.drop_partition("y21") == 100
    assert table.query().rows_scanned == 300
    table.check_invariants()
