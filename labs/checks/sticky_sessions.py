"""Exercises of the lab on sticky sessions: checkers, hints, solutions, and wrong answers."""

import hashlib
import math
import random
import zlib
from unittest import mock

from scalelab.course.check import Lab
from scalelab.course.examine import AnswerError, answered, same_number
from scalelab.models.infinite_servers import exponential_drain_s
from scalelab.models.placement import minimum_moved_share, modulo_moved_share

lab = Lab("sticky_sessions")

# Task 1: what a remainder moves ------------------------------------------------------------------

moved = lab.exercise(
    "moved",
    "What a remainder moves",
    hints=(
        "Do not estimate, count: which of the hashes 0, 1, 2, ... have another remainder "
        "afterwards?",
        "The pattern repeats after the least common multiple of the two numbers. Counting up to "
        "their product is enough too.",
        "sum(h % before != h % after for h in range(before * after)) / (before * after)",
    ),
)


@moved.check_with
def check_moved(answer, rng):
    before = int(rng.integers(2, 13))
    after = before + int(rng.choice([1, 2, before, 3]))
    if rng.random() < 0.5:
        before, after = after, before
    got = answered(answer(before, after))
    expected = modulo_moved_share(before, after)
    least = float(minimum_moved_share(before, after))
    why = "This many users will be asked to log in again."
    if isinstance(got, float):
        if math.isclose(got, 1 - expected):
            why = "That is the share that stays."
        elif math.isclose(got, least):
            why = "That is what must move at least. A remainder does not try to be gentle."
        elif math.isclose(got, 1 - 1 / max(before, after)):
            why = (
                "That holds if the numbers have no common divisor. With 4 and 6 more remainders "
                "agree."
            )
        elif got == 1 and expected < 1:
            why = "Not all move: where both remainders are the same, a session stays."
        elif math.isclose(got, 100 * expected):
            why = "That is a percentage. The share lies between 0 and 1."
        elif math.isclose(got, expected, abs_tol=0.02):
            why = "That is near, and not exact: count one whole period of both, and no part of one."
    same_number(
        got,
        expected,
        scenario=f"before={before}, after={after}",
        why=why,
        hint="Write the remainders of 0 to 11 for 4 and for 6 in two rows.",
    )


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


@moved.reject("the share that stays", "share that stays")
def staying(before, after):
    return min(before, after) / math.lcm(before, after)


@moved.reject("what must move", "must move at least")
def at_least(before, after):
    return abs(after - before) / max(before, after)


@moved.reject("no common divisors", "no common divisor")
def coprime(before, after):
    return 1 - 1 / max(before, after)


@moved.reject("all of them", "Not all move")
def everything_moves(before, after):
    return 1.0


@moved.reject("a percentage", "between 0 and 1")
def percentage(before, after):
    return 100 * moved.solution(before, after)


@moved.reject("no whole periods", "one whole period")
def a_thousand(before, after):
    return sum(h % before != h % after for h in range(1_000)) / 1_000


# Task 2: a hash that moves few -------------------------------------------------------------------

rendezvous = lab.exercise(
    "rendezvous",
    "A hash that moves few",
    hints=(
        "Let each server bid for the session: a number that depends on both names. The highest bid "
        "wins.",
        "hashlib.sha256(f'{server}/{session_id}'.encode()).digest() is a bid: bytes can be "
        "compared. Python's own hash of a text differs between processes.",
        "max(servers, key=lambda server: bid(server, session_id))",
    ),
)


def bid_of(server, session_id):
    """Score a server for a session, the same in every process."""
    return hashlib.sha256(f"{server}/{session_id}".encode()).digest()


def asks_python_hash(answer, session_id, servers):
    """Call an answer once, and say whether it called Python's own hash."""
    asked, own_hash = [], hash

    def listening(thing):
        asked.append(thing)
        return own_hash(thing)

    with mock.patch("builtins.hash", listening):
        answer(session_id, servers)
    return bool(asked)


