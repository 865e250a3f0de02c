"""Where each policy sends a read, and what that costs."""

import math

import pytest

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.fakes.replication.routing_policies import (
    CausalToken,
    PinAfterWrite,
    StickyReplica,
    WriteToken,
)
from scalelab.fakes.replication.session_guarantees import Session

LAG_S = 0.1


def store(rng, replicas=3):
    """A store whose replicas lag by up to 0.1 s, each write anew, and a network that takes 1 ms."""
    clock = VirtualClock()
    network = FakeNetwork(clock, delay_s=0.001)
    return ReplicatedStore(
        clock,
        replicas=replicas,
        network=network,
        apply_delay_s=lambda rng: rng.uniform(0, LAG_S - 0.01),
        rng=rng,
    )


def test_a_pin_costs_the_share_of_time_since_the_last_write(rng):
    """Writes that come at random: pinned with probability 1 - exp(-rate * window)."""
    made = ReplicatedStore(VirtualClock())
    session = Session(made, PinAfterWrite(1.0, rng=rng), client="ann")
    write_rate_per_s = 0.5
    for _ in range(4000):
        made.clock.advance(float(rng.exponential(1 / write_rate_per_s)))
        session.get("x")  # what is seen at the moment of a Poisson event is the time average
        session.put("x", 1)
    share = session.stats().from_primary / 4000
    theory = 1 - math.exp(-write_rate_per_s * 1.0)
    error = math.sqrt(theory * (1 - theory) / 4000)
    assert abs(share - theory) < 4 * error
    assert abs(share - 1.1 * theory) > 4 * error  # the comparison can fail


def test_a_token_passed_on_carries_causality(rng):
    made = store(rng)
    ann = Session(made, CausalToken(rng=rng), client="ann")
    ann.put("photo", "new")
    bob = CausalToken(rng=rng)
    bob.observe(ann.policy.token)  # in the link that ann sends
    assert Session(made, bob, client="bob").get("photo") == "new"


def test_a_token_waits_for_the_lag_and_no_longer(rng):
    made = ReplicatedStore(VirtualClock(), replicas=1, apply_delay_s=0.1)
    ann = Session(made, WriteToken(rng=rng), client="ann")
    ann.put("x", 1)
    assert ann.get("x") == 1
    assert made.clock.now_s == pytest.approx(0.1)
    ann.get("x")
    assert made.clock.now_s == pytest.approx(0.1)


def test_skipping_a_dead_replica(rng):
    made = ReplicatedStore(VirtualClock(), replicas=2)
    ann = Session(made, WriteToken(behind="skip", rng=rng), client="ann")
    ann.put("x", 1)
    made.clock.advance(0.1)
    made.failover.crash("node1")
    assert [ann.get("x") for _ in range(10)] == [1] * 10
    assert ann.stats().from_replicas == 10


def test_a_sticky_session_moves_when_its_replica_is_promoted(rng):
    made = ReplicatedStore(VirtualClock(), replicas=2)
    ann = Session(made, StickyReplica(rng=rng), client="ann")
    ann.put("x", 1)
    made.clock.advance(0.1)
    ann.get("x")
    own = ann.policy.route(made).node
    made.failover.promote(own, allow_loss=True)
    assert ann.policy.route(made).node != own
    made.clock.advance(0.1)
    assert ann.get("x") == 1
