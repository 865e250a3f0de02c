"""Arguments of the network, the replicated store, its failover and its sessions."""

from support.bad_values import (
    NEGATIVE,
    NOT_A_COUNT,
    NOT_A_GENERATOR,
    NOT_A_SHARE,
    NOT_POSITIVE,
    RNG,
)

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.replication.log import START
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.fakes.replication.routing_policies import (
    AnyReplica,
    PinAfterWrite,
    PrimaryOnly,
    StickyReplica,
)
from scalelab.fakes.replication.session_guarantees import Session

CLOCK = VirtualClock()
NOT_A_TEXT = ["", 3, None, ["a"]]
NOT_A_NODE = ["node9", "", 3, ["node0"]]
NOT_A_CLIENT = ["node0", "", 3, None]
NOT_A_POSITION = [3, "0", (0, 0)]
NOT_A_KEY = [[], {}]
ANYTHING: list = []


def network():
    made = FakeNetwork(VirtualClock(), rng=RNG)
    made.add(["a", "b", "c"])
    return made


def store():
    return ReplicatedStore(VirtualClock())


def failover():
    return store().failover


def failover_after_crash():
    made = failover()
    made.crash("node1")
    return made


def session():
    return Session(store(), PrimaryOnly())


def pin():
    return PinAfterWrite(1.0, rng=RNG)


def written():
    return store().put("x", 1)


LINK = {"source": ("a", NOT_A_NODE), "target": ("b", [*NOT_A_NODE, "a"])}
KEY = {"key": ("x", NOT_A_KEY)}
VALUE = {"value": (1, ANYTHING)}  # but None; see the tests
BACK = {"on_done": (lambda result: None, ANYTHING), "on_failed": (lambda error: None, ANYTHING)}
WHERE = {"node": (None, NOT_A_NODE), "client": ("ann", NOT_A_CLIENT)}
IF = {"expected_version": (None, [-1, 2.5, True, "0"])}
FLOOR = {"at_least": (None, NOT_A_POSITION)}
RANDOM = {"rng": (RNG, NOT_A_GENERATOR)}
ROUTE = {"store": (store(), ANYTHING)}
NETWORK, STORE, FAILOVER = (
    "fakes.network.FakeNetwork",
    "fakes.replication.replicated_store.ReplicatedStore",
    "fakes.replication.failover.Failover",
)
POLICIES, SESSION = (
    "fakes.replication.routing_policies",
    "fakes.replication.session_guarantees.Session",
)

