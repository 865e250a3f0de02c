"""Exercises of the lab on connection pooling."""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from scalelab.course.chapters.connection_pooling.experiments import INCIDENTS, incident
from scalelab.course.check import Lab
from scalelab.course.diagnosis import Fault
from scalelab.course.kinds import ListOf, Number, Parts, Text, Whole
from scalelab.course.values import NotThatError
from scalelab.models.erlang import mmc_mean_response_s
from scalelab.models.round_trips import Step
from scalelab.models.staffing import smallest_servers, smallest_servers_for_response
from scalelab.models.waiting_times import mmc_response_percentile_s, mmc_wait_percentile_s
from scalelab.real.limits import TheirError, call

lab = Lab("connection_pooling")

# Task 1: account for the round trips ---------------------------------------------------------

account = lab.exercise(
    "account",
    "Account for the round trips",
    Parts(unpooled_s=Number(unit="s"), pooled_s=Number(unit="s")),
    why="It is what one request of that kind takes, and the shop compares the two.",
    hint="Write down which phases this request goes through, then add their steps.",
    hints=(
        "Each step takes step.round_trips * rtt_s + step.work_s. Which steps does a request with "
        "its own connection pay for, and which a pooled one?",
        "A request with its own connection pays for the phases set-up, query and close; it borrows "
        "nothing. A pooled request pays for borrow and query.",
    ),
    explanation=(
        "Of the pooled request the test at each borrow: it is a round trip, as long as the query's "
        "own. Testing only connections that were idle for a while saves nearly all of it."
    ),
)


@account.ask
def ask_account(rng):
    work = rng.uniform(0.001, 0.010, size=4)
    steps = [
        Step("TCP handshake", 1),
        Step("TLS handshake", int(rng.integers(1, 3))),
        Step("authentication", int(rng.integers(1, 4)), float(work[0])),
        Step("validation", int(rng.integers(1, 3)), float(work[3]) / 10, "borrow"),
        Step("query", int(rng.integers(1, 4)), float(work[1]), "query"),
        Step("close", 0, float(work[2]), "close"),
    ]
    return steps, float(rng.uniform(0.0005, 0.050))


@account.ask_widely
def ask_account_widely(rng):
    phases = ("set-up", "borrow", "query", "close")
    steps = [
        Step(
            f"step {number}",
            int(rng.integers(0, 5)),
            float(rng.uniform(0, 0.1)),
            phases[int(rng.integers(4))],
        )
        for number in range(int(rng.integers(0, 12)))
    ]
    return steps, float(rng.uniform(0, 0.3))


@account.edges
def account_edges():
    query = Step("query", 1, 0.001, "query")
    return {
        "a short one": (
            [Step("TCP", 1), Step("password", 3, 0.008), Step("test", 1, 0, "borrow"), query],
            0.002,
        ),
        "nothing to borrow": ([Step("TCP", 1), query], 0.002),
        "two queries": ([Step("TCP", 1), query, Step("query 2", 2, 0.004, "query")], 0.002),
        "closing crosses the network": ([query, Step("goodbye", 1, 0.003, "close")], 0.010),
        "a test that works too": ([Step("test", 1, 0.002, "borrow"), query], 0.004),
        "the steps in another order": (
            [query, Step("close", 0, 0.002, "close"), Step("TCP", 1), Step("test", 1, 0, "borrow")],
            0.003,
        ),
        "no way between": ([Step("TCP", 1, 0.001), query], 0.0),
    }


@account.words
def account_in_words(steps, rtt_s):
    listed = "; ".join(
        f"{s.name} [{s.phase}] {s.round_trips} RTT + {s.work_s:.4g} s" for s in steps
    )
    return f"rtt_s={rtt_s:.4g}; {listed or 'no steps'}"


@account.otherwise
def why_account(got, steps, rtt_s):
    right = account.solution(steps, rtt_s)
    if all(math.isclose(*pair, rel_tol=0.1, abs_tol=5e-4) for pair in zip(got, right, strict=True)):
        return "That is near, and not exact. Do not round: the caller can."
    return None


@account.solve
def request_times_s(steps, rtt_s):
    """Add up the phases that each kind of request goes through.

    Set-up and close belong to the connection: a pool pays for them once, not per
    request. Validation belongs to the borrow.
    """

    def total_s(*phases):
        return sum(s.round_trips * rtt_s + s.work_s for s in steps if s.phase in phases)

    return total_s("set-up", "query", "close"), total_s("borrow", "query")


@account.solve_otherwise
def request_times_s(steps, rtt_s):
    """Sort every step into one of two sums, or both."""
    unpooled_s = pooled_s = 0.0
    for step in steps:
        time_s = step.round_trips * rtt_s + step.work_s
        if step.phase != "borrow":
            unpooled_s += time_s
        if step.phase in ("borrow", "query"):
            pooled_s += time_s
    return unpooled_s, pooled_s


@account.misread("The query crosses the network like everything else: it needs its round trips.")
def free_query(steps, rtt_s):
    unpooled_s = sum(s.round_trips * rtt_s + s.work_s for s in steps if s.phase != "borrow")
    return unpooled_s, sum(s.work_s for s in steps if s.phase == "query")


@account.misread("The test happens at every borrow, so each pooled request pays for it.")
def free_validation(steps, rtt_s):
    unpooled_s = sum(s.round_trips * rtt_s + s.work_s for s in steps if s.phase != "borrow")
    return unpooled_s, sum(s.round_trips * rtt_s + s.work_s for s in steps if s.phase == "query")


@account.misread("Giving a connection back is not closing it: a pooled request closes nothing.")
def pooled_and_closed(steps, rtt_s):
    times = [(s.phase, s.round_trips * rtt_s + s.work_s) for s in steps]
    unpooled_s = sum(time for phase, time in times if phase != "borrow")
    return unpooled_s, sum(time for phase, time in times if phase != "set-up")


@account.misread("Closing takes time, too; its phase is close.")
def never_closed(steps, rtt_s):
    times = [(s.phase, s.round_trips * rtt_s + s.work_s) for s in steps]
    unpooled_s = sum(time for phase, time in times if phase in ("set-up", "query"))
    return unpooled_s, sum(time for phase, time in times if phase in ("borrow", "query"))


@account.misread("That is the set-up alone. A request with its own connection asks its query, too.")
def set_up_alone(steps, rtt_s):
    times = [(s.phase, s.round_trips * rtt_s + s.work_s) for s in steps]
    unpooled_s = sum(time for phase, time in times if phase == "set-up")
    return unpooled_s, sum(time for phase, time in times if phase in ("borrow", "query"))


