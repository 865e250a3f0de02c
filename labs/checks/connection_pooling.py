"""Exercises of the lab on connection pooling: checkers, hints, solutions, and wrong answers."""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from scalelab.course.chapters.connection_pooling.experiments import INCIDENTS, incident
from scalelab.course.check import Lab
from scalelab.course.examine import AnswerError, answered, same_number
from scalelab.models.erlang import mmc_mean_response_s
from scalelab.models.round_trips import ConnectionAccount, Step
from scalelab.models.staffing import smallest_servers, smallest_servers_for_response
from scalelab.models.waiting_times import mmc_response_percentile_s

lab = Lab("connection_pooling")

# Task 1: account for the round trips ---------------------------------------------------------

account = lab.exercise(
    "account",
    "Account for the round trips",
    hints=(
        "Each step takes step.round_trips * rtt_s + step.work_s. Which steps does a request with "
        "its own connection pay for, and which a pooled one?",
        "A request with its own connection pays for the phases set-up, query and close; it borrows "
        "nothing. A pooled request pays for borrow and query.",
    ),
)


def random_steps(rng: np.random.Generator) -> tuple[list[Step], float]:
    """Draw the steps of a connection and the round trip of its link."""
    work = rng.uniform(0.001, 0.010, size=4)
    steps = [
        Step("TCP handshake", 1),
        Step("TLS handshake", int(rng.integers(1, 3))),
        Step("authentication", int(rng.integers(1, 4)), float(work[0])),
        Step("validation", int(rng.integers(1, 3)), phase="borrow"),
        Step("query", int(rng.integers(1, 4)), float(work[1]), "query"),
        Step("close", 0, float(work[2]), "close"),
    ]
    return steps, float(rng.uniform(0.0005, 0.050))


@account.check_with
def check_account(answer, rng):
    steps, rtt_s = random_steps(rng)
    truth = ConnectionAccount(tuple(steps), rtt_s)
    listed = "; ".join(
        f"{s.name} [{s.phase}] {s.round_trips} RTT + {s.work_s:.4f} s" for s in steps
    )
    scenario = f"rtt_s={rtt_s:.4f}; {listed}"
    result = answered(answer(steps, rtt_s))
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise AnswerError(
            "a pair (unpooled_s, pooled_s)",
            repr(result),
            scenario=scenario,
            why="The caller compares the two.",
            hint="End with: return unpooled_s, pooled_s",
        )
    misread = {
        "unpooled": [
            (
                truth.phase_s("set-up", "query"),
                "Closing takes time, too; its phase is close.",
            ),
            (
                truth.unpooled_s + truth.phase_s("borrow"),
                "A request that opens its own connection borrows nothing, so it validates nothing.",
            ),
            (
                sum(s.work_s for s in steps),
                "Work is only half of it: each round trip takes rtt_s.",
            ),
            (
                sum(s.round_trips * rtt_s for s in steps if s.phase != "borrow"),
                "Round trips are only half of it: add step.work_s.",
            ),
        ],
        "pooled": [
            (
                truth.phase_s("query"),
                "The validation happens on every borrow, so each pooled request pays for it.",
            ),
            (
                truth.phase_s("borrow", "query", "close"),
                "Giving a connection back is not closing it.",
            ),
            (
                sum(s.work_s for s in steps if s.phase == "query"),
                "The query crosses the network like everything else: it needs its round trips.",
            ),
        ],
    }
    for name, got, expected in (
        ("unpooled", result[0], truth.unpooled_s),
        ("pooled", result[1], truth.request_s),
    ):
        why = f"{name}_s is what one request of that kind takes."
        for value, meaning in misread[name]:
            if isinstance(got, float) and math.isclose(got, value, rel_tol=1e-9):
                why = meaning
        same_number(
            got,
            expected,
            scenario=f"{name}_s for {scenario}",
            why=why,
            hint="Write down which phases this request goes through, then add their steps.",
        )


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


@account.reject("the query does not cross the network", "crosses the network")
def free_query(steps, rtt_s):
    unpooled_s, _ = account.solution(steps, rtt_s)
    return unpooled_s, sum(s.work_s for s in steps if s.phase == "query")


@account.reject("validation is free", "every borrow")
def free_validation(steps, rtt_s):
    unpooled_s, _ = account.solution(steps, rtt_s)
    query_s = sum(s.round_trips * rtt_s + s.work_s for s in steps if s.phase == "query")
    return unpooled_s, query_s


