"""What a learner wrote, measured in this shop: a cache, a router, an autoscaler."""

import numpy as np
import pytest

from scalelab.course.chapters.capstone import own
from scalelab.course.examine import UnansweredError
from scalelab.course.values import NotThatError
from scalelab.fakes.caching.fifo_cache import FifoCache
from scalelab.fakes.caching.lfu_cache import LfuCache
from scalelab.fakes.caching.lru_cache import LruCache
from scalelab.real.limits import TheirError
from scalelab.sim.scaling_policies import Reading

# A cache ---------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _fewer_reads(monkeypatch):
    monkeypatch.setattr(own, "READS", 30_000)


def measured(make, entries=20_000):
    return own.measure_cache(make, entries, rng=np.random.default_rng(1))


class Lru:
    """LRU in the form of the lab on caching."""

    def __init__(self, capacity):
        self.line = {}

    def used(self, key):
        self.line[key] = self.line.pop(key)

    def added(self, key):
        self.line[key] = True

    def victim(self):
        gone = next(iter(self.line))
        del self.line[gone]
        return gone


def test_lru_is_worth_itself_in_both_forms():
    found = measured(LruCache)
    assert found.like_lru_of == pytest.approx(20_000, abs=200)
    assert found.saved_usd == pytest.approx(0, abs=0.2)
    assert measured(Lru) == found


def test_fifo_is_worth_less_and_its_hits_are_counted():
    lru, fifo = measured(LruCache), measured(FifoCache)
    assert 0.1 < fifo.hit_ratio < lru.hit_ratio
    assert fifo.like_lru_of < 19_000
    assert fifo.saved_usd < 0


class Sieve(Lru):
    def used(self, key):
        self.line[key] = True

    def added(self, key):
        self.line[key] = False

    def victim(self):
        while True:  # the line turns, in the place of a hand: what was used is passed by once
            key = next(iter(self.line))
            if not self.line.pop(key):
                return key
            self.line[key] = False


class AtRandom(Lru):
    def __init__(self, capacity):
        self.line, self.rng = [], np.random.default_rng(3)

    def used(self, key):
        pass

    def added(self, key):
        self.line.append(key)

    def victim(self):
        return self.line.pop(self.rng.integers(len(self.line)))


class AgeingLfu(Lru):
    def __init__(self, capacity):
        self.counts, self.capacity = {}, capacity

    def used(self, key):
        self.counts[key] += 1

    def added(self, key):
        self.counts[key] = 1
        if sum(self.counts.values()) > 10 * self.capacity:
            self.counts = {key: count / 2 for key, count in self.counts.items()}

    def victim(self):
        gone = min(self.counts, key=self.counts.get)
        del self.counts[gone]
        return gone


class S3Fifo(Lru):
    def __init__(self, capacity):
        self.small, self.main, self.ghost, self.room = {}, {}, {}, capacity // 10

    def used(self, key):
        line = self.small if key in self.small else self.main
        line[key] = min(3, line[key] + 1)

    def added(self, key):
        (self.main if self.ghost.pop(key, 0) else self.small)[key] = 0

    def victim(self):
        while len(self.small) > self.room or not self.main:
            key = next(iter(self.small))
            uses = self.small.pop(key)
            if not uses:
                self.ghost[key] = True
                return key
            self.main[key] = 0
        while True:
            key = next(iter(self.main))
            uses = self.main.pop(key)
            if not uses:
                return key
            self.main[key] = uses - 1