@account.misread("Work is only half of it: each round trip takes rtt_s.")
def only_work(steps, rtt_s):
    return (
        sum(s.work_s for s in steps if s.phase != "borrow"),
        sum(s.work_s for s in steps if s.phase in ("borrow", "query")),
    )


@account.misread("Round trips are only half of it: add step.work_s.")
def only_round_trips(steps, rtt_s):
    return (
        sum(s.round_trips * rtt_s for s in steps if s.phase != "borrow"),
        sum(s.round_trips * rtt_s for s in steps if s.phase in ("borrow", "query")),
    )


@account.misread("A request that opens its own connection borrows nothing, so it tests nothing.")
def every_step(steps, rtt_s):
    times = [(s.phase, s.round_trips * rtt_s + s.work_s) for s in steps]
    pooled_s = sum(time for phase, time in times if phase in ("borrow", "query"))
    return sum(time for _, time in times), pooled_s


@account.misread("Not each step is one round trip: it has `round_trips` of them, perhaps none.")
def one_trip_each(steps, rtt_s):
    times = [(s.phase, rtt_s + s.work_s) for s in steps]
    unpooled_s = sum(time for phase, time in times if phase != "borrow")
    return unpooled_s, sum(time for phase, time in times if phase in ("borrow", "query"))


@account.misread("The work of a step is done once, not at each of its round trips.")
def work_each_trip(steps, rtt_s):
    times = [(s.phase, s.round_trips * (rtt_s + s.work_s)) for s in steps]
    unpooled_s = sum(time for phase, time in times if phase != "borrow")
    return unpooled_s, sum(time for phase, time in times if phase in ("borrow", "query"))


@account.misread("A phase may have several steps. Here only the last one of each counts.")
def last_of_each_phase(steps, rtt_s):
    times = {s.phase: s.round_trips * rtt_s + s.work_s for s in steps}
    unpooled_s = sum(time for phase, time in times.items() if phase != "borrow")
    return unpooled_s, sum(time for phase, time in times.items() if phase in ("borrow", "query"))


@account.misread("That is what the pool saves. Asked for is what a pooled request takes.")
def saved(steps, rtt_s):
    unpooled_s, pooled_s = account.solution(steps, rtt_s)
    return unpooled_s, unpooled_s - pooled_s


@account.misread("A round trip is there and back already: rtt_s counts once for each.")
def there_and_back(steps, rtt_s):
    return account.solution(steps, 2 * rtt_s)


@account.misread("A round trip is the whole way, there and back: rtt_s is not halved.")
def one_way(steps, rtt_s):
    return account.solution(steps, rtt_s / 2)


@account.misread("Those are milliseconds. The names end in _s: seconds are asked for.")
def milliseconds(steps, rtt_s):
    return tuple(1_000 * time_s for time_s in account.solution(steps, rtt_s))


@account.misread("The set-up is missing. Is its phase spelt as the page has it, `set-up`?")
def misspelt(steps, rtt_s):
    times = [(s.phase, s.round_trips * rtt_s + s.work_s) for s in steps]
    unpooled_s = sum(time for phase, time in times if phase in ("setup", "query", "close"))
    return unpooled_s, sum(time for phase, time in times if phase in ("borrow", "query"))


@account.misread("A pooled request pays for no set-up: the pool did, before the first request.")
def pays_for_all(steps, rtt_s):
    times = [(s.phase, s.round_trips * rtt_s + s.work_s) for s in steps]
    return sum(time for phase, time in times if phase != "borrow"), sum(time for _, time in times)


# Task 2: a pool that survives random use -----------------------------------------------------

pool = lab.exercise(
    "pool",
    "A pool that survives random use",
    ListOf(Text(), "step"),
    why="Every borrower has to get what the page promises.",
    hint="Play the steps through with a pencil: which are idle, which are borrowed?",
    hints=(
        "Keep two things: a list of idle connections, and a set of the borrowed ones. Everything "
        "that can go wrong is a disagreement between the two and the number open.",
        "acquire: first an idle one; else, if fewer than max_size are borrowed, a new one; else "
        "None. Count a connection only after connect() has returned it.",
        "release: if it is not among the borrowed, raise ValueError. Take it out. If it is alive, "
        "append it to the idle ones; if not, forget it, so that its place is free.",
    ),
    explanation=(
        "Each restart refuses some connections and costs as many places. Some days later the pool "
        "has none left: every request waits or fails while the database is idle, and only a "
        "restart of the shop helps."
    ),
)
MOST_TRIES = 30  # of a pool that asks a server again that refuses


class Connection:
    """What the checker's connect() returns; a broken one is not alive."""

    def __init__(self):
        self.alive = True


class Server:
    """Opens connections, refuses while it is told to, and knows whom it has opened when."""

    def __init__(self):
        self.opened, self.refuses, self.tries = [], False, 0

    def connect(self):
        """Open a connection, or raise ConnectionError."""
        self.tries += 1
        if self.refuses and self.tries <= MOST_TRIES:
            raise ConnectionError("the server refuses")
        self.opened.append(Connection())
        return self.opened[-1]