@account.reject("only the work counts", "each round trip takes rtt_s")
def only_work(steps, rtt_s):
    return sum(s.work_s for s in steps), sum(s.work_s for s in steps if s.phase == "query")


@account.reject("every step in both", "borrows nothing")
def every_step(steps, rtt_s):
    total_s = sum(s.round_trips * rtt_s + s.work_s for s in steps)
    return total_s, account.solution(steps, rtt_s)[1]


# Task 2: a pool that survives random use -----------------------------------------------------

pool = lab.exercise(
    "pool",
    "A pool that survives random use",
    hints=(
        "Keep two things: a list of idle connections, and a set of the borrowed ones. Everything "
        "that can go wrong is a disagreement between the two and the number open.",
        "acquire: first an idle one that is alive; else, if fewer than max_size are open, a new "
        "one; else None. Count a connection only after connect() has returned it.",
        "release: if it is not among the borrowed, raise ValueError. Take it out. If it is alive, "
        "append it to the idle ones; if not, forget it, so that its place is free.",
    ),
)


class Connection:
    """What the checker's connect() returns; a broken one is not alive."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.alive = True

    def __repr__(self) -> str:
        return f"connection {self.number}" + ("" if self.alive else " (broken)")


class Server:
    """Counts connections, and sometimes refuses one."""

    def __init__(self) -> None:
        self.opened = 0
        self.refuse_next = False

    def connect(self) -> Connection:
        """Open a connection, or raise ConnectionError."""
        if self.refuse_next:
            self.refuse_next = False
            raise ConnectionError("the server refused")
        self.opened += 1
        return Connection(self.opened)


@pool.check_with
def check_pool(answer, rng):
    max_size = int(rng.integers(2, 6))
    server, story, held = Server(), [], []
    mine = answered(answer(server.connect, max_size))
    for _ in range(60):
        action = rng.choice(["acquire", "acquire", "release", "break", "refuse", "again"])
        if action == "acquire":
            _try_acquire(mine, server, held, max_size, story)
        elif action == "release" and held:
            given = held.pop(int(rng.integers(len(held))))
            story.append(f"release {given}")
            mine.release(given)
        elif action == "break" and held:
            broken = held[int(rng.integers(len(held)))]
            broken.alive = False
            story.append(f"{broken.number} breaks")
        elif action == "refuse":
            _try_refused(mine, server, held, max_size, story)
        elif action == "again" and not held:
            _try_release_twice(mine, server, story)


def _wrong_pool(expected, got, story, why, hint):
    last = "; ".join(story[-6:])
    return AnswerError(expected, got, scenario=f"last steps: {last}", why=why, hint=hint)


def _try_acquire(mine, server, held, max_size, story):
    opened_before = server.opened
    got = answered(mine.acquire())
    story.append(f"acquire -> {got}")
    if got is None:
        if len(held) < max_size:
            raise _wrong_pool(
                f"a connection: {len(held)} of {max_size} are out",
                "None",
                story,
                "The pool lost capacity: a place was counted and never freed. After enough of "
                "these nobody gets a connection.",
                "Count a connection only once it is open, and free the place of a broken one.",
            )
        return
    if not isinstance(got, Connection):
        raise _wrong_pool(
            "a connection, as connect() returned it, or None",
            repr(got),
            story,
            "The borrower sends its query over what it gets.",
            "Return the connection itself.",
        )
    if any(got is other for other in held):
        raise _wrong_pool(
            "a connection that nobody holds",
            f"{got}, which is borrowed already",
            story,
            "Two borrowers on one connection read each other's answers.",
            "Move a connection from idle to borrowed when you lend it, and back once.",
        )
    if len(held) >= max_size:
        raise _wrong_pool(
            f"None: all {max_size} are out",
            str(got),
            story,
            "The maximum protects the database. A pool that exceeds it protects nobody.",
            "Compare the number open, idle and borrowed together, with max_size.",
        )
    if not got.alive:
        raise _wrong_pool(
            "a connection that is alive",
            str(got),
            story,
            "A broken connection that goes back to the idle ones fails its next borrower.",
            "Look at connection.alive at release, and forget it when it is False.",
        )
    held.append(got)
    if server.opened > opened_before and server.opened > _needed(server, held, story, max_size):
        raise _wrong_pool(
            "an idle connection, used again",
            f"{got}, opened anew",
            story,
            "Without reuse there is no pool: each request pays for the set-up again.",
            "Look among the idle connections before you call connect().",
        )


def _needed(server, held, story, max_size):
    """Count what a pool with reuse would have opened: max_size, and one for each break."""
    return max_size + sum("breaks" in step for step in story)


def _try_refused(mine, server, held, max_size, story):
    if len(held) >= max_size:
        return
    server.refuse_next = True
    try:
        got = answered(mine.acquire())
    except ConnectionError:
        story.append("acquire -> the server refused")
        return
    finally:
        server.refuse_next = False
    story.append(f"acquire -> {got}")
    if isinstance(got, Connection):
        held.append(got)


def _try_release_twice(mine, server, story):
    first = answered(mine.acquire())
    if not isinstance(first, Connection):
        return  # the next acquire says what is wrong with it
    mine.release(first)
    story.append(f"acquire, release {first}, release it again")
    try:
        mine.release(first)
    except ValueError:
        return
    raise _wrong_pool(
        "ValueError at the second release",
        "no error",
        story,
        "A connection that stands twice among the idle ones is lent to two borrowers at once.",
        "Keep the borrowed ones in a set; a connection that is not in it cannot be released.",
    )


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


@pool.reject("a new connection each time", "Without reuse there is no pool")
class NoReuse(pool.solution):
    def acquire(self):
        if len(self.borrowed) >= self.max_size:
            return None
        connection = self.connect()
        self.borrowed.add(connection)
        return connection


@pool.reject("no maximum", "maximum protects the database")
class NoMaximum(pool.solution):
    def acquire(self):
        connection = self.idle.pop() if self.idle else self.connect()
        self.borrowed.add(connection)
        return connection


@pool.reject("release twice goes unnoticed", "ValueError at the second release")
class TakesAnything(pool.solution):
    def release(self, connection):
        self.borrowed.discard(connection)
        if connection.alive:
            self.idle.append(connection)


@pool.reject("broken connections go back", "fails its next borrower")
class KeepsBroken(pool.solution):
    def release(self, connection):
        super().release(connection)
        if not connection.alive:
            self.idle.append(connection)


@pool.reject("counts before it connects", "lost capacity")
class CountsFirst(pool.solution):
    def __init__(self, connect, max_size):
        super().__init__(connect, max_size)
        self.open = 0

    def acquire(self):
        if not self.idle:
            if self.open == self.max_size:
                return None
            self.open += 1
        return super().acquire()

    def release(self, connection):
        super().release(connection)
        self.open -= not connection.alive


# Task 3: the smallest pool for a target ------------------------------------------------------

smallest = lab.exercise(
    "smallest",
    "The smallest pool for a p99 target",
    hints=(
        "Start from the fewest connections that can carry the load at all, one more than "
        "arrival_rate_per_s * mean_query_s rounded down, and go up one by one.",
        "For each size ask mmc_response_percentile_s(0.99, arrival_rate_per_s, 1 / mean_query_s, "
        "size) and stop at the first that is within the target.",
    ),
)


@smallest.check_with
def check_smallest(answer, rng):
    mean_query_s = float(rng.uniform(0.002, 0.020))
    load = float(rng.uniform(2, 40))
    target_s = mean_query_s * float(rng.uniform(4.8, 8.0))
    rate = load / mean_query_s
    truth = smallest_servers_for_response(
        rate, 1 / mean_query_s, percentile=0.99, max_response_s=target_s
    )
    got = answered(answer(rate, mean_query_s, target_s))
    scenario = (
        f"{rate:.1f} queries/s of {1e3 * mean_query_s:.2f} ms on average, p99 target "
        f"{1e3 * target_s:.1f} ms; {load:.1f} connections busy on average"
    )
    why = "One connection too few misses the target; each one too many costs the server memory."
    if isinstance(got, (int, np.integer)) and got > load:
        p99_s = mmc_response_percentile_s(0.99, rate, 1 / mean_query_s, int(got))
        mean_s = mmc_mean_response_s(rate, 1 / mean_query_s, int(got))
        if got < truth and mean_s <= target_s < p99_s:
            why = (
                f"With {got} the mean is {1e3 * mean_s:.1f} ms and within the target, but the p99 "
                f"is {1e3 * p99_s:.1f} ms. A target for one request in a hundred needs the "
                "percentile, not the mean."
            )
        elif got > truth:
            why = (
                f"{got} are enough, but {truth} are as well: their p99 is within the target. Being "
                "rid of the wait is more than was asked."
            )
    elif isinstance(got, (int, float, np.number)) and got <= load:
        why = (
            f"{load:.1f} connections are busy on average. With {got} the line grows without end; "
            "Little's law gives the load, not the size."
        )
    same_number(
        got,
        truth,
        scenario=scenario,
        why=why,
        hint="Compare the p99 of the response, wait and query together, for size after size.",
    )


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


@smallest.reject("the mean for the p99", "not the mean")
def by_the_mean(arrival_rate_per_s, mean_query_s, target_s):
    size = int(arrival_rate_per_s * mean_query_s) + 1
    while mmc_mean_response_s(arrival_rate_per_s, 1 / mean_query_s, size) > target_s:
        size += 1
    return size


@smallest.reject("Little's law is the size", "gives the load, not the size")
def by_little(arrival_rate_per_s, mean_query_s, target_s):
    return int(arrival_rate_per_s * mean_query_s)


@smallest.reject("nobody may wait", "more than was asked")
def by_no_wait(arrival_rate_per_s, mean_query_s, target_s):
    return smallest_servers(arrival_rate_per_s, 1 / mean_query_s, max_wait_probability=0.001)


# Task 4: a diagnosis from metrics ------------------------------------------------------------

diagnosis = lab.exercise(
    "diagnosis",
    "Diagnose an incident from its metrics",
    hints=(
        "Look at two stretches of time: the peak, from second 12 to 24, and the calm after "
        "second 32. In the calm, which incident still shows?",
        "A leak keeps connections borrowed in the calm. The other two fill the pool in the peak: "
        "how many answers a second does a full pool give in each?",
    ),
)


@cache
def _incident(kind, number):
    return incident(kind, rng=np.random.default_rng([number, 5]))


_CONFUSED = {
    (
        "overload",
        "leak",
    ): "A full pool is not a leak: in the calm its connections came home.",
    (
        "slow database",
        "leak",
    ): "A full pool is not a leak: in the calm its connections came home.",
    (
        "slow database",
        "overload",
    ): "The traffic did not grow. The answers became fewer: a full pool "
    "gave a quarter of what it can.",
    (
        "overload",
        "slow database",
    ): "A full pool gave all that it can, 200 answers a second. More was asked of it.",
    (
        "leak",
        "overload",
    ): "The pool is as full in the calm as in the peak. Load goes home; a leak does not.",
    (
        "leak",
        "slow database",
    ): "The pool is as full in the calm as in the peak. A slow database recovers; a leak does not.",
    (
        "healthy",
        "overload",
    ): "More traffic is no overload while every request is answered.",
}


@diagnosis.check_with
def check_diagnosis(answer, rng):
    kind, number = str(rng.choice(INCIDENTS)), int(rng.integers(4))
    got = answered(answer(_incident(kind, number).copy()))
    if got == kind:
        return
    known = isinstance(got, str) and got in INCIDENTS
    false_alarm = "A false alarm costs a night's sleep, a missed incident costs customers."
    raise AnswerError(
        repr(kind),
        repr(got),
        scenario=f"incident({kind!r}, rng=np.random.default_rng([{number}, 5]))",
        why=_CONFUSED.get((kind, got), false_alarm)
        if known
        else f"The answer is one of {', '.join(INCIDENTS)}.",
        hint="Plot borrowed, arrived and answered of this incident beside each other.",
    )


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


@diagnosis.reject("a full pool is a leak", "its connections came home")
def full_is_leak(metrics):
    if metrics.borrowed.max() == 10 and metrics.failed.sum() > 0:
        return "leak"
    return "healthy"


@diagnosis.reject("every failure is overload", "Load goes home")
def failures_are_overload(metrics):
    if diagnosis.solution(metrics) == "slow database":
        return "slow database"
    return "overload" if metrics.failed.sum() else "healthy"


@diagnosis.reject("waiting means overload", "traffic did not grow")
def waiting_is_overload(metrics):
    if metrics.borrowed[-6:].min() >= 4:
        return "leak"
    return "overload" if metrics.waiting.max() > 20 else "healthy"


@diagnosis.reject("a peak is overload", "while every request is answered")
def peak_is_overload(metrics):
    found = diagnosis.solution(metrics)
    return "overload" if found == "healthy" else found


# Task 5: sizes for a fleet -------------------------------------------------------------------

fleet = lab.exercise(
    "fleet",
    "Choose sizes for a fleet",
    hints=(
        "How many instances can be alive at once? During a rolling deployment old and new ones "
        "overlap by the surge.",
        "peak = instances + ceil(instances * surge); available = max_connections - reserved. If "
        "peak * needed fits into available, each instance gets what it needs; else a pooler gets "
        "all that is available.",
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


@fleet.check_with
def check_fleet(answer, rng):
    case = Fleet(
        instances=int(rng.integers(3, 60)),
        surge=float(rng.choice([0.25, 0.5])),
        max_connections=int(rng.choice([100, 200, 400])),
        reserved=int(rng.integers(3, 30)),
        needed_per_instance=int(rng.integers(2, 12)),
    )
    peak = case.instances + math.ceil(case.instances * case.surge)
    available = case.max_connections - case.reserved
    fits = peak * case.needed_per_instance <= available
    truth = (case.needed_per_instance, 0 if fits else available)
    got = answered(answer(case))
    pair = isinstance(got, (tuple, list))
    whole = pair and all(isinstance(size, (int, np.integer)) for size in got)
    if not whole or len(got) != 2:
        raise AnswerError(
            "a pair (per_instance, pooler) of whole numbers",
            repr(got),
            scenario=str(case),
            why="The pooler's size is 0 where none is needed.",
            hint="End with: return per_instance, pooler",
        )
    if tuple(got) == truth:
        return
    raise AnswerError(
        str(truth),
        str(tuple(got)),
        scenario=str(case),
        why=_why_fleet(case, got, peak, available, fits),
        hint="Count the connections at the worst moment, then compare with what the server has.",
    )


def _why_fleet(case, got, peak, available, fits):
    per_instance, pooler = got
    if not fits and not pooler:
        if case.instances * per_instance <= available < peak * per_instance:
            return (
                f"During a deployment {peak} instances are alive, not {case.instances}; together "
                f"they ask for {peak * per_instance} of {available}."
            )
        if available < peak * per_instance <= case.max_connections:
            return (
                f"{case.reserved} connections are reserved for backups and for you at three in "
                "the morning."
            )
        if per_instance < case.needed_per_instance:
            return (
                f"An instance needs {case.needed_per_instance} for its own load. Dividing the "
                "server's limit does not make the need smaller; a shared pooler does."
            )
        return f"Together {peak * per_instance} connections are asked for, and {available} exist."
    if pooler > available:
        return f"The pooler counts as well: {case.reserved} connections are reserved."
    if fits and per_instance > case.needed_per_instance:
        return (
            "A limit is not a target. More than an instance needs is memory on the server, and "
            "nothing is left for the next service."
        )
    if fits and pooler:
        return f"All {peak} instances fit without a pooler. It would be one more thing to run."
    return "Each instance should get what its own load needs."


@fleet.solve
def choose_sizes(fleet):
    """Count at the worst moment, and share only when the sum does not fit.

    The worst moment is a deployment: old and new instances hold connections
    together. What an instance needs follows from its load (task 3); if the sum
    is more than the server has, a pooler bounds the sum.
    """
    peak = fleet.instances + math.ceil(fleet.instances * fleet.surge)
    available = fleet.max_connections - fleet.reserved
    if peak * fleet.needed_per_instance <= available:
        return fleet.needed_per_instance, 0
    return fleet.needed_per_instance, available


@fleet.solve_otherwise
def choose_sizes(fleet):
    """Ask it the other way round, for the most that each instance could have."""
    available = fleet.max_connections - fleet.reserved
    at_most = available // (fleet.instances + math.ceil(fleet.instances * fleet.surge))
    enough = at_most >= fleet.needed_per_instance
    return fleet.needed_per_instance, 0 if enough else available


@fleet.reject("forgets the deployment", "During a deployment")
def no_surge(fleet):
    available = fleet.max_connections - fleet.reserved
    fits = fleet.instances * fleet.needed_per_instance <= available
    return fleet.needed_per_instance, 0 if fits else available


@fleet.reject("forgets the reserve", "are reserved")
def no_reserve(fleet):
    peak = fleet.instances + math.ceil(fleet.instances * fleet.surge)
    fits = peak * fleet.needed_per_instance <= fleet.max_connections
    return fleet.needed_per_instance, 0 if fits else fleet.max_connections


@fleet.reject("divides the limit", "does not make the need smaller")
def divides(fleet):
    peak = fleet.instances + math.ceil(fleet.instances * fleet.surge)
    available = fleet.max_connections - fleet.reserved
    return min(available // peak, fleet.needed_per_instance), 0


@fleet.reject("takes all there is", "A limit is not a target")
def takes_all(fleet):
    peak = fleet.instances + math.ceil(fleet.instances * fleet.surge)
    available = fleet.max_connections - fleet.reserved
    if peak * fleet.needed_per_instance <= available:
        return available // peak, 0
    return fleet.needed_per_instance, available
