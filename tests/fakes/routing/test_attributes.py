"""The attribute router beyond the contract of all routers."""

import pytest

from scalelab.fakes.routing.attributes import AttributeRouter
from scalelab.models.imbalance import peak_to_mean


def loads(router, keys):
    owners = [router.node_for(key) for key in keys]
    return [owners.count(node) for node in router.nodes]


def test_tables_as_shards_are_worth_no_more_than_the_largest():
    by_table = AttributeRouter(lambda key: key[0], {"users": 1, "products": 2, "orders": 3})
    writes = [("users", i) for i in range(10)] + [("products", i) for i in range(20)]
    writes += [("orders", i) for i in range(70)]
    assert peak_to_mean(loads(by_table, writes)) == pytest.approx(3 * 0.7)


def test_regions_of_50_30_20_percent_are_worth_two_shards():
    home = {digit: "us" if digit < 5 else "eu" if digit < 8 else "asia" for digit in range(10)}
    region = AttributeRouter(lambda user: user % 10, home)
    assert peak_to_mean(loads(region, range(100))) == pytest.approx(3 * 0.5)
