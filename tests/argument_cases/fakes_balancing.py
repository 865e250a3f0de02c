"""Arguments of servers, the load balancer and the autoscaler."""

from support.bad_values import (
    NEGATIVE,
    NOT_A_COUNT,
    NOT_A_COUNT_OR_ZERO,
    NOT_A_GENERATOR,
    NOT_A_SHARE,
    NOT_POSITIVE,
    RNG,
)

from scalelab.fakes.balancing.load_balancer import LoadBalancer
from scalelab.fakes.balancing.web_server import Request, WebServer
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.routing.jump_hash import JumpRouter
from scalelab.fakes.routing.modulo import ModuloRouter
from scalelab.fakes.scaling.autoscaler import Autoscaler
from scalelab.fakes.scaling.fleet_load import BalancedLoad, FluidLoad
from scalelab.sim.fleet import Fleet

ANYTHING: list = []
CLOCK = VirtualClock()
NOT_A_CLOCK = [None, 3, "clock"]
NOT_A_FUNCTION = [3, "x", [1]]
NOT_A_TEXT = ["", 3, None, ["a"]]
NOT_A_NODE = ["c", *NOT_A_TEXT]
NOT_NODES = ["ab", 3, None, ["a", "a"], [""], [3]]
NOT_A_REQUEST = [None, 3, "ann"]
REQUEST = {"request": (Request(client="ann"), NOT_A_REQUEST)}
BACK = {"on_done": (lambda result: None, ANYTHING), "on_failed": (lambda error: None, ANYTHING)}
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
NAME = {"name": ("a", NOT_A_NODE)}
TICK = {
    "time_s": (0.0, NEGATIVE),
    "tick_s": (1.0, NOT_POSITIVE),
    "capacity": (10.0, NEGATIVE),
}

TABLE = {
    "fakes.balancing.web_server.Request": {
        "client": ("ann", NOT_A_TEXT),
        "service_s": (0.1, NEGATIVE),
        "work": (None, NOT_A_FUNCTION),
    },
    "fakes.balancing.web_server.WebServer": {
        "clock": (CLOCK, NOT_A_CLOCK),
        "name": ("a", NOT_A_TEXT),
        "workers": (1, NOT_A_COUNT),
    },
    "fakes.balancing.web_server.WebServer.submit": {
        "self": lambda: WebServer(VirtualClock(), "a"),
        **REQUEST,
        **BACK,
    },
    BALANCER: {
        "clock": (CLOCK, NOT_A_CLOCK),
        "servers": (["a", "b"], NOT_NODES),
        "policy": ("random", ["best", "", None, 3, JumpRouter(), ModuloRouter(["a"])]),
        "workers": (1, NOT_A_COUNT),
        "check_every_s": (1.0, [value for value in NOT_POSITIVE if value is not None]),
        "misses_until_out": (3, NOT_A_COUNT),
        "hits_until_in": (3, NOT_A_COUNT),
        "retries": (0, NOT_A_COUNT_OR_ZERO),
        "rng": (RNG, NOT_A_GENERATOR),
    },
    f"{BALANCER}.server": {"self": balancer, **NAME},
    f"{BALANCER}.clients_of": {"self": balancer, **NAME},
    f"{BALANCER}.sent_to": {"self": balancer, **NAME},
    f"{BALANCER}.handle": {"self": balancer, **REQUEST},
    f"{BALANCER}.submit": {"self": balancer, **REQUEST, **BACK},
    f"{BALANCER}.add_server": {"self": balancer, "name": ("c", ["a", *NOT_A_TEXT])},
    f"{BALANCER}.end_session": {"self": balancer, "client": ("ann", NOT_A_TEXT)},
    f"{BALANCER}.drain": {
        "self": balancer,
        **NAME,
        "deadline_s": (None, [-1.0, "2", 1j]),
    },
    f"{BALANCER}.submit_drain": {
        "self": balancer,
        **NAME,
        "on_drained": (None, NOT_A_FUNCTION),
        "deadline_s": (None, [-1.0, "2", 1j]),
    },
    FLUID: {
        "demand_per_s": (lambda time_s: 1.0, [None, *NOT_A_FUNCTION]),
        "sensor": ("demand", ["queue", "", None, 3]),
        "queue_limit": (9.0, [-1.0, "2", None, 1j]),
    },
    f"{FLUID}.started": {"self": fluid, "name": ("a", ANYTHING)},
    f"{FLUID}.stopping": {
        "self": fluid,
        "name": ("a", ANYTHING),
        "on_gone": (lambda cut: None, ANYTHING),
    },
    f"{FLUID}.lost": {"self": fluid, "name": ("a", ANYTHING)},
    f"{FLUID}.served": {"self": fluid, **TICK},
    BALANCED: {
        "balancer": (LoadBalancer(CLOCK, []), [None, 3, "balancer", balancer()]),
        "drain_s": (1.0, [-1.0, "2", 1j]),
    },
    f"{BALANCED}.started": {"self": balanced, "name": ("b", ["a", *NOT_A_TEXT])},
    f"{BALANCED}.stopping": {
        "self": balanced,
        **NAME,
        "on_gone": (lambda cut: None, ANYTHING),
    },
    f"{BALANCED}.lost": {"self": balanced, **NAME},
    f"{BALANCED}.served": {
        "self": balanced,
        **{name: (good, ANYTHING) for name, (good, _) in TICK.items()},
    },
    SCALER: {
        "clock": (CLOCK, NOT_A_CLOCK),
        "fleet": (FLEET, [None, 3, "fleet"]),
        "load": (fluid(), [None, 3, "load"]),
        "policy": (None, [3, "step"]),
        "at_least": (None, NOT_A_FUNCTION),
        "warm_up_s": (1.0, NEGATIVE),
        "cold_share": (0.5, NOT_A_SHARE),
    },
    f"{SCALER}.protect": {
        "self": autoscaler,
        "name": ("instance-1", NOT_A_NODE),
        "protected": (True, [None, 1, "yes"]),
    },
    f"{SCALER}.lose": {"self": autoscaler, "name": ("instance-1", NOT_A_NODE)},
}