@rendezvous.check_with
def check_rendezvous(answer, rng):
    count = int(rng.integers(3, 7))
    servers = [f"web-{int(n)}" for n in rng.choice(100, count + 1, replace=False)]
    extra, servers = servers[0], servers[1:]
    ids = [f"s{int(n)}" for n in rng.integers(10**9, size=400)]
    before = [answered(answer(i, list(servers))) for i in ids]

    def wrong(expected, got, why, hint):
        raise AnswerError(
            expected,
            got,
            scenario=f"400 sessions, servers {', '.join(servers)}",
            why=why,
            hint=hint,
        )

    for owner in before:
        if owner not in servers:
            wrong(
                "one of the servers",
                repr(owner),
                "The balancer sends the request there.",
                "Return a name from the list.",
            )
    if asks_python_hash(answer, ids[0], list(servers)):
        wrong(
            "the same owners in each process",
            "a call of Python's own hash",
            "Python's hash of a text has another secret in each process, so two balancers differ.",
            "Take hashlib, for instance hashlib.sha256(text.encode()).digest().",
        )
    largest = max(before.count(server) for server in servers)
    if largest > 400 / count + 6 * math.sqrt(400 / count):
        why = "All sessions on one server are no use of the others."
        hint = "The bid must depend on the session as well as on the server."
        if largest < 400:
            why = "That server has far more than its share, and fills up while the others wait."
            hint = (
                "Hash both names together, as one text, with a function of hashlib. Two hashes "
                "side by side are not even, and checksums are not random enough."
            )
        wrong(f"about {400 / count:.0f} sessions on each", f"{largest} on one", why, hint)
    again = [answer(i, list(servers)) for i in ids]
    if again != before:
        wrong(
            "the same owners when asked again",
            f"{sum(a != b for a, b in zip(again, before, strict=True))} others",
            "Each request asks anew, and this sends a user elsewhere each time.",
            "Nothing may be random: the two names alone decide.",
        )
    turned = [answer(i, list(reversed(servers))) for i in ids]
    if turned != before:
        wrong(
            "the same owners",
            f"{sum(a != b for a, b in zip(turned, before, strict=True))} "
            "others when the list is in another order",
            "Two balancers with differently sorted lists would send a user to two servers.",
            "Let the result depend on the names, not on their places.",
        )
    dead = servers[int(rng.integers(count))]
    after = [answer(i, [s for s in servers if s != dead]) for i in ids]
    strayed = sum(a != b for a, b in zip(after, before, strict=True) if b != dead)
    if strayed:
        wrong(
            "no session of a living server moves",
            f"{strayed} moved when {dead} died",
            "These sessions were safe in a memory, and now nobody looks there.",
            "A server's bid must not depend on which others there are.",
        )
    grown = [answer(i, [*servers, extra]) for i in ids]
    if any(a != b and a != extra for a, b in zip(grown, before, strict=True)):
        wrong(
            "sessions move to the new server only",
            "some moved between old ones",
            "They are lost for nothing.",
            "Take the highest of bids that do not change.",
        )


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


@rendezvous.reject("the remainder", "nobody looks there")
def remainder(session_id, servers):
    ordered = sorted(servers)
    return ordered[int.from_bytes(bid_of("", session_id)[:8], "big") % len(ordered)]


@rendezvous.reject("a draw each time", "elsewhere each time")
def drawn(session_id, servers):
    return random.choice(servers)


@rendezvous.reject("a checksum", "not random enough")
def checksum(session_id, servers):
    return max(servers, key=lambda server: zlib.crc32(f"{server}{session_id}".encode()))


@rendezvous.reject("the place in the list", "differently sorted lists")
def by_place(session_id, servers):
    best = max(range(len(servers)), key=lambda i: bid_of(i, session_id))
    return servers[best]


@rendezvous.reject("a bid of the server alone", "no use of the others")
def one_for_all(session_id, servers):
    return max(servers, key=lambda server: bid_of(server, ""))


@rendezvous.reject("one point each on a circle", "more than its share")
def on_a_circle(session_id, servers):
    here = bid_of("", session_id)
    points = sorted((bid_of(server, ""), server) for server in servers)
    return next((server for point, server in points if point >= here), points[0][1])


