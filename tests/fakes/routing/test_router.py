"""What the base of all routers holds itself; see tests/contracts for what all of them do."""

import pytest

from scalelab.fakes.balancing.load_balancer import LoadBalancer
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.routing.jump_hash import JumpRouter
from scalelab.fakes.routing.router import Router


class First(Router):
    """A router of a reader's own: everything belongs to the first node."""

    def _owner(self, key):
        return self.nodes[0]


def test_a_router_of_ones_own_needs_one_method():
    router = First(["a", "b"])
    router.add_node("c", before="a")
    assert router.node_for(("any", "key")) == "c"
    router.check_invariants()


def test_a_key_that_belongs_to_nobody_is_found_out():
    router = First(["a", "b"])
    router._owner = lambda key: "gone"
    with pytest.raises(AssertionError, match="a key belongs to a node that has gone"):
        router.check_invariants()


@pytest.mark.parametrize("policy", [JumpRouter(), First(["a"])])
def test_a_balancer_takes_only_routers_whose_nodes_may_all_leave(policy):
    with pytest.raises(ValueError, match="policy must be a router without nodes that can lose any"):
        LoadBalancer(VirtualClock(), ["a"], policy)
