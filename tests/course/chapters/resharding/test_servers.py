"""A range that really moves between two servers: what is lost, and what is not."""

import pytest

from scalelab.course.chapters.resharding import servers
from scalelab.real.supervised import RealComponentError


@pytest.fixture(scope="module")
def two():
    pytest.importorskip("psycopg", reason="the client for PostgreSQL is not installed")
    try:
        with servers.two_servers() as running:
            yield running
    except RealComponentError as error:
        pytest.skip(str(error))


def test_with_all_steps_nothing_is_lost(two):
    moved = servers.move_range(*two)
    assert (moved.lost, moved.rows, moved.worst) == (0, 0, 0)
    assert moved.waited > 0.4  # of a round trip: a change takes half of one


def test_who_does_not_follow_loses_what_came_after_the_copy(two):
    moved = servers.move_range(*two, "follow")
    assert moved.lost > 0
    assert moved.worst in servers.HOT
    assert moved.shown < moved.owed
    assert moved.lost >= moved.owed - moved.shown


@pytest.mark.parametrize("skip", ["stop", "marker"])
def test_who_does_not_wait_is_told_nothing(two, skip):
    moved = servers.move_range(*two, skip)
    assert moved.lost >= 0  # how many is luck
    assert moved.waited < 0.4
