"""Linearizability: brute force over every order, histories of the literature, counterexamples."""

import itertools
import time
from dataclasses import replace

import numpy as np
import pytest
from history.random_histories import parts, random_history
from history.values import DIFFERENT, SAME

from scalelab.history.linearizability import check_linearizability, linearization
from scalelab.history.operations import Operation


def is_legal(order):
    """Whether a sequence of operations is that of a register, None at first."""
    value = None
    for o in order:
        if o.is_write:
            value = o.value
        elif o.value != value:
            return False
    return True


def respects_time(order):
    return not any(
        late.responded is not None and late.responded < early.invoked
        for early, late in itertools.combinations(order, 2)
    )


def brute_force(history):
    """Herlihy and Wing's definition, word for word: any order, with or without pending writes."""
    complete = [o for o in history if o.responded is not None]
    pending = [o for o in history if o.responded is None]
    return any(
        is_legal(order) and respects_time(order)
        for count in range(len(pending) + 1)
        for some in itertools.combinations(pending, count)
        for order in itertools.permutations([*complete, *some])
    )


@pytest.mark.parametrize("unknown", [0.1, 0.5])
@pytest.mark.parametrize("values", [None, 1, 2])
def test_agrees_with_brute_force_over_all_orders(values, unknown):
    rng = np.random.default_rng(1)
    verdicts = []
    for _ in range(200):
        operations = int(rng.integers(2, 7))
        history = random_history(rng, operations=operations, unknown=unknown, values=values)
        found = check_linearizability(history)
        assert (found is None) == brute_force(history)
        verdicts.append(found is None)
    assert 0.25 < np.mean(verdicts) < 0.85  # both verdicts are common


def search(history):
    """Wing and Gong's search, with a memory of states but with no thought of runs."""
    operations = sorted(history, key=lambda o: o.invoked)
    seen, waiting = set(), [(frozenset(), None)]
    while waiting:
        state = waiting.pop()
        if state in seen:
            continue
        seen.add(state)
        taken, value = state
        left = [i for i in range(len(operations)) if i not in taken]
        if all(operations[i].responded is None for i in left):
            return True
        first_end = min(operations[i].end for i in left)
        for i in left:
            o = operations[i]
            if o.invoked < first_end and (o.is_write or o.value == value):
                waiting.append((taken | {i}, o.value))
    return False


def nearly_right(rng, operations, values):
    """Overlapping operations, each at a point within its span; a few reads are wrong."""
    begin = np.cumsum(rng.exponential(1.0, operations))
    end = begin + rng.exponential(rng.choice([3.0, 8.0]), operations)
    is_write, drawn = rng.random(operations) < 0.5, rng.integers(values, size=operations)
    value, history = None, []
    for i in np.argsort(rng.uniform(begin, end)):
        wrong = rng.random() < 0.1
        value = int(drawn[i]) if is_write[i] else value
        seen = int(drawn[i]) if wrong else value
        is_lost = is_write[i] and rng.random() < 0.2
        kind, moment = "put" if is_write[i] else "get", None if is_lost else end[i]
        history.append(op(f"c{i}", kind, value if is_write[i] else seen, begin[i], moment))
    return history


@pytest.mark.parametrize("values", [2, 3, 4])
def test_agrees_with_a_search_that_tries_everything(values):
    rng = np.random.default_rng(7)
    verdicts = []
    for _ in range(400):
        history = nearly_right(rng, operations=12, values=values)
        order = linearization(history)
        assert (order is not None) == search(history)
        assert order is None or (is_legal(order) and respects_time(order))
        verdicts.append(order is not None)
    assert 0.4 < np.mean(verdicts) < 0.95


@pytest.mark.parametrize("values", [None, 3])
def test_the_order_found_is_legal(values):
    rng = np.random.default_rng(2)
    found = 0
    for _ in range(300):
        drawn = random_history(rng, operations=8, values=values)
        history = sorted(drawn, key=lambda o: o.invoked)
        order = linearization(history)
        if order is not None:
            found += 1
            assert is_legal(order)
            assert respects_time(order)
            assert {id(o) for o in history if o.responded} <= {id(o) for o in order}
    assert found > 50


def test_counterexamples_are_minimal():
    rng = np.random.default_rng(3)
    sizes = []
    while len(sizes) < 60:
        found = check_linearizability(random_history(rng, operations=9, keys=2, clients=4))
        if found is not None:
            assert not brute_force(list(found))
            assert all(brute_force(part) for part in parts(found.operations))
            sizes.append(len(found))
    assert max(sizes) < 7
    assert 2 in sizes


def op(client, kind, value, begin, end):
    return Operation(client=client, kind=kind, key="x", value=value, invoked=begin, responded=end)


