"""What the page counts: partitions, keys, and rows that move."""

import numpy as np
import pytest

from scalelab.course.chapters.resharding import experiments as e
from scalelab.course.chapters.resharding import tasks
from scalelab.plotting import canvas


def test_a_partition_spares_rows_and_brings_no_writes():
    sales = e.sales_table()
    assert sales.query((2021, 2022)).rows_scanned == sales.query().rows_scanned / 4
    assert e.write_rate(1) == pytest.approx(e.write_rate(4)) == pytest.approx(1 / e.WORK_S)


def test_a_directory_leaves_the_largest_value_alone():
    largest = 1 / sum(1 / rank for rank in range(1, 101))
    assert e.busiest_by_directory(100) == pytest.approx(e.SHARDS * largest)
    assert e.busiest_by_directory(10_000) < 1.05 < e.busiest_by_hash(10_000)


def test_equal_values_are_nearer_to_even_than_unequal_ones():
    for values in e.KEYS.values():
        assert e.busiest_by_hash(values, equal=True) < e.busiest_by_hash(values)


def test_who_may_leave_and_what_moves_then():
    moved = {scheme: e.moved_by_loss(scheme) for scheme in e.SCHEMES}
    assert moved["jump hash"] is None
    assert moved["remainder"] > 0.7
    assert all(share < 0.35 for name, share in moved.items() if share and name != "remainder")


def test_all_but_the_remainder_move_a_quarter_and_are_nearly_even():
    for scheme, (moved, peak) in e.least_and_peak().items():
        assert moved == pytest.approx(0.75 if scheme == "remainder" else 0.25, abs=0.01)
        assert 1 <= peak < 1.1
    assert e.maglev_moved() > 0.25  # a few move between servers that stay


def test_places_on_a_ring_are_free_and_named_in_order():
    rng = np.random.default_rng(3)
    before = e.ring_places(3, 16, rng)
    after = e.ring_places(1, 16, rng, first=3, taken=before)
    places = [place for place, _ in (*before, *after)]
    assert len(set(places)) == 64
    assert {name for _, name in before} == {"server 1", "server 2", "server 3"}
    assert {name for _, name in after} == {"server 4"}
    assert before == sorted(before)


def test_more_points_are_more_even_and_the_task_has_one_answer():
    points = [1, 3, 10, 30, 100, 200, 400]
    _, ax = canvas()
    said = [e.draw_ring(ax, n) for n in points]
    assert "1 point a server" in said[0]
    assert [n for n in points if tasks.EVEN.right(points=n)] == [200, 400]


def test_the_figures_and_tables_are_drawn():
    _, ax = canvas()
    for draw in (e.plot_rings, e.plot_gains):
        assert draw(ax) is ax
    assert e.keys_table().text.count("\n") == len(e.KEYS)
    assert "it may not" in e.schemes_table().text
    assert e.move_picture() is not None
    assert 0 < e.ring_spread(np.random.default_rng(1), 100) < 4
