"""A coordinator that is really killed, and what it leaves on two real servers."""

import pytest

from scalelab.course.chapters.write_sharding import servers
from scalelab.real.supervised import RealComponentError


@pytest.fixture(scope="module")
def shards():
    pytest.importorskip("psycopg", reason="the client for PostgreSQL is not installed")
    try:
        with servers.two_shards() as two:
            yield two
    except RealComponentError as error:
        pytest.skip(str(error))


LEFT = {
    "between the prepares": (["prepared", "nothing"], "nothing", 200),
    "after both prepares": (["prepared", "prepared"], "nothing", 200),
    "after the decision": (["prepared", "prepared"], "commit", 200),
    "after the first commit": (["committed", "prepared"], "commit", 190),
}


@pytest.mark.parametrize("point", servers.POINTS)
def test_what_is_left_and_how_it_ends(shards, point):
    states, record, seen = LEFT[point]
    with servers.killed_coordinator(shards, point) as gid:
        assert servers.states_of(shards, gid) == states
        assert servers.record_of(shards, gid) == record
        assert servers.total(*shards.both) == seen
        servers.end(shards, gid, "commit" if record == "commit" else "roll back")
        assert "prepared" not in servers.states_of(shards, gid)
        assert servers.total(*shards.both) == 200
    for server in shards.both:
        server.rows("truncate transfers, decisions")


def test_a_wrong_guess_burns_money(shards):
    with servers.killed_coordinator(shards, "after the first commit") as gid:
        servers.end(shards, gid, "roll back")
        assert servers.total(*shards.both) == 190
    for server in shards.both:
        server.rows("truncate transfers, decisions")