class Use:
    """Somebody who borrows, breaks and gives back, and writes down what happens in words.

    Which of several idle connections is lent is the pool's own affair, so the words do not say.
    """

    def __init__(self, pool, server):
        self.pool, self.server = pool, server
        self.held, self.last, self.lent = [], None, []

    def acquire(self, refused=False):
        """Borrow one; `refused` says that the server takes no new connection meanwhile."""
        server, before = self.server, len(self.server.opened)
        server.refuses, server.tries, self.last = refused, 0, None
        try:
            got = call(call(getattr, self.pool, "acquire"))
        except TheirError as theirs:
            if not isinstance(theirs.error, ConnectionError):
                raise
            return "ConnectionError" if server.tries else "a ConnectionError of its own"
        finally:
            server.refuses = False
        return got if got is ... else self._in_words(got, before)

    def _in_words(self, got, before):
        if got is None:
            return "None"
        if not isinstance(got, Connection):
            why = "The borrower sends its query over what it gets: return the connection itself."
            raise NotThatError("a connection, as connect() returned it, or None", got, why)
        what = "an idle one"
        if any(got is other for other in self.held):
            what = "one that is lent already"
        elif not got.alive:
            what = "a broken one"
        elif not any(got is other for other in self.server.opened):
            what = "one that this pool never opened"
        elif any(got is new for new in self.server.opened[before:]):
            again = self.server.tries > MOST_TRIES
            what = f"a new one, after asking {self.server.tries} times" if again else "a new one"
        elif not any(got is other for other in self.lent):
            what = "one that was opened before anybody asked for it"
        self.held.append(got)
        self.lent.append(got)
        return what

    def release(self, place):
        """Give one back that is borrowed."""
        self.last = self.held.pop(place % len(self.held))
        try:
            given = call(call(getattr, self.pool, "release"), self.last)
        except TheirError as theirs:
            if not isinstance(theirs.error, ValueError):
                raise
            return "ValueError"
        return given if given is ... else "taken back"

    def give_wrongly(self, connection):
        """Give one back that is not borrowed."""
        try:
            given = call(call(getattr, self.pool, "release"), connection)
        except TheirError as theirs:
            if not isinstance(theirs.error, Exception):
                raise
            return "ValueError" if isinstance(theirs.error, ValueError) else repr(theirs.error)
        return given if given is ... else "taken back"

    def step(self, action):
        """Do what the script says; return the line of the story, None where it cannot be done."""
        verb, place = action.partition(" ")[0], int(action.partition(" ")[2] or 0)
        if verb in ("acquire", "refused"):
            done = self.acquire(verb == "refused")
            said = "acquire" if verb == "acquire" else "acquire, while the server refuses"
        elif verb == "release" and self.held:
            broken = "" if self.held[place % len(self.held)].alive else "a broken one"
            done, said = self.release(place), f"release {broken}".strip()
        elif verb == "break" and self.held:
            self.held[place % len(self.held)].alive = False
            done, said = "it is not alive any more", "one breaks while it is out"
        elif verb == "again" and self.last is not None:
            done, said = self.give_wrongly(self.last), "release the same one again"
        elif verb == "stranger":
            done, said = self.give_wrongly(Connection()), "release one of somebody else's"
        else:
            return "-"
        return done if done is ... else f"{said} -> {done}"


@pool.ask
def ask_pool(rng):
    """Draw the size, and what the borrowers do."""
    verbs = ["acquire", "acquire", "acquire", "release", "release", "break", "refused"]
    verbs += ["again", "stranger"]
    script = [f"{rng.choice(verbs)} {int(rng.integers(9))}" for _ in range(30)]
    return int(rng.integers(1, 5)), script


@pool.ask_widely
def ask_pool_widely(rng):
    verbs = ["acquire", "release", "break", "refused", "again", "stranger"]
    script = [f"{verbs[int(n)]} {int(rng.integers(20))}" for n in rng.integers(6, size=80)]
    return int(rng.integers(1, 12)), script


@pool.edges
def pool_edges():
    out = ["acquire", "acquire"]
    return {
        "one connection, used twice": (2, ["acquire", "release", "acquire", "release"]),
        "all are out": (2, [*out, "acquire", "release", "acquire", "acquire"]),
        "a broken one comes back": (1, ["acquire", "break", "release", "acquire"]),
        "it breaks again and again": (1, ["acquire", "break", "release"] * 4 + ["acquire"]),
        "the server refuses once": (1, ["refused", "acquire", "acquire"]),
        "the server refuses for long": (2, ["refused"] * 5 + [*out, "acquire"]),
        "refused, but one is idle": (1, ["acquire", "release", "refused"]),
        "refused, but all are out": (1, ["acquire", "refused"]),
        "given back twice": (2, ["acquire", "release", "again", *out]),
        "given back twice while another is out": (2, [*out, "release", "again", *out]),
        "a broken one given back twice": (2, [*out, "break", "release", "again", *out]),
        "one of somebody else's": (2, ["acquire", "stranger", *out]),
        "one of somebody else's, all idle": (2, [*out, "release", "release", "stranger", *out]),
        "the first thing is a wrong one": (1, ["stranger", "acquire"]),
    }


@pool.words
def pool_in_words(max_size, script):
    steps = " ".join(word if not word.isdigit() else "" for s in script for word in s.split())
    return f"max_size={max_size}: {', '.join(steps.split())}"


@pool.run
def use_pool(answer, max_size, script):
    """Make a pool, follow the script, and return the story."""
    server = Server()
    mine = call(answer, server.connect, max_size)
    if mine is ...:
        return ...
    use, story = Use(mine, server), []
    for action in script:
        line = use.step(action)
        if line is ...:
            return ...
        story.append(line)
    return story


# What is seen at a step: the end of the right line, the end of the line that came.
_SEEN = {
    ("ConnectionError", "None"): "NoneWhenRefused",
    ("an idle one", "None"): "IdleNotLent",
    ("None", "a ConnectionError of its own"): "RaisesWhenFull",
    ("taken back", "ValueError"): "ForgetsWhomItLent",
    ("an idle one", "a new one"): "NoReuse",
    ("ValueError", "taken back"): "TakesAnything",
}
_GIVEN = {
    "one that is lent already": "Two borrowers on one connection read each other's answers. Move a "
    "connection from idle to borrowed when you lend it, and back once.",
    "a broken one": "A broken connection that goes back to the idle ones fails its next borrower. "
    "Look at connection.alive at release.",
    "one that this pool never opened": "It was never borrowed here: somebody else's connection was "
    "taken in.",
    "one that was opened before anybody asked for it": "It was opened when nobody needed it. Open "
    "one when somebody asks and none is idle.",
    "None": "The pool lost capacity: a place was counted and never freed. After enough of these "
    "nobody gets a connection.",
}


@pool.judge
def judge_pool(got, max_size, script):
    """Find the first step that is told otherwise by a right pool."""
    right = pool.result(pool.solution, (max_size, script))
    if got == right:
        return None
    place = next(i for i, (mine, true) in enumerate(zip(got, right, strict=True)) if mine != true)
    wanted, came = right[place].rpartition(" -> ")[2], got[place].rpartition(" -> ")[2]
    why = _GIVEN.get(came, "")
    if came == "ValueError" and "a broken one" in right[place]:
        why = pool.meaning("RefusesBroken")
    elif (wanted, came) in _SEEN:
        why = pool.meaning(_SEEN[wanted, came])
    elif wanted == "None":
        why = pool.meaning("NoMaximum")
    elif "after asking" in came:
        why = pool.meaning("KeepsTrying")
    elif wanted == "ValueError":
        why = pool.meaning("OtherError")
    done = [line for line in got[: place + 1] if line != "-"]
    story = "\n".join(f"{number}. {line}" for number, line in enumerate(done, 1))
    return Fault(f"{wanted}, at step {len(done)}", came, why, story=f"{story}   <- here")


