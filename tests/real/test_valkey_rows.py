"""Loads of rows from a real server, counted by it."""

import threading

import pytest

from scalelab.real.servers import find_servers, start_server
from scalelab.real.valkey_rows import RowLoads, ask_front, load_missing_rows

pytest.importorskip("redis", reason="the client for Redis is not installed")


@pytest.fixture(scope="module")
def server():
    if not find_servers():
        pytest.skip("no Redis or Valkey server found")
    with start_server() as found:
        yield found


def test_without_a_lock_each_client_that_finds_nothing_loads(server):
    found = load_missing_rows(server, [[0]] * 8, load_s=0.3)
    assert found == RowLoads(loads=8, commands=3 * 8)  # a look, a count and a row each


def test_with_a_lock_each_key_is_loaded_once(server):
    found = load_missing_rows(server, [[0, 1, 2]] * 8, load_s=0.02, together=True)
    assert found.loads == 3
    assert found.commands > 3 * 8


def test_what_was_there_before_does_not_count(server):
    for _ in range(2):
        assert load_missing_rows(server, [["a", "a"]], load_s=0.001).loads == 1


class Front:
    """Tells one of a kind to load, and the others to wait."""

    def __init__(self):
        self.calls, self.inside = [], threading.Lock()

    def ask(self, key, now_s):
        assert self.inside.acquire(blocking=False)  # nobody else is in a call
        said = "wait" if self.calls[2:] else "load"
        self.calls.append(now_s)
        self.inside.release()
        return said

    def loaded(self, key, began_s, now_s):
        assert began_s < now_s
        self.calls.append(now_s)


def test_a_front_is_asked_by_all_at_once(server):
    front = Front()
    loads, told = ask_front(server, front, 6, load_s=0.02)
    assert loads == 1
    assert sorted(told) == ["load", *["wait"] * 5]
    assert front.calls[:2] == [0.0, 1.0]
    assert min(front.calls[2:]) >= 70


def test_what_is_no_server_is_named():
    with pytest.raises(ValueError, match=r"^load_missing_rows: server must be a ThrowawayServer"):
        load_missing_rows("here", [[0]], load_s=0.1)
