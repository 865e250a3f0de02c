"""Claims on diagonal scaling: more machines, and larger ones."""

from __future__ import annotations

from scalelab.course.chapters.diagonal.experiments import (
    CHANGES,
    GROWTH_A_MONTH,
    USD_PER_CORE,
    closed_shop,
    growth_factor,
    guide_law,
    guide_menu,
    regrets,
    same_as_application,
    shop_tiers,
)
from scalelab.course.ledger import Values, section
from scalelab.models.headroom import safe_utilisation
from scalelab.models.node_size import cost_per_throughput, economic_cores

claim = section("Diagonal Scaling (Hybrid Approach)", "diagonal")

CPUS = ((4, 2), (6, 8))  # servers, and CPUs of each: before and after
MEMORY_GB = ((4, 4), (6, 32))


@claim(
    "diag-4x-each",
    says="A server that went from 2 CPUs and 4 GB to 8 CPUs and 32 GB is 4 times as powerful.",
    kind="arithmetic",
    verdict="misleading",
    finding="It has 4 times the CPUs and 8 times the memory: two factors, and which one counts "
    "depends on what was short. In requests it is neither. With the contention of the guide's own "
    "server (4 cores do 1,000 a second, 32 do 5,000), 8 cores do 3.5 times the work of 2.",
    source="Division; Amdahl's law through the guide's two measurements.",
    named={
        "cpu": "CPUs after over before | ×",
        "ram": "memory after over before | ×",
        "of_4": "the guide's server with 4 cores | requests/s",
        "of_32": "the guide's server with 32 cores | requests/s",
        "throughput": "work of 8 cores over that of 2 | ×",
    },
)
def four_times_each() -> Values:
    law = guide_law()
    return {
        "cpu": 8 / 2,
        "ram": 32 / 4,
        "of_4": law.throughput_per_s(4),
        "of_32": law.throughput_per_s(32),
        "throughput": law.throughput_per_s(8) / law.throughput_per_s(2),
    }


@claim(
    "diag-24x",
    says="Six such servers are 24 times the total capacity.",
    kind="arithmetic",
    verdict="misleading",
    finding="24 times the CPUs of one old server. There were four, so the fleet has 6 times the "
    "CPUs that it had, and 12 times the memory; against one old server the memory is 48 times "
    "as much. With contention inside each server it does 5.3 times the work.",
    source="Division by each of four baselines; Amdahl's law.",
    named={
        "cpu_ratio": "CPUs over the old fleet | ×",
        "ram_ratio": "memory over the old fleet | ×",
        "cpu_over_one_server": "CPUs over one old server | ×",
        "ram_over_one_server": "memory over one old server | ×",
        "throughput_ratio": "work over the old fleet | ×",
    },
)
def twenty_four_times() -> Values:
    law = guide_law()
    work = [(n, float(law.throughput_per_s(size))) for n, size in CPUS]
    return {
        "cpu_ratio": growth_factor(*CPUS, each=False),
        "ram_ratio": growth_factor(*MEMORY_GB, each=False),
        "cpu_over_one_server": growth_factor(*CPUS, each=True),
        "ram_over_one_server": growth_factor(*MEMORY_GB, each=True),
        "throughput_ratio": growth_factor(*work, each=False),
    }


