"""Arguments of the session stores."""

from support import kinds as k

from scalelab.fakes.balancing.load_balancer import LoadBalancer
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.sessions.memory_sessions import MemorySessions
from scalelab.fakes.sessions.session_store import SessionStore
from scalelab.fakes.sessions.token_sessions import TokenSessions, signed_token

CLOCK = VirtualClock()


SECRET = k.Kind(b"", "secret", None, 3)
A_TOKEN = k.Kind("", "a.b.c", None, 3, "ä.b.c")
KEY = b"secret"
ID = {"session_id": k.TEXT("ann")}
DATA = {"data": k.ONLY({"cart": []}, None, 3, "x", [1])}
CHANGE = {"change": k.ONLY(lambda old: {}, None, 3, "x")}
BACK = {"on_done": k.ANY(lambda result: None), "on_failed": k.ANY(lambda error: None)}
ATTEMPTS = {"attempts": k.COUNT(3)}
VERSION = {"expected_version": k.COUNT_OR_ZERO.or_none()(0)}
CLAIMS = {"sub": "ann", "exp": 9.0, "data": {}}
MEMORY, SHARED, TOKEN = (
    "fakes.sessions.memory_sessions.MemorySessions",
    "fakes.sessions.session_store.SessionStore",
    "fakes.sessions.token_sessions.TokenSessions",
)


def balancer():
    return LoadBalancer(VirtualClock(), ["a"])


def memory():
    return MemorySessions(balancer())


def shared():
    return SessionStore(VirtualClock())


def tokens():
    made = TokenSessions(VirtualClock(), KEY)
    made.save("ann", {})
    return made


def verbs(path, make):
    """Arguments of the blocking verbs that all stores have."""
    return {
        f"{path}.load": {"self": make, **ID},
        f"{path}.save": {"self": make, **ID, **DATA},
        f"{path}.update": {"self": make, **ID, **CHANGE},
        f"{path}.delete": {"self": make, **ID},
    }


def submitted(path, make):
    """Arguments of the event-style verbs."""
    return {
        f"{path}.submit_load": {"self": make, **ID, **BACK},
        f"{path}.submit_save": {"self": make, **ID, **DATA, **BACK},
        f"{path}.submit_update": {"self": make, **ID, **CHANGE, **BACK},
        f"{path}.submit_delete": {"self": make, **ID, **BACK},
    }


TABLE = {
    MEMORY: {"balancer": k.ONLY(balancer(), None, 3, "balancer"), "service_s": k.NOT_NEGATIVE(0.1)},
    **verbs(MEMORY, memory),
    **submitted(MEMORY, memory),
    SHARED: {
        "clock": k.CLOCK(CLOCK),
        "ttl_s": k.POSITIVE(1.0),
        "renewed_by": k.CHOICE("save"),
        "round_trip_s": k.NOT_NEGATIVE(0.1),
        "durable": k.ONLY(True, None, 1, "yes"),
    },
    **verbs(SHARED, shared),
    **submitted(SHARED, shared),
    f"{SHARED}.load_record": {"self": shared, **ID},
    f"{SHARED}.save": {"self": shared, **ID, **DATA, **VERSION},
    f"{SHARED}.update": {"self": shared, **ID, **CHANGE, **ATTEMPTS},
    f"{SHARED}.submit_save": {"self": shared, **ID, **DATA, **BACK, **VERSION},
    f"{SHARED}.submit_update": {"self": shared, **ID, **CHANGE, **BACK, **ATTEMPTS},
    "fakes.sessions.token_sessions.signed_token": {
        "claims": k.ONLY(CLAIMS, None, 3, "x", {"a": object()}, {"a": float("nan")}),
        "key": SECRET(KEY),
    },
    "fakes.sessions.token_sessions.verified_claims": {
        "token": A_TOKEN(signed_token(CLAIMS, KEY)),
        "key": SECRET(KEY),
    },
    TOKEN: {
        "clock": k.CLOCK(CLOCK),
        "key": SECRET(KEY),
        "ttl_s": k.POSITIVE(1.0),
    },
    **verbs(TOKEN, tokens),
    f"{TOKEN}.token_of": {"self": tokens, "session_id": k.TEXT("ann", "bob")},
    f"{TOKEN}.open": {"self": tokens, "token": A_TOKEN(signed_token(CLAIMS, KEY))},
}
