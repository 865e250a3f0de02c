"""Exercises of the lab on resharding."""

import bisect

from scalelab.course.chapters.resharding.own_code import TOO_MANY, explored
from scalelab.course.check import Lab
from scalelab.course.kinds import Data, ListOf, Maybe, Parts, Text
from scalelab.course.values import NotThatError

lab = Lab("resharding")

# Task 1: whose key it is on a ring ------------------------------------------------------------

ring = lab.exercise(
    "ring",
    "Whose key it is",
    Text(),
    why="A router that is wrong by one point looks for rows on a server that does not have them.",
    hint="Look at the point just before the place, at the place itself, and past the last point.",
    hints=(
        "Go through the points from the first on. The first whose place is not below the key's is "
        "the one. If there is none, the circle has gone round: it is the very first point.",
        "i = bisect.bisect_left([at for at, _ in points], place); points[i % len(points)][1]",
    ),
    explanation=(
        "Only those between the point before it and the new point: they had been going on to the "
        "next one. No key moves between the servers that were there."
    ),
)
SERVERS = ("ann", "bob", "cyd")


def drawn_points(rng, most, servers):
    places = sorted(rng.choice(360, int(rng.integers(1, most)), replace=False).tolist())
    return [(place, str(rng.choice(servers))) for place in places]


@ring.ask
def ask_ring(rng):
    points = drawn_points(rng, 7, SERVERS)
    near = [(at + step) % 360 for at, _ in points for step in (-1, 0, 1)]
    return points, int(rng.choice([*near, 0, 180, 359]))


@ring.ask_widely
def ask_ring_widely(rng):
    return drawn_points(rng, 60, [f"s{i}" for i in range(9)]), int(rng.integers(0, 360))


@ring.edges
def ring_edges():
    points = [(40, "bob"), (130, "ann"), (300, "cyd")]
    return {
        "between two points": (points, 100),
        "exactly at a point": (points, 130),
        "just past a point": (points, 131),
        "just before a point": (points, 129),
        "past the last point": (points, 310),
        "at the last point": (points, 300),
        "before the first": (points, 5),
        "the place 0": (points, 0),
        "the place 359": (points, 359),
        "a point at 0": ([(0, "cyd"), (200, "ann")], 0),
        "a point at 0, from behind": ([(0, "cyd"), (200, "ann")], 300),
        "a single point": ([(77, "bob")], 200),
        "nearer to the one before": (points, 45),
        "from the place 0, a point at 359": ([(10, "ann"), (359, "bob")], 0),
        "a key before a point at 359": ([(100, "ann"), (359, "bob")], 200),
        "the same server at both ends": (
            [(10, "ann"), (90, "bob"), (200, "ann"), (250, "cyd")],
            220,
        ),
        "one server, two points": ([(10, "ann"), (90, "bob"), (200, "ann")], 150),
    }


@ring.words
def ring_in_words(points, place):
    return f"points={points}, place={place}"


@ring.otherwise
def why_ring(got, points, place):
    later = [at for at, _ in points if at >= place]
    if not later:
        return f"No point is at {place} or after it, so the first one is due, at {points[0][0]}."
    return f"Clockwise from {place} the first point is {later[0]}; a point exactly there counts."


@ring.solve
def owner(points, place):
    """Search for the place; past the last point the circle begins again at the first.

    A point exactly at the place is the key's, so the search must stop before it.
    """
    i = bisect.bisect_left([at for at, _ in points], place)
    return points[i % len(points)][1]


@ring.solve_otherwise
def owner(points, place):
    """Take the point to which it is the shortest way clockwise."""
    return min(points, key=lambda point: (point[0] - place) % 360)[1]


@ring.misread("A key exactly at a point belongs to that point.")
def past_a_point(points, place):
    return points[bisect.bisect_right([at for at, _ in points], place) % len(points)][1]


@ring.misread("Clockwise: the next point after the place, and not the last one before it.")
def the_point_before(points, place):
    return points[bisect.bisect_right([at for at, _ in points], place) - 1][1]


@ring.misread("The nearest point may be behind. A key goes clockwise, however far that is.")
def the_nearest(points, place):
    def distance(point):
        return min((point[0] - place) % 360, (place - point[0]) % 360)

    return min(points, key=distance)[1]


@ring.misread("It is a circle: past the last point comes the first.")
def last_keeps_the_rest(points, place):
    i = bisect.bisect_left([at for at, _ in points], place)
    return points[min(i, len(points) - 1)][1]