@claim(
    "diag-cost-optimization",
    says="Growing both ways optimises cost: each bottleneck gets the most cost-effective resource, "
    "and enlarging is the simpler until its limits.",
    kind="cost",
    verdict="holds-under-assumptions",
    finding="A node's work grows more slowly than its cores, and its price as fast as they do. So "
    "where a core has one price and a node costs nothing else, the smallest node wins: a request "
    "per second costs $0.27 a month on 2 cores and $0.45 on 32. Larger nodes pay only if having a "
    "node costs something besides: at $100 a node the best size is 7.8 cores, at $500 17.5. The "
    "guide's simplicity is that cost; put a number on it.",
    source="Amdahl's law inside a node, linear price; best size = sqrt(F (1 - sigma) / (p sigma)).",
    named={
        "usd_on_2": "one request per second on 2 cores, no fee for a node | $ a month",
        "usd_on_32": "one request per second on 32 cores, no fee for a node | $ a month",
        "best_at_0": "best size with no fee | cores",
        "best_at_100": "best size with 100 dollars a node | cores",
        "best_at_500": "best size with 500 dollars a node | cores",
        "nodes_for_5000": "cheapest fleet for 5,000 requests/s at 100 dollars a node | nodes",
        "cores_for_5000": "each of its nodes | cores",
    },
)
def cost_optimisation() -> Values:
    law = guide_law()
    bare = {"usd_per_core": USD_PER_CORE, "usd_per_node": 0.0}

    def best_cores(usd_per_node: float) -> float:
        return economic_cores(law, usd_per_core=USD_PER_CORE, usd_per_node=usd_per_node)

    return {
        "usd_on_2": cost_per_throughput(law, 2, **bare),
        "usd_on_32": cost_per_throughput(law, 32, **bare),
        "best_at_0": best_cores(0.0),
        "best_at_100": best_cores(100.0),
        "best_at_500": best_cores(500.0),
        "nodes_for_5000": guide_menu(100.0).cheapest(5_000).nodes,
        "cores_for_5000": guide_menu(100.0).cheapest(5_000).size,
    }


@claim(
    "proc-diagonal-strategy",
    says="Start with several small instances, enlarge them when they are short, add more of the "
    "enlarged ones at the limit or for redundancy, and keep balancing.",
    kind="procedure",
    verdict="holds-under-assumptions",
    finding="It depends on what the limit is, and that on what a node costs to have. On a demand "
    "that grows 15 % a month for two years, at $100 a node, enlarging as far as machines go costs "
    "45 % more than the best plan there is; enlarging up to 8 cores, where a request is cheapest, "
    "and then adding costs 2.4 % more; only adding 18 %. With no fee only adding is the best plan "
    "there is. (In the chapter on choosing it is so at $100 a node, for a fleet that begins with "
    "two nodes of 4 cores, near the best size, and stays small.) At $1,000 a node only adding "
    "costs 163 % more, and enlarging as far as it goes 18 %. And redundancy is no third step. Two "
    "servers may be 50 % busy, three 66.7 %, and at 70 % it takes four, from the first day; one "
    "box, however large, is never redundant.",
    source="Strategies against exhaustive search: $70 a core and, where nothing else is said, $100 "
    "a node a month, $50 for a node added, $300 for one replaced, all assumed.",
    named={
        "growth_a_month": "growth of the demand a month | share",
        "regret_to_the_largest": "over the best plan: enlarge as far as it goes | share",
        "regret_to_8_cores": "over the best plan: enlarge up to 8 cores, then add | share",
        "regret_only_adding": "over the best plan: only add | share",
        "only_adding_without_fee": "only add, a node costs nothing to have | share",
        "only_adding_at_1000": "only add, $1,000 a node | share",
        "to_the_largest_at_1000": "enlarge as far as it goes, $1,000 a node | share",
        "add": "adding a node, once | dollars",
        "resize": "replacing a node by another size, once | dollars",
        "safe_with_2": "how busy two servers may be | %",
        "safe_with_3": "how busy three servers may be | %",
        "safe_with_4": "how busy four servers may be, at 70 % at most | %",
    },
)
def strategy() -> Values:
    found = {usd_per_node: regrets(usd_per_node) for usd_per_node in (0.0, 100.0, 1_000.0)}
    return {
        "growth_a_month": GROWTH_A_MONTH - 1,
        "regret_to_the_largest": found[100.0]["enlarge as far as it goes"],
        "regret_to_8_cores": found[100.0]["enlarge up to 8 cores, then add"],
        "regret_only_adding": found[100.0]["only add"],
        "only_adding_without_fee": found[0.0]["only add"],
        "only_adding_at_1000": found[1_000.0]["only add"],
        "to_the_largest_at_1000": found[1_000.0]["enlarge as far as it goes"],
        "add": CHANGES.add_usd,
        "resize": CHANGES.resize_usd,
        "safe_with_2": 100 * safe_utilisation(2),
        "safe_with_3": 100 * safe_utilisation(3),
        "safe_with_4": 100 * min(0.7, safe_utilisation(4)),
    }


