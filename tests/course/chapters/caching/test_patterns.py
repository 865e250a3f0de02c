import pytest

from scalelab.course.chapters.caching import patterns
from scalelab.models.cache_races import stale_fill_probability
from scalelab.plotting import canvas


def test_patterns_differ_in_work_loss_and_age():
    runs = {name: patterns.pattern_run(name) for name in patterns.PATTERNS}
    assert runs["no cache"]["database"] == pytest.approx(100, abs=0.1)
    assert all(runs[name]["database"] < 40 for name in runs if name != "no cache")
    assert [name for name, run in runs.items() if run["lost"]] == ["write-behind"]
    assert runs["write-behind"]["write_ms"] < 2 < 8 < runs["write-through"]["write_ms"]
    assert runs["cache-aside"]["old"] > 0 < runs["write-through"]["old"]
    assert patterns.patterns_table().text.count("\n") == len(runs)


def test_a_lifetime_alone_is_old_and_misses_less():
    (ttl, ttl_missed), (manual, missed), (heard, _) = map(
        patterns.invalidated, patterns.INVALIDATIONS
    )
    assert ttl > 10 * heard > 10 * manual > 0
    assert ttl_missed < missed
    assert patterns.invalidation_table().text.count("\n") == 3


def test_a_cache_keeps_what_a_lagging_replica_gives():
    replica, filled, primary = map(
        patterns.old_answers, ("replica", "cache filled from it", "cache filled from primary")
    )
    assert filled > 5 * replica > 0
    assert primary == 0
    assert stale_fill_probability(1, patterns.LAG_S) < replica / patterns.REPLICA_WRITES
    _, ax = canvas()
    assert patterns.plot_old_answers(ax) is ax
