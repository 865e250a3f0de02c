"""Exercises of the lab on sticky sessions."""

import hashlib
import math
import random
import zlib
from unittest import mock

from scalelab.course.chapters.sticky_sessions.scenes import UNTIL_S, own_hash
from scalelab.course.check import Lab
from scalelab.course.diagnosis import Fault
from scalelab.course.kinds import Data, Maybe, Number, Text
from scalelab.course.values import NotThatError, short
from scalelab.real.limits import call

lab = Lab("sticky_sessions")

# Task 1: what a remainder moves ------------------------------------------------------------------

moved = lab.exercise(
    "moved",
    "What a remainder moves",
    Number(unit="ratio"),
    why="This many users will be asked to log in again.",
    hint="Write the remainders of 0 to 11 for 4 and for 6 in two rows.",
    hints=(
        "Do not estimate, count: which of the hashes 0, 1, 2, ... have another remainder "
        "afterwards?",
        "The pattern repeats after the least common multiple of the two numbers. Counting up to "
        "their product is enough too.",
        "sum(h % before != h % after for h in range(before * after)) / (before * after)",
    ),
    explanation=(
        "They were on living servers and moved all the same. From 3 to 2 servers only two of six "
        "remainders agree, so two thirds move: the third that died, and a third whose memory is "
        "still there while the balancer asks elsewhere."
    ),
)


@moved.ask
def ask_moved(rng):
    before = int(rng.integers(2, 13))
    after = before + int(rng.choice([1, 2, before, 3]))
    return (before, after) if rng.random() < 0.5 else (after, before)


@moved.ask_widely
def ask_moved_widely(rng):
    return int(rng.integers(1, 60)), int(rng.integers(1, 60))


@moved.edges
def moved_edges():
    return {
        "twice as many": (4, 8),
        "Friday": (3, 2),
        "the change of the page": (4, 6),
        "the first server gets company": (1, 3),
        "one is left": (3, 1),
        "none more, none less": (5, 5),
        "large numbers": (36, 48),
    }


@moved.otherwise
def why_moved(got, before, after):
    if not 0 <= got <= 1:
        return "A share lies between 0 and 1."
    if math.isclose(got, moved.solution(before, after), abs_tol=0.02):
        return "That is near, and not exact: count one whole period of both, and no part of one."
    return None


@moved.solve
def moved_share(before, after):
    """Count the hashes whose remainder changes, over a whole period of both.

    Hashes are even, so each remainder of the product is equally likely, and the count is exact.
    """
    period = before * after
    return sum(h % before != h % after for h in range(period)) / period


@moved.solve_otherwise
def moved_share(before, after):
    """In each common period the first min(before, after) hashes stay."""
    return 1 - min(before, after) / math.lcm(before, after)


@moved.misread("That is the share that stays.")
def staying(before, after):
    period = math.lcm(before, after)
    return sum(h % before == h % after for h in range(period)) / period


@moved.misread(
    "That is what must move at least. A remainder does not try to be gentle: also among the larger "
    "hashes many change."
)
def at_least(before, after):
    return abs(after - before) / max(before, after)


@moved.misread(
    "That holds if the numbers have no common divisor. With 4 and 6 more remainders agree."
)
def coprime(before, after):
    return 1 - 1 / max(before, after)


@moved.misread("Not all move: where both remainders are the same, a session stays.")
def everything_moves(before, after):
    return 1.0


@moved.misread("That is a percentage. The share lies between 0 and 1.")
def percentage(before, after):
    period = before * after
    return 100 * sum(h % before != h % after for h in range(period)) / period


@moved.misread(
    "Near, but no whole periods: the last one is cut off, and so the share is not exact."
)
def a_thousand(before, after):
    return sum(h % before != h % after for h in range(1_000)) / 1_000


@moved.misread("That is for growing. When servers go, the larger number is the one before.")
def one_of_the_new(before, after):
    return 1 - 1 / after


@moved.misread("A change of so many servers for each that there was; sessions move otherwise.")
def change_of_the_old(before, after):
    return abs(after - before) / before


