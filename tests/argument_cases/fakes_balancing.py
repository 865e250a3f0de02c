"""Arguments of servers, the load balancer and the autoscaler."""

from support import kinds as k
from support.kinds import RNG

from scalelab.fakes.balancing.load_balancer import LoadBalancer
from scalelab.fakes.balancing.web_server import Request, WebServer
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.routing.jump_hash import JumpRouter
from scalelab.fakes.routing.modulo import ModuloRouter
from scalelab.fakes.scaling.autoscaler import Autoscaler
from scalelab.fakes.scaling.fleet_load import BalancedLoad, FluidLoad
from scalelab.sim.fleet import Fleet

CLOCK = VirtualClock()


NODE = k.TEXT.but("c")
NODES = k.Kind("ab", 3, None, ["a", "a"], [""], [3])
A_REQUEST = k.Kind(None, 3, "ann")
REQUEST = {"request": A_REQUEST(Request(client="ann"))}
BACK = {"on_done": k.ANY(lambda result: None), "on_failed": k.ANY(lambda error: None)}
FLEET = Fleet(rate_per_s=10, startup_s=1, min_instances=1, max_instances=2)


def balancer():
    return LoadBalancer(VirtualClock(), ["a", "b"])


def fluid():
    return FluidLoad(lambda time_s: 1.0)


def balanced():
    made = BalancedLoad(LoadBalancer(VirtualClock(), []))
    made.started("a")
    return made


def autoscaler():
    return Autoscaler(VirtualClock(), FLEET, fluid())


BALANCER, SCALER = (
    "fakes.balancing.load_balancer.LoadBalancer",
    "fakes.scaling.autoscaler.Autoscaler",
)
FLUID, BALANCED = "fakes.scaling.fleet_load.FluidLoad", "fakes.scaling.fleet_load.BalancedLoad"
NAME = {"name": NODE("a")}
TICK = {"time_s": k.NOT_NEGATIVE(0.0), "tick_s": k.POSITIVE(1.0), "capacity": k.NOT_NEGATIVE(10.0)}

TABLE = {
    "fakes.balancing.web_server.Request": {
        "client": k.TEXT("ann"),
        "service_s": k.NOT_NEGATIVE(0.1),
        "work": k.FUNCTION.or_none()(None),
    },
    "fakes.balancing.web_server.WebServer": {
        "clock": k.CLOCK(CLOCK),
        "name": k.TEXT("a"),
        "workers": k.COUNT(1),
    },
    "fakes.balancing.web_server.WebServer.submit": {
        "self": lambda: WebServer(VirtualClock(), "a"),
        **REQUEST,
        **BACK,
    },
    BALANCER: {
        "clock": k.CLOCK(CLOCK),
        "servers": NODES(["a", "b"]),
        "policy": k.ONLY("random", "best", "", None, 3, JumpRouter(), ModuloRouter(["a"])),
        "workers": k.COUNT(1),
        "check_every_s": k.POSITIVE.or_none()(1.0),
        "misses_until_out": k.COUNT(3),
        "hits_until_in": k.COUNT(3),
        "health": k.FUNCTION.or_none()(None),
        "retries": k.COUNT_OR_ZERO(0),
        "rng": k.GENERATOR(RNG),
    },
    f"{BALANCER}.server": {"self": balancer, **NAME},
    f"{BALANCER}.clients_of": {"self": balancer, **NAME},
    f"{BALANCER}.sent_to": {"self": balancer, **NAME},
    f"{BALANCER}.handle": {"self": balancer, **REQUEST},
    f"{BALANCER}.submit": {"self": balancer, **REQUEST, **BACK},
    f"{BALANCER}.add_server": {"self": balancer, "name": k.TEXT("c", "a")},
    f"{BALANCER}.end_session": {"self": balancer, "client": k.TEXT("ann")},
    f"{BALANCER}.drain": {"self": balancer, **NAME, "deadline_s": k.ONLY(None, -1.0, "2", 1j)},
    f"{BALANCER}.submit_drain": {
        "self": balancer,
        **NAME,
        "on_drained": k.FUNCTION.or_none()(None),
        "deadline_s": k.ONLY(None, -1.0, "2", 1j),
    },
    FLUID: {
        "demand_per_s": k.FUNCTION.or_none()(lambda time_s: 1.0, None),
        "sensor": k.CHOICE("demand"),
        "queue_limit": k.ONLY(9.0, -1.0, "2", None, 1j),
    },
    f"{FLUID}.started": {"self": fluid, "name": k.ANY("a")},
    f"{FLUID}.stopping": {"self": fluid, "name": k.ANY("a"), "on_gone": k.ANY(lambda cut: None)},
    f"{FLUID}.lost": {"self": fluid, "name": k.ANY("a")},
    f"{FLUID}.served": {"self": fluid, **TICK},
    BALANCED: {
        "balancer": k.ONLY(LoadBalancer(CLOCK, []), None, 3, "balancer", balancer()),
        "drain_s": k.ONLY(1.0, -1.0, "2", 1j),
    },
    f"{BALANCED}.started": {"self": balanced, "name": k.TEXT("b", "a")},
    f"{BALANCED}.stopping": {"self": balanced, **NAME, "on_gone": k.ANY(lambda cut: None)},
    f"{BALANCED}.lost": {"self": balanced, **NAME},
    f"{BALANCED}.served": {
        "self": balanced,
        **{name: k.ANY(good) for name, (good, _) in TICK.items()},
    },
    SCALER: {
        "clock": k.CLOCK(CLOCK),
        "fleet": k.ONLY(FLEET, None, 3, "fleet"),
        "load": k.ONLY(fluid(), None, 3, "load"),
        "policy": k.ONLY(None, 3, "step"),
        "at_least": k.FUNCTION.or_none()(None),
        "warm_up_s": k.NOT_NEGATIVE(1.0),
        "cold_share": k.SHARE(0.5),
    },
    f"{SCALER}.lose": {"self": autoscaler, "name": NODE("instance-1")},
}
