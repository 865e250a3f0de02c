"""Every public callable names the argument it refuses, and never returns nonsense instead.

The cases stand in ``tests/argument_cases``, one file a topic. ``TABLE`` there maps the dotted name
of a function, a class or a method, without ``scalelab.``, to its arguments, and each argument to a
good value of its kind (``support.kinds``). ``"self"`` of a method is a function that makes the
object. Each argument is offered what its kind refuses, what nobody should pass, its good value in
the types of NumPy, and what is too large; a failure names argument and value.
"""

import copy
import dataclasses
import enum
import importlib
import inspect
import math
import pkgutil
import re
import signal

import numpy as np
import pandas as pd
import pytest
from support import kinds as k
from support.cases import merged
from support.same_number import is_number, numbers_in, parts_of, same, variants
from support.signatures import hints_of

import scalelab

# What is not in the table, and why. A name stands for all that begins with it.
INSIDE = {
    "fakes.invariants": "called by the fakes with words and conditions of their own",
    "fakes.pooling.pool_members": "made by the pool, with what it has checked",
    "fakes.pooling.waiting_line": "made by the pool, with what it has checked",
    "fakes.pooling.pool_types.Lease": "made by the pool, with what it has checked",
    "fakes.replication.log": "kept by the nodes of a store, with what the store has checked",
    "fakes.sharding.row_copies": "made by a move of rows, with what it has checked",
    "fakes.sharding.scatter_gather": "made by a store for each of its queries",
    "fakes.clock.Timer": "made by the clock",
    "fakes.pooling.connection_pool.FakeConnectionPool.close": "a switch",
    "fakes.pooling.connection_pool.FakeConnectionPool.release": "called by its leases",
    "fakes.pooling.database.FakeConnection": "made by the database, with what it has checked",
    "fakes.pooling.database.FakeDatabase.submit": "called by the pool, with what it has checked",
    "fakes.pooling.database.FakeDatabase.submit_close": "called by the pool",
    "fakes.pooling.database.FakeDatabase.submit_connect": "called by the pool",
    "fakes.pooling.session_pooler.SessionPooler": "any text may name a client or a setting",
    "models.round_trips.ConnectionAccount.phase_s": "a word of its own table",
    "planner.plan_file.read_plan": "a path; what the file says goes to what checks it",
    "planner.plan_table": "given what a file says, which is checked when it is read",
    "planner.node_menu.check_sizes": "called by others in their own names",
    "planner.remedy_menu.check_menu": "called by others in their own names",
    "planner.autoscaled_fleet.check_autoscaler": "called by others in their own names",
    "planner.autoscaled_fleet.with_servers": "given what the planner has checked",
    "planner.client_retries.after_disturbance": "given what the planner has worked out",
    "planner.client_retries.check_clients": "called by others in their own names",
    "planner.system_flows.flows_between": "given what the planner has worked out",
    "planner.system_solved": "given what the planner has checked",
    "planner.system_flows.check_system": "called by others in their own names",
    "planner.system_latency": "given what the planner has worked out",
    "planner.system_lines": "given what the planner has worked out",
    "planner.system_loads.acknowledged_s": "given what the planner has checked",
    "planner.system_prices.check_prices": "called by others in their own names",
    "planner.system_staleness": "given what the planner has worked out",
    "planner.valid_range": "given what the planner has worked out",
    "planner.growth_plan": "its searches pass on to what checks; that is in the table",
    "fakes.routing.router.Router": "abstract; its kinds are in the table",
    "fakes.sessions.session.session_data": "called by the stores in their own names",
}
LAYERS = ("workloads", "models", "sim", "planner", "fakes", "history")
HOUSE_FORM = re.compile(r"^[\w.]+: .+ must .+, got .+", re.DOTALL)
PATIENCE_S = 10
# Anything that can be looked up is a key, and so is a bound of keys.
KEYS = {"key", "low", "high", "together_with", "split_points", "source", "target", "before"}
ONCE = {"fakes.pooling.pool_load.PoolLoad.run"}  # a second call goes on where the first ended