@ring.misread("It is a circle: past the last point comes the first. Yours gives nothing there.")
def nothing_past_the_last(points, place):
    return next((server for at, server in points if at >= place), None)


@ring.misread("The circle has 360 places: after 358 comes 359, and only then 0.")
def walks_past_359(points, place):
    servers = dict(points)
    for _ in range(360):
        if place in servers:
            return servers[place]
        place = (place + 1) % 359
    return points[0][1]


@ring.misread("Only past the last point the first one is due. You give it all keys.")
def always_the_first(points, place):
    return points[0][1]


@ring.misread("The place on the circle decides, and not the number of points: that is a remainder.")
def remainder(points, place):
    return points[place % len(points)][1]


@ring.misread("A point at 0 is a point like any other.")
def zero_is_missing(points, place):
    kept = [point for point in points if point[0]] or points
    return owner_of(kept, place)


@ring.misread("The first point at or after the place, and not the second.")
def one_too_far(points, place):
    i = bisect.bisect_left([at for at, _ in points], place)
    return points[(i + 1) % len(points)][1]


@ring.misread("The server that the point names, and not the one whose name comes first.")
def by_name(points, place):
    return min(name for _, name in points)


@ring.misread("The circle has 360 places: from 359 to 0 it is one step.")
def a_place_too_few(points, place):
    return min(points, key=lambda point: (point[0] - place) % 359)[1]


@ring.misread("A server may have several points: look at all of them, not at its last one.")
def one_point_each(points, place):
    last = {server: at for at, server in points}
    return min(last, key=lambda server: (last[server] - place) % 360)


@ring.misread("A server may have several points: look at all of them, not at its first one.")
def first_point_each(points, place):
    first = {server: at for at, server in points[::-1]}
    return min(first, key=lambda server: (first[server] - place) % 360)


@ring.misread("The way may go past 0, and then it is short: count it round the circle.")
def nearest_without_the_circle(points, place):
    return min(points, key=lambda point: abs(point[0] - place))[1]


@ring.misread("The first point is one like any other, and due before it and past the last.")
def without_the_first_point(points, place):
    return owner_of(points[1:] or points, place)


def owner_of(points, place):
    return points[bisect.bisect_left([at for at, _ in points], place) % len(points)][1]


# Task 2: a copied row arrives ------------------------------------------------------------------

land = lab.exercise(
    "land",
    "A copied row arrives",
    Maybe(Data("a row", (list, tuple))),
    why="One copy that is late and wins makes a row old for ever, and nobody is told.",
    hint="Go through it: is there a copied row, is there a row already, which is newer?",
    hints=(
        "None for the copied row means that nothing was copied: what is there stays. None for what "
        "is there means that the copied row has nobody to yield to.",
        "if copied is None: return there; if there is None or there[0] < copied[0]: return copied; "
        "return there. A tombstone is a row like any other.",
    ),
    explanation=(
        "When no copy can be under way any more that is older: after the backfill has ended and "
        "both sides were compared. Before that, the tombstone is all that stops a late copy."
    ),
)


def a_row(rng, most=4):
    kind = rng.random()
    if kind < 0.2:
        return None
    value = None if kind < 0.45 else str(rng.choice(["ash", "elm", "oak", ""]))
    return int(rng.integers(0, most)), value


def pair_of_rows(rng, most):
    """Draw two rows; the same version is the same row."""
    there, copied = a_row(rng, most), a_row(rng, most)
    if there is not None and copied is not None and there[0] == copied[0]:
        copied = there
    return there, copied


@land.ask
def ask_land(rng):
    return pair_of_rows(rng, 4)


@land.ask_widely
def ask_land_widely(rng):
    return pair_of_rows(rng, 10_000)


