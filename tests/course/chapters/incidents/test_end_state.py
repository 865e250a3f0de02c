"""The last minute names four of the ten causes, and takes four that collapse for a fifth."""

from scalelab.course.chapters.incidents.end_state import told_by_the_end
from scalelab.course.chapters.incidents.recorded import CAUSES, recorded_runs


def told(cause):
    return {told_by_the_end(run) for run in recorded_runs()[cause]}


def test_all_that_collapse_are_told_to_be_one():
    for cause in ("retry storm", "hot shard", "connection leak", "thundering reconnect"):
        assert told(cause) == {"metastable cache flush"}


def test_what_stays_visible_is_named_and_a_calm_time_is_calm():
    named = {cause for cause in CAUSES if told(cause) == {cause}}
    assert named == {"metastable cache flush", "replica lag", "autoscaler flapping", "sinkhole"}
    assert told("calm") == {"calm"}