TABLE = {
    NETWORK: {
        "clock": (CLOCK, [None, 3, "clock"]),
        "delay_s": (lambda rng: 0.1, NEGATIVE),
        "loss": (0.1, [*NOT_A_SHARE, 1]),
        "duplication": (0.1, NOT_A_SHARE),
        "ordered": (True, [None, 2, "yes"]),
        **RANDOM,
    },
    f"{NETWORK}.add": {"self": network, "names": (["d"], ["d", 3, [""], [3], None])},
    f"{NETWORK}.send": {
        "self": network,
        **LINK,
        "message": ("hello", ANYTHING),
        "on_delivered": (lambda message: None, ANYTHING),
    },
    f"{NETWORK}.is_open": {"self": network, **LINK},
    f"{NETWORK}.connected": {"self": network, **LINK},
    f"{NETWORK}.set_delay": {
        "self": network,
        **LINK,
        "delay_s": (0.1, NEGATIVE),
        "both": (True, ANYTHING),
    },
    f"{NETWORK}.cut": {"self": network, **LINK},
    f"{NETWORK}.partition": {
        "self": network,
        "left": ({"a"}, ["a", [], ["z"], 3, None]),
        "right": ({"b"}, ["b", [], ["z"], 3, {"a"}]),
    },
    f"{NETWORK}.heal_link": {"self": network, **LINK},
    f"{NETWORK}.on_heal": {"self": network, "listener": (lambda: None, ANYTHING)},
    STORE: {
        "clock": (CLOCK, ANYTHING),
        "replicas": (2, NOT_A_COUNT),
        "network": (FakeNetwork(CLOCK), [3, "wire", FakeNetwork(VirtualClock())]),
        "sync": ("receive", ["quorum", "", None, 3]),
        "sync_replicas": (1, [*NOT_A_COUNT, 3]),
        "apply_delay_s": (lambda rng: 0.1, NEGATIVE),
        "apply_work_s": (0.0, NEGATIVE),
        "flush_s": (0.0, NEGATIVE),
        "retransmit_s": (0.1, NOT_POSITIVE),
        "timeout_s": (1.0, NOT_POSITIVE),
        "fencing": (True, [None, 1, "yes"]),
        **RANDOM,
    },
    f"{STORE}.put": {"self": store, **KEY, **VALUE, **IF, **WHERE},
    f"{STORE}.submit_put": {"self": store, **KEY, **VALUE, **BACK, **IF, **WHERE},
    f"{STORE}.delete": {"self": store, **KEY, **WHERE},
    f"{STORE}.submit_delete": {"self": store, **KEY, **BACK, **WHERE},
    f"{STORE}.get": {"self": store, **KEY, **WHERE},
    f"{STORE}.submit_get": {"self": store, **KEY, **BACK, **WHERE},
    f"{STORE}.read": {"self": store, **KEY, **FLOOR, **WHERE},
    f"{STORE}.submit_read": {"self": store, **KEY, **BACK, **FLOOR, **WHERE},
    f"{STORE}.lag": {"self": store, "node": ("node1", [*NOT_A_NODE, None])},
    f"{STORE}.version_of": {"self": store, **KEY},
    f"{STORE}.has_applied": {
        "self": store,
        "node": ("node1", [*NOT_A_NODE, None]),
        "position": (START, [*NOT_A_POSITION, None]),
    },
    FAILOVER: {
        "nodes": (store()._nodes, ANYTHING),
        "network": (store().network, ANYTHING),
        "settings": (store().settings, ANYTHING),
    },
    f"{FAILOVER}.crash": {"self": failover, "node": ("node1", [*NOT_A_NODE, None])},
    f"{FAILOVER}.restart": {
        "self": failover_after_crash,
        "node": ("node1", [*NOT_A_NODE, None, "node0"]),
    },
    f"{FAILOVER}.promote": {
        "self": failover,
        "node": ("node1", [*NOT_A_NODE, "node0"]),
        "allow_loss": (True, ANYTHING),
    },
    f"{FAILOVER}.switch_over": {
        "self": failover,
        "node": ("node1", [*NOT_A_NODE, "node0"]),
        "timeout_s": (1.0, NOT_POSITIVE),
    },
    f"{FAILOVER}.submit_switch_over": {
        "self": failover,
        "node": ("node1", [*NOT_A_NODE, "node0"]),
        "on_done": (lambda: None, ANYTHING),
        "on_failed": (lambda error: None, ANYTHING),
        "timeout_s": (1.0, NOT_POSITIVE),
    },
    f"{FAILOVER}.rejoin": {"self": failover, "node": ("node1", [*NOT_A_NODE, "node0"])},
    f"{POLICIES}.PrimaryOnly.route": {"self": PrimaryOnly, **ROUTE},
    f"{POLICIES}.AnyReplica": RANDOM,
    f"{POLICIES}.AnyReplica.route": {"self": lambda: AnyReplica(rng=RNG), **ROUTE},
    f"{POLICIES}.StickyReplica": RANDOM,
    f"{POLICIES}.StickyReplica.route": {"self": lambda: StickyReplica(rng=RNG), **ROUTE},
    f"{POLICIES}.PinAfterWrite": {"window_s": (1.0, NOT_POSITIVE), **RANDOM},
    f"{POLICIES}.PinAfterWrite.route": {"self": pin, **ROUTE},
    f"{POLICIES}.PinAfterWrite.wrote": {"self": pin, **ROUTE, "write": (written(), ANYTHING)},
    f"{POLICIES}.PinAfterWrite.saw": {"self": pin, "read": (store().read("x"), ANYTHING)},
    SESSION: {
        "store": (store(), [None, 3, "store"]),
        "policy": (PrimaryOnly(), [None, 3, "primary"]),
        "client": ("ann", NOT_A_TEXT),
    },
    f"{SESSION}.get": {"self": session, **KEY},
    f"{SESSION}.put": {"self": session, **KEY, **VALUE},
    f"{SESSION}.delete": {"self": session, **KEY},
    f"{SESSION}.submit_get": {"self": session, **KEY, **BACK},
    f"{SESSION}.submit_put": {"self": session, **KEY, **VALUE, **BACK},
    f"{SESSION}.submit_delete": {"self": session, **KEY, **BACK},
}