@land.edges
def land_edges():
    return {
        "an older copy": ((3, "oak"), (2, "elm")),
        "a newer copy": ((2, "elm"), (3, "oak")),
        "nothing there": (None, (2, "elm")),
        "nothing copied": ((2, "elm"), None),
        "nothing at all": (None, None),
        "an older copy, and a tombstone there": ((3, None), (2, "elm")),
        "a newer copy, and a tombstone there": ((3, None), (4, "elm")),
        "a tombstone is copied": ((2, "elm"), (3, None)),
        "a tombstone is copied to nothing": (None, (3, None)),
        "an older tombstone is copied": ((4, "elm"), (3, None)),
        "the same row": ((3, "oak"), (3, "oak")),
        "the same tombstone": ((3, None), (3, None)),
        "version 0 there": ((0, "oak"), (1, "elm")),
        "version 0 copied": (None, (0, "elm")),
        "version 0 there, nothing copied": ((0, "oak"), None),
        "an empty text there, nothing copied": ((3, ""), None),
        "a tombstone there, nothing copied": ((3, None), None),
        "an empty text there": ((3, ""), (2, "elm")),
        "an empty text is copied": ((2, "elm"), (3, "")),
        "ten after nine": ((9, "elm"), (10, "oak")),
        "later in the alphabet, but older": ((3, "ash"), (2, "oak")),
        "many versions apart": ((2, "elm"), (900, "ash")),
    }


@land.words
def land_in_words(there, copied):
    return f"there={there}, copied={copied}"


@land.otherwise
def why_land(got, there, copied):
    if copied is None and there is None:
        return "Both are None, and so is what is there afterwards."
    if copied is None or there is None:
        return "One of the two is None, so the other one is what is there afterwards."
    return f"The versions are {there[0]} there and {copied[0]} copied. The higher one stays."


@land.solve
def landed(there, copied):
    """Keep the higher version, whatever its value is.

    A tombstone has a version like any row; that is what it is for.
    """
    if copied is None:
        return there
    if there is None or there[0] < copied[0]:
        return copied
    return there


@land.solve_otherwise
def landed(there, copied):
    """Take the newest of those that there are."""
    rows = [row for row in (there, copied) if row is not None]
    return max(rows, key=lambda row: row[0], default=None)


def newer_of(there, copied):
    if copied is None or (there is not None and there[0] >= copied[0]):
        return there
    return copied


@land.misread("A copy may be older than what is there. Then it has to yield.")
def replaces(there, copied):
    return there if copied is None else copied


@land.misread("A copied row that is newer replaces the one that is there.")
def always_yields(there, copied):
    return copied if there is None else there


@land.misread("A tombstone that is there is a row: an older copy has to yield to it.")
def tombstone_is_nothing(there, copied):
    if there is None or there[1] is None:
        return there if copied is None else copied
    return newer_of(there, copied)


@land.misread("A newer tombstone is copied like any row: without it the deleted row stays.")
def tombstone_not_copied(there, copied):
    if copied is None or copied[1] is None:
        return there
    return newer_of(there, copied)


@land.misread("Keep the tombstone itself, with its version, and not None.")
def tombstone_as_none(there, copied):
    row = newer_of(there, copied)
    return None if row is not None and row[1] is None else row


@land.misread("Nothing was copied: what is there stays.")
def none_deletes(there, copied):
    return None if copied is None else newer_of(there, copied)


@land.misread("Where nothing is there, the copied row has nobody to yield to.")
def needs_a_row(there, copied):
    return None if there is None else newer_of(there, copied)


@land.misread("The version decides, and not the value.")
def by_value(there, copied):
    rows = [row for row in (there, copied) if row is not None]
    return max(rows, key=lambda row: row[1] or "", default=None)


@land.misread("The lower version is the older row. The higher one stays.")
def older_wins(there, copied):
    rows = [row for row in (there, copied) if row is not None]
    return min(rows, key=lambda row: row[0], default=None)


@land.misread("An empty text is a value. Only None makes a tombstone.")
def empty_is_nothing(there, copied):
    if there is not None and there[1] == "" and copied is not None:
        return copied
    return newer_of(there, copied)


@land.misread("Version 0 is a version like any other: the row is there.")
def version_nought(there, copied):
    if copied is not None and not copied[0]:
        return there
    return newer_of(there, copied)


@land.misread("Versions are numbers: 10 comes after 9.")
def versions_as_texts(there, copied):
    rows = [row for row in (there, copied) if row is not None]
    return max(rows, key=lambda row: str(row[0]), default=None)


@land.misread("A newer copy replaces what is there, however many versions lie between.")
def only_the_next(there, copied):
    if there is not None and copied is not None and copied[0] > there[0] + 1:
        return there
    return newer_of(there, copied)


@land.misread("A row of version 0 is there, too: where nothing was copied, it stays.")
def version_nought_there(there, copied):
    if not there or not there[0]:
        return copied
    return newer_of(there, copied)


@land.misread("An empty text and a tombstone are rows as well: ask whether there is None.")
def no_value_no_row(there, copied):
    if there is None or not there[1]:
        return copied
    return newer_of(there, copied)