class Filtered:
    """LRU behind a filter: a newcomer has to have been asked for more often than who would go."""

    def __init__(self, entries):
        self.entries, self.line, self.asked = entries, {}, {}

    def get(self, key):
        self.asked[key] = self.asked.get(key, 0) + 1
        if sum(self.asked.values()) > 10 * self.entries:
            self.asked = {key: count // 2 for key, count in self.asked.items() if count > 1}
        if key in self.line:
            self.line[key] = self.line.pop(key)
        return self.line.get(key)

    def put(self, key, value):
        if len(self.line) >= self.entries:
            oldest = next(iter(self.line))
            if self.asked.get(key, 0) <= self.asked.get(oldest, 0):
                return
            del self.line[oldest]
        self.line[key] = value


class OnlyTheLast(Filtered):
    def put(self, key, value):
        self.line = {key: value}


@pytest.mark.parametrize(
    "make", [LruCache, FifoCache, LfuCache, Lru, Sieve, AtRandom, AgeingLfu, S3Fifo, Filtered]
)
def test_a_policy_that_can_change_its_mind_lets_a_newcomer_in(make):
    assert own.lets_newcomers_in(make)
    assert measured(make).lets_in


def test_a_cache_that_keeps_nothing_shuts_nobody_out():
    """It has a fault of its own, which its hit ratio shows."""
    assert own.lets_newcomers_in(OnlyTheLast)


class NewestGoes(Lru):
    def used(self, key):
        pass

    def victim(self):
        return self.line.popitem()[0]


class MostRecentGoes(Lru):
    def victim(self):
        return self.line.popitem()[0]


class GoneAtOnce(Filtered):
    def put(self, key, value):
        self.line[key] = value
        while len(self.line) > self.entries:
            self.line.popitem()


@pytest.mark.parametrize("make", [NewestGoes, MostRecentGoes, GoneAtOnce])
def test_a_cache_that_lets_go_what_came_last_is_seen(make):
    assert not own.lets_newcomers_in(make)
    assert measured(make, 150_000).hit_ratio > 0.3  # which does not show it


def test_a_cache_from_which_nothing_goes_has_the_entries_that_it_has():
    assert measured(FifoCache, 200_000).like_lru_of == 200_000


class Endless(dict):
    def __init__(self, entries):
        super().__init__()

    put = dict.__setitem__


class OfAnotherKey(Endless):
    def get(self, key):
        return 7


class Unfinished(Endless):
    def get(self, key):
        return ...


class NamesNobody(Lru):
    def victim(self):
        return -1


class NoVictim(Lru):
    def victim(self):
        return ...


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (Endless, "Each entry is paid for"),
        (OfAnotherKey, "whose value was put in as"),
        (NamesNobody, "Who goes must be there"),
        (lambda entries: object(), "It has no `get`"),
        (3, "Give the class itself"),
    ],
)
def test_what_is_no_cache_is_named(make, words):
    with pytest.raises(NotThatError) as wrong:
        measured(make)
    assert words in wrong.value.why


@pytest.mark.parametrize("make", [Unfinished, NoVictim])
def test_a_stub_of_a_cache_is_still_to_do(make):
    with pytest.raises(UnansweredError):
        measured(make)


class Gone(Lru):
    def victim(self):
        return next(iter(self.line))  # and keeps it


@pytest.mark.parametrize("entries", [20_000, 190_000])
def test_what_goes_is_seen_in_a_cache_of_any_size(entries, monkeypatch):
    monkeypatch.setattr(own, "READS", 100_000)
    with pytest.raises(NotThatError, match="victim"):
        measured(Gone, entries)
    assert measured(Lru, entries).like_lru_of == pytest.approx(entries, rel=0.02)


# A router --------------------------------------------------------------------------------------


class Tokens:
    def __init__(self):
        self.needs = 0

    def wrote(self, position):
        self.needs = max(self.needs, position)

    def choose(self, applied):
        there = (name for name, position in applied.items() if position >= self.needs)
        return next(there, "primary")


class AnyOfThem(Tokens):
    def choose(self, applied):
        return next(iter(applied), "primary")


class AlwaysPrimary(Tokens):
    def choose(self, applied):
        return "primary"


def test_a_right_router_leaves_nothing_stale_and_asks_the_primary_when_writes_are_on_their_way():
    found = own.measure_router(Tokens)
    assert set(found.still_stale) == {0.0}
    assert found.routed[0] == found.needless == 0
    # one write on its way on average: none is, at one moment in e
    assert found.routed[1] == pytest.approx(1 - np.exp(-1), abs=0.04)
    assert list(found.routed[:3]) == sorted(found.routed[:3])
    assert found.routed[-1] > 0.95