# The register of Herlihy and Wing 1990: others read 0 or 1 while A's write of 1 is under way, but
# once 1 was read, 0 must not come back.
NEW_THEN_OLD = [
    op("a", "put", 0, 1, 2),
    op("a", "put", 1, 3, 10),
    op("b", "get", 1, 4, 5),
    op("c", "get", 0, 6, 7),
]
OLD_THEN_NEW = [*NEW_THEN_OLD[:2], op("b", "get", 0, 4, 5), op("c", "get", 1, 6, 7)]


def test_a_new_value_is_not_followed_by_the_old_one():
    assert check_linearizability(OLD_THEN_NEW) is None
    found = check_linearizability(NEW_THEN_OLD)
    assert found.operations == tuple(NEW_THEN_OLD)  # all four are needed
    assert found.rule == "linearizability"
    assert "order" in found.explanation


def test_a_write_of_unknown_outcome_may_take_effect_late_or_never():
    unknown = op("a", "put", 1, 1, None)
    absent, present = op("b", "get", None, 2, 3), op("b", "get", 1, 4, 5)
    assert check_linearizability([unknown, absent, present]) is None
    assert check_linearizability([unknown, absent]) is None
    backwards = [unknown, op("b", "get", 1, 2, 3), op("b", "get", None, 4, 5)]
    assert len(check_linearizability(backwards)) == 3


def test_a_value_from_nowhere_is_a_counterexample():
    assert len(check_linearizability([op("a", "put", 1, 1, 2), op("b", "get", 7, 3, 4)])) == 1


def test_a_deletion_is_a_write_of_nothing():
    gone = [op("a", "put", 1, 1, 2), op("a", "delete", None, 3, 4), op("b", "get", None, 5, 6)]
    assert check_linearizability(gone) is None
    back = [*gone[:2], op("b", "get", 1, 5, 6)]
    assert len(check_linearizability(back)) == 3


def test_keys_are_looked_at_on_their_own():
    rng = np.random.default_rng(4)
    for _ in range(100):
        history = random_history(rng, operations=8, keys=2)
        alone = [
            check_linearizability([o for o in history if o.key == key]) is None
            for key in ("k0", "k1")
        ]
        assert (check_linearizability(history) is None) == all(alone)


@pytest.mark.parametrize(("written", "read"), SAME)
def test_a_value_is_known_again_by_its_parts(written, read):
    history = [op("a", "put", written, 1, 2), op("b", "get", read, 3, 4)]
    assert check_linearizability(history) is None


@pytest.mark.parametrize(("written", "read"), DIFFERENT)
def test_another_value_is_not_what_was_written(written, read):
    history = [op("a", "put", written, 1, 2), op("b", "get", read, 3, 4)]
    assert len(check_linearizability(history)) == 1


def unanswered(count):
    """Writes without a response, then one read of each, in their order."""
    writes = [op(f"client {n}", "put", n % 2, n, None) for n in range(count)]
    start = 2 * count
    reads = [op("r", "get", n % 2, start + 2 * n, start + 2 * n + 1) for n in range(count)]
    return [*writes, *reads]


def test_unanswered_writes_do_not_make_the_search_explode():
    history = unanswered(200)
    began = time.process_time()
    assert check_linearizability(history) is None
    assert time.process_time() - began < 5.0  # far more than it takes; 24 once took minutes


def test_one_read_more_than_there_were_unanswered_writes():
    history = unanswered(24)
    late = op("r", "get", 0, 1_000, 1_001)
    assert len(check_linearizability([*history, late])) == 49


def register_history(rng, operations, clients):
    """Operations on a correct register, each taking effect somewhere within its span."""
    free, drafts = [0.0] * clients, []
    for number in range(operations):
        client = int(np.argmin(free))
        begin = free[client] + rng.exponential(1.0)
        free[client] = end = begin + rng.exponential(3.0)
        point = rng.uniform(begin, end)
        drafts.append((point, client, begin, end, bool(rng.random() < 0.5), number))
    value, history = None, []
    for _, client, begin, end, is_write, number in sorted(drafts):
        value = number if is_write else value
        history.append(op(f"c{client}", "put" if is_write else "get", value, begin, end))
    return history


@pytest.mark.parametrize("clients", [1, 5, 10])
def test_a_long_history_is_checked_in_a_moment(clients):
    history = register_history(np.random.default_rng(5), 1_000, clients)
    began = time.process_time()
    assert check_linearizability(history) is None
    assert time.process_time() - began < 1.0


def test_a_fault_in_a_long_history_is_cut_out():
    history = register_history(np.random.default_rng(6), 1_000, 5)
    reads = [i for i, o in enumerate(history) if o.kind == "get"]
    at = reads[300]
    old = next(o for o in history if o.is_write and o.end < history[at].invoked - 200)
    history[at] = replace(history[at], value=old.value)
    began = time.process_time()
    found = check_linearizability(history)
    assert time.process_time() - began < 2.0
    assert len(found) == 3
    assert found.operations[-1] == history[at]