@land.misread("Both are None: then None is there afterwards, and no row that you make up.")
def a_row_made_up(there, copied):
    row = newer_of(there, copied)
    return (0, None) if row is None else row


@land.misread("A newer row that is copied replaces a tombstone, too: the key was written anew.")
def tombstone_for_ever(there, copied):
    for row in (there, copied):
        if row is not None and row[1] is None:
            return row
    return newer_of(there, copied)


@land.misread("A row stays as it was written: version and value together.")
def value_of_the_old(there, copied):
    if there is None or copied is None:
        return newer_of(there, copied)
    return max(there[0], copied[0]), there[1]


@land.misread("A copied row keeps the version that it has; nobody numbers it anew.")
def numbered_anew(there, copied):
    if there is not None and copied is not None and copied[0] > there[0]:
        return there[0] + 1, copied[1]
    return newer_of(there, copied)


@land.misread("An empty text is a value: that row is copied like any other.")
def empty_not_copied(there, copied):
    return there if copied is None or copied[1] == "" else newer_of(there, copied)


@land.misread("To copy a row is no write: its version is not counted up.")
def counted_up(there, copied):
    row = land.solution(there, copied)
    return row if there is None or copied is None else (row[0] + 1, row[1])


# Task 3: compare both places -------------------------------------------------------------------

compare = lab.exercise(
    "compare",
    "Compare both places",
    Parts(differing=ListOf(Text(), "key"), lost=ListOf(Text(), "key"), risen=ListOf(Text(), "key")),
    why="What the comparison does not find, the switch makes visible to every reader.",
    hint="Write a small function for what a reader sees of a key at a place, and use it for both.",
    hints=(
        "A reader sees nothing where there is no row, and nothing where there is a tombstone. "
        "Compare what is seen, for each key of either place.",
        "for key in sorted(old.keys() | new.keys()): a, b = old.get(key, (0, None))[1], "
        "new.get(key, (0, None))[1]. Equal: nothing. b is None: lost. a is None: risen. Else "
        "differing.",
    ),
    explanation=(
        "A comparison of a moment. A write may be in one place and on its way to the other, and "
        "look like a fault. Compare what was found once more, a little later: what stays is real."
    ),
)
KEYS = ("k1", "k2", "k3", "k10", "a")


def a_place(rng, keys):
    rows = {}
    for key in rng.permutation(keys).tolist():
        row = a_row(rng, 3)
        if row is not None:
            rows[key] = row
    return rows


@compare.ask
def ask_compare(rng):
    return a_place(rng, KEYS), a_place(rng, KEYS)


@compare.ask_widely
def ask_compare_widely(rng):
    keys = [f"user:{i}" for i in range(int(rng.integers(0, 40)))]
    return a_place(rng, keys), a_place(rng, keys)


@compare.edges
def compare_edges():
    one = {"k1": (2, "oak")}
    return {
        "one of each": (
            {"k1": (2, "oak"), "k2": (1, "elm"), "k3": (1, "ash")},
            {"k1": (1, "elm"), "k3": (1, "ash"), "k4": (1, "elm")},
        ),
        "only in the old place": (one, {}),
        "only in the new place": ({}, one),
        "a tombstone and no row": ({"k1": (2, None)}, {}),
        "no row and a tombstone": ({}, {"k1": (2, None)}),
        "a tombstone in the new place": (one, {"k1": (3, None)}),
        "a tombstone in the old place": ({"k1": (3, None)}, one),
        "two tombstones": ({"k1": (3, None)}, {"k1": (2, None)}),
        "the same value, another version": (one, {"k1": (5, "oak")}),
        "the same version, another value": (one, {"k1": (2, "elm")}),
        "an empty text against nothing": ({"k1": (2, "")}, {}),
        "nothing against an empty text": ({}, {"k1": (2, "")}),
        "an empty text against a text": ({"k1": (2, "")}, one),
        "an empty text against a tombstone": ({"k1": (2, "")}, {"k1": (3, None)}),
        "keys in another order": (
            {"k3": (1, "oak"), "k1": (1, "oak"), "k2": (1, "oak")},
            {"k2": (2, "elm"), "k3": (2, "elm"), "k1": (2, "elm")},
        ),
        "lost ones in order": ({"k3": (1, "oak"), "k1": (1, "oak")}, {}),
        "risen ones in order": ({}, {"k3": (1, "oak"), "k1": (1, "oak")}),
        "by the alphabet": ({"k10": (1, "oak"), "k2": (1, "elm")}, {}),
        "a key with a capital letter": ({"k2": (1, "oak"), "K3": (1, "elm")}, {}),
        "a value in other letters": ({"k1": (1, "Oak")}, one),
        "equal": (one, dict(one)),
        "empty places": ({}, {}),
    }


