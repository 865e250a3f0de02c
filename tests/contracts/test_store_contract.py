"""What every key-value store keeps to, as one client sees it; the stores are in `stores.py`."""

import numpy as np
import pytest
from contracts.stores import STORES, opened

from scalelab.history.linearizability import check_linearizability
from scalelab.history.recorder import Recorder
from scalelab.history.session_checks import check_monotonic_reads, check_read_your_writes


@pytest.fixture(params=STORES)
def store(request):
    with opened(request.param) as made:
        yield made
        made.check_invariants()


def test_what_was_put_can_be_got(store):
    store.put("a", "1")
    assert store.get("a") == "1"


def test_what_was_never_put_is_absent(store):
    assert store.get("a") is None


def test_the_last_put_counts(store):
    for value in ("1", "2", "3"):
        store.put("a", value)
    assert store.get("a") == "3"


def test_reading_changes_nothing(store):
    store.put("a", "1")
    assert [store.get("a") for _ in range(3)] == ["1"] * 3


def test_keys_are_independent(store):
    store.put("a", "1")
    store.put("b", "2")
    store.delete("a")
    assert (store.get("a"), store.get("b")) == (None, "2")


def test_what_was_deleted_is_absent_and_can_be_put_again(store):
    store.put("a", "1")
    store.delete("a")
    assert store.get("a") is None
    store.put("a", "2")
    assert store.get("a") == "2"


def test_deleting_what_is_not_there_is_no_error(store):
    store.delete("a")
    store.put("a", "1")
    store.delete("a")
    store.delete("a")
    assert store.get("a") is None


def test_an_empty_text_is_a_value(store):
    store.put("a", "")
    assert store.get("a") == ""


def test_versions_grow_where_a_store_has_them(store):
    receipts = [store.put("a", "1"), store.put("a", "2"), store.delete("a"), store.put("a", "3")]
    versions = [getattr(receipt, "version", None) for receipt in receipts]
    if None not in versions:
        assert versions == sorted(set(versions))


@pytest.mark.parametrize("seed", range(3))
def test_random_actions_agree_with_a_dictionary_and_with_the_checkers(store, seed):
    rng = np.random.default_rng(seed)
    expected, recorder = {}, Recorder()
    client = recorder.session(store, "client")
    for number in range(120):
        key = f"k{rng.integers(4)}"
        verb = rng.choice(["get", "put", "delete"], p=[0.5, 0.35, 0.15])
        if verb == "put":
            client.put(key, str(number))
            expected[key] = str(number)
        elif verb == "delete":
            client.delete(key)
            expected.pop(key, None)
        else:
            assert client.get(key) == expected.get(key)
        store.check_invariants()
    history = recorder.history()
    for check in (check_linearizability, check_read_your_writes, check_monotonic_reads):
        assert check(history) is None
