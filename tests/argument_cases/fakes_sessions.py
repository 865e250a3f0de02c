"""Arguments of the session stores."""

from support.bad_values import NEGATIVE, NOT_A_COUNT, NOT_A_COUNT_OR_ZERO, NOT_POSITIVE

from scalelab.fakes.balancing.load_balancer import LoadBalancer
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.sessions.memory_sessions import MemorySessions
from scalelab.fakes.sessions.shared_sessions import SharedSessions
from scalelab.fakes.sessions.token_sessions import TokenSessions, signed_token

ANYTHING: list = []
CLOCK = VirtualClock()
NOT_A_CLOCK = [None, 3, "clock"]
NOT_A_TEXT = ["", 3, None, ["a"]]
NOT_A_KEY = [b"", "secret", None, 3]
NOT_A_TOKEN = ["", "a.b.c", None, 3, "ä.b.c"]
KEY = b"secret"
ID = {"session_id": ("ann", NOT_A_TEXT)}
DATA = {"data": ({"cart": []}, [None, 3, "x", [1]])}
CHANGE = {"change": (lambda old: {}, [None, 3, "x"])}
BACK = {"on_done": (lambda result: None, ANYTHING), "on_failed": (lambda error: None, ANYTHING)}
ATTEMPTS = {"attempts": (3, NOT_A_COUNT)}
VERSION = {"expected_version": (0, [value for value in NOT_A_COUNT_OR_ZERO if value is not None])}
CLAIMS = {"sub": "ann", "exp": 9.0, "data": {}}
MEMORY, SHARED, TOKEN = (
    "fakes.sessions.memory_sessions.MemorySessions",
    "fakes.sessions.shared_sessions.SharedSessions",
    "fakes.sessions.token_sessions.TokenSessions",
)


def balancer():
    return LoadBalancer(VirtualClock(), ["a"])


def memory():
    return MemorySessions(balancer())


def shared():
    return SharedSessions(VirtualClock())


def tokens():
    made = TokenSessions(VirtualClock(), KEY, revocation=True)
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
    MEMORY: {"balancer": (balancer(), [None, 3, "balancer"]), "service_s": (0.1, NEGATIVE)},
    **verbs(MEMORY, memory),
    **submitted(MEMORY, memory),
    SHARED: {
        "clock": (CLOCK, NOT_A_CLOCK),
        "ttl_s": (1.0, NOT_POSITIVE),
        "renewed_by": ("save", ["load", "", None, 3]),
        "round_trip_s": (0.1, NEGATIVE),
        "durable": (True, [None, 1, "yes"]),
    },
    **verbs(SHARED, shared),
    **submitted(SHARED, shared),
    f"{SHARED}.load_record": {"self": shared, **ID},
    f"{SHARED}.save": {"self": shared, **ID, **DATA, **VERSION},
    f"{SHARED}.update": {"self": shared, **ID, **CHANGE, **ATTEMPTS},
    f"{SHARED}.submit_save": {"self": shared, **ID, **DATA, **BACK, **VERSION},
    f"{SHARED}.submit_update": {"self": shared, **ID, **CHANGE, **BACK, **ATTEMPTS},
    "fakes.sessions.token_sessions.signed_token": {
        "claims": (CLAIMS, [None, 3, "x", {"a": object()}, {"a": float("nan")}]),
        "key": (KEY, NOT_A_KEY),
    },
    "fakes.sessions.token_sessions.verified_claims": {
        "token": (signed_token(CLAIMS, KEY), NOT_A_TOKEN),
        "key": (KEY, NOT_A_KEY),
    },
    TOKEN: {
        "clock": (CLOCK, NOT_A_CLOCK),
        "key": (KEY, NOT_A_KEY),
        "ttl_s": (1.0, NOT_POSITIVE),
        "revocation": (True, [None, 1, "yes"]),
    },
    **verbs(TOKEN, tokens),
    f"{TOKEN}.token_of": {"self": tokens, "session_id": ("ann", [*NOT_A_TEXT, "bob"])},
    f"{TOKEN}.size_bytes": {"self": tokens, "session_id": ("ann", [*NOT_A_TEXT, "bob"])},
    f"{TOKEN}.open": {"self": tokens, "token": (signed_token(CLAIMS, KEY), NOT_A_TOKEN)},
    f"{TOKEN}.revoke": {"self": tokens, "token": (signed_token(CLAIMS, KEY), NOT_A_TOKEN)},
}