@compare.words
def compare_in_words(old, new):
    shown = len(old) + len(new) < 9
    return f"old={old}, new={new}" if shown else f"{len(old)} rows old, {len(new)} rows new"


@compare.otherwise
def why_compare(got, old, new):
    names = ("differing", "lost", "risen")
    right = compare.solution(old, new)
    name, mine, due = next(
        (n, g, r) for n, g, r in zip(names, got, right, strict=True) if list(g) != list(r)
    )
    extra, missing = sorted(set(mine) - set(due)), sorted(set(due) - set(mine))
    if extra or missing:
        key = (extra or missing)[0]
        verb = "does not belong" if extra else "belongs"
        return f"{key} {verb} to {name}: old {old.get(key)}, new {new.get(key)}."
    return f"{name} has the right keys. Each once, please, and sorted."


def seen_at(rows, key):
    return rows[key][1] if key in rows else None


def sorted_out(old, new, *, keys=None, see=seen_at, differ=lambda a, b: a != b):
    found = [], [], []
    for key in sorted(old.keys() | new.keys()) if keys is None else keys:
        a, b = see(old, key), see(new, key)
        if differ(a, b):
            found[2 if a is None else 1 if b is None else 0].append(key)
    return found


@compare.solve
def compared(old, new):
    """Compare what a reader sees at each place, for the keys of both.

    Where there is no row and where there is a tombstone a reader sees nothing. The keys of the
    old place alone would never find a row that has risen.
    """
    seen = [
        {k: value for k, (_, value) in rows.items() if value is not None} for rows in (old, new)
    ]
    before, after = seen
    return (
        sorted(k for k in before.keys() & after.keys() if before[k] != after[k]),
        sorted(before.keys() - after.keys()),
        sorted(after.keys() - before.keys()),
    )


@compare.solve_otherwise
def compared(old, new):
    """Go through all keys once, and sort each into a list."""
    differing, lost, risen = [], [], []
    for key in sorted({*old, *new}):
        a, b = old.get(key, (0, None))[1], new.get(key, (0, None))[1]
        if a == b:
            continue
        if b is None:
            lost.append(key)
        elif a is None:
            risen.append(key)
        else:
            differing.append(key)
    return differing, lost, risen


@compare.misread("Look from both sides: a risen row is only in the new place.")
def from_the_old_side(old, new):
    return sorted_out(old, new, keys=sorted(old))


@compare.misread("Look from both sides: a lost row is only in the old place.")
def from_the_new_side(old, new):
    return sorted_out(old, new, keys=sorted(new))


@compare.misread("Who has a tombstone shows nothing, as if there were no row.")
def tombstone_is_a_row(old, new):
    def see(rows, key):
        return (rows[key][1] or "",) if key in rows else None

    return sorted_out(old, new, see=see)


@compare.misread("Readers see values. The same value by another version is no difference.")
def by_version(old, new):
    _, lost, risen = sorted_out(old, new)
    both = [k for k in old if seen_at(old, k) is not None and seen_at(new, k) is not None]
    return sorted(k for k in both if old[k] != new[k]), lost, risen


@compare.misread("The values must be equal, too: equal versions prove nothing.")
def only_versions(old, new):
    differing, lost, risen = sorted_out(old, new)
    return [k for k in differing if old[k][0] != new[k][0]], lost, risen


@compare.misread("An empty text is a value, and is seen.")
def empty_is_not_seen(old, new):
    return sorted_out(old, new, see=lambda rows, key: seen_at(rows, key) or None)


@compare.misread("The keys of each list are sorted; the order of the places does not count.")
def in_order_of_arrival(old, new):
    return sorted_out(old, new, keys=list(dict.fromkeys([*old, *new])))


@compare.misread("Lost is what the new place does not show; risen is what only the new one shows.")
def lost_and_risen_swapped(old, new):
    differing, lost, risen = sorted_out(old, new)
    return differing, risen, lost


@compare.misread("A key is in one list only: lost and risen ones are not in differing.")
def all_are_differing(old, new):
    differing, lost, risen = sorted_out(old, new)
    return sorted([*differing, *lost, *risen]), lost, risen


