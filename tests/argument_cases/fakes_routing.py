"""Arguments of the routers."""

from support import kinds as k

from scalelab.fakes.routing.directory import DirectoryRouter
from scalelab.fakes.routing.entities import EntityRouter
from scalelab.fakes.routing.modulo import ModuloRouter
from scalelab.fakes.routing.ranges import RangeRouter
from scalelab.fakes.routing.slots import SlotRouter

NODE = k.Kind("z", "", None, ["a"], 1.5, True)
A_KEY = k.Kind([], {}, float("nan"), object(), print)
SOME_NODES = k.Kind("ab", b"ab", 3, None, ["a", "a"], [""], [1.5], [None], [[1]], [True])

NODES = {"nodes": SOME_NODES(["a", 7])}
KEY = {"key": A_KEY("x")}


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
    node = {"self": made, "node": NODE("b")}
    new = k.ONLY("c", "a", "", None, ["a"], 1.5, True)
    before = NODE.or_none()("a")
    return {
        f"{router}.add_node": {"self": made, "node": new, "before": before},
        f"{router}.remove_node": node,
    }


TABLE = {
    f"{ROUTING}.router.Router.node_for": {"self": modulo, **KEY},
    **coming_and_going(f"{ROUTING}.router.Router", modulo),
    **coming_and_going(DIRECTORY, directory),
    **coming_and_going(ENTITY, entities),
    f"{ROUTING}.modulo.ModuloRouter": {**NODES, "hash_of": k.ONLY(int, 3, "f", [])},
    f"{ROUTING}.jump_hash.JumpRouter": NODES,
    f"{ROUTING}.hash_ring.HashRingRouter": {**NODES, "virtual_nodes": k.COUNT(8)},
    f"{ROUTING}.rendezvous.RendezvousRouter": NODES,
    f"{ROUTING}.maglev.MaglevRouter": {**NODES, "table_size": k.COUNT(251, 100)},
    SLOTS: {**NODES, "slots": k.COUNT(16, 5)},
    f"{SLOTS}.slot_of": {"self": slots, **KEY},
    f"{SLOTS}.move_slot": {"self": slots, "slot": k.COUNT_OR_ZERO(1, 16_384), "node": NODE("a")},
    DIRECTORY: {"nodes": SOME_NODES([]), "default": k.ROUTER.or_none()(modulo())},
    f"{DIRECTORY}.node_for": {"self": directory, "key": k.KEY("x", float("nan"))},
    f"{DIRECTORY}.assign": {"self": directory, "key": k.KEY("x", float("nan")), "node": NODE("a")},
    f"{DIRECTORY}.forget": {"self": directory, "key": k.KEY("x", float("nan"))},
    f"{DIRECTORY}.keys_of": {"self": directory, "node": NODE("a")},
    RANGE: {
        "split_points": k.ONLY(
            [10, 20], [20, 10], [10, 10], "ab", 3, None, [1, "x"], [float("nan")]
        ),
        "nodes": k.ONLY(
            ["a", "b", "c"], [], "abc", 3, ["a", "b"], ["a", "a", "b"], ["a", "b", None]
        ),
    },
    f"{RANGE}.nodes_for_range": {
        "self": ranges,
        "low": k.ONLY(5, "x", None, 15, 16),
        "high": k.ONLY(15, "x", None, float("nan")),
    },
    f"{ROUTING}.attributes.AttributeRouter": {
        "attribute_of": k.FUNCTION(lambda key: key[0]),
        "node_of": k.ONLY({"EU": "a"}, {}, None, 3, {"EU": None}, {"EU": ""}),
    },
    ENTITY: {"entity_of": k.FUNCTION(lambda key: key[0]), "router": k.ROUTER(modulo())},
}