@rendezvous.reject("Python's own hash", "another secret in each process")
def own_hash(session_id, servers):
    return max(servers, key=lambda server: hash(f"{server}/{session_id}"))


@rendezvous.reject("a new name", "sends the request there")
def invented(session_id, servers):
    return f"web-{len(session_id)}-{len(servers)}"


# Task 3: a deadline ------------------------------------------------------------------------------

deadline = lab.exercise(
    "deadline",
    "A deadline for the drain",
    hints=(
        "After t seconds a session is still there with probability exp(-t / mean_s). How many are "
        "left of all?",
        "Set sessions * exp(-t / mean_s) equal to what you allow, and solve for t.",
        "mean_s * math.log(sessions / allowed), and 0 if that many are allowed anyway.",
    ),
)


@deadline.check_with
def check_deadline(answer, rng):
    sessions, mean_s = int(rng.integers(20, 2_000)), float(rng.integers(60, 3_600))
    cases = [(sessions, mean_s, float(rng.integers(1, 15))), (sessions, mean_s, sessions + 5.0)]
    for sessions, mean_s, allowed in cases:
        got = answered(answer(sessions, mean_s, allowed))
        expected = mean_s * math.log(max(1.0, sessions / allowed))
        why = "Too short cuts people off, too long holds the deployment up."
        if isinstance(got, (int, float)):
            until_s = sum(mean_s / left for left in range(int(allowed) + 1, sessions + 1))
            if math.isclose(got, float(exponential_drain_s(sessions, mean_s))):
                why = "That waits for the very last one. Some may be cut off, and that saves a lot."
            elif math.isclose(got, mean_s * (1 - allowed / sessions)):
                why = "Sessions do not end evenly: most are short, and the last ones take long."
            elif allowed >= sessions:
                why = "More may be cut off than there are, so there is nothing to wait for: 0."
            elif got <= 0 < expected:
                why = "More are there than may stay, so you have to wait: the logarithm of what?"
            elif math.isclose(got, until_s):
                why = (
                    "That is the mean time until so many are left. Asked for is one deadline, at "
                    "which so many are left on average."
                )
            elif math.isclose(got, expected, rel_tol=0.002):
                why = "That is near, and not exact. Do not round: the caller can."
            elif math.isclose(got, expected / mean_s):
                why = "That is in mean lengths. How many seconds is each of them?"
            elif math.isclose(got, expected / 60):
                why = "Those are minutes. mean_s is in seconds, and so is the deadline."
            elif any(math.isclose(got, expected / math.log(base)) for base in (2, 10)):
                why = "The share that is left is exp(-t / mean_s): its logarithm is math.log."
            elif math.isclose(got, mean_s * math.log(sessions)):
                why = "That waits until one is left. More may be cut off, and that saves a lot."
        same_number(
            got,
            expected,
            scenario=f"sessions={sessions}, mean_s={mean_s:g}, allowed={allowed:g}",
            why=why,
            hint="After one mean length 37 % are left.",
        )


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
    halvings = math.log2(sessions / allowed)
    return max(0.0, halvings) * mean_s * math.log(2)


@deadline.reject("the last one", "very last one")
def wait_for_all(sessions, mean_s, allowed):
    return float(exponential_drain_s(sessions, mean_s))


@deadline.reject("in a straight line", "do not end evenly")
def straight(sessions, mean_s, allowed):
    return mean_s * (1 - allowed / sessions)


@deadline.reject("a negative time", "nothing to wait for")
def negative(sessions, mean_s, allowed):
    return mean_s * math.log(sessions / allowed)


@deadline.reject("the wrong way round", "of what")
def upside_down(sessions, mean_s, allowed):
    return max(0.0, mean_s * math.log(allowed / sessions))


@deadline.reject("the mean time until so many are left", "the mean time until")
def mean_time(sessions, mean_s, allowed):
    return sum(mean_s / left for left in range(int(allowed) + 1, sessions + 1))