@compare.misread("Sorted as texts: k10 comes before k2.")
def by_length(old, new):
    return tuple(sorted(keys, key=lambda key: (len(key), key)) for keys in sorted_out(old, new))


@compare.misread("Both places have such a key, and a reader sees it at one of them only.")
def lost_needs_no_row(old, new):
    differing, lost, risen = sorted_out(old, new)
    return differing, [k for k in lost if k not in new], [k for k in risen if k not in old]


@compare.misread("Where both have a row and the values differ, the key belongs to differing.")
def nothing_differs(old, new):
    _, lost, risen = sorted_out(old, new)
    return [], lost, risen


@compare.misread("The order is: differing, then lost, then risen. Yours begins with lost.")
def lost_first(old, new):
    differing, lost, risen = sorted_out(old, new)
    return lost, differing, risen


@compare.misread("Sorted upwards, as texts: the smallest key comes first.")
def downwards(old, new):
    return tuple(keys[::-1] for keys in sorted_out(old, new))


@compare.misread("A newer row in the new place with another value is a difference, too.")
def only_behind(old, new):
    differing, lost, risen = sorted_out(old, new)
    return [k for k in differing if old[k][0] > new[k][0]], lost, risen


@compare.misread("A tombstone here and no row there look the same to a reader: that is no fault.")
def tombstone_differs(old, new):
    differing, lost, risen = sorted_out(old, new)
    alone = [k for k in old.keys() ^ new.keys() if k not in lost and k not in risen]
    return sorted([*differing, *alone]), lost, risen


@compare.misread("What the new place has deleted by a newer tombstone is lost to a reader as well.")
def deleted_is_not_lost(old, new):
    differing, lost, risen = sorted_out(old, new)
    return differing, [k for k in lost if k not in new or new[k][0] < old[k][0]], risen


@compare.misread(
    "Sorted as texts, as sorted() does it: capital letters come before the small ones."
)
def sorted_without_case(old, new):
    return tuple(sorted(each, key=str.lower) for each in compare.solution(old, new))


@compare.misread("Two values are the same only letter by letter: compare them as they are.")
def values_without_case(old, new):
    def small(rows):
        return {k: (n, value and value.strip().lower()) for k, (n, value) in rows.items()}

    return compare.solution(small(old), small(new))


# Task 4: a whole migration ---------------------------------------------------------------------

move = lab.exercise(
    "move",
    "A migration",
    Text(),
    why="It happens in one order of many, in one row of a hundred, and there is no error.",
    hint="own_explorer(Move, *lab.failed('move')) shows the first order that ends wrong.",
    hints=(
        "A delete is a write with the value None: write it as a row, so that a late copy meets a "
        "version. And let nothing that is older replace what is newer, in both places.",
        "write: yield ('newer', 'old', key, row), then ('newer', 'new', key, row). copy: row = "
        "yield ('get', 'old', key); if it is not None, yield ('newer', 'new', key, row).",
    ),
    explanation=(
        "No. The second write of that key never comes, and no version can help. A comparison from "
        "both sides finds it, if it runs after the crash; or the change comes from the log."
    ),
)


def jobs_of(*jobs):
    return [tuple(job) for job in jobs]


@move.ask
def ask_move(rng):
    rows = {key: (1, "first") for key in ("k", "m") if rng.random() < 0.8}
    jobs, versions = [], {"k": 1, "m": 1}
    for _ in range(int(rng.integers(2, 4))):
        key = "k" if rng.random() < 0.75 else "m"
        if rng.random() < 0.4:
            jobs.append(("copy", key))
        else:
            versions[key] += 1
            value = None if rng.random() < 0.35 else str(rng.choice(["oak", "elm"]))
            jobs.append(("write", key, versions[key], value))
    return rows, with_copies(rows, jobs)


def with_copies(rows, jobs):
    """Let the old row of each key that is used be copied, or written anew."""
    used = {job[1] for job in jobs}
    done = {job[1] for job in jobs}
    copied = {job[1] for job in jobs if job[0] == "copy"}
    missing = [key for key in sorted(used & done & rows.keys()) if key not in copied]
    return ([("copy", key) for key in missing] + jobs)[:3]


ask_move_widely = move.ask_widely(ask_move)


