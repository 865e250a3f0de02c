"""The record says what the planner and the run say."""

import pytest

from scalelab.course.chapters.principles import record
from scalelab.planner.next_remedy import sized_for_per_s


def test_each_line_has_a_number():
    written = record.entries()
    assert tuple(written) == record.FIELDS
    assert all(any(c.isdigit() for c in words) for words in written.values())


def test_the_decision_carries_more_within_the_budget_and_can_be_taken_back():
    it = record.decide()
    assert it.rate_per_s < it.carries_per_s == pytest.approx(sized_for_per_s(record.SHOP))
    assert it.then_per_s >= 1.5 * it.carries_per_s
    assert it.usd_more < min(record.BUDGET_USD, it.refused_usd)
    assert it.months_back == pytest.approx(it.months_left)  # the database is as it was
    assert it.rate_per_s * 1.05**it.months_left == pytest.approx(it.carries_per_s)


def test_nothing_old_is_read_without_replicas():
    it = record.decide()
    assert it.stale == 0
    assert it.reads > 15_000


def test_the_table():
    assert "load | 320 requests a second at the peak" in record.record_table().text
