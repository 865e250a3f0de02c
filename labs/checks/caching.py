"""Exercises of the lab on caching."""

from collections import OrderedDict

from scalelab.course.check import Lab
from scalelab.course.kinds import ListOf, Maybe, Text, Whole
from scalelab.real.limits import call

lab = Lab("caching")

# Task 1: a curve from a trace ------------------------------------------------------------------

curve = lab.exercise(
    "curve",
    "A curve from a trace",
    ListOf(Whole(of="hits"), "room", first=0),
    why="Who buys a cache without a curve buys a guess: too small to help, or too large to pay.",
    hint="Write the LRU cache for one size first. Then run it for every size.",
    hints=(
        "A list will do for the cache, the key used last at its end. On a hit move the key to the "
        "end; on a miss append it, and drop the first one if there are more than fit.",
        "Quicker: a request hits in every cache that has room for more keys than came since the "
        "key's last request, each of them counted once. Count by that number, and add up.",
    ),
    explanation=(
        "A trace of one quiet night has few keys, and the curve is flat too early; a trace that "
        "is too short begins with misses that a warm cache would not have. Take a day at least, "
        "and leave out the first hour."
    ),
)


def words_of(rng, count, keys):
    weights = 1 / (1 + rng.permutation(keys))
    return [f"k{i}" for i in rng.choice(keys, count, p=weights / weights.sum())]


@curve.ask
def ask_curve(rng):
    return (words_of(rng, int(rng.integers(8, 26)), int(rng.integers(2, 8))),)


@curve.ask_widely
def ask_curve_widely(rng):
    return (words_of(rng, int(rng.integers(0, 90)), int(rng.integers(1, 20))),)


@curve.edges
def curve_edges():
    return {
        "eight requests": (["tea", "rum", "tea", "ale", "rum", "tea", "tea", "ale"],),
        "one key again and again": (["tea"] * 4,),
        "a key twice in a row": (["tea", "tea", "rum", "rum"],),
        "no key twice": (["a", "b", "c", "d"],),
        "round and round": (["a", "b", "c"] * 3,),
        "the same key in between twice": (["a", "b", "b", "b", "a"],),
        "a key that FIFO drops": (["a", "b", "a", "c", "a", "b"],),
        "a key that the newest pushes out": (["a", "b", "c", "b", "a"],),
        "one request": (["a"],),
        "nothing": ([],),
    }


@curve.words
def curve_in_words(trace):
    return f"trace={trace}" if len(trace) < 30 else f"a trace of {len(trace)} requests"


@curve.otherwise
def why_curve(got, trace):
    right = hits_by_size(trace)
    if len(got) != len(right):
        return f"The sizes go from 0 to {len(right) - 1}, the number of different keys."
    size = next(i for i, (a, b) in enumerate(zip(got, right, strict=True)) if a != b)
    return f"With room for {size}, {right[size]} requests hit, and you say {got[size]}."


@curve.solve
def hits_by_size(trace):
    """Count, for each request, the different keys since its key's last request.

    It hits where that number of other keys still leaves room. One pass gives all sizes, because
    a larger LRU cache always holds what a smaller one does.
    """
    distances = [0] * (len(set(trace)) + 1)
    line = []  # the key used last at the end
    for key in trace:
        if key in line:
            place = line.index(key)
            distances[len(line) - place] += 1
            del line[place]
        line.append(key)
    hits = []
    for number in distances:
        hits.append(number + (hits[-1] if hits else 0))
    return hits


@curve.solve_otherwise
def hits_by_size(trace):
    """Run a cache of every size."""
    return [lru_hits(trace, size) for size in range(len(set(trace)) + 1)]


def lru_hits(trace, size, *, move=True):
    cache, hits = OrderedDict(), 0
    for key in trace:
        if key in cache:
            hits += 1
            if move:
                cache.move_to_end(key)
            continue
        cache[key] = True
        if len(cache) > size:
            cache.popitem(last=False)
    return hits


def sizes(trace):
    return range(len(set(trace)) + 1)


def cumulated(distances):
    return [sum(distances[: i + 1]) for i in range(len(distances))]


@curve.misread("That is FIFO: a hit must make its key the last to go.")
def fifo(trace):
    return [lru_hits(trace, size, move=False) for size in sizes(trace)]


@curve.misread("These are the hits at exactly one distance. A larger cache has the others' too.")
def not_added_up(trace):
    hits = hits_by_size(trace)
    return [b - a for a, b in zip([0, *hits], hits, strict=False)]


@curve.misread("Count each key in between once, however often it came.")
def distance_in_requests(trace):
    distances, last = [0] * (len(set(trace)) + 1), {}
    for i, key in enumerate(trace):
        if key in last and i - last[key] < len(distances):
            distances[i - last[key]] += 1
        last[key] = i
    return cumulated(distances)


@curve.misread("The list begins with a cache without room, which never hits.")
def begins_with_one(trace):
    return hits_by_size(trace)[1:]


@curve.misread("One room too few: a key asked for twice in a row hits in a cache for one.")
def one_late(trace):
    return [0, *hits_by_size(trace)[:-1]]


@curve.misread("The last size has room for all different keys. You stop one before it.")
def one_short(trace):
    return hits_by_size(trace)[:-1]


@curve.misread("The first request for a key is a miss: the caches are empty at first.")
def warm(trace):
    hits = hits_by_size(trace)
    return [0, *(n + size for size, n in enumerate(hits[1:], 1))]


@curve.misread("That cache knows the most popular keys beforehand. LRU does not.")
def perfect(trace):
    counts = sorted((trace.count(key) for key in set(trace)), reverse=True)
    return [sum(n - 1 for n in counts[:size]) for size in sizes(trace)]


@curve.misread("Asked for are hits. You count the misses.")
def misses(trace):
    return [len(trace) - n for n in hits_by_size(trace)]


@curve.misread("Sizes end with the number of different keys, not with that of requests.")
def too_many_sizes(trace):
    hits = hits_by_size(trace)
    return hits + [hits[-1]] * (len(trace) + 1 - len(hits))


@curve.misread("That drops what was asked for least often. LRU drops what was used longest ago.")
def lfu(trace):
    found = []
    for size in sizes(trace):
        cache, hits = OrderedDict(), 0
        for key in trace:
            if key in cache:
                hits += 1
                cache[key] += 1
                cache.move_to_end(key)
                continue
            if size and len(cache) == size:
                del cache[min(cache, key=cache.get)]
            if size:
                cache[key] = 1
        found.append(hits)
    return found


@curve.misread("Of an empty trace the curve has one size, with room for 0: [0].")
def no_size_of_nothing(trace):
    return hits_by_size(trace) if trace else []


@curve.misread("Asked for is the number of hits, not their share of the requests.")
def in_per_cent(trace):
    return [round(100 * n / len(trace)) for n in hits_by_size(trace)] if trace else [0]


@curve.misread("The new key comes in, and the one whose last request is longest ago goes.")
def mru(trace):
    found = []
    for size in sizes(trace):
        cache, hits = OrderedDict(), 0
        for key in trace:
            if key in cache:
                hits += 1
                cache.move_to_end(key)
            elif size:
                if len(cache) == size:
                    cache.popitem()
                cache[key] = True
        found.append(hits)
    return found


@curve.misread("The cache of each size begins empty. You go on with that of the size before.")
def one_cache_for_all(trace):
    cache, found = OrderedDict(), []
    for size in sizes(trace):
        hits = 0
        for key in trace:
            hits += key in cache
            cache[key] = True
            cache.move_to_end(key)
            while len(cache) > size:
                cache.popitem(last=False)
        found.append(hits)
    return found


@curve.misread("With room for c there are never more than c keys in the cache: yours has one more.")
def one_more(trace):
    return [0, *(lru_hits(trace, size + 1) for size in sizes(trace)[1:])]


@curve.misread(
    "The first of the list is the smallest size, without room. You begin with the largest."
)
def largest_first(trace):
    return hits_by_size(trace)[::-1]


@curve.misread("The list begins with room for 0. You give the right number of sizes, from 1 on.")
def sizes_from_one(trace):
    return [lru_hits(trace, size + 1) for size in sizes(trace)]


@curve.misread("No key ever goes in yours. With room for c only c keys stay.")
def never_full(trace):
    return [0, *([len(trace) - len(set(trace))] * len(set(trace)))]


