"""The claims on when to shard are in the ledger, and a cache is worth so many replicas."""

import pytest

from scalelab.course.chapters.resharding import claims, when_claims
from scalelab.course.ledger import Claim
from scalelab.models.cache_effect import capacity_multiplier
from scalelab.models.replication import read_capacity


def test_all_are_in_the_ledger_of_the_chapter():
    def of(module):
        return {entry.id for entry in vars(module).values() if isinstance(entry, Claim)}

    assert of(when_claims) < of(claims)


@pytest.mark.parametrize("writes", [0.05, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("hits", [0.5, 0.8, 0.95])
def test_a_hit_ratio_is_worth_the_same_servers_at_every_share_of_writes(writes, hits):
    servers = 1 / (1 - hits)
    replicas = read_capacity(servers, (1 - writes) / writes)
    assert capacity_multiplier(hits, writes) == pytest.approx(replicas)
