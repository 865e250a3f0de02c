"""The entity router beyond the contract of all routers."""

from scalelab.fakes.routing.entities import EntityRouter
from scalelab.fakes.routing.modulo import ModuloRouter


def test_an_entity_is_never_split():
    router = EntityRouter(lambda key: key[0], ModuloRouter(["a", "b", "c"]))
    for tenant in range(30):
        assert len({router.node_for((tenant, row)) for row in range(20)}) == 1


def test_nodes_come_and_go_in_the_router_that_decides():
    router = EntityRouter(lambda key: key[0], ModuloRouter(["a", "b"]))
    router.add_node("c", before="a")
    router.remove_node("b")
    assert router.nodes == ("c", "a")
    router.check_invariants()
