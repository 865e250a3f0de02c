"""Arguments of operations, recorder, workload, checkers and timeline."""

import math

from support import kinds as k

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.history.operations import Operation
from scalelab.history.recorder import Recorder
from scalelab.history.seeded_workload import Bench, Workload
from scalelab.plotting import canvas

TIME = k.Kind(math.nan, math.inf, "1", True, [1.0])

VALUE = {"value": k.ONLY("tea", [math.nan], {"a": math.nan})}


def operation(client="ann", key="x", begin=1.0, end=2.0, **others):
    given = {"kind": "put", "value": 1, "invoked_s": 1.0, "responded_s": 2.0} | others
    return Operation(client=client, key=key, invoked=begin, responded=end, **given)


HISTORY = {
    "history": k.ONLY(
        [operation()],
        3,
        None,
        [3],
        "text",
        [operation(), operation()],
        [operation(), operation(begin=1.5, end=3.0)],
    )
}
TWO_KEYS = [operation(), operation(key="y", begin=3.0, end=4.0)]


def store():
    return ReplicatedStore(VirtualClock())


def make_bench(rng):
    made = store()
    return Bench(clock=made.clock, store_for=lambda client: made)


def recorded():
    return Recorder().session(store(), "ann")


KEY = {"key": k.KEY("x", ("x", []))}
BACK = {"on_done": k.ANY(lambda result: None), "on_failed": k.ANY(lambda error: None)}
RECORDER, SESSION = "history.recorder.Recorder", "history.recorder.RecordedSession"
WORKLOAD = "history.seeded_workload.Workload"

TABLE = {
    "history.operations.Operation": {
        "client": k.TEXT("ann"),
        "kind": k.CHOICE("put"),
        **KEY,
        **VALUE,
        "invoked": TIME(1.0, None),
        "responded": TIME(2.0, 1.0, 0.5),
        "version": k.ONLY(None, 1.5, "1", True),
        "invoked_s": TIME(1.0),
        "responded_s": TIME(2.0),
    },
    RECORDER: {
        "clock": k.ONLY(VirtualClock(), 3, "clock"),
        "harmless": k.ONLY((KeyError,), KeyError, [KeyError], (3,), None),
    },
    f"{RECORDER}.session": {
        "self": Recorder,
        "store": k.ONLY(store(), None, 3, object()),
        "client": k.TEXT("ann"),
    },
    f"{RECORDER}.begin": {
        "self": Recorder,
        "client": k.TEXT("ann"),
        "kind": k.CHOICE("put"),
        **KEY,
        **VALUE,
    },
    SESSION: {"recorder": k.ANY(Recorder()), "store": k.ANY(store()), "client": k.ANY("ann")},
    f"{SESSION}.get": {"self": recorded, **KEY},
    f"{SESSION}.put": {"self": recorded, **KEY, **VALUE},
    f"{SESSION}.delete": {"self": recorded, **KEY},
    f"{SESSION}.submit_get": {"self": recorded, **KEY, **BACK},
    f"{SESSION}.submit_put": {"self": recorded, **KEY, **VALUE, **BACK},
    f"{SESSION}.submit_delete": {"self": recorded, **KEY, **BACK},
    WORKLOAD: {
        "clients": k.COUNT(2),
        "operations": k.COUNT(5),
        "keys": k.COUNT(1),
        "write_share": k.SHARE(0.5),
        "delete_share": k.SHARE(0.1, 0.6),
        "mean_gap_s": k.POSITIVE(0.1),
    },
    f"{WORKLOAD}.run": {
        "self": lambda: Workload(clients=2, operations=5),
        "make": k.ANY(make_bench),
        "seed": k.COUNT_OR_ZERO(1),
    },
    "history.linearizability.check_linearizability": HISTORY,
    "history.linearizability.linearization": {
        "history": k.ONLY(HISTORY["history"][0], *HISTORY["history"][1], TWO_KEYS)
    },
    "history.lost_updates.check_lost_updates": HISTORY,
    "history.session_checks.check_read_your_writes": HISTORY,
    "history.session_checks.check_monotonic_reads": HISTORY,
    "history.session_checks.check_monotonic_writes": HISTORY,
    "history.session_checks.check_writes_follow_reads": HISTORY,
    "history.timeline.draw_timeline": {
        "ax": k.ANY(canvas()[1]),
        "history": k.ONLY(HISTORY["history"][0], *HISTORY["history"][1], []),
        "in_seconds": k.ANY(True),
        "lane_each": k.ANY(True),
    },
    "history.timeline.timeline_picture": {
        "history": k.ONLY(HISTORY["history"][0], *HISTORY["history"][1], []),
    },
    "history.timeline.describe": HISTORY,
}