@pool.solve
class Pool:
    """Keep idle and borrowed connections apart; what is in neither does not exist.

    The number open is the sum of the two, so no counter can disagree with it:
    a refused connect() changes nothing, and a broken connection frees its
    place by not being kept. The last used is lent first, which lets a surplus
    grow old.
    """

    def __init__(self, connect, max_size):
        self.connect = connect
        self.max_size = max_size
        self.idle = []
        self.borrowed = set()

    def acquire(self):
        if self.idle:
            connection = self.idle.pop()
        elif len(self.borrowed) < self.max_size:
            connection = self.connect()
        else:
            return None
        self.borrowed.add(connection)
        return connection

    def release(self, connection):
        if connection not in self.borrowed:
            raise ValueError(f"release: connection must be borrowed, got {connection}")
        self.borrowed.remove(connection)
        if connection.alive:
            self.idle.append(connection)


@pool.solve_otherwise
class Pool:
    """One dict of all open connections, with a flag for the borrowed ones."""

    def __init__(self, connect, max_size):
        self.connect = connect
        self.max_size = max_size
        self.is_borrowed = {}

    def acquire(self):
        for connection, borrowed in self.is_borrowed.items():
            if not borrowed:
                self.is_borrowed[connection] = True
                return connection
        if len(self.is_borrowed) == self.max_size:
            return None
        connection = self.connect()
        self.is_borrowed[connection] = True
        return connection

    def release(self, connection):
        if not self.is_borrowed.get(connection):
            raise ValueError("release: connection must be borrowed, got another one")
        if connection.alive:
            self.is_borrowed[connection] = False
        else:
            del self.is_borrowed[connection]


@pool.misread("Without reuse there is no pool: each request pays for the set-up again.")
class NoReuse(pool.solution):
    def acquire(self):
        if len(self.borrowed) >= self.max_size:
            return None
        connection = self.connect()
        self.borrowed.add(connection)
        return connection


@pool.misread("The maximum protects the database. A pool that exceeds it protects nobody.")
class NoMaximum(pool.solution):
    def acquire(self):
        connection = self.idle.pop() if self.idle else self.connect()
        self.borrowed.add(connection)
        return connection


@pool.misread("The maximum is exceeded by one: at `max_size` borrowed there is none left to give.")
class OneTooMany(pool.solution):
    def acquire(self):
        if not self.idle and len(self.borrowed) > self.max_size:
            return None
        connection = self.idle.pop() if self.idle else self.connect()
        self.borrowed.add(connection)
        return connection


@pool.misread(
    "It takes back what was never lent, or lent and given back before. Such a connection stands "
    "among the idle ones twice, or belongs to somebody else: raise ValueError."
)
class TakesAnything(pool.solution):
    def release(self, connection):
        self.borrowed.discard(connection)
        if connection.alive:
            self.idle.append(connection)


@pool.misread(
    "Only a second release is noticed, one of somebody else's is taken in. Ask whether it is "
    "borrowed, not whether it is idle."
)
class TakesStrangers(pool.solution):
    def release(self, connection):
        if connection in self.idle:
            raise ValueError("given back already")
        self.borrowed.discard(connection)
        if connection.alive:
            self.idle.append(connection)


@pool.misread(
    "A number of borrowed ones does not know which they are: whatever comes is taken back as long "
    "as anything is out. Keep the connections themselves, in a set."
)
class BareCounter:
    def __init__(self, connect, max_size):
        self.connect, self.max_size = connect, max_size
        self.idle, self.out = [], 0

    def acquire(self):
        if self.out == self.max_size:
            return None
        connection = self.idle.pop() if self.idle else self.connect()
        self.out += 1
        return connection

    def release(self, connection):
        if self.out == 0:
            raise ValueError("nothing is out")
        self.out -= 1
        if connection.alive:
            self.idle.append(connection)


@pool.misread(
    "ValueError was agreed on for one that is not borrowed: `set.remove` raises KeyError."
)
class OtherError(pool.solution):
    def release(self, connection):
        self.borrowed.remove(connection)
        if connection.alive:
            self.idle.append(connection)


@pool.misread(
    "A broken connection that goes back to the idle ones fails its next borrower. Look at "
    "connection.alive at release, and forget it when it is False."
)
class KeepsBroken(pool.solution):
    def release(self, connection):
        if connection not in self.borrowed:
            raise ValueError("not borrowed")
        self.borrowed.remove(connection)
        self.idle.append(connection)


@pool.misread(
    "A place is counted before the connection is open. When connect() refuses, it is never freed, "
    "and the pool shrinks with each refusal."
)
class CountsFirst:
    def __init__(self, connect, max_size):
        self.connect, self.max_size = connect, max_size
        self.idle, self.borrowed, self.open = [], [], 0

    def acquire(self):
        if self.idle:
            connection = self.idle.pop(0)
        elif self.open < self.max_size:
            self.open += 1
            connection = self.connect()
        else:
            return None
        self.borrowed.append(connection)
        return connection

    def release(self, connection):
        self.borrowed.remove(connection)
        if connection.alive:
            self.idle.append(connection)
        else:
            self.open -= 1


@pool.misread(
    "The place of a broken connection is not freed: it is forgotten, and still counted. After "
    "max_size of them nobody gets one."
)
class CountsBroken:
    def __init__(self, connect, max_size):
        self.connect, self.max_size = connect, max_size
        self.idle, self.borrowed, self.open = [], [], 0

    def acquire(self):
        if self.idle:
            connection = self.idle.pop(0)
        elif self.open < self.max_size:
            connection = self.connect()
            self.open += 1
        else:
            return None
        self.borrowed.append(connection)
        return connection

    def release(self, connection):
        self.borrowed.remove(connection)
        if connection.alive:
            self.idle.append(connection)


@pool.misread(
    "A broken connection stays among the borrowed ones, so its place is never free, and it can be "
    "given back once more."
)
class BrokenStaysOut(pool.solution):
    def release(self, connection):
        if connection not in self.borrowed:
            raise ValueError("not borrowed")
        if connection.alive:
            self.borrowed.remove(connection)
            self.idle.append(connection)


@pool.misread(
    "None says that all are out. The server refused, which is another matter: let the "
    "ConnectionError through to whoever asked."
)
class NoneWhenRefused(pool.solution):
    def acquire(self):
        try:
            return super().acquire()
        except ConnectionError:
            return None