@claim(
    "proc-tiered-scaling",
    says="Grow each tier in its own way: many small servers for the application, few powerful "
    "databases with replicas, many modest cache nodes.",
    kind="procedure",
    verdict="holds-under-assumptions",
    finding="The shapes come from three laws and three fees, all assumed here. For 5,000 requests "
    "a second the planner takes 4 servers of 8 cores, 3 databases of 16 and 3 cache nodes of 2. "
    "With the law and the fees of the application all three tiers get 4 nodes of 8. And at 20,000 "
    "the databases are few no longer: 12 of 32 cores, beside 7 cache nodes. Growing a tier helps "
    "only while it is the narrowest. In a shop that does 400 requests a second because of its "
    "database, doubling the application or the cache gives 400 again; doubling the database gives "
    "496, and 7 ms in place of 250.",
    source="Cheapest fleet under each law; mean value analysis of three tiers with 500 users "
    "(Reiser and Lavenberg 1980). Prices and times are assumed.",
    named={
        "rate": "demand | requests/s",
        "application_nodes": "nodes of the application | nodes",
        "application_cores": "each node of the application | cores",
        "database_nodes": "nodes of the database | nodes",
        "database_cores": "each node of the database | cores",
        "cache_nodes": "nodes of the cache | nodes",
        "cache_cores": "each node of the cache | cores",
        "alike_nodes": "nodes of each tier, were they all like the application | nodes",
        "alike_cores": "each of those nodes | cores",
        "larger_rate": "a larger demand | requests/s",
        "larger_database_nodes": "nodes of the database for it | nodes",
        "larger_database_cores": "each node of the database for it | cores",
        "larger_cache_nodes": "nodes of the cache for it | nodes",
        "users": "users of the shop | users",
        "per_s": "answered, nothing doubled | requests/s",
        "per_s_application_doubled": "answered, application doubled | requests/s",
        "per_s_database_doubled": "answered, database doubled | requests/s",
        "per_s_cache_doubled": "answered, cache doubled | requests/s",
        "response": "response, nothing doubled | ms",
        "response_database_doubled": "response, database doubled | ms",
    },
)
def each_tier() -> Values:
    rate, larger = 5_000, 20_000
    tiers = shop_tiers()
    fleets = {tier: menu.cheapest(rate) for tier, menu in tiers.items()}
    alike = {same_as_application(menu).cheapest(rate) for menu in tiers.values()}
    (of_all,) = alike  # one fleet for all three
    more = {tier: menu.cheapest(larger) for tier, menu in tiers.items()}
    before, grown = closed_shop(), {tier: closed_shop(tier) for tier in fleets}
    return {
        "rate": float(rate),
        **{f"{tier}_nodes": float(fleet.nodes) for tier, fleet in fleets.items()},
        **{f"{tier}_cores": float(fleet.size) for tier, fleet in fleets.items()},
        "alike_nodes": of_all.nodes,
        "alike_cores": of_all.size,
        "larger_rate": float(larger),
        "larger_database_nodes": more["database"].nodes,
        "larger_database_cores": more["database"].size,
        "larger_cache_nodes": more["cache"].nodes,
        "users": 500.0,
        "per_s": before.throughput_per_s,
        **{f"per_s_{tier}_doubled": state.throughput_per_s for tier, state in grown.items()},
        "response": 1e3 * before.response_s,
        "response_database_doubled": 1e3 * grown["database"].response_s,
    }
