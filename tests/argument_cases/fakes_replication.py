"""Arguments of the network, the replicated store, its failover and its sessions."""

from support import kinds as k
from support.kinds import RNG

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

NODE = k.Kind("node9", "", 3, ["node0"])
CLIENT = k.Kind("node0", "", 3, None)
POSITION = k.Kind(3, "0", (0, 0))


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


LINK = {"source": NODE("a"), "target": NODE("b", "a")}
KEY = {"key": k.KEY("x")}
VALUE = {"value": k.ANY(1)}  # but None; see the tests
BACK = {"on_done": k.ANY(lambda result: None), "on_failed": k.ANY(lambda error: None)}
WHERE = {"node": NODE(None), "client": CLIENT("ann")}
IF = {"expected_version": k.ONLY(None, -1, 2.5, True, "0")}
FLOOR = {"at_least": POSITION(None)}
RANDOM = {"rng": k.GENERATOR(RNG)}
ROUTE = {"store": k.ANY(store())}
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
        "clock": k.ONLY(CLOCK, None, 3, "clock"),
        "delay_s": k.NOT_NEGATIVE(lambda rng: 0.1),
        "loss": k.SHARE(0.1, 1),
        "duplication": k.SHARE(0.1),
        "ordered": k.ONLY(True, None, 2, "yes"),
        **RANDOM,
    },
    f"{NETWORK}.add": {"self": network, "names": k.ONLY(["d"], "d", 3, [""], [3], None)},
    f"{NETWORK}.send": {
        "self": network,
        **LINK,
        "message": k.ANY("hello"),
        "on_delivered": k.ANY(lambda message: None),
    },
    f"{NETWORK}.is_open": {"self": network, **LINK},
    f"{NETWORK}.connected": {"self": network, **LINK},
    f"{NETWORK}.set_delay": {
        "self": network,
        **LINK,
        "delay_s": k.NOT_NEGATIVE(0.1),
        "both": k.ANY(True),
    },
    f"{NETWORK}.cut": {"self": network, **LINK},
    f"{NETWORK}.partition": {
        "self": network,
        "left": k.ONLY({"a"}, "a", [], ["z"], 3, None),
        "right": k.ONLY({"b"}, "b", [], ["z"], 3, {"a"}),
    },
    f"{NETWORK}.heal_link": {"self": network, **LINK},
    f"{NETWORK}.on_heal": {"self": network, "listener": k.ANY(lambda: None)},
    STORE: {
        "clock": k.ANY(CLOCK),
        "replicas": k.COUNT(2),
        "network": k.ONLY(FakeNetwork(CLOCK), 3, "wire", FakeNetwork(VirtualClock())),
        "sync": k.CHOICE("receive"),
        "sync_replicas": k.COUNT(1, 3),
        "apply_delay_s": k.NOT_NEGATIVE(lambda rng: 0.1),
        "apply_work_s": k.NOT_NEGATIVE(0.0),
        "flush_s": k.NOT_NEGATIVE(0.0),
        "retransmit_s": k.POSITIVE(0.1),
        "timeout_s": k.POSITIVE(1.0),
        "fencing": k.ONLY(True, None, 1, "yes"),
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
    f"{STORE}.lag": {"self": store, "node": NODE("node1", None)},
    f"{STORE}.version_of": {"self": store, **KEY},
    f"{STORE}.applied": {"self": store, "node": NODE("node1", None)},
    f"{STORE}.has_applied": {
        "self": store,
        "node": NODE("node1", None),
        "position": POSITION(START, None),
    },
    FAILOVER: {
        "nodes": k.ANY(store()._nodes),
        "network": k.ANY(store().network),
        "settings": k.ANY(store().settings),
    },
    f"{FAILOVER}.crash": {"self": failover, "node": NODE("node1", None)},
    f"{FAILOVER}.restart": {"self": failover_after_crash, "node": NODE("node1", None, "node0")},
    f"{FAILOVER}.promote": {
        "self": failover,
        "node": NODE("node1", "node0"),
        "allow_loss": k.ANY(True),
    },
    f"{FAILOVER}.switch_over": {
        "self": failover,
        "node": NODE("node1", "node0"),
        "timeout_s": k.POSITIVE(1.0),
    },
    f"{FAILOVER}.submit_switch_over": {
        "self": failover,
        "node": NODE("node1", "node0"),
        "on_done": k.ANY(lambda: None),
        "on_failed": k.ANY(lambda error: None),
        "timeout_s": k.POSITIVE(1.0),
    },
    f"{FAILOVER}.rejoin": {"self": failover, "node": NODE("node1", "node0")},
    f"{POLICIES}.PrimaryOnly.route": {"self": PrimaryOnly, **ROUTE},
    f"{POLICIES}.AnyReplica": RANDOM,
    f"{POLICIES}.AnyReplica.route": {"self": lambda: AnyReplica(rng=RNG), **ROUTE},
    f"{POLICIES}.StickyReplica": RANDOM,
    f"{POLICIES}.StickyReplica.route": {"self": lambda: StickyReplica(rng=RNG), **ROUTE},
    f"{POLICIES}.PinAfterWrite": {"window_s": k.POSITIVE(1.0), **RANDOM},
    f"{POLICIES}.PinAfterWrite.route": {"self": pin, **ROUTE},
    f"{POLICIES}.PinAfterWrite.wrote": {"self": pin, **ROUTE, "write": k.ANY(written())},
    f"{POLICIES}.PinAfterWrite.saw": {"self": pin, "read": k.ANY(store().read("x"))},
    SESSION: {
        "store": k.ONLY(store(), None, 3, "store"),
        "policy": k.ONLY(PrimaryOnly(), None, 3, "primary"),
        "client": k.TEXT("ann"),
    },
    f"{SESSION}.get": {"self": session, **KEY},
    f"{SESSION}.put": {"self": session, **KEY, **VALUE},
    f"{SESSION}.delete": {"self": session, **KEY},
    f"{SESSION}.submit_get": {"self": session, **KEY, **BACK},
    f"{SESSION}.submit_put": {"self": session, **KEY, **VALUE, **BACK},
    f"{SESSION}.submit_delete": {"self": session, **KEY, **BACK},
}
