"""Arguments of the event log, its subscriptions, projections, read models and the outbox."""

from support import kinds as k

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.events.event_log import EventLog
from scalelab.fakes.events.outbox import Inbox, PublishingService
from scalelab.fakes.events.projections import Projection
from scalelab.fakes.events.read_model import ReadModel
from scalelab.fakes.network import FakeNetwork

CLOCK = VirtualClock()


A_EVENT = k.Kind(None, 3, "event")


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


KEY = {"key": k.KEY("x")}
VALUE = {"value": k.ANY(1)}
BACK = {"on_done": k.ANY(lambda result: None), "on_failed": k.ANY(lambda error: None)}
EVENT_ = {"event": A_EVENT(EVENT)}
PROJECTION, READ = "fakes.events.projections.Projection", "fakes.events.read_model.ReadModel"
SERVICE = "fakes.events.outbox.PublishingService"

TABLE = {
    "fakes.events.event_log.EventLog": {"clock": k.CLOCK(CLOCK)},
    "fakes.events.event_log.EventLog.append": {
        "self": log,
        **KEY,
        "data": k.ANY(1),
        "event_id": k.ONLY("id", "", 3, []),
    },
    "fakes.events.event_log.EventLog.read": {
        "self": log,
        "from_offset": k.COUNT_OR_ZERO(0),
        "limit": k.COUNT.or_none()(3),
    },
    "fakes.events.event_log.EventLog.on_append": {"self": log, "listener": k.FUNCTION(print)},
    "fakes.events.event_log.Subscription": {
        "log": k.ONLY(LOG, None, 3, "log"),
        "handler": k.FUNCTION(print),
        "network": k.ONLY(FakeNetwork(CLOCK), 3, "wire", FakeNetwork(VirtualClock())),
        "name": k.ONLY("search", "", None, 3),
        "ack_after_s": k.NOT_NEGATIVE(0.0),
        "retry_s": k.POSITIVE(1.0),
    },
    PROJECTION: {
        "fold": k.FUNCTION(lambda state, event: state),
        "initial": k.ANY(0),
        "guard": k.CHOICE("offset"),
    },
    f"{PROJECTION}.get": {"self": projection, **KEY},
    f"{PROJECTION}.version_of": {"self": projection, **KEY},
    f"{PROJECTION}.apply": {"self": projection, **EVENT_},
    f"{PROJECTION}.catch_up": {"self": projection, "log": k.ONLY(LOG, None, 3, "log")},
    f"{PROJECTION}.rebuilt": {"self": projection, "log": k.ONLY(LOG, None, 3, "log")},
    f"{PROJECTION}.restore": {
        "self": projection,
        "snapshot": k.ONLY(projection().snapshot(), None, 3, {}),
    },
    READ: {
        "clock": k.CLOCK(CLOCK),
        "projection": k.ONLY(projection(), None, 3, "p"),
        "refresh_interval_s": k.NOT_NEGATIVE(1.0),
        "work_s": k.NOT_NEGATIVE(0.0),
    },
    f"{READ}.receive": {"self": read_model, **EVENT_},
    f"{READ}.get": {"self": read_model, **KEY},
    f"{READ}.version_of": {"self": read_model, **KEY},
    SERVICE: {
        "log": k.ONLY(LOG, None, 3, "log"),
        "method": k.CHOICE("outbox"),
        "commit_s": k.NOT_NEGATIVE(0.0),
        "publish_s": k.NOT_NEGATIVE(0.0),
        "poll_s": k.POSITIVE(1.0),
        "mark_s": k.NOT_NEGATIVE(0.0),
    },
    f"{SERVICE}.put": {"self": service, **KEY, **VALUE},
    f"{SERVICE}.submit_put": {"self": service, **KEY, **VALUE, **BACK},
    "fakes.events.outbox.Inbox": {"handler": k.FUNCTION(print)},
    "fakes.events.outbox.Inbox.receive": {"self": lambda: Inbox(print), **EVENT_},
}