@moved.misread(
    "The pattern repeats after the least common multiple, and you divide by the product."
)
def two_periods(before, after):
    period = math.lcm(before, after)
    return sum(h % before != h % after for h in range(period)) / (before * after)


# Task 2: a hash that moves few -------------------------------------------------------------------

rendezvous = lab.exercise(
    "rendezvous",
    "A hash that moves few",
    Data("what became of the sessions"),
    why="Whoever is sent to another server than the last time has to log in again.",
    hint="Let the two names alone decide: nothing random, no places, no memory.",
    hints=(
        "Let each server bid for the session: a number that depends on both names. The highest bid "
        "wins.",
        "hashlib.sha256(f'{server}/{session_id}'.encode()).digest() is a bid: bytes can be "
        "compared. Python's own hash of a text differs between processes.",
        "max(servers, key=lambda server: bid(server, session_id))",
    ),
    explanation=(
        "A third: the sessions of the dead server, whose memory is gone with it. No function can "
        "do better, for nothing brings them back, and no other session has to move."
    ),
    repeatable=False,  # whether it is, is asked in the case: it has its own words
)
MANY = 600  # sessions of a case in which their spread is looked at
FEW = 30  # sessions that are asked again: enough to see what is random


def names(count, of="s"):
    return [f"{of}{number}" for number in range(count)]


@rendezvous.ask
def ask_rendezvous(rng):
    """Draw sessions, servers, the one that dies, and a new one."""
    servers = [f"web-{int(n)}" for n in rng.choice(100, int(rng.integers(4, 8)), replace=False)]
    sessions = [f"s{int(n)}" for n in rng.choice(10**6, 20, replace=False)]
    return sessions, servers[1:], servers[int(rng.integers(1, len(servers)))], servers[0]


@rendezvous.ask_widely
def ask_rendezvous_widely(rng):
    words = ["a", "ab", "abc", "å", "web 1", "web-1", "web-11", "1", "b/c", "€", "B", "zz"]
    servers = [words[int(i)] for i in rng.permutation(12)[: int(rng.integers(3, 9))]]
    sessions = sorted(
        {f"{words[int(rng.integers(12))]}{int(n)}" for n in rng.integers(99, size=30)}
    )
    return sessions, servers[1:], servers[int(rng.integers(1, len(servers)))], servers[0]


@rendezvous.edges
def rendezvous_edges():
    three = ["web-1", "web-2", "web-3"]
    return {
        "the first of the list dies": (names(30, "ann "), three, "web-1", "web-4"),
        "the last of the list dies": (names(30, "bo "), three, "web-3", "web-4"),
        "one of two dies": (names(30, "cy "), ["web-1", "web-2"], "web-2", "web-3"),
        "a new one that comes first in the alphabet": (names(30, "di "), three, "web-2", "a-1"),
        "names with other letters": (names(30, "Åsa "), ["bär", "öl"], "öl", "ÿ"),
        "many sessions": (names(MANY, "eve "), [*three, "web-4"], "web-2", "web-5"),
        "many with long names": (
            names(MANY, "3f2a-77c1-"),
            ["10.0.0.1", "10.0.0.2", "10.0.0.3"],
            "10.0.0.1",
            "10.0.0.4",
        ),
    }


@rendezvous.words
def rendezvous_in_words(sessions, servers, dead, new):
    return (
        f"{len(sessions)} sessions ({', '.join(map(repr, sessions[:3]))}, ...), servers {servers}, "
        f"{dead!r} dies, {new!r} comes"
    )


rendezvous.scene(
    "Sessions in the memory of the servers that your choose names. The case:",
    until_s=lambda sessions, servers, dead, new: UNTIL_S,
)(own_hash)


@rendezvous.run
def send(answer, sessions, servers, dead, new):
    """Ask for all sessions: these servers, again, the list turned round, one less, one more."""
    lists = {
        "at first": servers,
        "again": servers,
        "turned": servers[::-1],
        "less": [server for server in servers if server != dead],
        "more": [*servers, new],
    }
    asked, own_hash = [], hash

    def listening(thing):
        asked.append(thing)
        return own_hash(thing)

    story = {}
    for when, those in lists.items():
        with mock.patch("builtins.hash", listening):
            some = sessions[:FEW] if when in ("again", "turned") else sessions
            owners = [call(answer, session, list(those)) for session in some]
        if any(owner is ... for owner in owners):
            return ...
        story[when] = [owner_in(owner) for owner in owners]
    return {**story, "python's hash": bool(asked)}


