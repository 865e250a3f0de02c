"""Every public callable names the argument it refuses, and never returns nonsense instead.

The cases stand in ``tests/argument_cases``, one file a topic. ``TABLE`` there maps the dotted name
of a function, a class or a method, without ``scalelab.``, to its arguments, and each argument to a
good value and a list of bad ones. ``"self"`` of a method is a function that makes the object.
"""

import dataclasses
import enum
import importlib
import inspect
import math
import pkgutil
import re
import signal
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from support.bad_values import HOSTILE
from support.cases import merged

import scalelab

# Parts that only the fake they belong to makes or calls, with what it has checked.
INSIDE = re.compile(
    r"fakes\.(invariants|pooling\.(pool_members|waiting_line))\.|fakes\.clock\.Timer$|FakeConnection$|\.Lease\b"
    r"|\.(release|close|submit_close|submit_connect|FakeDatabase.submit|wants_validation|phase_s)$"
    r"|growth_plan\.(vertical_first|horizontal_only|cheapest_now|ChangeCost\.usd|GrowthPlan\.regret)$"
    r"|fakes\.(routing\.router\.Router$|sharding\.(row_copies|scatter_gather)\.|replication\.log\.)"
    r"|session_store\.session_data$"
    r"|SessionPooler\.(disconnect|set|show)$"
)
LAYERS = ("workloads", "models", "sim", "planner", "fakes", "history")
TRUTH_VALUES = {"ssl_request", "transaction", "validate_on_borrow"}
PATIENCE_S = 10

TABLE = merged("argument_cases", "TABLE")
CASES = [
    pytest.param(path, argument, bad, id=f"{path}-{argument}-{number}")
    for path, arguments in TABLE.items()
    for argument, entry in arguments.items()
    if argument != "self"
    for number, bad in enumerate(entry[1])
]


def found(path):
    """Module, and what is there, of a dotted name."""
    parts = path.split(".")
    for length in (3, 2, 1):
        try:
            module = importlib.import_module(".".join(["scalelab", *parts[:length]]))
        except ModuleNotFoundError:
            continue
        item = module
        for name in parts[length:]:
            item = getattr(item, name)
        return item
    raise LookupError(path)


def call(path, changed=()):
    """Call it with its good values, some of them changed."""
    good = {name: entry[0] for name, entry in TABLE[path].items() if name != "self"}
    arguments = good | dict(changed)
    if "self" in TABLE[path]:
        return getattr(TABLE[path]["self"](), path.rsplit(".", 1)[1])(**arguments)
    return found(path)(**arguments)


def public_modules():
    for layer in LAYERS:
        package = importlib.import_module(f"scalelab.{layer}")
        for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if "._" not in info.name:
                yield importlib.import_module(info.name)


def public_callables():
    """Dotted name, without scalelab, of each function, class and method that takes arguments."""
    for module in public_modules():
        for name, item in vars(module).items():
            if name.startswith("_") or getattr(item, "__module__", "") != module.__name__:
                continue
            path = f"{module.__name__.removeprefix('scalelab.')}.{name}"
            if inspect.isfunction(item):
                yield path
            elif inspect.isclass(item):
                yield from class_callables(path, item)


def class_callables(path, item):
    """Constructor and methods that take arguments; results and errors have nothing to check."""
    plain = issubclass(item, (BaseException, tuple, enum.Enum)) or getattr(
        item, "_is_protocol", False
    )
    if plain or (dataclasses.is_dataclass(item) and "__post_init__" not in vars(item)):
        return
    if takes_arguments(item):
        yield path
    for name, method in vars(item).items():
        if not name.startswith("_") and inspect.isfunction(method) and takes_arguments(method):
            yield f"{path}.{name}"


def takes_arguments(function):
    names = [name for name in inspect.signature(function).parameters if name != "self"]
    return bool(names)


def test_the_table_is_complete():
    assert scalelab.__version__  # the package itself imports
    wanted = {path for path in public_callables() if not INSIDE.search(path)}
    assert [path for path in TABLE if not callable(found(path))] == []
    assert sorted(wanted - set(TABLE)) == []


@pytest.mark.parametrize("path", TABLE)
def test_good_values_pass(path):
    call(path)
    signature = inspect.signature(found(path)).parameters
    assert signature.keys() - TRUTH_VALUES - {"self"} == TABLE[path].keys() - {"self"}


@pytest.mark.parametrize(("path", "argument", "bad"), CASES)
def test_bad_values_are_named(path, argument, bad):
    # an object may leave it to the one inside, a blocking verb to its event-style twin
    layer, *_, name = path.split(".")
    name = rf"(?:\w+\.)?{name}" if layer in ("workloads", "models", "sim") else r"[\w.]+"
    with pytest.raises((ValueError, TypeError), match=rf"^{name}: .*{argument}.* must .+, got .+"):
        call(path, {argument: bad})


# The walk: the same twenty values to every argument -------------------------------------------


@pytest.fixture
def watch():
    """Fail a call that hangs instead of waiting for it."""

    def late(signum, frame):
        raise TimeoutError(f"no answer in {PATIENCE_S} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(PATIENCE_S)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def holds_nan(value, depth=0):
    """Whether there is a NaN in a result, however it is wrapped."""
    if isinstance(value, (float, np.floating)):
        return math.isnan(value)
    if isinstance(value, np.ndarray):
        return value.dtype.kind == "f" and bool(np.isnan(value).any())
    if isinstance(value, (pd.DataFrame, pd.Series)):
        return bool(value.isna().to_numpy().any())
    if depth > 3:
        return False
    if dataclasses.is_dataclass(value):
        value = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        value = value.values()
    elif not isinstance(value, (list, tuple)):
        return False
    return any(holds_nan(item, depth + 1) for item in value)


HOUSE_FORM = re.compile(r"^[\w.]+: .+ must .+, got .+", re.DOTALL)


def hostile_faults(path, argument):
    """What is wrong with the answers to values that nobody should pass."""
    faults = []
    for label, value in HOSTILE.items():
        try:
            result = call(path, {argument: value})
        except (ValueError, TypeError) as error:
            if not HOUSE_FORM.search(str(error)):
                faults.append(f"{label}: {type(error).__name__}: {error}")
        except Exception as error:
            faults.append(f"{label}: {type(error).__name__}: {error}")
        else:
            if holds_nan(result):
                faults.append(f"{label}: a silent NaN")
    return faults


WALK = [
    pytest.param(path, argument, id=f"{path}-{argument}")
    for path, arguments in TABLE.items()
    for argument, entry in arguments.items()
    if argument != "self" and entry[1]  # an empty list: anything goes, such as a key or a callback
]


@pytest.mark.usefixtures("watch")
@pytest.mark.parametrize(("path", "argument"), WALK)
def test_no_value_brings_nonsense(path, argument):
    assert hostile_faults(path, argument) == []


def test_the_walk_finds_nonsense(monkeypatch):
    from scalelab.models import amdahl

    where = "models.amdahl.amdahl_speedup"
    monkeypatch.setattr(amdahl, "amdahl_speedup", lambda n, serial_fraction: math.nan)
    assert "nan: a silent NaN" in hostile_faults(where, "n")

    def crash(n, serial_fraction):
        raise IndexError("list index out of range")

    monkeypatch.setattr(amdahl, "amdahl_speedup", crash)
    assert len(hostile_faults(where, "n")) == len(HOSTILE)
