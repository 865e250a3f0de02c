import math

import numpy as np
import pytest

from scalelab.history.operations import Counterexample, History, Operation

GOOD = {"client": "ann", "kind": "put", "key": "k", "value": 1, "invoked": 1, "responded": 2}


def test_what_an_operation_is_in_words():
    assert str(Operation(**GOOD)) == "ann: put k = 1"
    assert str(Operation(**{**GOOD, "kind": "get"})) == "ann: get k → 1"
    assert str(Operation(**{**GOOD, "kind": "get", "value": None})) == "ann: get k → nothing"
    lost = Operation(**{**GOOD, "kind": "delete", "value": None, "responded": None})
    assert str(lost) == "ann: delete k, outcome unknown"
    assert lost.is_write
    assert lost.end == math.inf


def test_numbers_of_numpy_are_as_good():
    operation = Operation(**{**GOOD, "invoked": np.int64(1), "responded": np.float64(2.5)})
    assert type(operation.invoked) is int
    assert type(operation.responded) is float


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"kind": "swap"}, "kind must be one of"),
        ({"client": ""}, "client must be non-empty text"),
        ({"key": []}, "key must be hashable"),
        ({"key": math.nan}, "key must be hashable and equal to itself"),
        ({"value": math.nan}, "value must be equal to itself"),
        ({"invoked": math.inf}, "invoked must be a finite number"),
        ({"responded": 1}, "responded must be > invoked=1"),
        ({"kind": "get", "responded": None}, "responded must be given for a read"),
        ({"version": 1.0}, "version must be an integer"),
        ({"kind": "delete"}, "value must be None for a deletion"),
        ({"responded_s": "soon"}, "responded_s must be a finite number"),
    ],
)
def test_what_is_no_operation_is_named(changed, message):
    with pytest.raises(ValueError, match=f"Operation: {message}"):
        Operation(**GOOD | changed)


def test_histories_and_counterexamples_are_their_operations():
    operation = Operation(**GOOD)
    history = History(operations=(operation,), replay=lambda: history)
    assert list(history) == [operation]
    assert history == History(operations=(operation,))  # where it came from is no part of it
    found = Counterexample(rule="a rule", operations=(operation,), explanation="Because.")
    assert (list(found), len(found)) == ([operation], 1)