@move.edges
def move_edges():
    first, copy = {"k": (1, "first")}, ("copy", "k")
    oak, gone = ("write", "k", 2, "oak"), ("write", "k", 2, None)
    return {
        "a copy and a write": (first, jobs_of(copy, oak)),
        "a copy alone": (first, jobs_of(copy)),
        "a copy and a delete": (first, jobs_of(copy, gone)),
        "a write alone, of a new key": ({}, jobs_of(oak)),
        "a delete of what is not there": ({}, jobs_of(gone)),
        "a copy of what is not there": ({}, jobs_of(copy)),
        "a copy and a write of a new key": ({}, jobs_of(copy, oak)),
        "two writes": ({}, jobs_of(oak, ("write", "k", 3, "elm"))),
        "a write and a delete": (first, jobs_of(copy, oak, ("write", "k", 3, None))),
        "a delete and a write": (first, jobs_of(copy, gone, ("write", "k", 3, "elm"))),
        "two copies and a write": (first, jobs_of(copy, copy, oak)),
        "two copies and a delete": (first, jobs_of(copy, copy, gone)),
        "two keys": (
            {"k": (1, "first"), "m": (1, "other")},
            jobs_of(copy, ("copy", "m"), ("write", "m", 2, "elm")),
        ),
        "a tombstone is copied": ({"k": (1, None)}, jobs_of(copy)),
        "an empty text": (first, jobs_of(copy, ("write", "k", 2, ""))),
        "an empty text is copied": ({"k": (1, "")}, jobs_of(copy)),
        "version 0": ({"k": (0, "first")}, jobs_of(copy)),
    }


@move.words
def move_in_words(rows, jobs):
    return f"rows={rows}, jobs={jobs}"


@move.run
def explore_move(answer, rows, jobs):
    """Run all tasks in every order, and return what can end wrong."""
    found = explored(answer, rows, jobs)
    if found == TOO_MANY:
        why = (
            "No more orders are tried than that, so nothing is said about yours. Take fewer turns: "
            "about three for a task."
        )
        raise NotThatError("tasks with few turns", Unquoted(found), why)
    return found


class Unquoted(str):
    """Words that are shown as they are."""

    def __repr__(self):
        return str(self)


@move.otherwise
def why_move(got, rows, jobs):
    if "place" in got:
        return "own_explorer(Move, *lab.failed('move')) shows the order in which that happens."
    return f"{got}."


@move.solve
class Move:
    """Let only what is newer replace a row, in both places, and write deletes as rows.

    Then each place keeps the highest version it has ever met, and the order cannot matter.
    """

    def write(self, key, row):
        yield ("newer", "old", key, row)
        yield ("newer", "new", key, row)

    def copy(self, key):
        row = yield ("get", "old", key)
        if row is not None:
            yield ("newer", "new", key, row)


@move.solve_otherwise
class Move:
    """Write to the new place first, and let the copy fill only what is empty.

    It may: whoever has written later leaves a row there, if only a tombstone, and yields to
    nothing that is older.
    """

    def write(self, key, row):
        yield ("newer", "new", key, row)
        yield ("newer", "old", key, row)

    def copy(self, key):
        row = yield ("get", "old", key)
        if row is not None:
            yield ("add", "new", key, row)


class Base:
    """A right move, one part of which those below change."""

    verb, copies = "newer", "newer"

    def write(self, key, row):
        yield (self.verb, "old", key, row)
        yield (self.verb, "new", key, row)

    def copy(self, key):
        row = yield ("get", "old", key)
        if row is not None:
            yield (self.copies, "new", key, row)


@move.misread(
    "A late copy replaces what came in the meantime. To look first does not help, since another "
    "may come after the look: only one turn is safe, and it must yield to what is newer."
)
class CopyReplaces(Base):
    copies = "set"


@move.misread(
    "A write that looks, and then replaces, leaves a gap between the two. Look and write in one "
    "turn: newer."
)
class WriteLooksFirst(Base):
    def write(self, key, row):
        for place in ("old", "new"):
            there = yield ("get", place, key)
            if there is None or there[0] < row[0]:
                yield ("set", place, key, row)


@move.misread(
    "Two writes can overtake each other on their way. Only what is newer may replace: newer by the "
    "version that the row came with."
)
class WritesReplace(Base):
    verb = "set"


@move.misread(
    "A delete that removes the row leaves nothing to yield to: the late copy brings it back."
)
class DeletesRemove(Base):
    def write(self, key, row):
        for place in ("old", "new"):
            if row[1] is None:
                yield ("remove", place, key)
            else:
                yield ("newer", place, key, row)