# Offered to every argument, whatever it is for.
HOSTILE = {
    "nan": math.nan,
    "inf": math.inf,
    "minus_inf": -math.inf,
    "zero": 0,
    "negative": -1,
    "negative_float": -0.5,
    "fraction": 0.5,
    "text": "x",
    "empty_text": "",
    "none": None,
    "true": True,
    "complex": 1j,
    "empty": [],
    "empty_rows": [[]],
    "rows": [[1.0, 2.0], [3.0, 4.0]],
    "ragged": [[1.0], [1.0, 2.0]],
    "nan_array": np.array([1.0, math.nan]),
    "words": np.array(["a", "b"]),
    "object": object(),
}
# Offered to numbers: no machine type, or no memory, holds them.
HUGE = {"2**63": 2**63, "10**400": 10**400, "range": range(10**12), "10**9": 10**9, "1e300": 1e300}
MASKED = {
    "masked": np.ma.masked_array([1.0, 2.0], mask=[False, True]),
    "masked one": np.ma.masked,
}

TABLE = merged("argument_cases", "TABLE")


# The public callables ---------------------------------------------------------------------------


def found(path):
    """What is there, of a dotted name."""
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


def public_callables():
    """Dotted name, without scalelab, of each function, class and method that takes arguments."""
    for layer in LAYERS:
        package = importlib.import_module(f"scalelab.{layer}")
        for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if "._" not in info.name:
                yield from module_callables(importlib.import_module(info.name))


def module_callables(module):
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
    if parameters(item):
        yield path
    for name, method in vars(item).items():
        if not name.startswith("_") and inspect.isfunction(method) and parameters(method):
            yield f"{path}.{name}"


def parameters(function):
    """Names of what it takes; a class takes what its constructor does."""
    taken = inspect.signature(function).parameters
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in taken.values()):
        taken = hints_of(function.__init__ if inspect.isclass(function) else function)
    return set(taken) - {"self"}


def is_inside(path):
    return any(path == inside or path.startswith(f"{inside}.") for inside in INSIDE)


def test_the_table_is_complete():
    assert scalelab.__version__  # the package itself imports
    public = list(public_callables())
    assert [path for path in TABLE if not callable(found(path))] == []
    assert sorted({path for path in public if not is_inside(path)} - set(TABLE)) == []
    needless = [
        name for name in INSIDE if not any(p == name or p.startswith(f"{name}.") for p in public)
    ]
    assert needless == []


# What is wrong with the answers -----------------------------------------------------------------


@pytest.fixture
def watch():
    """End a call that hangs instead of waiting for it."""

    def late(signum, frame):
        raise TimeoutError(f"no answer in {PATIENCE_S} s")

    before = signal.signal(signal.SIGALRM, late)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def arguments_of(path):
    return {name: entry for name, entry in TABLE[path].items() if name != "self"}


def call(path, **changed):
    """Call it with its good values and the changed ones; generators begin anew."""
    good = {name: entry.good for name, entry in arguments_of(path).items()}
    arguments = {
        name: copy.deepcopy(value) if isinstance(value, np.random.Generator) else value
        for name, value in (good | changed).items()
    }
    if "self" in TABLE[path]:
        return getattr(TABLE[path]["self"](), path.rsplit(".", 1)[1])(**arguments)
    return found(path)(**arguments)


def outcome(path, argument, value):
    """Return the result, or the error."""
    signal.setitimer(signal.ITIMER_REAL, PATIENCE_S)
    try:
        return call(path, **{argument: value})
    except Exception as error:
        return error
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def defaults_to_none(path, argument):
    """Whether None is what the argument is anyway, so that it is no nonsense."""
    own = inspect.signature(found(path)).parameters.get(argument)  # or it goes on to the base
    return own is not None and own.default is None


def is_refusal(answer):
    return isinstance(answer, (ValueError, TypeError)) and bool(HOUSE_FORM.search(str(answer)))


def unnamed(path, argument):
    """Bad values that are taken, or whose error does not say which argument must be what."""
    # an object may leave it to the one inside, a blocking verb to its event-style twin
    layer, *_, name = path.split(".")
    name = rf"(?:\w+\.)?{name}" if layer in ("workloads", "models", "sim") else r"[\w.]+"
    form = re.compile(rf"^{name}: .*{argument}.* must .+, got .+", re.DOTALL)
    for bad in TABLE[path][argument].bad:
        answer = outcome(path, argument, bad)
        if not (isinstance(answer, (ValueError, TypeError)) and form.search(str(answer))):
            yield f"{argument}={bad!r}: {answer!r}"