def owner_in(owner):
    """Read one result: a text, or None as it is, for the judge."""
    try:
        return Maybe(Text()).read(owner)
    except NotThatError as wrong:
        raise NotThatError("one of the servers, a text", owner, wrong.why) from None


@rendezvous.judge
def judge_rendezvous(got, sessions, servers, dead, new):
    """Look for the promises of the page, one after the other."""
    if set(got["at first"]) <= set(servers) and len(set(got["at first"])) == 1:
        what = f"at most {150 / len(servers):.0f} % of the sessions on one server"
        return Fault(what, "all on one", rendezvous.meaning("one_for_all"))
    left = [server for server in servers if server != dead]
    for when, those in {"at first": servers, "less": left, "more": [*servers, new]}.items():
        place = next((i for i, owner in enumerate(got[when]) if owner not in those), None)
        if place is not None:
            died = dead if when == "less" else None
            return _nobody_there(got[when][place], sessions[place], those, died)
    if got["python's hash"]:
        why = rendezvous.meaning("own_hash")
        hint = "Take hashlib, for instance hashlib.sha256(text.encode()).digest()."
        return Fault("the same owners in each process", "a call of Python's own hash", why, hint)
    for when, name in (("again", "drawn"), ("turned", "by_place")):
        others = _others(got[when], got["at first"])
        if others:
            asked = {"again": "when asked again", "turned": "when the list is turned round"}[when]
            what = f"the same owners {asked}"
            return Fault(what, f"{others} others", rendezvous.meaning(name))
    return _moved_for_nothing(got, dead, new) or _uneven(got, sessions, servers, dead, new)


def _others(owners, before):
    return sum(owner != old for owner, old in zip(owners, before, strict=False))


def _nobody_there(owner, session, those, dead):
    wanted = f"for {session!r} one of {those}"
    if owner is None and dead is None:
        why = "Nothing came back, so the request goes nowhere. `return` one of the servers."
        return Fault(wanted, "None", why)
    if owner is None:
        return Fault(wanted, "None", rendezvous.meaning("no_orphans"))
    if dead is not None:
        return Fault(wanted, f"{owner!r}", rendezvous.meaning("remembers"))
    return Fault(wanted, short(owner), rendezvous.meaning("invented"))


def _moved_for_nothing(got, dead, new):
    pairs = zip(got["less"], got["at first"], strict=True)
    strayed = sum(owner != old for owner, old in pairs if old != dead)
    if strayed:
        what = "no session of a living server moves"
        why = rendezvous.meaning("remainder")
        return Fault(what, f"{strayed} moved when {dead!r} died", why)
    pairs = zip(got["more"], got["at first"], strict=True)
    strayed = sum(owner not in (old, new) for owner, old in pairs)
    if strayed:
        why = "Sessions move between old servers when a new one comes. They are lost for nothing."
        hint = "A server's bid must not depend on which others there are."
        return Fault("sessions move to the new server only", f"{strayed} moved between", why, hint)
    return None


def _uneven(got, sessions, servers, dead, new):
    """Hold the spread against what the page allows: half as much again as the share."""
    if len(sessions) < MANY:
        return None
    share = len(sessions) / len(servers)
    largest = max(map(got["at first"].count, servers))
    if largest > 1.5 * share:
        what, why = f"at most {1.5 * share:.0f} on one server", rendezvous.meaning("checksum")
        return Fault(what, f"{largest} on one", why)
    orphans = [o for o, old in zip(got["less"], got["at first"], strict=True) if old == dead]
    largest = max(map(orphans.count, set(orphans)))
    if largest > 2 * len(orphans) / (len(servers) - 1) or largest == len(orphans):
        what = f"the {len(orphans)} sessions of {dead!r} spread over all others"
        return Fault(what, f"{largest} of them on one", rendezvous.meaning("all_to_the_next"))
    share = len(sessions) / (len(servers) + 1)
    won = got["more"].count(new)
    if not 0.5 * share < won < 1.5 * share:
        why = rendezvous.meaning("nothing_for_the_new") if won < share else "That is too many."
        return Fault(f"about {share:.0f} sessions on the new server", f"{won}", why)
    return None


