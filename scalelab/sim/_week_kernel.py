"""A fluid of a whole shop, tick by tick, around the fleet's own tick.

Fleet, warmth of the cache, lines of the database, replay and retries move together, because each
feeds the next. The text runs on lists as well as on arrays.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from scalelab.sim import _fleet_kernel
from scalelab.sim._compiled import Kernel
from scalelab.sim._fleet_kernel import Rules, _advance

RUNNING, BACKLOG = _fleet_kernel.RUNNING, _fleet_kernel.BACKLOG
# places in Shop.state
READS, GAVE_UP, READ_LINE, WRITE_LINE, REPLAY_LINE, DOWN_S, LAG_S = range(7)
PER_DOUBLING = 4  # entries of the table over reads, for each doubling; of that over rates, one
LOWEST_RATE = 50.0  # first entry of the table over rates
SO_MANY_READS = 1e12  # after which a cache is warm, whatever its size
LONGEST_LINE_S, LONGEST_REPLAY_S = 20.0, 3_600.0
MOST_BUSY = 0.99  # last entry of the table over utilisations


class ShopRules(NamedTuple):
    """What does not change during a run; a time that never comes is infinite."""

    tick_s: float
    write_share: float
    read_s: float
    write_s: float
    apply_s: float
    delay_s: float
    cores: float
    shards: float
    hottest: float  # share of a shard that is asked most
    replicas: int
    at_replica: bool  # whether reads go there
    needs: int  # replicas that must acknowledge
    timeout_s: float
    tries: int  # further attempts of clients and gateway
    gateway: int  # those of the gateway, which hide an error from the client
    shed_s: float
    memory: float  # what is left, after a tick, of what was known of those who gave up
    error_share: float
    empty_s: float
    servers_lost_s: float
    lost_servers: float
    notice_s: float
    replica_lost_s: float
    primary_lost_s: float
    replica_back_s: float
    failover_s: float
    restore_s: float


class Shop(NamedTuple):
    """What a run reads and writes: tables, the state between two calls, an entry a tick."""

    fresh: Any  # requests in each tick, without further attempts
    warm: Any  # hit ratio after so many reads of an empty cache, without a limit of size
    full: Any  # hit ratio of a warm cache, by rate
    apply: Any  # seconds to apply a write beside reads, by utilisation
    routed: Any  # share of the misses that a router sends to the primary, by writes behind
    state: Any
    hit: Any
    primary: Any
    replica: Any
    at_primary: Any
    lag_s: Any
    read_line_s: Any
    write_line_s: Any
    failed: Any
    replicas: Any


@Kernel
def _at(table, place):
    # the entry at a place between two
    below = min(max(int(place), 0), len(table) - 2)
    part = min(max(place - below, 0.0), 1.0)
    return table[below] * (1 - part) + table[below + 1] * part


@Kernel
def _share_above(before, after, limit):
    # share of a tick for which a line that goes evenly from one length to another is too long
    if before > limit and after > limit:
        return 1.0
    if before <= limit and after <= limit:
        return 0.0
    return (max(before, after) - limit) / abs(after - before)


@Kernel
def _serve(i, rules, shop, fleet_rules, fleet):
    # one tick of the servers: share that failed, requests served per second, seconds of line
    now, state = i * rules.tick_s, shop.state
    if now <= rules.servers_lost_s < now + rules.tick_s:
        lost = int(math.floor(fleet.whole[RUNNING] * rules.lost_servers + 0.5))  # noqa: RUF046
        fleet.whole[RUNNING] = max(1, fleet.whole[RUNNING] - lost)
    asked = shop.fresh[i] * (1 + rules.tries * state[GAVE_UP])
    fleet.demand[i] = asked
    limit = min(rules.shed_s * fleet.whole[RUNNING] * fleet_rules.rate / rules.tick_s, 1e12)
    before = fleet.flow[BACKLOG]
    # the limit is a time, so that the line that it allows grows with the fleet
    this_tick = Rules(
        fleet_rules.rate,
        fleet_rules.minimum,
        fleet_rules.maximum,
        max(min(limit, fleet_rules.queue_limit), 0.0),
        fleet_rules.saturates,
        fleet_rules.kind,
        fleet_rules.high,
        fleet_rules.low,
        fleet_rules.add,
        fleet_rules.remove,
        fleet_rules.window,
        fleet_rules.every,
        fleet_rules.cooldown_out,
        fleet_rules.cooldown_in,
    )
    _advance(i, i + 1, this_tick, fleet)
    after, dropped = fleet.flow[BACKLOG], fleet.dropped[i]
    served = max(before + asked - dropped - after, 0.0) / rules.tick_s
    able = fleet.whole[RUNNING] * fleet_rules.rate / rules.tick_s
    good = 1 - dropped / asked if asked > 0 else 1.0
    good *= 1 - _share_above(before / able, after / able, rules.timeout_s)
    unnoticed = min(now + rules.tick_s, rules.servers_lost_s + rules.notice_s)
    unnoticed = max(unnoticed - max(now, rules.servers_lost_s), 0.0) / rules.tick_s
    attempts = 1 + rules.gateway
    right = 1 - rules.error_share**attempts
    return good * (right + unnoticed * (1 - rules.lost_servers**attempts - right)), served


@Kernel
def _standing(now, rules):
    # replicas that have not been lost
    lost = rules.replica_lost_s <= now < rules.replica_lost_s + rules.replica_back_s
    return max(rules.replicas - lost, 0)


@Kernel
def _replicas(now, rules):
    # replicas that are there: one may have become the primary
    promoted = rules.primary_lost_s <= now < rules.primary_lost_s + rules.replica_back_s
    return max(_standing(now, rules) - promoted, 0)


@Kernel
def _store(now, tick_s, served, rules, shop):
    # a moment of cache and database: shares of reads and of writes answered, hit ratio, loads,
    # share of the misses that come to the primary, lag
    state = shop.state
    if now <= rules.empty_s < now + tick_s:
        state[READS] = 0.0
    reads = served * (1 - rules.write_share)
    hit = _hit_ratio(served, shop)
    state[READS] = min(state[READS] + reads * tick_s, SO_MANY_READS)
    there = _replicas(now, rules)
    if now <= rules.primary_lost_s < now + tick_s:
        # a replica takes over when it has applied what it has
        state[DOWN_S] = rules.restore_s
        if _standing(now, rules):
            state[DOWN_S] = rules.failover_s + state[REPLAY_LINE]
    down = rules.primary_lost_s <= now < rules.primary_lost_s + state[DOWN_S]
    refuses = down or there < rules.needs
    writes = 0.0 if refuses else served * rules.write_share / rules.shards * rules.hottest
    misses = reads * (1 - hit) / rules.shards * rules.hottest
    at_replica = rules.at_replica and there > 0
    primary = writes * rules.write_s / rules.cores
    replica = writes * rules.apply_s / rules.cores
    routed = 1.0
    if at_replica:
        # nobody writes while the primary is down, so that the replicas catch up
        routed = _at(shop.routed, math.log2(state[LAG_S] * writes + 1))
        replica += misses * (1 - routed) / there * rules.read_s / rules.cores
    if not down:
        primary += misses * routed * rules.read_s / rules.cores
    state[WRITE_LINE] = min(max(0.0, state[WRITE_LINE] + (primary - 1) * tick_s), LONGEST_LINE_S)
    line = state[READ_LINE] + (replica - 1) * tick_s if at_replica else state[WRITE_LINE]
    state[READ_LINE] = min(max(0.0, line), LONGEST_LINE_S)
    apply_s = _at(shop.apply, replica / MOST_BUSY * (len(shop.apply) - 1))
    busy = writes * apply_s
    behind = state[REPLAY_LINE] + (busy - 1) * tick_s
    state[REPLAY_LINE] = min(max(0.0, behind), LONGEST_REPLAY_S) if there else 0.0
    lag_s = rules.delay_s + state[REPLAY_LINE] + apply_s / max(0.02, 1 - busy)
    if at_replica:
        lag_s += state[READ_LINE]
    state[LAG_S] = lag_s if there else 0.0
    late = state[WRITE_LINE] > rules.timeout_s
    lost = routed if down or late else 0.0  # of the misses
    if at_replica and state[READ_LINE] > rules.timeout_s:
        lost += 1 - routed
    read, written = 1 - (1 - hit) * lost, 0.0 if refuses or late else 1.0
    return read, written, hit, primary, replica, routed, state[LAG_S]


@Kernel
def _hit_ratio(served, shop):
    warm = _at(shop.warm, math.log2(shop.state[READS] + 1) * PER_DOUBLING)
    doublings = math.log2(max(served, LOWEST_RATE) / LOWEST_RATE)
    return min(warm, _at(shop.full, doublings))


@Kernel
def _is_calm(now, served, rules, shop):
    # whether nothing of cache and database changes within this tick
    state, end = shop.state, now + rules.tick_s
    if state[READ_LINE] + state[WRITE_LINE] + state[REPLAY_LINE] > 0:
        return False
    if now <= rules.empty_s < end or now <= rules.primary_lost_s + state[DOWN_S] < end:
        return False
    if rules.primary_lost_s < end and now < rules.primary_lost_s + state[DOWN_S]:
        return False
    warm = _at(shop.warm, math.log2(state[READS] + 1) * PER_DOUBLING)
    return warm > _hit_ratio(served, shop) or state[READS] >= SO_MANY_READS or len(shop.warm) < 3


@Kernel
def _advance_shop(first, last, rules, shop, fleet_rules, fleet):
    share = rules.write_share
    for i in range(first, last):
        answered, served = _serve(i, rules, shop, fleet_rules, fleet)
        # second by second where something happens, so that a longer tick is no other world
        now, steps = i * rules.tick_s, 1
        if not _is_calm(now, served, rules, shop):
            steps = max(1, int(rules.tick_s))
        step_s, got = rules.tick_s / steps, 0.0
        hits, primaries, replicas, routeds, lags = 0.0, 0.0, 0.0, 0.0, 0.0
        for k in range(steps):
            read, written, hit, primary, replica, routed, lag = _store(
                now + k * step_s, step_s, served, rules, shop
            )
            got += (read * (1 - share) + written * share) / steps
            hits += hit / steps
            primaries += primary / steps
            replicas += replica / steps
            routeds += routed / steps
            lags += lag / steps
        shop.hit[i], shop.primary[i], shop.replica[i] = hits, primaries, replicas
        shop.at_primary[i], shop.lag_s[i] = routeds, lags
        shop.read_line_s[i], shop.write_line_s[i] = shop.state[READ_LINE], shop.state[WRITE_LINE]
        shop.replicas[i] = _replicas(now, rules)
        shop.failed[i] = 1 - answered * got
        known = shop.state[GAVE_UP]
        shop.state[GAVE_UP] = rules.memory * known + (1 - rules.memory) * shop.failed[i]


@Kernel
def _advance_shop_by(every, last, rules, shop, fleet_rules, fleet):
    # a generator takes all of it once; a call between any two decisions would each time
    for first in range(0, last, every):
        now = min(first + every, last)
        _advance_shop(first, now, rules, shop, fleet_rules, fleet)
        yield now
