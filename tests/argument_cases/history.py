"""Arguments of operations, recorder, workload, checkers and timeline."""

import math

from support.bad_values import (
    NOT_A_COUNT,
    NOT_A_COUNT_OR_ZERO,
    NOT_A_SHARE,
    NOT_POSITIVE,
)

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.history.operations import Operation
from scalelab.history.recorder import Recorder
from scalelab.history.seeded_workload import Bench, Workload
from scalelab.plotting import canvas

ANYTHING: list = []
NOT_A_TIME = [math.nan, math.inf, "1", True, [1.0]]
NOT_A_TEXT = ["", 3, None, ["ann"]]
NOT_A_KEY = [[], {}, ("x", [])]
NOT_A_VALUE = [[math.nan], {"a": math.nan}]


def operation(client="ann", key="x", begin=1.0, end=2.0, **others):
    given = {"kind": "put", "value": 1, "invoked_s": 1.0, "responded_s": 2.0} | others
    return Operation(client=client, key=key, invoked=begin, responded=end, **given)


HISTORY = {
    "history": (
        [operation()],
        [
            3,
            None,
            [3],
            "text",
            [operation(), operation()],
            [operation(), operation(begin=1.5, end=3.0)],
        ],
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


KEY = {"key": ("x", NOT_A_KEY)}
BACK = {"on_done": (lambda result: None, ANYTHING), "on_failed": (lambda error: None, ANYTHING)}
RECORDER, SESSION = "history.recorder.Recorder", "history.recorder.RecordedSession"
WORKLOAD = "history.seeded_workload.Workload"

TABLE = {
    "history.operations.Operation": {
        "client": ("ann", NOT_A_TEXT),
        "kind": ("put", ["cas", "", None, 3]),
        **KEY,
        "value": ("tea", NOT_A_VALUE),
        "invoked": (1.0, [*NOT_A_TIME, None]),
        "responded": (2.0, [*NOT_A_TIME, 1.0, 0.5]),
        "version": (None, [1.5, "1", True]),
        "invoked_s": (1.0, NOT_A_TIME),
        "responded_s": (2.0, NOT_A_TIME),
    },
    RECORDER: {
        "clock": (VirtualClock(), [3, "clock"]),
        "harmless": ((KeyError,), [KeyError, [KeyError], (3,), None]),
    },
    f"{RECORDER}.session": {
        "self": Recorder,
        "store": (store(), [None, 3, object()]),
        "client": ("ann", NOT_A_TEXT),
    },
    f"{RECORDER}.begin": {
        "self": Recorder,
        "client": ("ann", NOT_A_TEXT),
        "kind": ("put", ["cas", "", None, 3]),
        **KEY,
        "value": ("tea", NOT_A_VALUE),
    },
    SESSION: {
        "recorder": (Recorder(), ANYTHING),
        "store": (store(), ANYTHING),
        "client": ("ann", ANYTHING),
    },
    f"{SESSION}.get": {"self": recorded, **KEY},
    f"{SESSION}.put": {"self": recorded, **KEY, "value": ("tea", NOT_A_VALUE)},
    f"{SESSION}.delete": {"self": recorded, **KEY},
    f"{SESSION}.submit_get": {"self": recorded, **KEY, **BACK},
    f"{SESSION}.submit_put": {"self": recorded, **KEY, "value": ("tea", NOT_A_VALUE), **BACK},
    f"{SESSION}.submit_delete": {"self": recorded, **KEY, **BACK},
    WORKLOAD: {
        "clients": (2, NOT_A_COUNT),
        "operations": (5, NOT_A_COUNT),
        "keys": (1, NOT_A_COUNT),
        "write_share": (0.5, NOT_A_SHARE),
        "delete_share": (0.1, [*NOT_A_SHARE, 0.6]),
        "mean_gap_s": (0.1, NOT_POSITIVE),
    },
    f"{WORKLOAD}.run": {
        "self": lambda: Workload(clients=2, operations=5),
        "make": (make_bench, ANYTHING),
        "seed": (1, NOT_A_COUNT_OR_ZERO),
    },
    "history.linearizability.check_linearizability": HISTORY,
    "history.linearizability.linearization": {
        "history": (HISTORY["history"][0], [*HISTORY["history"][1], TWO_KEYS])
    },
    "history.lost_updates.check_lost_updates": HISTORY,
    "history.session_checks.check_read_your_writes": HISTORY,
    "history.session_checks.check_monotonic_reads": HISTORY,
    "history.session_checks.check_monotonic_writes": HISTORY,
    "history.session_checks.check_writes_follow_reads": HISTORY,
    "history.timeline.draw_timeline": {
        "ax": (canvas()[1], ANYTHING),
        "history": (HISTORY["history"][0], [*HISTORY["history"][1], []]),
        "in_seconds": (True, ANYTHING),
    },
    "history.timeline.describe": HISTORY,
}