@move.misread("Each write has to be made in the new place as well, be it empty there or not.")
class OldPlaceOnly(Base):
    def write(self, key, row):
        yield ("newer", "old", key, row)


@move.misread("Readers still look at the old place: it must have each write, too.")
class NewPlaceOnly(Base):
    def write(self, key, row):
        yield ("newer", "new", key, row)


@move.misread(
    "Rows that nobody writes come by the copy alone. It must write what it has read, from the old "
    "place to the new one."
)
class CopiesNothing(Base):
    def copy(self, key):
        yield ("get", "old", key)


@move.misread("A write must replace an older row that is there, and not only fill an empty place.")
class WritesAdd(Base):
    verb = "add"


@move.misread("Look again, and another may come after that look as well. Only one turn is safe.")
class LooksAgain(Base):
    def copy(self, key):
        row = yield ("get", "old", key)
        if row is not None:
            yield ("set", "new", key, row)
            again = yield ("get", "old", key)
            if again != row and again is not None:
                yield ("set", "new", key, again)


@move.misread("A row whose value is an empty text is a row; only None makes a tombstone.")
class EmptyIsNothing(Base):
    def copy(self, key):
        row = yield ("get", "old", key)
        if row is not None and row[1] != "":
            yield ("newer", "new", key, row)


@move.misread("Version 0 is a version like any other: that row is copied, too.")
class VersionNought(Base):
    def copy(self, key):
        row = yield ("get", "old", key)
        if row is not None and row[0]:
            yield ("newer", "new", key, row)


@move.misread("A delete has to reach both places: it is a write of None with its version.")
class DeletesForgotten(Base):
    def write(self, key, row):
        if row[1] is not None:
            yield from super().write(key, row)


@move.misread(
    "In the old place two writes can overtake each other, too. Replace only what is older."
)
class OldPlaceReplaced(Base):
    def write(self, key, row):
        yield ("set", "old", key, row)
        yield ("newer", "new", key, row)


@move.misread("In the new place a late write can meet a newer one. Replace only what is older.")
class NewPlaceReplaced(Base):
    def write(self, key, row):
        yield ("newer", "old", key, row)
        yield ("set", "new", key, row)


@move.misread("The new place needs the tombstone, too: there the late copy meets it.")
class DeletesRemoveAtTheNew(Base):
    def write(self, key, row):
        yield ("newer", "old", key, row)
        if row[1] is None:
            yield ("remove", "new", key)
        else:
            yield ("newer", "new", key, row)


@move.misread("The old place keeps its rows until nobody wants to go back: a copy removes nothing.")
class CopyMovesAway(Base):
    def copy(self, key):
        row = yield ("get", "old", key)
        if row is not None:
            yield ("newer", "new", key, row)
            yield ("remove", "old", key)


@move.misread(
    "The tombstone is missing in the new place: a delete is written in both, like any row."
)
class DeletesAtTheOldOnly(Base):
    def write(self, key, row):
        yield ("newer", "old", key, row)
        if row[1] is not None:
            yield ("newer", "new", key, row)


@move.misread(
    "The tombstone is missing in the old place: a delete is written in both, like any row."
)
class DeletesAtTheNewOnly(Base):
    def write(self, key, row):
        if row[1] is not None:
            yield ("newer", "old", key, row)
        yield ("newer", "new", key, row)


@move.misread(
    "A write goes to both places, whether the key was copied or not: a key may be new, and a copy "
    "may have read before the write and arrive after it."
)
class SecondAfterTheCopy(Base):
    def __init__(self):
        self.copied = set()

    def write(self, key, row):
        yield ("newer", "old", key, row)
        if key in self.copied:
            yield ("newer", "new", key, row)

    def copy(self, key):
        yield from super().copy(key)
        self.copied.add(key)


@move.misread(
    "A copy keeps the version that it has read. With a larger one it beats a later write."
)
class CopyNumbersAnew(Base):
    def copy(self, key):
        row = yield ("get", "old", key)
        if row is not None:
            yield ("newer", "new", key, (row[0] + 1, row[1]))


@move.misread(
    "A write goes to the new place also before its key is copied: what is new there is never "
    "copied."
)
class OnlyWhatIsCopied(Base):
    def __init__(self):
        self.begun = set()

    def write(self, key, row):
        yield ("newer", "old", key, row)
        if key in self.begun:
            yield ("newer", "new", key, row)

    def copy(self, key):
        if key not in self.begun:
            self.begun.add(key)
            yield from super().copy(key)