@pool.misread(
    "It asks the server again and again. While the database is down nobody gets an answer from "
    "your pool, and thousands of attempts meet the server when it comes up."
)
class KeepsTrying(pool.solution):
    def acquire(self):
        while True:
            try:
                return super().acquire()
            except ConnectionError:
                continue


@pool.misread("It opens all connections at once. Open one when somebody asks and none is idle.")
class Eager(pool.solution):
    def __init__(self, connect, max_size):
        super().__init__(connect, max_size)
        self.idle = [connect() for _ in range(max_size)]


@pool.misread("acquire() gives None from the first call on. Is there a `return` at its end?")
class ReturnsNothing(pool.solution):
    def acquire(self):
        super().acquire()


@pool.misread(
    "None was agreed on when all are out. A ConnectionError says that the server refused."
)
class RaisesWhenFull(pool.solution):
    def acquire(self):
        connection = super().acquire()
        if connection is None:
            raise ConnectionError("the pool is empty")
        return connection


@pool.misread(
    "One is idle, and nobody gets it. The maximum is for new ones: look among the idle ones first."
)
class IdleNotLent(pool.solution):
    def acquire(self):
        if len(self.borrowed) + len(self.idle) >= self.max_size:
            return None
        return super().acquire()


@pool.misread("A broken connection is borrowed all the same: take it back, and forget it.")
class RefusesBroken(pool.solution):
    def release(self, connection):
        if not connection.alive:
            raise ValueError("broken")
        super().release(connection)


@pool.misread("It does not know what it has lent, so nothing can be given back.")
class ForgetsWhomItLent(pool.solution):
    def acquire(self):
        if self.idle:
            return self.idle.pop()
        return super().acquire()


# Task 3: the smallest pool for a target ------------------------------------------------------

smallest = lab.exercise(
    "smallest",
    "The smallest pool for a p99 target",
    Whole(of="connections"),
    why="One connection too few misses the target; each one too many costs the server memory.",
    hint="Compare the p99 of the response, wait and query together, for size after size.",
    hints=(
        "Start from the fewest connections that can carry the load at all, one more than "
        "arrival_rate_per_s * mean_query_s rounded down, and go up one by one.",
        "For each size ask mmc_response_percentile_s(0.99, arrival_rate_per_s, 1 / mean_query_s, "
        "size) and stop at the first that is within the target.",
    ),
    explanation=(
        "Arrivals and query times vary: often more than 7.2 are wanted at once. The others are for "
        "these moments, so that the wait stays short enough for 99 of 100 queries."
    ),
)


@smallest.ask
def ask_smallest(rng):
    mean_query_s, load = float(rng.uniform(0.002, 0.020)), float(rng.uniform(2, 40))
    return load / mean_query_s, mean_query_s, mean_query_s * float(rng.uniform(4.8, 8.0))


@smallest.ask_widely
def ask_smallest_widely(rng):
    mean_query_s, load = float(rng.uniform(0.0005, 0.5)), float(rng.uniform(0.05, 60))
    return load / mean_query_s, mean_query_s, mean_query_s * float(rng.uniform(4.62, 60))


@smallest.edges
def smallest_edges():
    return {
        "a small shop": (300.0, 0.010, 0.060),
        "Friday": (900.0, 0.008, 0.040),
        "a whole load": (1_000.0, 0.008, 0.050),
        "a whole load, and all the time in the world": (1_000.0, 0.008, 5.0),
        "less than one connection busy": (20.0, 0.010, 0.060),
        "hardly a wait allowed": (1_500.0, 0.010, 0.0464),
        "time enough for a long line": (950.0, 0.010, 1.0),
        "a large shop": (9_000.0, 0.010, 0.050),
    }


@smallest.words
def smallest_in_words(arrival_rate_per_s, mean_query_s, target_s):
    return (
        f"{arrival_rate_per_s:.1f} queries/s of {1e3 * mean_query_s:.2f} ms on average, p99 target "
        f"{1e3 * target_s:.1f} ms; {arrival_rate_per_s * mean_query_s:.1f} busy on average"
    )


@smallest.otherwise
def why_smallest(got, arrival_rate_per_s, mean_query_s, target_s):
    load = arrival_rate_per_s * mean_query_s
    right = smallest.solution(arrival_rate_per_s, mean_query_s, target_s)
    if got <= load:
        return f"{load:.1f} connections are busy on average. With {got} the line grows without end."
    if got > right:
        return f"{got} are enough, but {right} are as well: their p99 is within the target."
    p99_s = mmc_response_percentile_s(0.99, arrival_rate_per_s, 1 / mean_query_s, got)
    return f"With {got} the p99 is {1e3 * p99_s:.1f} ms: 1 of 100 queries waits too long."


@smallest.solve
def smallest_pool(arrival_rate_per_s, mean_query_s, target_s):
    """Try sizes upwards from the load, and stop at the first that meets the target.

    The p99 of the response falls with every connection, so the first that fits
    is the smallest. Below the load there is no steady state to ask for.
    """
    size = int(arrival_rate_per_s * mean_query_s) + 1
    while mmc_response_percentile_s(0.99, arrival_rate_per_s, 1 / mean_query_s, size) > target_s:
        size += 1
    return size


@smallest.solve_otherwise
def smallest_pool(arrival_rate_per_s, mean_query_s, target_s):
    """Let the package search."""
    return smallest_servers_for_response(
        arrival_rate_per_s, 1 / mean_query_s, percentile=0.99, max_response_s=target_s
    )


def first_size(fits, arrival_rate_per_s, mean_query_s):
    """Search upwards from the load."""
    size = int(arrival_rate_per_s * mean_query_s) + 1
    while not fits(size):
        size += 1
    return size


@smallest.misread(
    "That is enough for the mean. A target for one request in a hundred needs the percentile."
)
def by_the_mean(arrival_rate_per_s, mean_query_s, target_s):
    rates = arrival_rate_per_s, 1 / mean_query_s
    return first_size(lambda n: mmc_mean_response_s(*rates, n) <= target_s, rates[0], mean_query_s)


@smallest.misread("Little's law gives the load, not the size: with so few the line grows for ever.")
def by_little(arrival_rate_per_s, mean_query_s, target_s):
    return int(arrival_rate_per_s * mean_query_s)


@smallest.misread(
    "The load rounded up carries the load, just so. The waits of such a pool know no bound."
)
def load_rounded_up(arrival_rate_per_s, mean_query_s, target_s):
    return math.ceil(arrival_rate_per_s * mean_query_s)