def test_routers_that_do_not_look_are_what_they_are():
    blind = own.measure_router(AnyOfThem)
    assert set(blind.routed) == {0.0}
    assert blind.still_stale == pytest.approx([1.0] * len(blind.still_stale), abs=0.1)
    safe = own.measure_router(AlwaysPrimary)
    assert set(safe.routed) == {1.0}
    assert set(safe.still_stale) == {0.0}
    assert blind.needless == 0
    assert safe.needless == 1


class UntilAllHaveIt(Tokens):
    def choose(self, applied):
        all_have_it = min(applied.values(), default=-1) >= self.needs
        return next(iter(applied)) if all_have_it else "primary"


def test_a_router_that_waits_for_all_replicas_is_seen_though_it_is_right_while_none_is_behind():
    found = own.measure_router(UntilAllHaveIt)
    assert found.routed[0] == 0
    assert set(found.still_stale) == {0.0}
    assert found.needless > 0.05


class Farthest(Tokens):
    def choose(self, applied):
        name = max(applied, key=applied.get)
        return name if applied[name] >= self.needs else "primary"


def test_a_router_has_an_answer_while_no_replica_runs():
    with pytest.raises(TheirError, match="ValueError"):
        own.measure_router(Farthest)
    with pytest.raises(NotThatError) as wrong:
        own.measure_router(type("Same", (AnyOfThem,), {"choose": _first_or_none}))
    assert wrong.value.asked == "'primary'"


def _first_or_none(router, applied):
    return next(iter(applied), None)


def test_a_router_and_a_cache_in_each_others_place_are_told_where_they_belong():
    with pytest.raises(NotThatError) as wrong:
        own.measure_router(Lru)
    assert "`cache_class`" in wrong.value.why
    with pytest.raises(NotThatError) as wrong:
        measured(Tokens)
    assert "`router`" in wrong.value.why


def test_what_is_no_router_is_named():
    with pytest.raises(NotThatError) as wrong:
        own.measure_router("node1")
    assert "Give the class itself" in wrong.value.why
    with pytest.raises(NotThatError):
        own.measure_router(type("Odd", (Tokens,), {"choose": lambda self, applied: "node9"}))
    with pytest.raises(UnansweredError):
        own.measure_router(type("Stub", (Tokens,), {"choose": lambda self, applied: ...}))
    with pytest.raises(TheirError):
        own.measure_router(type("Bad", (Tokens,), {"choose": lambda self, applied: {}["x"]}))


def test_a_table_is_read_by_writes_behind():
    table = (0.0, 0.5, 1.0)
    assert own.by_writes_behind(table, [0, 1, 3, 1_000]) == pytest.approx([0, 0.5, 1, 1])
    assert 0 < own.by_writes_behind(table, 0.5) < 0.5


# An autoscaler ---------------------------------------------------------------------------------

READING = Reading(
    time_s=60.0, running=5, starting=0, load=0.5, demand_per_s=900.0, backlog=0.0
)  # fmt: skip


def test_an_autoscaler_is_made_anew_and_read_as_a_number():
    make = own.policy_maker(lambda: lambda reading: np.int64(reading.demand_per_s // 200))
    assert make().decide(READING) == 4
    assert make() is not make()
    with pytest.raises(UnansweredError):
        own.policy_maker(lambda: ...)()
    with pytest.raises(NotThatError):
        own.policy_maker(lambda: 7)()
    with pytest.raises(NotThatError):
        own.policy_maker(lambda: lambda reading: 2.5)().decide(READING)


def test_what_is_remembered_from_week_to_week_is_seen():
    most = [0.0]

    def shared(reading):
        most[0] = max(most[0], reading.demand_per_s)
        return int(most[0] // 200)

    def make():
        own_most = [0.0]

        def decide(reading):
            own_most[0] = max(own_most[0], reading.demand_per_s)
            return int(own_most[0] // 200)

        return decide

    assert own.remembers(own.policy_maker(lambda: shared))
    assert not own.remembers(own.policy_maker(make))