@deadline.reject("in mean lengths", "in mean lengths")
def in_lengths(sessions, mean_s, allowed):
    return deadline.solution(sessions, 1.0, allowed)


@deadline.reject("rounded", "Do not round")
def rounded(sessions, mean_s, allowed):
    return round(deadline.solution(sessions, mean_s, allowed))


@deadline.reject("in minutes", "Those are minutes")
def minutes(sessions, mean_s, allowed):
    return deadline.solution(sessions, mean_s, allowed) / 60


@deadline.reject("another logarithm", "its logarithm is math.log")
def another_base(sessions, mean_s, allowed):
    return mean_s * max(0.0, math.log2(sessions / allowed))


@deadline.reject("until one is left", "until one is left")
def one_left(sessions, mean_s, allowed):
    return mean_s * math.log(sessions)


# Task 4: a balancer's rule -----------------------------------------------------------------------

routing = lab.exercise(
    "route",
    "A rule that can drain",
    hints=(
        "Three kinds of requests: with a cookie whose server may still serve them, with a cookie "
        "whose server is out or gone, and without a cookie.",
        "A draining server keeps its users and gets no new ones. states.get(cookie) is None for a "
        "server that is gone.",
        "If states.get(cookie) is 'in' or 'draining', return cookie. Otherwise take, of the "
        "servers that are 'in', the one with the fewest sessions.",
    ),
)


@routing.check_with
def check_route(answer, rng):
    for _ in range(12):
        names = [f"web-{i}" for i in range(1, 6)]
        states = {name: str(rng.choice(["in", "draining", "out"])) for name in names}
        states[names[int(rng.integers(5))]] = "in"
        numbers = [int(n) for n in rng.permutation(50)[:5]]
        loads = dict(zip(names, numbers, strict=True))
        cookie = [None, *names, "web-9"][int(rng.integers(7))]
        got = answered(answer(cookie, dict(states), dict(loads)))
        known = states.get(cookie) in ("in", "draining")
        expected = (
            cookie
            if known
            else min((name for name in names if states[name] == "in"), key=loads.get)
        )
        if got == expected:
            continue
        why = "The request goes there."
        if states.get(cookie) == "draining":
            why = "This user's session is on the draining server. That is whom the drain is for."
        elif known:
            why = (
                "This user's session is on another server. Being less loaded does not give it one."
            )
        elif got is None:
            why = "Nobody serves this request, though a server is in."
        elif not isinstance(got, str):
            why = "A server is known by its name, a text."
        elif got == cookie:
            why = "That server cannot serve any more: the cookie has outlived it."
        elif states.get(got) == "out":
            why = "That server is down: the user gets an error, though others are up."
        elif states.get(got) == "draining":
            why = "A draining server must get nobody new, or it never becomes empty."
        elif got in states:
            why = "A new user can go anywhere, so send him where the fewest sessions are."
        raise AnswerError(
            repr(expected),
            repr(got),
            scenario=f"cookie={cookie!r}, states={states}, loads={loads}",
            why=why,
            hint="First ask whether the cookie's server may still serve, then choose a new one.",
        )


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


@routing.reject("draining is out", "whom the drain is for")
def cut_off(cookie, states, loads):
    if states.get(cookie) == "in":
        return cookie
    return routing.solution(None, states, loads)


@routing.reject("new users on a draining server", "never becomes empty")
def never_empty(cookie, states, loads):
    if states.get(cookie) in ("in", "draining"):
        return cookie
    return min((name for name in states if states[name] != "out"), key=loads.get)


@routing.reject("the cookie is always right", "has outlived")
def blind(cookie, states, loads):
    return cookie if cookie is not None else routing.solution(None, states, loads)


@routing.reject("nobody for a lost user", "Nobody serves")
def nobody(cookie, states, loads):
    if cookie is None:
        return routing.solution(None, states, loads)
    return cookie if states.get(cookie) in ("in", "draining") else None


@routing.reject("always the emptiest", "does not give it one")
def emptiest(cookie, states, loads):
    return routing.solution(None, states, loads)