@curve.misread("A full cache takes new keys in as well, and the oldest goes.")
def closes_when_full(trace):
    found = []
    for size in sizes(trace):
        cache, hits = set(), 0
        for key in trace:
            hits += key in cache
            if len(cache) < size:
                cache.add(key)
        found.append(hits)
    return found


@curve.misread("With room for 0 no key stays, and no request hits.")
def room_for_nothing(trace):
    return [lru_hits(trace, max(1, size)) for size in sizes(trace)]


@curve.misread("Not the key that is asked for least goes, but the one asked for longest ago.")
def least_asked_for(trace):
    found = []
    for size in sizes(trace):
        cache, asked, hits = OrderedDict(), {}, 0
        for key in trace:
            asked[key] = asked.get(key, 0) + 1
            if key in cache:
                hits += 1
                cache.move_to_end(key)
            elif size:
                if len(cache) == size:
                    del cache[min(cache, key=asked.get)]
                cache[key] = True
        found.append(hits)
    return found


# Task 2: the size that the database needs --------------------------------------------------------

room = lab.exercise(
    "room",
    "The size that the database needs",
    Maybe(Whole(of="keys")),
    why="The target is not 80 % of hits. It is a database that can take what is left.",
    hint="For one size: which share of all requests is left for the database?",
    hints=(
        "All writes are left, and of the reads those that miss: w + (1 - w) * (1 - h), where h is "
        "the hits of that size over the reads of the trace.",
        "Go through the sizes from 0 on, and return the first at which requests_per_s times that "
        "share is at most limit * database_per_s. After the last return None.",
    ),
    explanation=(
        "No room is large enough where the writes alone, or the first requests for new keys, are "
        "too many. Then share the writes among databases, or make them cheaper."
    ),
)


@room.ask
def ask_room(rng):
    return drawn_room(rng, 32, 9)


@room.ask_widely
def ask_room_widely(rng):
    return drawn_room(rng, int(2 ** rng.integers(0, 8)), int(rng.integers(1, 60)))


def drawn_room(rng, reads, count):
    top = int(rng.integers(0, reads))
    hits = sorted(int(n) for n in rng.integers(0, top + 1, count))
    return (
        [0, *hits],
        reads,
        int(rng.integers(1, 20)) * 128,
        float(rng.integers(0, 9)) / 16,
        int(rng.integers(1, 16)) * 64,
        float(rng.integers(4, 9)) / 8,
    )


@room.edges
def room_edges():
    hits = [0, 8, 12, 16, 18, 19]
    return {
        "the shop": (hits, 32, 1_024, 0.125, 800, 0.75),
        "exactly at the limit": (hits, 32, 1_024, 0.0, 1_024, 0.5),
        "no cache is needed": (hits, 32, 1_024, 0.125, 2_048, 0.75),
        "exactly at the limit without a cache": (hits, 32, 1_024, 0.125, 1_024, 1.0),
        "the writes alone are too many": (hits, 32, 1_024, 0.75, 512, 1.0),
        "the misses that are left are too many": (hits, 32, 1_024, 0.0, 256, 1.0),
        "only the last size will do": (hits, 32, 1_024, 0.0, 416, 1.0),
        "two sizes with the same hits": ([0, 8, 16, 16, 20], 32, 1_024, 0.0, 512, 1.0),
        "writes alone at the limit, all reads hit": ([0, 4, 8], 8, 1_024, 0.5, 512, 1.0),
        "only writes": (hits, 32, 1_024, 1.0, 1_024, 1.0),
        "a trace without a second request": ([0, 0, 0], 4, 512, 0.125, 256, 1.0),
        "half a request too many": ([0, 16, 24], 32, 1_025, 0.0, 512, 1.0),
        "a limit of half a request": ([0, 16, 24], 32, 1_001, 0.0, 1_001, 0.5),
        "a quarter of a request over it": ([0, 24, 28], 32, 2_003, 0.0, 1_001, 0.5),
        "a quarter of a request below it": ([0, 24, 28], 32, 2_001, 0.0, 1_001, 0.5),
        "no size but none": ([0], 4, 512, 0.125, 1_024, 0.5),
        "no size but none, and too small": ([0], 4, 512, 0.125, 256, 1.0),
    }


@room.words
def room_in_words(hits, reads, requests_per_s, write_share, database_per_s, limit):
    shown = hits if len(hits) < 12 else f"{hits[:6]} ... of {len(hits)}"
    return (
        f"hits={shown}, reads={reads}, requests_per_s={requests_per_s}, "
        f"write_share={write_share:g}, database_per_s={database_per_s}, limit={limit:g}"
    )


def loads(hits, reads, requests_per_s, write_share):
    return [requests_per_s * (write_share + (1 - write_share) * (1 - h / reads)) for h in hits]


def first_that_fits(loads_, most):
    return next((size for size, load in enumerate(loads_) if load <= most), None)


@room.otherwise
def why_room(got, hits, reads, requests_per_s, write_share, database_per_s, limit):
    right = smallest_room(hits, reads, requests_per_s, write_share, database_per_s, limit)
    left = loads(hits, reads, requests_per_s, write_share)
    most = limit * database_per_s
    if got is None:
        return (
            f"With room for {right} the database gets {left[right]:g} a second, at most {most:g}."
        )
    if right is None and not 0 <= got < len(left):
        return f"No size on the curve will do, not even room for {len(left) - 1}: return None."
    if not 0 <= got < len(left):
        return f"The curve ends with room for {len(left) - 1}."
    if left[got] > most:
        return f"With room for {got} the database gets {left[got]:g} a second, more than {most:g}."
    return f"Room for {right} will do: {left[right]:g} a second, at most {most:g}."


@room.solve
def smallest_room(hits, reads, requests_per_s, write_share, database_per_s, limit):
    """Compute what is left for the database at each size; the first that it can take is it."""
    for size, number in enumerate(hits):
        missed = 1 - number / reads
        left = requests_per_s * (write_share + (1 - write_share) * missed)
        if left <= limit * database_per_s:
            return size
    return None


@room.solve_otherwise
def smallest_room(hits, reads, requests_per_s, write_share, database_per_s, limit):
    """Compute how many hits are needed, and look for the first size that has them."""
    reads_per_s = requests_per_s * (1 - write_share)
    spared_per_s = requests_per_s - limit * database_per_s
    for size in range(len(hits)):
        if hits[size] * reads_per_s >= spared_per_s * reads:
            return size


@room.misread("Writes reach the database, all of them: only reads can hit.")
def writes_hit_too(hits, reads, requests_per_s, write_share, database_per_s, limit):
    left = [requests_per_s * (1 - h / reads) for h in hits]
    return first_that_fits(left, limit * database_per_s)


@room.misread("You leave out the writes. They are load, too.")
def writes_forgotten(hits, reads, requests_per_s, write_share, database_per_s, limit):
    left = [requests_per_s * (1 - write_share) * (1 - h / reads) for h in hits]
    return first_that_fits(left, limit * database_per_s)


@room.misread("The misses are a share of the reads, not of all requests.")
def misses_of_all(hits, reads, requests_per_s, write_share, database_per_s, limit):
    left = [requests_per_s * (write_share + 1 - h / reads) for h in hits]
    return first_that_fits(left, limit * database_per_s)


@room.misread("The database must not be fuller than the limit: multiply what it can do by that.")
def without_limit(hits, reads, requests_per_s, write_share, database_per_s, limit):
    return first_that_fits(loads(hits, reads, requests_per_s, write_share), database_per_s)


@room.misread("Exactly at the limit is allowed.")
def below(hits, reads, requests_per_s, write_share, database_per_s, limit):
    left, most = loads(hits, reads, requests_per_s, write_share), limit * database_per_s
    return next((size for size, load in enumerate(left) if load < most), None)


@room.misread("No cache at all is a size, too: 0.")
def from_one(hits, reads, requests_per_s, write_share, database_per_s, limit):
    left, most = loads(hits, reads, requests_per_s, write_share), limit * database_per_s
    return next((size for size, load in enumerate(left) if size and load <= most), None)


@room.misread("Where no size is large enough, return None: the last one does not suffice.")
def the_last(hits, reads, requests_per_s, write_share, database_per_s, limit):
    size = smallest_room(hits, reads, requests_per_s, write_share, database_per_s, limit)
    return len(hits) - 1 if size is None else size


@room.misread("Divide the hits by the reads of the trace, not by the most hits there are.")
def of_the_best(hits, reads, requests_per_s, write_share, database_per_s, limit):
    best = max(hits) or 1
    return first_that_fits(loads(hits, best, requests_per_s, write_share), limit * database_per_s)