@smallest.misread("Being rid of the wait is more than was asked: fewer are within the target.")
def by_no_wait(arrival_rate_per_s, mean_query_s, target_s):
    return smallest_servers(arrival_rate_per_s, 1 / mean_query_s, max_wait_probability=0.001)


@smallest.misread("That is for 95 of 100 queries. The target is for 99: q is 0.99.")
def by_p95(arrival_rate_per_s, mean_query_s, target_s):
    rates = arrival_rate_per_s, 1 / mean_query_s
    return first_size(
        lambda n: mmc_response_percentile_s(0.95, *rates, n) <= target_s, rates[0], mean_query_s
    )


@smallest.misread(
    "That is the first size that carries the load. Its waits may be far too long: ask for its p99."
)
def just_enough(arrival_rate_per_s, mean_query_s, target_s):
    return int(arrival_rate_per_s * mean_query_s) + 1


@smallest.misread("Only the wait is within the target there. The query itself takes time as well.")
def only_the_wait(arrival_rate_per_s, mean_query_s, target_s):
    rates = arrival_rate_per_s, 1 / mean_query_s
    return first_size(
        lambda n: mmc_wait_percentile_s(0.99, *rates, n) <= target_s, rates[0], mean_query_s
    )


@smallest.misread("One more than the first that is within the target. The smallest was asked for.")
def one_more(arrival_rate_per_s, mean_query_s, target_s):
    return smallest.solution(arrival_rate_per_s, mean_query_s, target_s) + 1


@smallest.misread("The last that misses the target: stop at the first that meets it.")
def one_less(arrival_rate_per_s, mean_query_s, target_s):
    return smallest.solution(arrival_rate_per_s, mean_query_s, target_s) - 1


@smallest.misread(
    "A fifth on top, for safety: the target is met by fewer, and it has the safety in it."
)
def with_a_fifth(arrival_rate_per_s, mean_query_s, target_s):
    return math.ceil(1.2 * smallest.solution(arrival_rate_per_s, mean_query_s, target_s))


@smallest.misread("The rate times the target is Little's law for the whole stay, and no size.")
def by_the_target(arrival_rate_per_s, mean_query_s, target_s):
    return math.ceil(arrival_rate_per_s * target_s)


# Task 4: a diagnosis from metrics ------------------------------------------------------------

diagnosis = lab.exercise(
    "diagnosis",
    "Diagnose an incident from its metrics",
    Text(INCIDENTS),
    why="A false alarm costs a night's sleep, a missed incident costs customers.",
    hint="Plot borrowed, arrived and answered of this incident beside each other.",
    hints=(
        "Look at two stretches of time: the peak, from second 12 to 24, and the calm after "
        "second 32. In the calm, which incident still shows?",
        "A leak keeps connections borrowed in the calm. The other two fill the pool in the peak: "
        "how many answers a second does a full pool give in each?",
    ),
    explanation=(
        "The leak: a restart gives all connections back at once. The cause is in the program, so "
        "it is cured for as long as the pool took to run dry before. Overload and a slow database "
        "come back with the first requests."
    ),
)
DRAWN = 6  # incidents of each kind that are drawn from; each one takes a moment to run


@cache
def _incident(kind, number):
    return incident(kind, rng=np.random.default_rng([number, 5]))


@diagnosis.ask
def ask_diagnosis(rng):
    return (_incident(INCIDENTS[int(rng.integers(4))], int(rng.integers(DRAWN))),)


@diagnosis.ask_widely
def ask_diagnosis_widely(rng):
    return (_incident(INCIDENTS[int(rng.integers(4))], int(rng.integers(100, 109))),)


@diagnosis.edges
def diagnosis_edges():
    chosen = {
        "a quiet day": ("healthy", 0),
        "all ten out, and nobody fails": ("healthy", 21),
        "all ten out in the peak, eight in the calm": ("healthy", 27),
        "a leak before anybody fails": ("leak", 15),
        "a leak and few failures": ("leak", 27),
        "a leak and many failures": ("leak", 6),
        "a long overload": ("overload", 2),
        "an overload, still busy at the end": ("overload", 11),
        "a slow database": ("slow database", 21),
        "a slow database and few callers": ("slow database", 27),
    }
    return {name: (_incident(*which),) for name, which in chosen.items()}


@diagnosis.words
def diagnosis_in_words(metrics):
    peak = metrics[(metrics.time_s > 12) & (metrics.time_s <= 24)]
    calm = metrics[metrics.time_s > 32]
    return (
        f"in the peak {peak.arrived.mean():.0f} arrive a second and {peak.answered.mean():.0f} are "
        f"answered, {peak.waiting.max()} wait at most; in the calm {calm.borrowed.min()} to "
        f"{calm.borrowed.max()} are borrowed; {metrics.failed.sum()} failed"
    )


_CONFUSED = {
    ("healthy", "leak"): "Some are borrowed in the calm, as in any second. A leak keeps them all.",
    ("healthy", "overload"): "More traffic is no overload while every request is answered.",
    ("healthy", "slow database"): "A full pool that answers everybody is not slow.",
    ("leak", "healthy"): "In the calm the connections do not come home. It only has not hurt yet.",
    ("leak", "overload"): "The pool is as full in the calm as in the peak. Load goes home; a leak "
    "does not.",
    ("leak", "slow database"): "The pool is as full in the calm as in the peak. A slow database "
    "recovers; a leak does not.",
    ("overload", "healthy"): "Callers fail in the peak: three times as many come as usual.",
    ("overload", "leak"): "A full pool is not a leak: in the calm its connections came home.",
    ("overload", "slow database"): "A full pool gave all that it can, 200 answers a second. More "
    "was asked of it.",
    ("slow database", "healthy"): "Callers fail in the peak, though no more come than usual.",
    ("slow database", "leak"): "A full pool is not a leak: in the calm its connections are idle.",
    ("slow database", "overload"): "The traffic did not grow. The answers became fewer: a full "
    "pool gave a quarter of what it can.",
}


@diagnosis.otherwise
def why_diagnosis(got, metrics):
    return _CONFUSED.get((diagnosis.solution(metrics), got))


