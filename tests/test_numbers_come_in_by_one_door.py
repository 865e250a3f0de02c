"""A number is the same number in every type that holds it, and what is none is refused.

The good values of ``tests/argument_cases`` are offered again in the types of NumPy: the result must
be the one of the plain value, or the argument must be refused in the house's words. Whole numbers
that no machine type holds and lists that no memory holds must be answered or refused, at once.
"""

import copy
import dataclasses
import importlib
import re
import signal
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from support.cases import merged

TABLE = merged("argument_cases", "TABLE")
HOUSE_FORM = re.compile(r"^[\w.]+: .+ must .+, got .+", re.DOTALL)
PATIENCE_S = 2
HUGE = {"2**63": 2**63, "10**400": 10**400, "range": range(10**12), "10**9": 10**9, "1e300": 1e300}
# Anything that can be looked up is a key, and so is a bound of keys.
KEYS = {"key", "low", "high", "together_with", "split_points", "source", "target", "before"}
ONCE = {"fakes.pooling.pool_load.PoolLoad.run"}  # a second call goes on where the first ended
KINDS = (np.int8, np.int16, np.int64, np.uint64, np.float16, np.float32, np.float64)


def found(path):
    parts = path.split(".")
    for length in (3, 2, 1):
        try:
            item = importlib.import_module(".".join(["scalelab", *parts[:length]]))
        except ModuleNotFoundError:
            continue
        for name in parts[length:]:
            item = getattr(item, name)
        return item
    raise LookupError(path)


def call(path, changed):
    """Call it with its good values and the changed ones; generators begin anew."""
    good = {name: entry[0] for name, entry in TABLE[path].items() if name != "self"}
    arguments = {
        name: copy.deepcopy(value) if isinstance(value, np.random.Generator) else value
        for name, value in (good | changed).items()
    }
    if "self" in TABLE[path]:
        return getattr(TABLE[path]["self"](), path.rsplit(".", 1)[1])(**arguments)
    return found(path)(**arguments)


def outcome(path, changed):
    """Return the result, or the error's first words."""
    try:
        with np.errstate(all="raise", under="ignore"):
            return call(path, changed)
    except (ValueError, TypeError, RuntimeError) as error:
        return error


def same(one, other, depth=0):
    """Whether two results are equal, but for rounding."""
    if isinstance(one, BaseException) or isinstance(other, BaseException):
        return type(one) is type(other)
    if depth > 4:
        return True
    if isinstance(one, (pd.DataFrame, pd.Series)):
        one, other = one.to_numpy(), other.to_numpy()
    if isinstance(one, (bool, int, float, np.generic, np.ndarray)):
        left, right = np.asarray(one), np.asarray(other)
        if left.dtype.kind not in "iufb" or left.shape != right.shape:
            return left.shape == right.shape
        return bool(np.allclose(left, right, rtol=1e-9, atol=0, equal_nan=True))
    if dataclasses.is_dataclass(one):
        one, other = vars_of(one), vars_of(other)
    if isinstance(one, Mapping):
        return len(one) == len(other) and all(
            same(left, right, depth + 1)
            for left, right in zip(one.values(), other.values(), strict=True)
        )
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(
            same(left, right, depth + 1) for left, right in zip(one, other, strict=True)
        )
    return type(one) is type(other)


def vars_of(record):
    return {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}


def number_like(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def numbers_in(value):
    """`value` as an array of numbers, if it is a list of them."""
    if isinstance(value, (list, np.ndarray)) and len(value):
        array = np.asarray(value)
        return array if array.dtype.kind in "iuf" else None
    return None


def variants(value):
    """Pairs of the same number, or numbers, plain and in another type."""
    if number_like(value):
        for kind in KINDS:
            whole = issubclass(kind, np.integer)
            if whole and (value != int(value) or not np.iinfo(kind).min <= value <= 127):
                continue
            if not whole and not isinstance(value, float):
                continue  # 3.0 is no count
            with np.errstate(over="ignore"):
                other = kind(value)
            if np.isfinite(other):
                plain = other.item()
                yield kind.__name__, plain, other
        return
    array = numbers_in(value)
    if array is None:
        return
    for kind in (">i2", ">i8", ">f8", np.float32, np.int8, np.uint64):
        kind = np.dtype(kind)
        if (kind.kind == "f") != (array.dtype.kind == "f"):
            continue
        if kind.kind in "iu" and not (array.min() >= 0 and array.max() <= 127):
            continue
        yield kind.name, array.astype(kind).astype(array.dtype), array.astype(kind)


CASES = [
    pytest.param(path, argument, id=f"{path}-{argument}")
    for path, arguments in TABLE.items()
    for argument, entry in arguments.items()
    if argument != "self"
    and entry[1]  # an empty list: anything goes
    and argument not in KEYS
    and path not in ONCE
    and (number_like(entry[0]) or numbers_in(entry[0]) is not None)
]


@pytest.fixture
def watch():
    """Fail a call that hangs instead of waiting for it."""

    def late(signum, frame):
        raise TimeoutError(f"no answer in {PATIENCE_S} s")

    before = signal.signal(signal.SIGALRM, late)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def faults(path, argument):
    """What is wrong with the answers to other types of the good value, and to huge ones."""
    good, wrong = TABLE[path][argument][0], []
    for label, plain, other in variants(good):
        if not same(outcome(path, {argument: plain}), outcome(path, {argument: other})):
            wrong.append(f"{label}: another result than for {plain}")
    refused = {
        "masked": np.ma.masked_array([1.0, 2.0], mask=[False, True]),
        "masked one": np.ma.masked,
    }
    if number_like(good):
        refused["bool"] = np.True_
    for label, value in refused.items():
        error = outcome(path, {argument: value})
        if not (isinstance(error, ValueError) and HOUSE_FORM.search(str(error))):
            wrong.append(f"{label}: {error!r}")
    for label, value in HUGE.items():
        signal.setitimer(signal.ITIMER_REAL, PATIENCE_S)
        try:
            answer = outcome(path, {argument: value})
        except Exception as error:
            wrong.append(f"{label}: {type(error).__name__}: {error}")
        else:
            if isinstance(answer, Exception) and not HOUSE_FORM.search(str(answer)):
                wrong.append(f"{label}: {answer!r}")
            elif label == "1e300" and isinstance(answer, float) and not np.isfinite(answer):
                wrong.append(f"{label}: {answer}")
        signal.setitimer(signal.ITIMER_REAL, 0)
    return wrong


@pytest.mark.usefixtures("watch")
@pytest.mark.parametrize(("path", "argument"), CASES)
def test_a_number_is_a_number(path, argument):
    assert faults(path, argument) == []


def test_the_sweep_finds_half_precision_and_infinity(monkeypatch):
    from scalelab.models import replication

    def raw(replicas, reads_per_write):
        with np.errstate(over="ignore"):
            return replicas * reads_per_write * replicas / 3

    monkeypatch.setattr(replication, "read_capacity", raw)
    found = faults("models.replication.read_capacity", "reads_per_write")
    assert any(fault.startswith("masked") for fault in found)
    assert any(fault.startswith("1e300") or fault.startswith("10**400") for fault in found)