@room.misread("Asked for is the smallest room. You return the largest.")
def largest(hits, reads, requests_per_s, write_share, database_per_s, limit):
    size = smallest_room(hits, reads, requests_per_s, write_share, database_per_s, limit)
    return None if size is None else len(hits) - 1


@room.misread("Of two sizes with the same hits the smaller one is asked for.")
def last_of_equals(hits, reads, requests_per_s, write_share, database_per_s, limit):
    size = smallest_room(hits, reads, requests_per_s, write_share, database_per_s, limit)
    return None if size is None else len(hits) - 1 - hits[::-1].index(hits[size])


@room.misread("write_share is the share of writes. You take it for that of reads.")
def reads_for_writes(hits, reads, requests_per_s, write_share, database_per_s, limit):
    return first_that_fits(
        loads(hits, reads, requests_per_s, 1 - write_share), limit * database_per_s
    )


@room.misread("Half a request a second over the limit is over it: compare before you round.")
def rounded_down(hits, reads, requests_per_s, write_share, database_per_s, limit):
    left = [int(load) for load in loads(hits, reads, requests_per_s, write_share)]
    return first_that_fits(left, int(limit * database_per_s))


@room.misread("Return a size of the curve, not the hits that it has.")
def the_hits(hits, reads, requests_per_s, write_share, database_per_s, limit):
    size = smallest_room(hits, reads, requests_per_s, write_share, database_per_s, limit)
    return None if size is None else hits[size]


@room.misread("Round neither the load up nor the limit down: half a request a second counts.")
def capacity_rounded_down(hits, reads, requests_per_s, write_share, database_per_s, limit):
    left = loads(hits, reads, requests_per_s, write_share)
    return first_that_fits(left, int(limit * database_per_s))