@diagnosis.solve
def diagnose(metrics):
    """Ask what is left when the peak is over, then what a full pool still delivers.

    A leak shows in the calm: connections that nobody uses stay out. Overload and a
    slow database both fill the pool, but a full pool that answers at full speed
    has too many callers, and one that answers slowly has a slow server.
    """
    calm = metrics[metrics.time_s > 32]
    if calm.borrowed.min() >= 4:
        return "leak"
    if metrics.failed.sum() == 0:
        return "healthy"
    full = metrics[metrics.waiting > 20]
    return "overload" if full.answered.mean() > 120 else "slow database"


@diagnosis.solve_otherwise
def diagnose(metrics):
    """Use the traffic itself: only an overload has more of it than the pool can carry."""
    if metrics.borrowed[-6:].min() >= 4:
        return "leak"
    if metrics.arrived.max() > 200:
        return "overload"
    return "slow database" if metrics.waiting.max() > 20 else "healthy"


@diagnosis.misread("A full pool is not a leak: ask whether its connections come home in the calm.")
def full_is_leak(metrics):
    if metrics.borrowed.max() == 10 and metrics.failed.sum() > 0:
        return "leak"
    return "healthy"


@diagnosis.misread("Failures are no overload: in a leak the pool is as full in the calm, too.")
def failures_are_overload(metrics):
    if metrics.failed.sum() == 0:
        return "healthy"
    slow = metrics.answered[12:24].mean() < 60
    return "slow database" if slow else "overload"


@diagnosis.misread(
    "The traffic of a slow database did not grow. Waiting says only that there is too little of "
    "something: compare what arrives with what is answered."
)
def waiting_is_overload(metrics):
    if metrics.borrowed[-6:].min() >= 4:
        return "leak"
    return "overload" if metrics.waiting.max() > 20 else "healthy"


@diagnosis.misread("A peak is no overload while every request in it is answered.")
def peak_is_overload(metrics):
    if metrics.borrowed[-6:].min() >= 4:
        return "leak"
    slow = metrics.answered[12:24].mean() < 60
    return "slow database" if slow else "overload"


@diagnosis.misread(
    "A leak is there before anybody fails. Whoever waits for failures finds it in the night."
)
def leak_needs_failures(metrics):
    if metrics.failed.sum() == 0:
        return "healthy"
    if metrics.borrowed[-6:].min() >= 4:
        return "leak"
    return "overload" if metrics.arrived.max() > 200 else "slow database"


@diagnosis.misread(
    "Callers fail in the peak, and that is not healthy: tell overload and slow database apart."
)
def calm_alone(metrics):
    if metrics.borrowed[-6:].min() >= 4:
        return "leak"
    return "healthy"


@diagnosis.misread("A healthy pool may have all ten out for a second. Nobody had to wait for long.")
def full_is_slow(metrics):
    if metrics.borrowed[-6:].min() >= 4:
        return "leak"
    if metrics.arrived.max() > 200:
        return "overload"
    return "slow database" if metrics.borrowed.max() == 10 else "healthy"


@diagnosis.misread("At the very end some are borrowed in any pool. Look at the whole of the calm.")
def last_row(metrics):
    if metrics.borrowed.iloc[-1] > 0:
        return "leak"
    if metrics.arrived.max() > 200:
        return "overload"
    return "slow database" if metrics.waiting.max() > 20 else "healthy"


@diagnosis.misread("A leak is not always of all ten: some of them may still come and go.")
def all_ten(metrics):
    if metrics.borrowed[-6:].min() == 10:
        return "leak"
    if metrics.arrived.max() > 200:
        return "overload"
    return "slow database" if metrics.waiting.max() > 20 else "healthy"


# Task 5: sizes for a fleet -------------------------------------------------------------------

fleet = lab.exercise(
    "fleet",
    "Choose sizes for a fleet",
    Parts(per_instance=Whole(of="connections"), pooler=Whole(of="connections")),
    why="Whatever is too much is refused by the server, in the middle of a deployment.",
    hint="Count the connections at the worst moment, then compare with what the server has.",
    hints=(
        "How many instances can be alive at once? During a rolling deployment old and new ones "
        "overlap by the surge.",
        "peak = instances + ceil(instances * surge); available = max_connections - reserved. If "
        "peak * needed fits into available, each instance gets what it needs; else a pooler gets "
        "all that is available.",
    ),
    explanation=(
        "Whoever looks after the database: twice as many instances ask for twice as many "
        "connections, and the server has a limit. Beyond it a pooler must stand between before the "
        "maximum is raised."
    ),
)


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """What is known: the largest number of instances, the deployment, the server, the need."""

    instances: int
    surge: float
    max_connections: int
    reserved: int
    needed_per_instance: int


@fleet.ask
def ask_fleet(rng):
    case = Fleet(
        instances=int(rng.integers(3, 60)),
        surge=float(rng.choice([0.25, 0.5])),
        max_connections=int(rng.choice([100, 200, 400])),
        reserved=int(rng.integers(3, 30)),
        needed_per_instance=int(rng.integers(2, 12)),
    )
    return (case,)


@fleet.ask_widely
def ask_fleet_widely(rng):
    case = Fleet(
        instances=int(rng.integers(1, 300)),
        surge=float(int(rng.integers(0, 101)) / 100),
        max_connections=int(rng.integers(50, 2_000)),
        reserved=int(rng.integers(0, 50)),
        needed_per_instance=int(rng.integers(1, 20)),
    )
    return (case,)


@fleet.edges
def fleet_edges():
    def of(instances, surge, max_connections, reserved, needed):
        case = Fleet(
            instances=instances,
            surge=surge,
            max_connections=max_connections,
            reserved=reserved,
            needed_per_instance=needed,
        )
        return (case,)

    return {
        "room enough": of(8, 0.25, 200, 10, 5),
        "a pooler is needed": of(40, 0.25, 200, 10, 5),
        "it just fits": of(8, 0.25, 60, 10, 5),
        "one is missing": of(8, 0.25, 59, 10, 5),
        "part of an instance, rounded up": of(9, 0.25, 124, 8, 10),
        "part of an instance, and it fits": of(9, 0.25, 128, 8, 10),
        "less than half an instance": of(5, 0.25, 64, 4, 10),
        "more than half an instance": of(7, 0.25, 89, 4, 10),
        "only the surge is too much": of(20, 0.5, 120, 10, 5),
        "only the reserve is too much": of(20, 0.5, 155, 10, 5),
        "nothing is reserved": of(10, 0.5, 75, 0, 5),
        "no surge": of(20, 0.0, 110, 10, 5),
        "7 of 100, for a computer a little more": of(100, 0.07, 331, 10, 3),
        "55 of 100, for a computer a little more": of(100, 0.55, 475, 10, 3),
    }