@rendezvous.solve
def choose(session_id, servers):
    """Let each server bid for the session, and take the highest bid.

    A bid depends on one server and the session. When a server dies, all other bids are what they
    were, so only its own sessions change; a new one wins its share and nothing else moves.
    """

    def bid(server):
        return hashlib.sha256(f"{server}/{session_id}".encode()).digest()

    return max(servers, key=bid)


@rendezvous.solve_otherwise
def choose(session_id, servers):
    """Let the servers race: each takes a time drawn from both names, and the first one wins.

    Exponential times allow weights: a server whose times are halved wins twice as often.
    """

    def time(server):
        digest = hashlib.md5(f"{session_id} {server}".encode()).digest()
        return -math.log((int.from_bytes(digest[:8], "big") + 1) / 2.0**64)

    return min(servers, key=time)


def number_of(text):
    """Give a text a number, the same in every process."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


@rendezvous.misread(
    "These sessions were safe in a memory, and now nobody looks there: the remainder moves them "
    "when the number of servers changes."
)
def remainder(session_id, servers):
    return sorted(servers)[number_of(session_id) % len(servers)]


@rendezvous.misread(
    "Each request asks anew, and this sends a user elsewhere each time. Nothing may be random."
)
def drawn(session_id, servers):
    return random.choice(servers)


@rendezvous.misread(
    "That server has far more than its share, and fills up while the others wait. Checksums are "
    "not random enough, and one point each on a circle is not even: hash both names together."
)
def checksum(session_id, servers):
    return max(servers, key=lambda server: zlib.crc32(f"{server}{session_id}".encode()))


@rendezvous.misread(
    "Two balancers with differently sorted lists would send a user to two servers. Let the result "
    "depend on the names, not on their places."
)
def by_place(session_id, servers):
    best = max(range(len(servers)), key=lambda i: number_of(f"{i}/{session_id}"))
    return servers[best]


@rendezvous.misread(
    "All sessions on one server are no use of the others. The bid must depend on the session too."
)
def one_for_all(session_id, servers):
    return max(servers, key=number_of)


@rendezvous.misread(
    "Python's hash of a text has another secret in each process, so two balancers differ."
)
def own_hash(session_id, servers):
    return max(servers, key=lambda server: hash(f"{server}/{session_id}"))


@rendezvous.misread("The balancer sends the request there, and there is no such server.")
def invented(session_id, servers):
    return f"web-{number_of(session_id) % 1_000_000 + 100}"


HOME = {}


@rendezvous.misread(
    "It remembers its first answer, and that server is dead. Ask only those that are in the list, "
    "each time."
)
def remembers(session_id, servers):
    if session_id not in HOME:
        HOME[session_id] = max(servers, key=lambda server: number_of(f"{server}/{session_id}"))
    return HOME[session_id]


FIRST_LIST = {}


@rendezvous.misread("The sessions of a dead server go nowhere: None. They too need a server.")
def no_orphans(session_id, servers):
    known = FIRST_LIST.setdefault(session_id, list(servers))
    best = max(known, key=lambda server: number_of(f"{server}/{session_id}"))
    return best if best in servers else None


LISTS = {}


@rendezvous.misread(
    "All sessions of the dead server go to one other, which now has twice its share. They should "
    "spread over all that are left."
)
def all_to_the_next(session_id, servers):
    known = LISTS.setdefault(session_id, list(servers))
    everyone = known + [server for server in servers if server not in known]
    best = max(everyone, key=lambda server: number_of(f"{server}/{session_id}"))
    return best if best in servers else min(servers)


HOMES = {}


@rendezvous.misread(
    "The new server gets nobody, and the old ones stay as full as they are. It should win its "
    "share."
)
def nothing_for_the_new(session_id, servers):
    home = HOMES.get(session_id)
    if home not in servers:
        home = max(servers, key=lambda server: number_of(f"{server}/{session_id}"))
        HOMES.setdefault(session_id, home)
    return home


# Task 3: a deadline ------------------------------------------------------------------------------

deadline = lab.exercise(
    "deadline",
    "A deadline for the drain",
    Number(unit="s"),
    why="Too short cuts people off, too long holds the deployment up.",
    hint="After one mean length 37 % are left.",
    hints=(
        "After t seconds a session is still there with probability exp(-t / mean_s). How many are "
        "left of all?",
        "Set sessions * exp(-t / mean_s) equal to what you allow, and solve for t.",
        "mean_s * math.log(sessions / allowed), and 0 if that many are allowed anyway.",
    ),
    explanation=(
        "Then there is no deadline: on average some part of a session is left after any time. "
        "Waiting for the very last takes hours and nobody can say how many. Allow a few, or move "
        "the state."
    ),
)


@deadline.ask
def ask_deadline(rng):
    sessions, mean_s = int(rng.integers(20, 2_000)), float(rng.integers(60, 3_600))
    return sessions, mean_s, float(rng.integers(2, 15))


@deadline.ask_widely
def ask_deadline_widely(rng):
    return int(rng.integers(0, 500)), float(rng.uniform(1, 9_000)), float(rng.uniform(0.01, 600))


@deadline.edges
def deadline_edges():
    return {
        "a short one": (60, 300.0, 3.0),
        "the drain of the page": (800, 600.0, 4.0),
        "as many as there are": (50, 600.0, 50.0),
        "more than there are": (50, 600.0, 55.0),
        "nobody is there": (0, 600.0, 4.0),
        "half a session": (20, 90.0, 0.5),
        "one of one": (1, 300.0, 1.0),
        "part of one": (3, 300.0, 2.5),
    }


@deadline.otherwise
def why_deadline(got, sessions, mean_s, allowed):
    right = deadline.solution(sessions, mean_s, allowed)
    if right == 0:
        return "No more are there than may be cut off, so there is nothing to wait for: 0."
    if got <= 0:
        return "More are there than may stay, so you have to wait: the logarithm of what?"
    if math.isclose(got, right, rel_tol=0.002):
        return "That is near, and not exact. Do not round, and do not search: solve for t."
    return None


@deadline.solve
def deadline_s(sessions, mean_s, allowed):
    """Wait until as many are left as may be cut off, on average.

    Of exponential sessions a share exp(-t/T) is left after t, so the time grows with the
    logarithm of the number: ten times as many sessions, 2.3 mean lengths more.
    """
    return mean_s * math.log(max(1.0, sessions / allowed))


@deadline.solve_otherwise
def deadline_s(sessions, mean_s, allowed):
    """Count half-lives."""
    if sessions <= allowed:
        return 0.0
    return math.log2(sessions / allowed) * mean_s * math.log(2)


@deadline.misread("That waits for the very last one. Some may be cut off, and that saves a lot.")
def wait_for_all(sessions, mean_s, allowed):
    return sum(mean_s / left for left in range(1, sessions + 1))


@deadline.misread("Sessions do not end evenly: most are short, and the last ones take long.")
def straight(sessions, mean_s, allowed):
    return max(0.0, mean_s * (1 - allowed / sessions)) if sessions else 0.0


@deadline.misread(
    "More may be cut off than there are, so there is nothing to wait for: 0, never less."
)
def negative(sessions, mean_s, allowed):
    return mean_s * math.log(sessions / allowed) if sessions else 0.0


@deadline.misread("The ratio is upside down: the logarithm of what is less than 1 is negative.")
def upside_down(sessions, mean_s, allowed):
    return max(0.0, mean_s * math.log(allowed / sessions)) if sessions else 0.0


@deadline.misread("That is below zero: a share that is left is below 1, and so is its logarithm.")
def sign_forgotten(sessions, mean_s, allowed):
    return mean_s * math.log(allowed / sessions) if sessions > allowed else 0.0


@deadline.misread(
    "That is the mean time until so many are left. Asked for is one deadline, at which so many are "
    "left on average."
)
def mean_time(sessions, mean_s, allowed):
    return sum(mean_s / left for left in range(int(allowed) + 1, sessions + 1))


@deadline.misread("That is in mean lengths. How many seconds is each of them?")
def in_lengths(sessions, mean_s, allowed):
    return math.log(max(1.0, sessions / allowed))


@deadline.misread("That is near, and not exact. Do not round: the caller can.")
def rounded(sessions, mean_s, allowed):
    return round(mean_s * math.log(max(1.0, sessions / allowed)))


@deadline.misread("Those are minutes. mean_s is in seconds, and so is the deadline.")
def minutes(sessions, mean_s, allowed):
    return mean_s * math.log(max(1.0, sessions / allowed)) / 60


@deadline.misread(
    "The share that is left is exp(-t / mean_s): its logarithm is math.log, not log2."
)
def half_lives(sessions, mean_s, allowed):
    return mean_s * math.log2(max(1.0, sessions / allowed))


@deadline.misread(
    "The share that is left is exp(-t / mean_s): its logarithm is math.log, not log10."
)
def of_ten(sessions, mean_s, allowed):
    return mean_s * math.log10(max(1.0, sessions / allowed))


@deadline.misread("That waits until one is left. More may be cut off, and that saves a lot.")
def one_left(sessions, mean_s, allowed):
    return mean_s * math.log(sessions) if sessions else 0.0


@deadline.misread("That is when `allowed` have ended. Asked for is when only `allowed` are left.")
def that_many_ended(sessions, mean_s, allowed):
    return -mean_s * math.log(1 - allowed / sessions) if sessions > allowed else 0.0


@deadline.misread(
    "It is the ratio that counts: three more of a thousand hardly matter, of six a lot."
)
def difference(sessions, mean_s, allowed):
    return mean_s * math.log(max(1.0, sessions - allowed))


# Task 4: a balancer's rule -----------------------------------------------------------------------

routing = lab.exercise(
    "route",
    "A rule that can drain",
    Maybe(Text()),
    why="The request goes there.",
    hint="First ask whether the cookie's server may still serve, then choose a new one.",
    hints=(
        "Three kinds of requests: with a cookie whose server may still serve them, with a cookie "
        "whose server is out or gone, and without a cookie.",
        "A draining server keeps its users and gets no new ones. states.get(cookie) is None for a "
        "server that is gone.",
        "If states.get(cookie) is 'in' or 'draining', return cookie. Otherwise take, of the "
        "servers that are 'in', the one with the fewest sessions.",
    ),
    explanation=(
        "`out` cuts off everybody who is there; draining lets them finish and only keeps new ones "
        "away. A server that is broken, gives wrong answers or is under attack goes out at once: "
        "there is nothing left to wait for."
    ),
)


@routing.ask
def ask_route(rng):
    names = [f"web-{i}" for i in range(1, 6)]
    states = {name: str(rng.choice(["in", "draining", "out"])) for name in names}
    states[names[int(rng.integers(5))]] = "in"
    loads = dict(zip(names, (int(n) for n in rng.permutation(50)[:5]), strict=True))
    return [None, *names, "web-9"][int(rng.integers(7))], states, loads


@routing.ask_widely
def ask_route_widely(rng):
    names = [f"s{int(i)}" for i in rng.permutation(30)[: int(rng.integers(1, 12))]]
    states = {name: str(rng.choice(["in", "draining", "out"])) for name in names}
    states[names[-1]] = "in"
    numbers = rng.permutation(40)
    loads = {name: int(numbers[i]) for i, name in enumerate(sorted(names))}
    return [None, "gone", *names][int(rng.integers(len(names) + 2))], states, loads


@routing.edges
def route_edges():
    states = {"a": "in", "b": "draining", "c": "out", "d": "in"}
    loads = {"a": 30, "b": 5, "c": 0, "d": 12}
    return {
        "a draining server keeps its users": ("b", states, loads),
        "a new user, and the emptiest are not in": (None, states, loads),
        "the cookie's server is out": ("c", states, loads),
        "the cookie's server is gone": ("z", states, loads),
        "the cookie's server is the fullest": ("a", states, loads),
        "nobody else is in": (None, {"a": "draining", "b": "in"}, {"a": 0, "b": 90}),
        "all drain but one, and a cookie": ("a", {"a": "draining", "b": "in"}, {"a": 0, "b": 90}),
        "a server without a session": (None, {"a": "in", "b": "in"}, {"a": 4, "b": 0}),
        "loads in another order": (None, {"a": "in", "b": "in"}, {"b": 7, "a": 9}),
        "ten are more than nine": (None, {"a": "in", "b": "in"}, {"a": 10, "b": 9}),
    }


@routing.otherwise
def why_route(got, cookie, states, loads):
    if states.get(cookie) in ("in", "draining"):
        return "This user's session is on the cookie's server, which may still serve it."
    if got is None:
        return "Nobody serves this request, though a server is in."
    if got not in states:
        return "There is no such server any more."
    if states[got] == "out":
        return "That server is down: the user gets an error, though others are up."
    if states[got] == "draining":
        return "A draining server must get nobody new, or it never becomes empty."
    return "A new user can go anywhere, so send him where the fewest sessions are."


@routing.solve
def route(cookie, states, loads):
    """Keep whoever has a session that can still be reached; place all others where it is emptiest.

    Draining differs from out in one thing: those who are there stay. It differs from in in one
    thing: nobody new comes. Both follow from asking the cookie first.
    """
    if states.get(cookie) in ("in", "draining"):
        return cookie
    ready = [name for name, state in states.items() if state == "in"]
    return min(ready, key=loads.get)


@routing.solve_otherwise
def route(cookie, states, loads):
    """Sort by load and take the first that may have the user."""
    if cookie in states and states[cookie] != "out":
        return cookie
    for name in sorted(states, key=lambda name: loads[name]):
        if states[name] == "in":
            return name


@routing.misread("This user's session is on the draining server. That is whom the drain is for.")
def cut_off(cookie, states, loads):
    if states.get(cookie) == "in":
        return cookie
    return min((name for name in states if states[name] == "in"), key=loads.get)


@routing.misread("A draining server must get nobody new, or it never becomes empty.")
def never_empty(cookie, states, loads):
    if states.get(cookie) in ("in", "draining"):
        return cookie
    return min((name for name in states if states[name] != "out"), key=loads.get)


@routing.misread("That server cannot serve any more: the cookie has outlived it.")
def blind(cookie, states, loads):
    if cookie is not None:
        return cookie
    return min((name for name in states if states[name] == "in"), key=loads.get)


@routing.misread("A server that is out serves nobody, whoever has a cookie for it.")
def out_keeps_its_users(cookie, states, loads):
    if cookie in states:
        return cookie
    return min((name for name in states if states[name] == "in"), key=loads.get)


@routing.misread("Nobody serves this request, though a server is in: place the user anew.")
def nobody(cookie, states, loads):
    if cookie is None:
        return min((name for name in states if states[name] == "in"), key=loads.get)
    return cookie if states.get(cookie) in ("in", "draining") else None


@routing.misread("Nothing comes back at all. `return` the server; `print` only shows it.")
def nothing(cookie, states, loads):
    return None


@routing.misread(
    "This user's session is on another server. Being less loaded does not give it one."
)
def emptiest(cookie, states, loads):
    return min((name for name in states if states[name] == "in"), key=loads.get)


@routing.misread("The emptiest of all servers may be draining, or out. Look at the states first.")
def any_state(cookie, states, loads):
    if states.get(cookie) in ("in", "draining"):
        return cookie
    return min(loads, key=loads.get)


@routing.misread("The first that is in is not the emptiest: it fills up while others wait.")
def first_in(cookie, states, loads):
    if states.get(cookie) in ("in", "draining"):
        return cookie
    return next(name for name, state in states.items() if state == "in")


@routing.misread("That is the fullest of those that are in. Fewest sessions were asked for.")
def fullest(cookie, states, loads):
    if states.get(cookie) in ("in", "draining"):
        return cookie
    return max((name for name in states if states[name] == "in"), key=loads.get)


@routing.misread("The two dictionaries need not have one order: ask loads by the server's name.")
def side_by_side(cookie, states, loads):
    if states.get(cookie) in ("in", "draining"):
        return cookie
    pairs = zip(states.items(), loads.values(), strict=True)
    return min((load, name) for (name, state), load in pairs if state == "in")[1]