def nonsense(path, argument):
    """Values that nobody should pass, and that bring another error than a refusal, or a NaN."""
    for label, value in HOSTILE.items():
        if value is None and defaults_to_none(path, argument):
            continue
        answer = outcome(path, argument, value)
        if isinstance(answer, Exception):
            if not is_refusal(answer):
                yield f"{argument}={label}: {answer!r}"
        elif holds_nan(answer):
            yield f"{argument}={label}: a silent NaN"


def holds_nan(value, depth=0):
    """Whether there is a NaN in a result, however it is wrapped."""
    if isinstance(value, (float, np.floating)):
        return math.isnan(value)
    if isinstance(value, np.ndarray):
        return value.dtype.kind == "f" and bool(np.isnan(value).any())
    if isinstance(value, (pd.DataFrame, pd.Series)):
        return bool(value.isna().to_numpy().any())
    value = parts_of(value)
    if depth > 3 or not isinstance(value, (list, tuple)):
        return False
    return any(holds_nan(item, depth + 1) for item in value)


def other_numbers(path, argument):
    """Types in which the good value is another number, and huge values without an answer."""
    good = TABLE[path][argument].good
    for label, plain, other in variants(good):
        if not same(outcome(path, argument, plain), outcome(path, argument, other)):
            yield f"{argument}={label}: another result than for {plain}"
    refused = MASKED | ({"bool": np.True_} if is_number(good) else {})
    for label, value in refused.items():
        answer = outcome(path, argument, value)
        if not is_refusal(answer):
            yield f"{argument}={label}: {answer!r}"
    for label, value in HUGE.items():
        answer = outcome(path, argument, value)
        if isinstance(answer, Exception):
            known = isinstance(answer, RuntimeError) and HOUSE_FORM.search(str(answer))
            if not (is_refusal(answer) or known):
                yield f"{argument}={label}: {answer!r}"
        elif label == "1e300" and isinstance(answer, float) and not np.isfinite(answer):
            yield f"{argument}={label}: {answer}"


def faults(path):
    """All that is wrong with the answers of one callable."""
    for argument, entry in arguments_of(path).items():
        yield from unnamed(path, argument)
        if not entry.bad:
            continue  # anything goes, such as a callback
        yield from nonsense(path, argument)
        numeric = is_number(entry.good) or numbers_in(entry.good) is not None
        if numeric and argument not in KEYS and path not in ONCE:
            with np.errstate(all="raise", under="ignore"):
                yield from other_numbers(path, argument)


@pytest.mark.usefixtures("watch")
@pytest.mark.parametrize("path", TABLE)
def test_every_argument_is_checked(path):
    call(path)
    assert parameters(found(path)) == arguments_of(path).keys()
    assert list(faults(path)) == []


# It can fail ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("watch")
def test_nonsense_is_noticed(monkeypatch):
    from scalelab.models import amdahl

    where = "models.amdahl.amdahl_speedup"
    monkeypatch.setattr(amdahl, "amdahl_speedup", lambda n, serial_fraction: math.nan)
    assert "n=nan: a silent NaN" in set(faults(where))
    assert "n=0: nan" in set(faults(where))

    def crash(n, serial_fraction):
        raise IndexError("list index out of range")

    monkeypatch.setattr(amdahl, "amdahl_speedup", crash)
    assert len(list(nonsense(where, "n"))) == len(HOSTILE)

    def other_name(n, serial_fraction):
        raise ValueError("amdahl_speedup: workers must be finite and > 0, got 0")

    monkeypatch.setattr(amdahl, "amdahl_speedup", other_name)
    assert len(list(unnamed(where, "n"))) == len(k.FROM_ONE.bad)
    assert list(nonsense(where, "n")) == []


@pytest.mark.usefixtures("watch")
def test_half_precision_and_infinity_are_noticed(monkeypatch):
    from scalelab.models import replication

    def raw(replicas, reads_per_write):
        with np.errstate(over="ignore"):
            return replicas * reads_per_write * replicas / 3

    monkeypatch.setattr(replication, "read_capacity", raw)
    found = list(other_numbers("models.replication.read_capacity", "reads_per_write"))
    assert any("=masked" in fault for fault in found)
    assert any("=1e300" in fault or "=10**400" in fault for fault in found)