@fleet.otherwise
def why_fleet(got, fleet):
    peak = fleet.instances + math.ceil(round(fleet.instances * fleet.surge, 6))
    available = fleet.max_connections - fleet.reserved
    per_instance, pooler = got
    fits = peak * fleet.needed_per_instance <= available
    if per_instance < fleet.needed_per_instance:
        return f"An instance needs {fleet.needed_per_instance} for its own load."
    if per_instance > fleet.needed_per_instance:
        return (
            "More than an instance needs is memory on the server, and nothing is left for others."
        )
    if fits:
        return f"All {peak} instances fit without a pooler. It would be one more thing to run."
    if not pooler:
        asked = peak * fleet.needed_per_instance
        return f"At the worst {peak} instances ask for {asked} connections, and {available} exist."
    if pooler > available:
        return f"The pooler counts as well: {fleet.reserved} connections are reserved."
    return f"A pooler is needed, and it should have all that is available: {available}."


@fleet.solve
def choose_sizes(fleet):
    """Count at the worst moment, and share only when the sum does not fit.

    The worst moment is a deployment: old and new instances hold connections
    together. What an instance needs follows from its load (task 3); if the sum
    is more than the server has, a pooler bounds the sum. 100 * 0.07 is a little more than
    7 for a computer, so it is rounded before it is rounded up.
    """
    peak = fleet.instances + math.ceil(round(fleet.instances * fleet.surge, 6))
    available = fleet.max_connections - fleet.reserved
    if peak * fleet.needed_per_instance <= available:
        return fleet.needed_per_instance, 0
    return fleet.needed_per_instance, available


@fleet.solve_otherwise
def choose_sizes(fleet):
    """Ask it the other way round, for the most that each instance could have."""
    available = fleet.max_connections - fleet.reserved
    per_cent = round(100 * fleet.surge)
    new = (fleet.instances * per_cent + 99) // 100
    enough = available // (fleet.instances + new) >= fleet.needed_per_instance
    return fleet.needed_per_instance, 0 if enough else available


@fleet.misread("During a deployment old and new instances are alive together, and ask together.")
def no_surge(fleet):
    available = fleet.max_connections - fleet.reserved
    fits = fleet.instances * fleet.needed_per_instance <= available
    return fleet.needed_per_instance, 0 if fits else available


@fleet.misread("Some connections are reserved, for backups and for you at three in the morning.")
def no_reserve(fleet):
    peak = fleet.instances + math.ceil(round(fleet.instances * fleet.surge, 6))
    fits = peak * fleet.needed_per_instance <= fleet.max_connections
    return fleet.needed_per_instance, 0 if fits else fleet.max_connections


@fleet.misread("Dividing the server's limit does not make the need smaller; a shared pooler does.")
def divides(fleet):
    peak = fleet.instances + math.ceil(round(fleet.instances * fleet.surge, 6))
    available = fleet.max_connections - fleet.reserved
    return min(available // peak, fleet.needed_per_instance), 0


@fleet.misread("A limit is no target: each instance gets what it needs, not what there is.")
def takes_all(fleet):
    peak = fleet.instances + math.ceil(round(fleet.instances * fleet.surge, 6))
    available = fleet.max_connections - fleet.reserved
    if peak * fleet.needed_per_instance <= available:
        return available // peak, 0
    return fleet.needed_per_instance, available


@fleet.misread("Rounded down, a new instance is forgotten: part of one is one.")
def surge_rounded_down(fleet):
    peak = fleet.instances + int(fleet.instances * fleet.surge + 1e-9)
    available = fleet.max_connections - fleet.reserved
    fits = peak * fleet.needed_per_instance <= available
    return fleet.needed_per_instance, 0 if fits else available


@fleet.misread("Rounded to the nearest, a new instance is forgotten now and then: round up.")
def surge_rounded(fleet):
    peak = fleet.instances + round(fleet.instances * fleet.surge)
    available = fleet.max_connections - fleet.reserved
    fits = peak * fleet.needed_per_instance <= available
    return fleet.needed_per_instance, 0 if fits else available


@fleet.misread(
    "A part of an instance holds all of its connections: round the new instances up to whole ones."
)
def surge_not_rounded(fleet):
    peak = fleet.instances * (1 + fleet.surge)
    available = fleet.max_connections - fleet.reserved
    fits = peak * fleet.needed_per_instance <= available + 1e-9
    return fleet.needed_per_instance, 0 if fits else available


@fleet.misread(
    "For a computer 100 * 0.07 is a little more than 7, and rounded up it is 8: round it to some "
    "digits first."
)
def one_too_many(fleet):
    peak = fleet.instances + math.ceil(fleet.instances * fleet.surge)
    available = fleet.max_connections - fleet.reserved
    fits = peak * fleet.needed_per_instance <= available
    return fleet.needed_per_instance, 0 if fits else available


@fleet.misread("An exact fit fits: the last connection may be used.")
def never_full(fleet):
    peak = fleet.instances + math.ceil(round(fleet.instances * fleet.surge, 6))
    available = fleet.max_connections - fleet.reserved
    fits = peak * fleet.needed_per_instance < available
    return fleet.needed_per_instance, 0 if fits else available


@fleet.misread(
    "The surge says how many more are started, as a share. It is not the whole fleet again."
)
def twice_the_fleet(fleet):
    available = fleet.max_connections - fleet.reserved
    fits = 2 * fleet.instances * fleet.needed_per_instance <= available
    return fleet.needed_per_instance, 0 if fits else available


@fleet.misread("A pooler in any case: where all fit, it is one more thing to run.")
def always_a_pooler(fleet):
    return fleet.needed_per_instance, fleet.max_connections - fleet.reserved


@fleet.misread("The pooler should have all that is available, not what is missing.")
def what_is_missing(fleet):
    peak = fleet.instances + math.ceil(round(fleet.instances * fleet.surge, 6))
    available = fleet.max_connections - fleet.reserved
    return fleet.needed_per_instance, max(0, peak * fleet.needed_per_instance - available)


@fleet.misread(
    "The pooler's clients are as many as ask, but its connections are what is available."
)
def as_many_as_ask(fleet):
    peak = fleet.instances + math.ceil(round(fleet.instances * fleet.surge, 6))
    asked = peak * fleet.needed_per_instance
    fits = asked <= fleet.max_connections - fleet.reserved
    return fleet.needed_per_instance, 0 if fits else asked