@room.misread("Rounded up, the limit lets more through than the database may take.")
def capacity_rounded_up(hits, reads, requests_per_s, write_share, database_per_s, limit):
    left = loads(hits, reads, requests_per_s, write_share)
    return first_that_fits(left, -int(-limit * database_per_s // 1))


@room.misread("Where no size is large enough, return None, not -1.")
def minus_one(hits, reads, requests_per_s, write_share, database_per_s, limit):
    size = smallest_room(hits, reads, requests_per_s, write_share, database_per_s, limit)
    return -1 if size is None else size


@room.misread("The curve does not say what comes after it: where no size will do, return None.")
def one_after_the_last(hits, reads, requests_per_s, write_share, database_per_s, limit):
    size = smallest_room(hits, reads, requests_per_s, write_share, database_per_s, limit)
    return len(hits) if size is None else size


@room.misread("The first place of the curve is room for 0, not for 1.")
def counted_from_one(hits, reads, requests_per_s, write_share, database_per_s, limit):
    size = smallest_room(hits, reads, requests_per_s, write_share, database_per_s, limit)
    return None if size is None else size + 1


@room.misread("0 is an answer: no cache is needed. It counts as false, so ask for `is None`.")
def none_for_zero(hits, reads, requests_per_s, write_share, database_per_s, limit):
    return smallest_room(hits, reads, requests_per_s, write_share, database_per_s, limit) or None


@room.misread("0 says that no cache is needed. Where no size will do, say None.")
def zero_for_none(hits, reads, requests_per_s, write_share, database_per_s, limit):
    return smallest_room(hits, reads, requests_per_s, write_share, database_per_s, limit) or 0


@room.misread("The limit makes what the database may do smaller: multiply by it, do not divide.")
def divided_by_limit(hits, reads, requests_per_s, write_share, database_per_s, limit):
    left = loads(hits, reads, requests_per_s, write_share)
    return first_that_fits(left, database_per_s / limit)


@room.misread("The hits are what the database is spared. It gets what misses, and the writes.")
def hits_for_load(hits, reads, requests_per_s, write_share, database_per_s, limit):
    return first_that_fits([requests_per_s * n / reads for n in hits], limit * database_per_s)


@room.misread("The load must not be above the limit. The nearest to it may be.")
def nearest(hits, reads, requests_per_s, write_share, database_per_s, limit):
    off = [abs(n - limit * database_per_s) for n in loads(hits, reads, requests_per_s, write_share)]
    return off.index(min(off))


@room.misread("Return a size of the curve, not the load that is left with it.")
def the_load(hits, reads, requests_per_s, write_share, database_per_s, limit):
    size = smallest_room(hits, reads, requests_per_s, write_share, database_per_s, limit)
    return None if size is None else int(loads(hits, reads, requests_per_s, write_share)[size])


@room.misread("Where no size will do, the one with the most hits does not suffice either: None.")
def the_best_for_none(hits, reads, requests_per_s, write_share, database_per_s, limit):
    size = smallest_room(hits, reads, requests_per_s, write_share, database_per_s, limit)
    return hits.index(max(hits)) if size is None else size


@room.misread("limit says how full the database may be, not how much of it stays free.")
def limit_is_free(hits, reads, requests_per_s, write_share, database_per_s, limit):
    left = loads(hits, reads, requests_per_s, write_share)
    return first_that_fits(left, (1 - limit) * database_per_s)


@room.misread("That is the last size at which the database cannot take it. One more will do.")
def one_before(hits, reads, requests_per_s, write_share, database_per_s, limit):
    size = smallest_room(hits, reads, requests_per_s, write_share, database_per_s, limit)
    return None if size is None else max(0, size - 1)


@room.misread("The trace had `reads` reads. The length of the curve is its number of sizes.")
def of_the_sizes(hits, reads, requests_per_s, write_share, database_per_s, limit):
    left = loads(hits, len(hits), requests_per_s, write_share)
    return first_that_fits(left, limit * database_per_s)


@room.misread(
    "hits / reads is the share of the reads that hit: it is not to be cut by the writes again."
)
def hits_of_all(hits, reads, requests_per_s, write_share, database_per_s, limit):
    share = 1 - write_share
    left = [requests_per_s * (write_share + share * (1 - share * h / reads)) for h in hits]
    return first_that_fits(left, limit * database_per_s)


@room.misread("Each write comes once to the database. You count them twice.")
def writes_twice(hits, reads, requests_per_s, write_share, database_per_s, limit):
    left = loads(hits, reads, requests_per_s, write_share)
    twice = [load + write_share * requests_per_s for load in left]
    return first_that_fits(twice, limit * database_per_s)


@room.misread("hits are numbers of requests, and no shares: divide them by reads.")
def hits_as_shares(hits, reads, requests_per_s, write_share, database_per_s, limit):
    left = loads(hits, 1, requests_per_s, write_share)
    return first_that_fits(left, limit * database_per_s)


@room.misread("The hits that are needed need not be whole: round up, or do not round at all.")
def needed_hits_rounded(hits, reads, requests_per_s, write_share, database_per_s, limit):
    most = limit * database_per_s / requests_per_s
    if write_share == 1:
        return 0 if most >= 1 else None
    needed = round(reads * (1 - (most - write_share) / (1 - write_share)))
    return next((size for size, number in enumerate(hits) if number >= needed), None)


# Task 3: a front that survives a stampede -------------------------------------------------------

front = lab.exercise(
    "front",
    "A front that survives a stampede",
    ListOf(Text(), "request"),
    why="Without it one expiry of a hot key is as many loads as requests come in a load's time.",
    hint="Keep two things for each key: when its row was born, and when its load began.",
    hints=(
        "In ask look at the row first, then at the load. A load is under way while now_s < "
        "began_s + lock_s; remember began_s when you answer 'load'.",
        "For late rows keep a third thing: when the key was deleted last. In loaded, keep the row "
        "only if began_s is later than that, and forget the load only if it is the one you know.",
    ),
    explanation=(
        "The others wait, or get the old row while its grace lasts; after lock_s the next one "
        "loads anew. Without lock_s they would wait for ever for a process that has died."
    ),
)


def play(make, rng, count, keys, settings):
    """Draw requests, deletions and ends of loads, as they would come to a right front."""
    life_s, grace_s, lock_s = settings
    made, now_s, events, ends = make(life_s, grace_s, lock_s), -1, [], []
    for _ in range(count):
        now_s += int(rng.integers(1, 4))
        due = [end for end in ends if end[0] <= now_s]
        key = keys[int(rng.integers(len(keys)))]
        if due:
            ends.remove(due[0])
            made.loaded(due[0][1], due[0][2], now_s)
            events.append(("loaded", due[0][1], due[0][2], now_s))
        elif rng.random() < 0.12:
            made.deleted(key, now_s)
            events.append(("deleted", key, now_s))
        else:
            events.append(("ask", key, now_s))
            if made.ask(key, now_s) == "load" and rng.random() < 0.85:
                ends.append((now_s + int(rng.integers(1, 2 * lock_s)), key, now_s))
    return events


@front.ask
def ask_front(rng):
    settings = (int(rng.integers(5, 12)), int(rng.integers(0, 8)), int(rng.integers(3, 8)))
    return *settings, play(Front, rng, 24, ["a", "b"], settings)


@front.ask_widely
def ask_front_widely(rng):
    settings = (int(rng.integers(1, 40)), int(rng.integers(0, 30)), int(rng.integers(1, 20)))
    keys = [f"k{i}" for i in range(int(rng.integers(1, 5)))]
    return *settings, play(Front, rng, int(rng.integers(0, 90)), keys, settings)


@front.edges
def front_edges():
    def asks(*times, key="a"):
        return [("ask", key, t) for t in times]

    def loaded(began_s, now_s, key="a"):
        return ("loaded", key, began_s, now_s)

    first = [("ask", "a", 1), loaded(1, 3)]
    return {
        "a first load, and others meanwhile": (10, 5, 6, [*asks(1, 2), loaded(1, 3), *asks(4, 5)]),
        "an expiry": (10, 5, 6, [*first, *asks(14, 15, 16), loaded(14, 17), *asks(18)]),
        "exactly at the end of a life": (10, 5, 6, [*first, *asks(12, 13, 14)]),
        "exactly at the end of the grace": (10, 5, 9, [*first, *asks(14, 17, 18, 19)]),
        "no grace": (10, 0, 6, [*first, *asks(13, 14)]),
        "long after the grace": (10, 5, 6, [*first, *asks(40, 41)]),
        "a load that never ends": (10, 5, 6, asks(1, 3, 6, 7, 8)),
        "an old row, and a load that never ends": (10, 50, 6, [*first, *asks(14, 15, 19, 20, 21)]),
        "another key": (10, 5, 6, [*asks(1), *asks(2, key="b"), *asks(3), *asks(4, key="b")]),
        "a deletion": (10, 5, 6, [*first, ("deleted", "a", 4), *asks(5, 6)]),
        "a deletion while it is loaded": (
            10,
            5,
            6,
            [*asks(1), ("deleted", "a", 2), loaded(1, 3), *asks(4, 5)],
        ),
        "a deletion, a new load, and the old row comes late": (
            10,
            5,
            9,
            [
                *asks(1),
                ("deleted", "a", 2),
                *asks(3),
                loaded(1, 4),
                *asks(5),
                loaded(3, 6),
                *asks(7),
            ],
        ),
        "a late row of a load that was given up": (
            10,
            5,
            4,
            [*asks(1, 5), loaded(1, 6), *asks(7), loaded(5, 8), *asks(9, 17, 18)],
        ),
        "a late row, and a newer load that is still under way at its end": (
            2,
            9,
            6,
            [*asks(1, 7), loaded(1, 8), *asks(9, 10, 11)],
        ),
        "a deletion, and the same load's row twice as long ago": (
            20,
            0,
            5,
            [
                *asks(1),
                loaded(1, 2),
                *asks(3),
                ("deleted", "a", 4),
                *asks(5),
                loaded(5, 6),
                *asks(7),
            ],
        ),
        "a load that begins at 0": (2, 4, 9, [*asks(0, 1), loaded(0, 2), *asks(3, 4, 5)]),
        "a load of before, when a newer row is there": (
            10,
            5,
            4,
            [*asks(1, 5), loaded(5, 6), *asks(7), loaded(1, 8), *asks(9, 17, 18)],
        ),
        "a deletion of another key": (
            10,
            5,
            6,
            [
                *first,
                *asks(4, key="b"),
                ("deleted", "b", 5),
                *asks(6),
                *asks(7, key="b"),
                *asks(14),
                ("deleted", "b", 15),
                *asks(16),
                loaded(14, 17),
                *asks(18),
            ],
        ),
        "a deletion, and the load under way never ends": (
            10,
            5,
            4,
            [*asks(1), ("deleted", "a", 2), *asks(3), loaded(3, 5), *asks(6)],
        ),
        "half a second before a deletion": (
            10,
            5,
            6,
            [*asks(1), ("deleted", "a", 1.5), loaded(1, 2), *asks(3)],
        ),
        "a deletion, and two old rows": (
            10,
            5,
            2,
            [*asks(1, 3), ("deleted", "a", 4), loaded(1, 5), loaded(3, 6), *asks(7)],
        ),
        "a deletion in the grace": (
            10,
            9,
            6,
            [*first, *asks(14), ("deleted", "a", 15), *asks(16, 17)],
        ),
        "asked again and again in a life": (10, 5, 6, [*first, *asks(5, 8, 11, 14)]),
        "a life shorter than the lock": (2, 4, 9, [*asks(1), loaded(1, 2), *asks(3, 4, 5, 6)]),
        "a load long after a deletion": (
            10,
            5,
            6,
            [("deleted", "a", 1), *asks(2), loaded(2, 3), *asks(4)],
        ),
        "a load is given up, then a deletion, and then its row": (
            10,
            5,
            3,
            [*asks(1), ("deleted", "a", 6), loaded(1, 7), *asks(8)],
        ),
        "a deletion of a key that is not there": (10, 5, 6, [("deleted", "a", 1), *asks(2, 3)]),
        "nothing": (10, 5, 6, []),
    }


@front.words
def front_in_words(life_s, grace_s, lock_s, events):
    lines = []
    for event in events[:11]:
        what, key, *times = event
        began = f", begun at {times[0]}" if what == "loaded" else ""
        lines.append(f"{what} {key} at {times[-1]}{began}")
    more = " ..." if len(events) > 11 else ""
    told = "; ".join(lines) + more if lines else "no event at all"
    return f"life_s={life_s}, grace_s={grace_s}, lock_s={lock_s}: {told}"


@front.run
def drive(answer, life_s, grace_s, lock_s, events):
    """Make a front, tell it all events, and note what each request is told."""
    made = call(answer, life_s, grace_s, lock_s)
    if made is ...:
        return ...
    told = []
    for what, *arguments in events:
        said = call(call(getattr, made, what), *arguments)
        if what == "ask":
            if said is ...:
                return ...
            told.append(said)
    return told


@front.otherwise
def why_front(got, life_s, grace_s, lock_s, events):
    asked = [event for event in events if event[0] == "ask"]
    if len(got) != len(asked):
        return None
    right = drive(Front, life_s, grace_s, lock_s, events)
    place = next(i for i, (mine, truth) in enumerate(zip(got, right, strict=True)) if mine != truth)
    if got[place] not in ("hit", "load", "stale", "wait"):
        return f"{got[place]!r} is none of 'hit', 'load', 'stale' and 'wait'."
    _, key, now_s = asked[place]
    return f"Request {place + 1}, for {key} at {now_s}, is to be told {right[place]!r}."


@front.solve
class Front:
    """Keep of each key when its row was born, when its load began, and when it was deleted.

    One load at a time saves the database, the grace saves the users, the lock's end saves both
    from a process that died, and the deletion's time keeps old rows out.
    """

    def __init__(self, life_s, grace_s, lock_s):
        self.life_s, self.grace_s, self.lock_s = life_s, grace_s, lock_s
        self.born, self.began, self.gone = {}, {}, {}

    def ask(self, key, now_s):
        age_s = now_s - self.born[key] if key in self.born else None
        if age_s is not None and age_s < self.life_s:
            return "hit"
        if key in self.began and now_s < self.began[key] + self.lock_s:
            fresh_enough = age_s is not None and age_s < self.life_s + self.grace_s
            return "stale" if fresh_enough else "wait"
        self.began[key] = now_s
        return "load"

    def loaded(self, key, began_s, now_s):
        if began_s > self.gone.get(key, -1):
            self.born[key] = now_s
        if self.began.get(key) == began_s:
            del self.began[key]

    def deleted(self, key, now_s):
        self.gone[key] = now_s
        self.born.pop(key, None)
        self.began.pop(key, None)


@front.solve_otherwise
class Front:
    """Write everything down, and look it up at each question."""

    def __init__(self, life_s, grace_s, lock_s):
        self.times, self.log = (life_s, life_s + grace_s, lock_s), []

    def ask(self, key, now_s):
        mine = [entry for entry in self.log if entry[1] == key]
        deletions = [at for what, _, at, _ in mine if what == "deleted"]
        last = max(deletions, default=-1)
        rows = [at for what, _, at, began in mine if what == "loaded" and began > last]
        loads_ = [at for what, _, at, _ in mine if what == "load" and at > last]
        ended = {began for what, _, _, began in mine if what == "loaded"}
        if rows and now_s < rows[-1] + self.times[0]:
            return "hit"
        if loads_ and loads_[-1] not in ended and now_s < loads_[-1] + self.times[2]:
            return "stale" if rows and now_s < rows[-1] + self.times[1] else "wait"
        self.log.append(("load", key, now_s, None))
        return "load"

    def loaded(self, key, began_s, now_s):
        self.log.append(("loaded", key, now_s, began_s))

    def deleted(self, key, now_s):
        self.log.append(("deleted", key, now_s, None))


class Wrong(front.solution):
    """A front with one step of the right one changed by those below."""


@front.misread("One load a key: who comes while it is under way waits, or gets the old row.")
class EveryMissLoads(Wrong):
    def ask(self, key, now_s):
        said = super().ask(key, now_s)
        if said in ("stale", "wait"):
            self.began[key] = now_s
            return "load"
        return said


@front.misread("Exactly at the end of its life a row is no longer alive: now_s < born + life_s.")
class LastsOneMore(Wrong):
    def ask(self, key, now_s):
        if key in self.born and now_s == self.born[key] + self.life_s:
            return "hit"
        return super().ask(key, now_s)


@front.misread("The grace ends at born + life_s + grace_s, and then there is nothing to give.")
class GraceForEver(Wrong):
    def ask(self, key, now_s):
        said = super().ask(key, now_s)
        return "stale" if said == "wait" and key in self.born else said


@front.misread("While the grace lasts and a load is under way, the old row is given: 'stale'.")
class NeverStale(Wrong):
    def ask(self, key, now_s):
        said = super().ask(key, now_s)
        return "wait" if said == "stale" else said


@front.misread("The grace begins when the life ends. You count it from the birth.")
class GraceFromBirth(Wrong):
    def ask(self, key, now_s):
        said = super().ask(key, now_s)
        if said == "stale" and now_s >= self.born[key] + max(self.life_s, self.grace_s):
            return "wait"
        return said


@front.misread("A load may never end. After lock_s the next request loads anew.")
class LocksForEver(Wrong):
    def ask(self, key, now_s):
        alive = key in self.born and now_s < self.born[key] + self.life_s
        if not alive and key in self.began:
            self.lock_s, kept = 10**9, self.lock_s
            said = super().ask(key, now_s)
            self.lock_s = kept
            return said
        return super().ask(key, now_s)


@front.misread("Exactly lock_s after its begin a load is given up: now_s < began + lock_s.")
class LockOneMore(Wrong):
    def ask(self, key, now_s):
        if self.began.get(key) == now_s - self.lock_s:
            self.began[key] += 1
            said = super().ask(key, now_s)
            if said != "load":
                self.began[key] -= 1
            return said
        return super().ask(key, now_s)


@front.misread("The first to meet an expired row loads, even if the old row may still be given.")
class StaleWithoutLoad(Wrong):
    def ask(self, key, now_s):
        if key in self.born and key not in self.began:
            age_s = now_s - self.born[key]
            if self.life_s <= age_s < self.life_s + self.grace_s:
                return "stale"
        return super().ask(key, now_s)


@front.misread("A row whose load began before the deletion is old. It must not be kept.")
class KeepsLateRows(Wrong):
    def loaded(self, key, began_s, now_s):
        self.gone.pop(key, None)
        super().loaded(key, began_s, now_s)


@front.misread("A deletion also voids the load that is under way: the next request loads.")
class LoadSurvivesDeletion(Wrong):
    def deleted(self, key, now_s):
        began = self.began.get(key)
        super().deleted(key, now_s)
        if began is not None:
            self.began[key] = began


@front.misread("A deletion takes the row away at once, its grace too.")
class DeletesNothing(Wrong):
    def deleted(self, key, now_s):
        born = self.born.get(key)
        super().deleted(key, now_s)
        if born is not None:
            self.born[key] = born


@front.misread("A load that has ended is no longer under way, though its lock would last longer.")
class EndsNever(Wrong):
    def loaded(self, key, began_s, now_s):
        began = self.began.get(key)
        super().loaded(key, began_s, now_s)
        if began is not None:
            self.began[key] = began


@front.misread("A deletion bars loads that began before it. Rows of later loads are kept.")
class NothingAfterDeletion(Wrong):
    def loaded(self, key, began_s, now_s):
        super().loaded(key, began_s, now_s)
        if key in self.gone:
            self.born.pop(key, None)


@front.misread("The end of an older load does not end the one that is under way.")
class AnyEndEnds(Wrong):
    def loaded(self, key, began_s, now_s):
        super().loaded(key, began_s, now_s)
        self.began.pop(key, None)


@front.misread(
    "A load that was given up may still end. Its row is good, if nobody deleted the key."
)
class RefusesTheGivenUp(Wrong):
    def loaded(self, key, began_s, now_s):
        if self.began.get(key) == began_s:
            super().loaded(key, began_s, now_s)


@front.misread("A life begins when the load ends, at now_s, not when it began.")
class BornAtTheBegin(Wrong):
    def loaded(self, key, began_s, now_s):
        super().loaded(key, began_s, now_s)
        if self.born.get(key) == now_s:
            self.born[key] = began_s


@front.misread("Each key has its own row and its own load.")
class OneForAll(Wrong):
    def ask(self, key, now_s):
        return super().ask("all", now_s)

    def loaded(self, key, began_s, now_s):
        super().loaded("all", began_s, now_s)

    def deleted(self, key, now_s):
        super().deleted("all", now_s)


@front.misread("A load may begin at 0, which counts as false. Ask whether there is one: `is None`.")
class ZeroIsNone(Wrong):
    def ask(self, key, now_s):
        if self.began.get(key) == 0:
            del self.began[key]
        return super().ask(key, now_s)


@front.misread("A load that began at 0 ends as any other: 0 counts as false, so ask for `is None`.")
class ZeroNeverEnds(Wrong):
    def loaded(self, key, began_s, now_s):
        under_way = self.began.get(key)
        super().loaded(key, began_s, now_s)
        if began_s == under_way == 0:
            self.began[key] = 0


@front.misread("After a deletion there is no row to give, not even as 'stale': who comes waits.")
class StaleAfterDeletion(Wrong):
    def __init__(self, life_s, grace_s, lock_s):
        super().__init__(life_s, grace_s, lock_s)
        self.old = {}

    def ask(self, key, now_s):
        said = super().ask(key, now_s)
        born = self.old.get(key)
        kept = born is not None and now_s < born + self.life_s + self.grace_s
        return "stale" if said == "wait" and kept else said

    def loaded(self, key, began_s, now_s):
        super().loaded(key, began_s, now_s)
        if key in self.born:
            self.old.pop(key, None)

    def deleted(self, key, now_s):
        if key in self.born:
            self.old[key] = self.born[key]
        super().deleted(key, now_s)


@front.misread("A load under way is counted from its own begin. Who waits does not prolong it.")
class WaitersProlong(Wrong):
    def __init__(self, life_s, grace_s, lock_s):
        super().__init__(life_s, grace_s, lock_s)
        self.last = {}

    def ask(self, key, now_s):
        began = self.began.get(key)
        if began is not None and now_s < self.last.get(key, began) + self.lock_s:
            self.began[key] = now_s
        said = super().ask(key, now_s)
        if said == "load":
            self.last[key] = now_s
        elif began is not None:
            self.began[key] = began
            if said != "hit":
                self.last[key] = now_s
        return said


@front.misread("A life runs from the birth. A hit does not make it longer.")
class HitsProlong(Wrong):
    def ask(self, key, now_s):
        said = super().ask(key, now_s)
        if said == "hit":
            self.born[key] = now_s
        return said


@front.misread("The row comes first: while it is alive it is a hit, whatever load is under way.")
class LoadFirst(Wrong):
    def ask(self, key, now_s):
        if key in self.began and now_s < self.began[key] + self.lock_s:
            kept = now_s < self.born.get(key, -(10**9)) + self.life_s + self.grace_s
            return "stale" if kept else "wait"
        return super().ask(key, now_s)


@front.misread("Exactly at the end of the grace a row is gone: now_s < born + life_s + grace_s.")
class GraceOneMore(Wrong):
    def ask(self, key, now_s):
        said = super().ask(key, now_s)
        end_s = self.born.get(key, -(10**9)) + self.life_s + self.grace_s
        return "stale" if said == "wait" and now_s == end_s else said


class Flagged(Wrong):
    """Notes that there was a deletion, and not when."""

    def __init__(self, life_s, grace_s, lock_s):
        super().__init__(life_s, grace_s, lock_s)
        self.flags = set()

    def loaded(self, key, began_s, now_s):
        if key not in self.flags:
            self.born[key] = now_s
        self.flags.discard(key)
        if self.began.get(key) == began_s:
            del self.began[key]

    def deleted(self, key, now_s):
        self.flags.add(key)
        self.born.pop(key, None)
        self.began.pop(key, None)


@front.misread(
    "A flag that the next load takes down does not say which loads are old: the next may be new. "
    "Keep the time of the deletion."
)
class OneFlag(Flagged):
    pass


@front.misread(
    "A deletion bars every load that began before it, and not one load: that one may never end, "
    "and there may be two. Keep the time of the deletion."
)
class OneFlagForALoad(Flagged):
    def deleted(self, key, now_s):
        under_way = key in self.began
        super().deleted(key, now_s)
        if not under_way:
            self.flags.discard(key)


@front.misread(
    "The row of an older load is kept, too, with its birth at its end: only a deletion bars it."
)
class KeepsTheNewest(Wrong):
    def __init__(self, life_s, grace_s, lock_s):
        super().__init__(life_s, grace_s, lock_s)
        self.newest = {}

    def loaded(self, key, began_s, now_s):
        born = self.born.get(key)
        super().loaded(key, began_s, now_s)
        if began_s < self.newest.get(key, -1) and born is not None:
            self.born[key] = born
        self.newest[key] = max(began_s, self.newest.get(key, -1))


@front.misread("A deletion bars no load that begins after it, however often the key was deleted.")
class BarsForEver(Wrong):
    def loaded(self, key, began_s, now_s):
        if key not in self.gone:
            super().loaded(key, began_s, now_s)


@front.misread("A deletion counts without a row, too: the row that is being loaded is an old one.")
class DeletesRowsOnly(Wrong):
    def deleted(self, key, now_s):
        if key in self.born:
            super().deleted(key, now_s)


@front.misread("The end of a load ends neither a newer load nor one of another key.")
class EndsAll(Wrong):
    def loaded(self, key, began_s, now_s):
        super().loaded(key, began_s, now_s)
        self.began.clear()


@front.misread("The grace is counted from the end of the life, not from the begin of the load.")
class GraceFromLoad(Wrong):
    def ask(self, key, now_s):
        said = super().ask(key, now_s)
        if said in ("stale", "wait"):
            kept = key in self.born and now_s < self.began[key] + self.grace_s
            return "stale" if kept else "wait"
        return said


@front.misread("Who takes over a load that was given up is told 'load', as the first one was.")
class TakesOverSilently(Wrong):
    def ask(self, key, now_s):
        before = key in self.began
        said = super().ask(key, now_s)
        kept = now_s < self.born.get(key, -(10**9)) + self.life_s + self.grace_s
        return "stale" if said == "load" and before and kept else said


@front.misread("A load is given up after lock_s, not after life_s.")
class LockIsLife(Wrong):
    def __init__(self, life_s, grace_s, lock_s):
        super().__init__(life_s, grace_s, life_s)


@front.misread("grace_s is the second argument, lock_s the third. You take one for the other.")
class GraceForLock(Wrong):
    def __init__(self, life_s, grace_s, lock_s):
        super().__init__(life_s, lock_s, grace_s)


@front.misread("Times need not be whole: a load of half a second before the deletion is old.")
class WholeSeconds(Wrong):
    def deleted(self, key, now_s):
        super().deleted(key, now_s)
        self.gone[key] = now_s - 1


@front.misread("A deletion is of its key. The rows and loads of the others stay.")
class DeletesAll(Wrong):
    def deleted(self, key, now_s):
        super().deleted(key, now_s)
        self.born.clear()
        self.began.clear()


@front.misread("A deletion bars old loads of its own key, not those of others.")
class BarsAllKeys(Wrong):
    last = -1

    def loaded(self, key, began_s, now_s):
        self.gone[key] = self.last
        super().loaded(key, began_s, now_s)

    def deleted(self, key, now_s):
        super().deleted(key, now_s)
        self.last = now_s


@front.misread("Who begins a load is told 'load', also while the old row may still be given.")
class LoadsAsStale(Wrong):
    def ask(self, key, now_s):
        said = super().ask(key, now_s)
        kept = now_s < self.born.get(key, -(10**9)) + self.life_s + self.grace_s
        return "stale" if said == "load" and kept else said


@front.misread("After its life a row is 'stale', and no 'hit'.")
class HitInGrace(Wrong):
    def ask(self, key, now_s):
        said = super().ask(key, now_s)
        return "hit" if said == "stale" else said


@front.misread("A load that ends after lock_s brings a good row all the same.")
class RefusesAfterLock(Wrong):
    def loaded(self, key, began_s, now_s):
        born = self.born.get(key)
        super().loaded(key, began_s, now_s)
        if now_s >= began_s + self.lock_s:
            self.born.pop(key, None)
            if born is not None:
                self.born[key] = born


@front.misread("life_s is the first argument, grace_s the second. You take one for the other.")
class Exchanged(Wrong):
    def __init__(self, life_s, grace_s, lock_s):
        super().__init__(grace_s, life_s, lock_s)


@front.misread("The load begins with the request that is told 'load', not with a deletion.")
class BeginsAtDeletion(Wrong):
    def deleted(self, key, now_s):
        under_way = key in self.began
        super().deleted(key, now_s)
        if under_way:
            self.began[key] = now_s


@front.misread("Each key has a load of its own: who asks for another key does not wait for it.")
class OneLoadForAll(Wrong):
    def ask(self, key, now_s):
        under_way = [at for at in self.began.values() if now_s < at + self.lock_s]
        known = self.began.pop(key, None)
        if under_way:
            self.began[key] = max(under_way)
        said = super().ask(key, now_s)
        if said != "load":
            self.began.pop(key, None)
            if known is not None:
                self.began[key] = known
        return said


@front.misread("A new load has a begin of its own: it replaces that of the load given up.")
class KeepsTheFirstBegin(Wrong):
    def ask(self, key, now_s):
        known = self.began.get(key)
        said = super().ask(key, now_s)
        if said == "load" and known is not None:
            self.began[key] = known
        return said


@front.misread(
    "A late row counts as well, if no deletion came since its load began: it is born now."
)
class DropsLateRows(Wrong):
    def loaded(self, key, began_s, now_s):
        born = self.born.get(key, -1)
        super().loaded(key, began_s, now_s)
        if born > began_s:
            self.born[key] = born


@front.misread("In the grace the row is no hit: the first to come loads, the others get 'stale'.")
class HitsInTheGrace(Wrong):
    def ask(self, key, now_s):
        self.life_s, kept = self.life_s + self.grace_s, self.life_s
        said = super().ask(key, now_s)
        self.life_s = kept
        return said


@front.misread("A load that was given up may still bring its row: note each deletion, load or not.")
class NotesWhileLoading(Wrong):
    def deleted(self, key, now_s):
        under_way = key in self.began and now_s < self.began[key] + self.lock_s
        known = self.gone.get(key, -1)
        super().deleted(key, now_s)
        if not under_way:
            self.gone[key] = known


# Task 4: an eviction policy ----------------------------------------------------------------------

sieve = lab.exercise(
    "sieve",
    "An eviction policy",
    ListOf(Text(), "victim"),
    why="A policy is a guess at what will not be asked for. A better guess is memory for nothing.",
    hint="Keep the keys in the order in which they came, a set of marks, and where the hand is.",
    hints=(
        "used(key) puts the key into the set of marks, and moves nothing. added(key) puts it at "
        "the end of the line, without a mark.",
        "In victim go from the hand towards the newer ones: a marked key loses its mark, and the "
        "hand goes on, after the newest to the oldest. The first one without a mark goes, and "
        "the hand stays before the next newer key, or at none if there is none.",
    ),
    explanation=(
        "A key asked for once is met by the hand without a mark and goes, soon if the hand is "
        "near; a key asked for again keeps its place, and nothing is moved at a hit. LRU puts "
        "every new key at the far end, where it stays long."
    ),
)


@sieve.ask
def ask_sieve(rng):
    return int(rng.integers(2, 6)), words_of(rng, 30, int(rng.integers(5, 10)))


@sieve.ask_widely
def ask_sieve_widely(rng):
    return int(rng.integers(1, 12)), words_of(rng, int(rng.integers(0, 150)), 20)


@sieve.edges
def sieve_edges():
    return {
        "three keys, one used": (3, ["a", "b", "c", "a", "d", "e"]),
        "none was used": (3, ["a", "b", "c", "d", "e"]),
        "all were used": (3, ["a", "b", "c", "a", "b", "c", "d", "e"]),
        "the hand goes on where it was": (
            4,
            ["a", "b", "c", "d", "a", "b", "e", "a", "f", "g", "h", "k"],
        ),
        "a mark lasts once": (3, ["a", "b", "c", "a", "d", "e", "f", "g"]),
        "used many times is one mark": (2, ["a", "b", "a", "a", "a", "c", "d", "e"]),
        "used twice": (3, ["a", "b", "c", "a", "a", "d", "e"]),
        "some marked, the hand passes one": (3, ["a", "b", "c", "a", "d", "b", "e", "f", "g"]),
        "the newest goes": (3, ["a", "b", "c", "a", "b", "d", "e", "f"]),
        "used after the hand has passed": (3, ["a", "b", "c", "a", "d", "a", "e", "f", "g"]),
        "a mark outlives a victim": (3, ["a", "b", "c", "c", "d", "e", "f"]),
        "room for one": (1, ["a", "b", "b", "c", "a"]),
        "a key that comes back": (2, ["a", "b", "a", "c", "b", "a", "d", "e"]),
        "never full": (5, ["a", "b", "a", "c"]),
        "nothing": (3, []),
    }


@sieve.words
def sieve_in_words(capacity, requests):
    shown = " ".join(requests) if len(requests) <= 40 else f"{len(requests)} requests"
    return f"room for {capacity}; requests: {shown or 'none'}"


@sieve.run
def evicted(answer, capacity, requests):
    """Play a cache of the policy; who goes, in order. It ends where the policy names nobody."""
    made = call(answer, capacity)
    if made is ...:
        return ...
    kept, gone = set(), []
    for key in requests:
        if key in kept:
            call(call(getattr, made, "used"), key)
            continue
        if len(kept) == capacity:
            victim = call(call(getattr, made, "victim"))
            if victim is ...:
                return ...
            gone.append(victim)
            if not isinstance(victim, str) or victim not in kept:
                return gone
            kept.remove(victim)
        kept.add(key)
        call(call(getattr, made, "added"), key)
    return gone


@sieve.otherwise
def why_sieve(got, capacity, requests):
    right = evicted(sieve.solution, capacity, requests)
    pairs = enumerate(zip(got, right, strict=False))
    place = next((i for i, (mine, truth) in pairs if mine != truth), len(got))
    if place >= len(right):
        return None
    if place >= len(got):
        return "The cache could not go on: victim must name a key that is in it."
    return f"Victim {place + 1} is to be {right[place]}, and you name {got[place]}."


@sieve.solve
class Sieve:
    """Keep the line as a list, and the hand as a place in it.

    Nothing moves at a hit, so a hit costs a mark. What is not used between two visits of the hand
    goes, however new it is: that is what keeps pages seen once from filling the cache.
    """

    def __init__(self, capacity):
        self.line, self.marked, self.hand = [], set(), 0

    def used(self, key):
        self.marked.add(key)

    def victim(self):
        if self.hand >= len(self.line):
            self.hand = 0
        while self.line[self.hand] in self.marked:
            self.marked.remove(self.line[self.hand])
            self.hand = (self.hand + 1) % len(self.line)
        victim = self.line.pop(self.hand)
        if self.hand == len(self.line):
            self.hand = 0
        return victim

    def added(self, key):
        self.line.append(key)


@sieve.solve_otherwise
class Sieve:
    """Keep a dictionary of marks in order of arrival, and the hand as the key it is before."""

    def __init__(self, capacity):
        self.marks, self.at = {}, None

    def used(self, key):
        self.marks[key] = True

    def victim(self):
        keys = list(self.marks)
        place = keys.index(self.at) if self.at in self.marks else 0
        for key in keys[place:] + keys[:place] + keys[place:]:
            if not self.marks[key]:
                break
            self.marks[key] = False
        after = keys.index(key) + 1
        self.at = keys[after] if after < len(keys) else None
        del self.marks[key]
        return key

    def added(self, key):
        self.marks[key] = False


class WrongSieve(sieve.solution):
    """The right one with a step changed by those below."""


@sieve.misread("That is FIFO. What was used since the hand came by stays, and loses its mark.")
class Fifo(WrongSieve):
    def used(self, key):
        pass


@sieve.misread("That is LRU. Nothing moves at a hit: the key gets a mark where it is.")
class Lru(WrongSieve):
    def used(self, key):
        self.line.remove(key)
        self.line.append(key)


@sieve.misread("A mark is all that a hit changes: the key keeps its place in the line.")
class MovesAndMarks(WrongSieve):
    def used(self, key):
        super().used(key)
        self.line.remove(key)
        self.line.append(key)


@sieve.misread("A second use leaves the mark where it is. It does not take it off.")
class Toggles(WrongSieve):
    def used(self, key):
        self.marked ^= {key}


@sieve.misread("The hand takes the mark off every key that it passes, not only when all have one.")
class ClearsAtOnce(WrongSieve):
    def victim(self):
        for key in self.line:
            if key not in self.marked:
                self.line.remove(key)
                return key
        self.marked.clear()
        return self.line.pop(0)


@sieve.misread("The hand stays where it was. You begin with the oldest each time.")
class FromTheOldest(WrongSieve):
    def victim(self):
        self.hand = 0
        return super().victim()


@sieve.misread(
    "That is CLOCK, a ring. Here the line stays: whom the hand passes keeps the place, and a new "
    "key comes to the newest end."
)
class Clock(WrongSieve):
    def victim(self):
        while self.line[0] in self.marked:
            self.marked.remove(self.line[0])
            self.line.append(self.line.pop(0))
        return self.line.pop(0)


@sieve.misread("A mark lasts until the hand comes by once: it takes it off and goes on.")
class MarksForEver(WrongSieve):
    def victim(self):
        marks = set(self.marked)
        victim = super().victim()
        self.marked = (marks | self.marked) - {victim}
        return victim


@sieve.misread("A new key has no mark. It must be used again to get one.")
class NewAreMarked(WrongSieve):
    def added(self, key):
        super().added(key)
        self.marked.add(key)


@sieve.misread("The hand goes from older to newer keys. Yours goes the other way.")
class Backwards(WrongSieve):
    def victim(self):
        self.hand = self.hand if 0 <= self.hand < len(self.line) else len(self.line) - 1
        while self.line[self.hand] in self.marked:
            self.marked.remove(self.line[self.hand])
            self.hand = (self.hand - 1) % len(self.line)
        victim = self.line.pop(self.hand)
        self.hand -= 1
        return victim


@sieve.misread("One mark is enough for many uses. You count them, and wear them down one by one.")
class Counts(WrongSieve):
    def __init__(self, capacity):
        super().__init__(capacity)
        self.uses = {}

    def used(self, key):
        super().used(key)
        self.uses[key] = self.uses.get(key, 0) + 1

    def victim(self):
        for key, uses in self.uses.items():
            if uses > 0:
                self.marked.add(key)
        while True:
            if self.hand >= len(self.line):
                self.hand = 0
            key = self.line[self.hand]
            if not self.uses.get(key, 0):
                self.marked.discard(key)
                return super().victim()
            self.uses[key] -= 1
            self.hand = (self.hand + 1) % len(self.line)


@sieve.misread(
    "After the newest the hand begins with the oldest of then, not with the next to come."
)
class WaitsForTheNext(WrongSieve):
    def victim(self):
        while self.hand < len(self.line) and self.line[self.hand] in self.marked:
            self.marked.remove(self.line[self.hand])
            self.hand += 1
        if self.hand >= len(self.line):
            return self.line.pop()
        return self.line.pop(self.hand)


@sieve.misread("The hand stays before the next newer key. You skip that one.")
class SkipsOne(WrongSieve):
    def victim(self):
        victim = super().victim()
        self.hand += 1
        return victim


@sieve.misread(
    "The hand begins with the oldest, and goes on to newer ones. Yours begins with the newest."
)
class NewestFirst(WrongSieve):
    def victim(self):
        victim = next((key for key in reversed(self.line) if key not in self.marked), None)
        self.marked -= set(self.line[self.line.index(victim) + 1 :] if victim else self.line)
        victim = victim or self.line[-1]
        self.line.remove(victim)
        return victim


@sieve.misread(
    "The line is turned round: a new key comes to the newest end, and the hand goes from the "
    "oldest to newer ones. Yours meets the newest first."
)
class TurnedRound(WrongSieve):
    def victim(self):
        self.line.reverse()
        victim = super().victim()
        self.line.reverse()
        return victim


@sieve.misread("A new key comes to the newest end. You put it to the old one, before the hand.")
class AddsBehindTheHand(WrongSieve):
    def added(self, key):
        self.line.insert(0, key)
        self.hand += 1


@sieve.misread("A new key comes to the newest end of the line, not to where the hand is.")
class AddsAtTheHand(WrongSieve):
    def added(self, key):
        self.line.insert(self.hand, key)


@sieve.misread(
    "If the newest went, the hand stands before none and begins with the oldest. Yours stands "
    "before the key that came next."
)
class WaitsForTheNew(WrongSieve):
    def victim(self):
        if self.hand >= len(self.line):
            self.hand = 0
        while self.line[self.hand] in self.marked:
            self.marked.remove(self.line[self.hand])
            self.hand = (self.hand + 1) % len(self.line)
        return self.line.pop(self.hand)


@sieve.misread("A new key does not draw the hand to it: the hand stays where it is.")
class HandToTheNew(WrongSieve):
    def added(self, key):
        super().added(key)
        self.hand = len(self.line) - 1


@sieve.misread("A hit leaves the hand where it is. You move it on if it stands before that key.")
class HitPassesTheKey(WrongSieve):
    def used(self, key):
        super().used(key)
        if self.hand < len(self.line) and self.line[self.hand] == key:
            self.hand += 1


@sieve.misread("A hit leaves the hand where it is. You put it before the key that was used.")
class HitDrawsTheHand(WrongSieve):
    def used(self, key):
        super().used(key)
        self.hand = self.line.index(key)


@sieve.misread("A hit leaves the hand where it is. You move it one on.")
class HitMovesTheHand(WrongSieve):
    def used(self, key):
        super().used(key)
        self.hand = (self.hand + 1) % max(1, len(self.line))


@sieve.misread("The hand stands before the next newer key. Yours stands before the next older one.")
class OneTooOld(WrongSieve):
    def victim(self):
        victim = super().victim()
        self.hand = max(0, self.hand - 1)
        return victim


@sieve.misread("The victim leaves the line. Yours stays in it, and is named again.")
class StaysInLine(WrongSieve):
    def victim(self):
        if self.hand >= len(self.line):
            self.hand = 0
        while self.line[self.hand] in self.marked:
            self.marked.remove(self.line[self.hand])
            self.hand = (self.hand + 1) % len(self.line)
        return self.line[self.hand]


@sieve.misread(
    "After the newest the hand goes on to the oldest; who has a new mark is passed again."
)
class EndsWithTheOldest(WrongSieve):
    def victim(self):
        while self.hand < len(self.line):
            if self.line[self.hand] not in self.marked:
                return self.line.pop(self.hand)
            self.marked.remove(self.line[self.hand])
            self.hand += 1
        self.hand = 0
        return self.line.pop(0)


@sieve.misread("A victim takes its mark with it, and when it comes back it has none.")
class MarksTheVictim(WrongSieve):
    def victim(self):
        victim = super().victim()
        self.marked.add(victim)
        return victim


@sieve.misread("A victim takes off the marks that the hand passes. The others keep theirs.")
class ClearsAllMarks(WrongSieve):
    def victim(self):
        victim = super().victim()
        self.marked.clear()
        return victim


@sieve.misread("A hit leaves the key at its place. You move it to the oldest end.")
class MovesToTheOldEnd(WrongSieve):
    def used(self, key):
        super().used(key)
        self.line.remove(key)
        self.line.insert(0, key)


@sieve.misread("A hit brings no second entry into the line: the key has its mark and its place.")
class TwiceInLine(WrongSieve):
    def used(self, key):
        self.line.append(key)


@sieve.misread("That is LFU. A mark says that a key was used, not how often.")
class Lfu(WrongSieve):
    def __init__(self, capacity):
        super().__init__(capacity)
        self.uses = {}

    def used(self, key):
        self.uses[key] = self.uses.get(key, 0) + 1

    def victim(self):
        victim = min(self.line, key=lambda key: self.uses.get(key, 0))
        self.line.remove(victim)
        self.uses.pop(victim, None)
        return victim


@sieve.misread("There may be several marks in a row: the hand goes on until a key has none.")
class PassesOne(WrongSieve):
    def victim(self):
        if self.hand >= len(self.line):
            self.hand = 0
        if self.line[self.hand] in self.marked:
            self.marked.remove(self.line[self.hand])
            self.hand = (self.hand + 1) % len(self.line)
        victim = self.line.pop(self.hand)
        self.marked.discard(victim)
        if self.hand == len(self.line):
            self.hand = 0
        return victim


@sieve.misread("The newest may go as well, if all others are marked.")
class SparesTheNewest(WrongSieve):
    def victim(self):
        if len(self.line) > 1 and self.line[-1] not in self.marked:
            newest = self.line.pop()
            while self.hand < len(self.line) and self.line[self.hand] in self.marked:
                self.marked.remove(self.line[self.hand])
                self.hand += 1
            if self.hand >= len(self.line):
                self.hand = 0
            victim = super().victim()
            self.line.append(newest)
            return victim
        return super().victim()


@sieve.misread("A key that left and comes back is new: its old mark must not wait for it.")
class RemembersMarks(WrongSieve):
    def __init__(self, capacity):
        super().__init__(capacity)
        self.once = set()

    def used(self, key):
        super().used(key)
        self.once.add(key)

    def added(self, key):
        super().added(key)
        if key in self.once:
            self.marked.add(key)


class WrongMarks(sieve.alternative):
    """The other right one, whose hand is before a key, with a step changed by those below."""

    def go(self, step):
        """Walk from the hand, by `step`, to a key without a mark; its place."""
        keys = list(self.marks)
        place = keys.index(self.at) if self.at in self.marks else 0 if step > 0 else len(keys) - 1
        while self.marks[keys[place]]:
            self.marks[keys[place]] = False
            place = (place + step) % len(keys)
        return keys, place


@sieve.misread("A used key keeps its place in the line. A hit is a mark, and moves nothing.")
class MovesForAMark(WrongMarks):
    def used(self, key):
        self.marks[key] = self.marks.pop(key)


@sieve.misread(
    "A new key comes to the newest end, and the hand walks from older keys to newer ones. One of "
    "the two is turned round."
)
class WalksBack(WrongMarks):
    def victim(self):
        keys, place = self.go(-1)
        self.at = keys[place - 1] if place else None
        del self.marks[keys[place]]
        return keys[place]


@sieve.misread("When its victim is gone the hand stands before the next newer key, not the older.")
class StandsBeforeTheOlder(WrongMarks):
    def victim(self):
        keys, place = self.go(1)
        self.at = keys[place - 1] if place else None
        del self.marks[keys[place]]
        return keys[place]


@sieve.misread("The hand takes off the marks that it passes, and stays where it found its victim.")
class OldestWithoutMark(WrongSieve):
    def victim(self):
        victim = next((key for key in self.line if key not in self.marked), self.line[0])
        self.line.remove(victim)
        return victim


@sieve.misread(
    "Where all have marks the hand goes once round: the key where it began is the victim."
)
class NotAllTheWayRound(WrongMarks):
    def victim(self):
        keys = list(self.marks)
        place, passed = keys.index(self.at) if self.at in self.marks else 0, 0
        while self.marks[keys[place]] and passed < len(keys) - 1:
            self.marks[keys[place]] = False
            place, passed = (place + 1) % len(keys), passed + 1
        self.at = keys[place + 1] if place + 1 < len(keys) else None
        del self.marks[keys[place]]
        return keys[place]


@sieve.misread("The victim leaves the line for good. You add it at the end.")
class VictimComesBack(WrongMarks):
    def victim(self):
        victim = super().victim()
        self.marks[victim] = False
        return victim
