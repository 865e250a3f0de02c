"""Arguments of the event log, its subscriptions, projections, read models and the outbox."""

from support.bad_values import NEGATIVE, NOT_A_COUNT, NOT_A_COUNT_OR_ZERO, NOT_POSITIVE

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.events.event_log import EventLog
from scalelab.fakes.events.outbox import Inbox, PublishingService
from scalelab.fakes.events.projections import Projection
from scalelab.fakes.events.read_model import ReadModel
from scalelab.fakes.network import FakeNetwork

ANYTHING: list = []
CLOCK = VirtualClock()
NOT_A_CLOCK = [None, 3, "clock"]
NOT_A_KEY = [[], {}, float("nan")]
NOT_A_FUNCTION = [None, 3, "f"]
NOT_AN_EVENT = [None, 3, "event"]


def log():
    return EventLog(VirtualClock())


LOG = EventLog(CLOCK)
EVENT = log().append("x", 1)


def projection():
    return Projection(lambda state, event: event.data)


def read_model():
    return ReadModel(VirtualClock(), projection())


def service():
    return PublishingService(log())


KEY = {"key": ("x", NOT_A_KEY)}
VALUE = {"value": (1, ANYTHING)}
BACK = {"on_done": (lambda result: None, ANYTHING), "on_failed": (lambda error: None, ANYTHING)}
EVENT_ = {"event": (EVENT, NOT_AN_EVENT)}
PROJECTION, READ = "fakes.events.projections.Projection", "fakes.events.read_model.ReadModel"
SERVICE = "fakes.events.outbox.PublishingService"

TABLE = {
    "fakes.events.event_log.EventLog": {"clock": (CLOCK, NOT_A_CLOCK)},
    "fakes.events.event_log.EventLog.append": {
        "self": log,
        **KEY,
        "data": (1, ANYTHING),
        "event_id": ("id", ["", 3, []]),
    },
    "fakes.events.event_log.EventLog.read": {
        "self": log,
        "from_offset": (0, NOT_A_COUNT_OR_ZERO),
        "limit": (3, [b for b in NOT_A_COUNT if b is not None]),
    },
    "fakes.events.event_log.EventLog.on_append": {"self": log, "listener": (print, NOT_A_FUNCTION)},
    "fakes.events.event_log.Subscription": {
        "log": (LOG, [None, 3, "log"]),
        "handler": (print, NOT_A_FUNCTION),
        "network": (FakeNetwork(CLOCK), [3, "wire", FakeNetwork(VirtualClock())]),
        "name": ("search", ["", 3, None]),
        "ack_after_s": (0.0, NEGATIVE),
        "retry_s": (1.0, NOT_POSITIVE),
    },
    PROJECTION: {
        "fold": (lambda state, event: state, NOT_A_FUNCTION),
        "initial": (0, ANYTHING),
        "guard": ("offset", ["", "all", 3, None]),
    },
    f"{PROJECTION}.get": {"self": projection, **KEY},
    f"{PROJECTION}.version_of": {"self": projection, **KEY},
    f"{PROJECTION}.apply": {"self": projection, **EVENT_},
    f"{PROJECTION}.catch_up": {"self": projection, "log": (LOG, [None, 3, "log"])},
    f"{PROJECTION}.rebuilt": {"self": projection, "log": (LOG, [None, 3, "log"])},
    f"{PROJECTION}.restore": {
        "self": projection,
        "snapshot": (projection().snapshot(), [None, 3, {}]),
    },
    READ: {
        "clock": (CLOCK, NOT_A_CLOCK),
        "projection": (projection(), [None, 3, "p"]),
        "refresh_interval_s": (1.0, NEGATIVE),
        "work_s": (0.0, NEGATIVE),
    },
    f"{READ}.receive": {"self": read_model, **EVENT_},
    f"{READ}.get": {"self": read_model, **KEY},
    f"{READ}.version_of": {"self": read_model, **KEY},
    SERVICE: {
        "log": (LOG, [None, 3, "log"]),
        "method": ("outbox", ["", "hope", 3, None]),
        "commit_s": (0.0, NEGATIVE),
        "publish_s": (0.0, NEGATIVE),
        "poll_s": (1.0, NOT_POSITIVE),
        "mark_s": (0.0, NEGATIVE),
    },
    f"{SERVICE}.put": {"self": service, **KEY, **VALUE},
    f"{SERVICE}.submit_put": {"self": service, **KEY, **VALUE, **BACK},
    "fakes.events.outbox.Inbox": {"handler": (print, NOT_A_FUNCTION)},
    "fakes.events.outbox.Inbox.receive": {"self": lambda: Inbox(print), **EVENT_},
}
