"""Arguments of the routers."""

from support.bad_values import NOT_A_COUNT, NOT_A_COUNT_OR_ZERO

from scalelab.fakes.routing.directory import DirectoryRouter
from scalelab.fakes.routing.entities import EntityRouter
from scalelab.fakes.routing.modulo import ModuloRouter
from scalelab.fakes.routing.ranges import RangeRouter
from scalelab.fakes.routing.slots import SlotRouter

NOT_A_FUNCTION = [None, 3, "f"]
NOT_A_NODE = ["z", "", None, ["a"], 1.5, True]
NOT_A_KEY = [[], {}, float("nan"), object(), print]
NOT_NODES = ["ab", b"ab", 3, None, ["a", "a"], [""], [1.5], [None], [[1]], [True]]
NOT_A_ROUTER = [None, 3, "router", object()]
NODES = {"nodes": (["a", 7], NOT_NODES)}
KEY = {"key": ("x", NOT_A_KEY)}


def modulo():
    return ModuloRouter(["a", "b"])


def slots():
    return SlotRouter(["a", "b"])


def directory():
    return DirectoryRouter(["a", "b"])


def ranges():
    return RangeRouter([10, 20])


def entities():
    return EntityRouter(lambda key: key[0], modulo())


ROUTING = "fakes.routing"
SLOTS, DIRECTORY = f"{ROUTING}.slots.SlotRouter", f"{ROUTING}.directory.DirectoryRouter"
ENTITY, RANGE = f"{ROUTING}.entities.EntityRouter", f"{ROUTING}.ranges.RangeRouter"


def coming_and_going(router, made):
    """Cases of the two verbs of a router whose nodes come and go."""
    node = {"self": made, "node": ("b", NOT_A_NODE)}
    new = ("c", ["a", "", None, ["a"], 1.5, True])
    before = ("a", [bad for bad in NOT_A_NODE if bad is not None])
    return {
        f"{router}.add_node": {"self": made, "node": new, "before": before},
        f"{router}.remove_node": node,
    }


TABLE = {
    f"{ROUTING}.router.Router.node_for": {"self": modulo, **KEY},
    **coming_and_going(f"{ROUTING}.router.Router", modulo),
    **coming_and_going(DIRECTORY, directory),
    **coming_and_going(ENTITY, entities),
    f"{ROUTING}.modulo.ModuloRouter": {**NODES, "hash_of": (int, [3, "f", []])},
    f"{ROUTING}.jump_hash.JumpRouter": NODES,
    f"{ROUTING}.hash_ring.HashRingRouter": {**NODES, "virtual_nodes": (8, NOT_A_COUNT)},
    f"{ROUTING}.rendezvous.RendezvousRouter": NODES,
    f"{ROUTING}.maglev.MaglevRouter": {**NODES, "table_size": (251, [*NOT_A_COUNT, 100])},
    SLOTS: {**NODES, "slots": (16, [*NOT_A_COUNT, 5])},
    f"{SLOTS}.slot_of": {"self": slots, **KEY},
    f"{SLOTS}.move_slot": {
        "self": slots,
        "slot": (1, [*NOT_A_COUNT_OR_ZERO, 16_384]),
        "node": ("a", NOT_A_NODE),
    },
    DIRECTORY: {
        "nodes": ([], NOT_NODES),
        "default": (modulo(), NOT_A_ROUTER[1:]),
    },
    f"{DIRECTORY}.node_for": {"self": directory, "key": ("x", NOT_A_KEY[:3])},
    f"{DIRECTORY}.assign": {
        "self": directory,
        "key": ("x", NOT_A_KEY[:3]),
        "node": ("a", NOT_A_NODE),
    },
    f"{DIRECTORY}.forget": {"self": directory, "key": ("x", NOT_A_KEY[:3])},
    f"{DIRECTORY}.keys_of": {"self": directory, "node": ("a", NOT_A_NODE)},
    RANGE: {
        "split_points": ([10, 20], [[20, 10], [10, 10], "ab", 3, None, [1, "x"], [float("nan")]]),
        "nodes": (["a", "b", "c"], [[], "abc", 3, ["a", "b"], ["a", "a", "b"], ["a", "b", None]]),
    },
    f"{RANGE}.nodes_for_range": {
        "self": ranges,
        "low": (5, ["x", None, 15, 16]),
        "high": (15, ["x", None, float("nan")]),
    },
    f"{ROUTING}.attributes.AttributeRouter": {
        "attribute_of": (lambda key: key[0], NOT_A_FUNCTION),
        "node_of": ({"EU": "a"}, [{}, None, 3, {"EU": None}, {"EU": ""}]),
    },
    ENTITY: {
        "entity_of": (lambda key: key[0], NOT_A_FUNCTION),
        "router": (modulo(), NOT_A_ROUTER),
    },
}
