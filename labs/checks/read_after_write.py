"""Exercises of the lab on reading one's own writes."""

import random

from scalelab.course.chapters.read_after_write.own_router import chosen_of, play_router
from scalelab.course.check import Lab
from scalelab.course.diagnosis import Fault
from scalelab.course.kinds import Data, Maybe, Number
from scalelab.course.values import short
from scalelab.history.timeline import describe
from scalelab.real.limits import call

lab = Lab("read_after_write")

# Task 1: what a timer misses -----------------------------------------------------------------

missed = lab.exercise(
    "missed",
    "What a timer misses",
    Number(unit="ratio"),
    why="These users will write to the support desk that their answer is gone.",
    hint="Take one user: where does his read go, and is his write there by then?",
    hints=(
        "A read misses if two things hold: it goes to the replica, and it comes before the replica "
        "has the write.",
        "pause_s >= window_s and pause_s < lag_s. Count these pairs of zip(pauses_s, lags_s), and "
        "divide by the number of all users.",
    ),
    explanation=(
        "A longer timer misses fewer users of whom each reads at the primary. It never misses "
        "nobody as long as the lag has no longest value: during an import, or after a failure of "
        "the network, it is longer than any timer that you would choose."
    ),
)
TIMES_S = (0.0, 0.02, 0.05, 0.075, 0.1, 0.12, 0.2, 0.4)


@missed.ask
def ask_missed(rng):
    users = int(rng.integers(3, 25))
    pauses_s, lags_s = ([float(t) for t in rng.choice(TIMES_S, users)] for _ in range(2))
    return pauses_s, lags_s, float(rng.choice(TIMES_S[:5]))


@missed.ask_widely
def ask_missed_widely(rng):
    users = int(rng.integers(1, 200))
    draws = [[float(t) for t in rng.choice([*TIMES_S, 3.0, rng.random()], users)] for _ in "pl"]
    return *draws, float(rng.choice([*TIMES_S, 9.0, rng.random()]))


@missed.edges
def missed_edges():
    return {
        "four users, one lag": ([0.01, 0.06, 0.07, 0.11], [0.075] * 4, 0.05),
        "exactly at the end of the timer": ([0.05, 0.3, 0.3], [0.1, 0.1, 0.1], 0.05),
        "exactly at the lag": ([0.1, 0.06, 0.3], [0.1, 0.1, 0.1], 0.05),
        "no timer": ([0.02, 0.2, 0.0], [0.1, 0.1, 0.1], 0.0),
        "lags of their own": ([0.06, 0.2, 0.2, 0.3], [0.05, 0.4, 0.1, 2.0], 0.05),
        "a timer longer than every lag": ([0.1, 0.4, 0.6], [0.2, 0.3, 0.1], 0.5),
        "everybody within the timer": ([0.01, 0.02], [0.5, 0.5], 0.1),
        "one user": ([0.2], [0.3], 0.1),
        "a replica without a lag": ([0.0, 0.2], [0.0, 0.0], 0.0),
    }


@missed.otherwise
def why_missed(got, pauses_s, lags_s, window_s):
    if not 0 <= got <= 1:
        return "A share lies between 0 and 1."
    if got > missed.solution(pauses_s, lags_s, window_s):
        return "Some of these do see their write: at the primary, or because the lag is over."
    return "Some more miss it: those who read after the timer and before their own lag is over."


@missed.solve
def missed_share(pauses_s, lags_s, window_s):
    """Count those who read after the timer and before their replica has the write.

    Each user has a lag of his own, so the two lists go together, pair by pair; a mean of either
    would lose the tail that the complaints come from.
    """
    pairs = zip(pauses_s, lags_s, strict=True)
    return sum(window_s <= pause_s < lag_s for pause_s, lag_s in pairs) / len(pauses_s)


@missed.solve_otherwise
def missed_share(pauses_s, lags_s, window_s):
    """Take away those who see it: at the primary, or at a replica that is ready."""
    seen = 0
    for i in range(len(pauses_s)):
        if pauses_s[i] < window_s or pauses_s[i] >= lags_s[i]:
            seen += 1
    return 1 - seen / len(pauses_s)


@missed.misread("At the end of the timer itself the read goes to a replica: only a shorter pause.")
def primary_at_the_end(pauses_s, lags_s, window_s):
    pairs = zip(pauses_s, lags_s, strict=True)
    return sum(window_s < p < lag for p, lag in pairs) / len(pauses_s)


@missed.misread("A replica that is lag_s behind has the write after lag_s: at that moment, too.")
def missed_at_the_lag(pauses_s, lags_s, window_s):
    pairs = zip(pauses_s, lags_s, strict=True)
    return sum(window_s <= p <= lag for p, lag in pairs) / len(pauses_s)


@missed.misread("Whoever reads within the timer gets the primary, and the primary has his write.")
def without_the_timer(pauses_s, lags_s, window_s):
    return sum(p < lag for p, lag in zip(pauses_s, lags_s, strict=True)) / len(pauses_s)


@missed.misread("That is the share of those who see their write. Asked are those who do not.")
def those_who_see(pauses_s, lags_s, window_s):
    return 1 - missed.solution(pauses_s, lags_s, window_s)


@missed.misread("Of all users, also of those who read at the primary: divide by all pauses.")
def of_those_at_the_replica(pauses_s, lags_s, window_s):
    there = [(p, lag) for p, lag in zip(pauses_s, lags_s, strict=True) if p >= window_s]
    return sum(p < lag for p, lag in there) / len(there) if there else 0.0


@missed.misread(
    "A lag that is longer than the timer hurts only those who read before it is over: compare the "
    "pause as well."
)
def lag_against_timer(pauses_s, lags_s, window_s):
    return sum(lag > window_s for lag in lags_s) / len(lags_s)


@missed.misread("That is the number of those who miss. Divide by the number of all users.")
def a_number(pauses_s, lags_s, window_s):
    return sum(window_s <= p < lag for p, lag in zip(pauses_s, lags_s, strict=True))


@missed.misread("Each user meets his own lag, not the longest of all: go through both lists.")
def the_longest_lag(pauses_s, lags_s, window_s):
    return sum(window_s <= p < max(lags_s) for p in pauses_s) / len(pauses_s)


@missed.misread("Each user meets his own lag, not the mean: the mean hides the long ones.")
def the_mean_lag(pauses_s, lags_s, window_s):
    mean_s = sum(lags_s) / len(lags_s)
    return sum(window_s <= p < mean_s for p in pauses_s) / len(pauses_s)


@missed.misread("The lag runs from the write, like the timer: they are not one after the other.")
def one_after_the_other(pauses_s, lags_s, window_s):
    pairs = zip(pauses_s, lags_s, strict=True)
    return sum(window_s <= p < window_s + lag for p, lag in pairs) / len(pauses_s)


@missed.misread(
    "The two lists go together: the first pause with the first lag, not with every lag."
)
def every_pair(pauses_s, lags_s, window_s):
    pairs = [(p, lag) for p in pauses_s for lag in lags_s]
    return sum(window_s <= p < lag for p, lag in pairs) / len(pairs)


@missed.misread("Turned round: these are the ones who read within the timer, at the primary.")
def within_the_timer(pauses_s, lags_s, window_s):
    pairs = zip(pauses_s, lags_s, strict=True)
    return sum(p < window_s and p < lag for p, lag in pairs) / len(pauses_s)


# Task 2: a router that reads own writes ------------------------------------------------------

own = lab.exercise(
    "own",
    "A router for own writes",
    Data("a list of what it chose", of=list),
    why="A replica that has not applied the user's write cannot show it to him.",
    hint="What does the router have to remember of a user between two calls? One number is enough.",
    hints=(
        "Remember the largest position that wrote was given, 0 at first, in self.",
        "In choose, look for the names whose position in applied is at least that number. Any of "
        'them is right; if there is none, "primary".',
    ),
    explanation=(
        "The number must travel with the user: in a cookie, or beside his account. The phone has "
        "another session, so it may miss what the laptop wrote, unless both carry the same number."
    ),
    repeatable=False,  # any replica that is ready is right, so it may be drawn
)

PRIMARY = "primary"
NOT_IN_SELF = (
    "Print the number that choose compares with. Does it come from another user or another router? "
    "Then it is not kept in self, and made in __init__."
)


def step_in_words(user, verb, value):
    """Say one line of a script."""
    if verb == "reads":
        return f"{user} reads, applied={value}"
    return f"{user} {verb} {value}"


def script_in_words(script):
    return "; ".join(step_in_words(*step) for step in script)


def follow(answer, script):
    """Give each user of a script a router, and return what they chose, read by read."""
    routers = {user: call(answer) for user in dict.fromkeys(user for user, _, _ in script)}
    chosen = []
    for user, verb, value in script:
        if verb == "reads":
            chosen.append(chosen_of(routers[user], value))
        else:
            call(call(getattr, routers[user], verb), value)
    return chosen


def first_wrong(chosen, script, counted=("wrote",)):
    """Find the first choice that is wrong; what it was, and the state at that moment."""
    largest, last, places = {}, {}, iter(chosen)
    for number, (user, verb, value) in enumerate(script, 1):
        if verb in counted:
            largest[user], last[user] = max(largest.get(user, 0), value), value
        elif verb == "reads":
            choice, needs = next(places), largest.get(user, 0)
            ready = [name for name, position in value.items() if position >= needs]
            if choice not in (ready or [PRIMARY]):
                lines = [f"{n}. {step_in_words(*s)}" for n, s in enumerate(script[:number], 1)]
                story = "\n".join([*lines, f"   -> {choice}"])
                return choice, needs, value, ready, last.get(user, 0), largest, story
    return None


@own.ask
def ask_own(rng):
    """Draw what two users do, and how far three replicas are at each read."""
    script, head = [], int(rng.integers(1, 50))
    for _ in range(14):
        user = str(rng.choice(["Ann", "Bob"]))
        if rng.random() < 0.4:
            head += int(rng.integers(1, 4))
            script.append((user, "wrote", head))
        else:
            places = {f"r{i}": max(0, head - int(rng.integers(0, 9))) for i in (1, 2, 3)}
            script.append((user, "reads", places))
    return ([*script, ("Ann", "reads", {"r2": 0, "r1": head, "r3": 0})],)


@own.ask_widely
def ask_own_widely(rng):
    script = []
    for _ in range(40):
        user = str(rng.choice(["Ann", "Bob", "Cid"]))
        if rng.random() < 0.3:
            script.append((user, "wrote", int(rng.integers(1, 100))))
        else:
            places = {f"r{int(i)}": int(rng.integers(0, 100)) for i in rng.permutation(9)[:4]}
            script.append((user, "reads", places if rng.random() < 0.9 else {}))
    return ([*script, ("Ann", "reads", {"r1": 100})],)


@own.edges
def own_edges():
    return {
        "one write, two replicas": ([("Ann", "wrote", 7), ("Ann", "reads", {"r1": 5, "r2": 9})],),
        "another user writes in between": (
            [
                ("Ann", "reads", {"r1": 500, "r2": 400}),
                ("Bob", "wrote", 900),
                ("Ann", "reads", {"r1": 500, "r2": 400}),
            ],
        ),
        "no replica is there yet": ([("Ann", "wrote", 7), ("Ann", "reads", {"r1": 5, "r2": 6})],),
        "exactly at the write": ([("Ann", "wrote", 7), ("Ann", "reads", {"r1": 7, "r2": 6})],),
        "nothing written yet": ([("Ann", "reads", {"r1": 0, "r2": 0})],),
        "answers that overtake each other": (
            [("Ann", "wrote", 9), ("Ann", "wrote", 7), ("Ann", "reads", {"r1": 8, "r2": 3})],
        ),
        "somebody else's write": (
            [
                ("Ann", "wrote", 3),
                ("Bob", "wrote", 9),
                ("Ann", "reads", {"r1": 4, "r2": 1}),
                ("Bob", "reads", {"r1": 4, "r2": 1}),
            ],
        ),
        "one read after the other": (
            [
                ("Ann", "wrote", 7),
                ("Ann", "reads", {"r1": 2, "r2": 1}),
                ("Ann", "reads", {"r1": 3, "r2": 2}),
                ("Ann", "reads", {"r1": 9, "r2": 3}),
            ],
        ),
        "the second write": (
            [
                ("Ann", "wrote", 2),
                ("Ann", "reads", {"r1": 2, "r2": 2}),
                ("Ann", "wrote", 5),
                ("Ann", "reads", {"r1": 2, "r2": 2}),
            ],
        ),
        "no replica is up": ([("Ann", "reads", {}), ("Ann", "wrote", 4), ("Ann", "reads", {})],),
    }


own.words(script_in_words)
own.run(follow)


@own.judge
def judge_own(got, script):
    """Find the first read that went where it should not, and what would explain it."""
    wrong = first_wrong(got, script)
    if wrong is None:
        return None
    choice, needs, applied, ready, last, largest, story = wrong
    if choice != PRIMARY:
        why = own.meaning("LastNotLargest") if applied[choice] >= last else ""
        wanted = " or ".join(ready or [PRIMARY])
        return Fault(f"{wanted}, for position {needs}", choice, why, story=story)
    why = own.meaning("AlwaysPrimary")
    if max(applied.values()) < max(largest.values(), default=0):
        why = own.meaning("Shared")
    elif needs == 0:
        why = own.meaning("AfraidAtFirst")
    elif max(applied.values()) == needs:
        why = own.meaning("Strict")
    return Fault(" or ".join(ready), PRIMARY, why, NOT_IN_SELF, story)


@own.solve
class ReadOwnWrites:
    """Keep the largest position of the user's own writes, and ask only who has come that far.

    A replica applies the log in order, so one number says all: who is at that
    position has every earlier write as well. No clock and no guess is needed.
    """

    def __init__(self):
        self.needs = 0

    def wrote(self, position):
        self.needs = max(self.needs, position)

    def choose(self, applied):
        for name, position in applied.items():
            if position >= self.needs:
                return name
        return "primary"


@own.solve_otherwise
class ReadOwnWrites:
    """Keep all writes, and draw one of the replicas that have them all, to share the load."""

    def __init__(self):
        self.writes = []

    def wrote(self, position):
        self.writes.append(position)

    def choose(self, applied):
        ready = [name for name in applied if all(applied[name] >= w for w in self.writes)]
        return random.choice(ready) if ready else "primary"


def first_of(names):
    return next(iter(names), PRIMARY)


@own.misread("A replica that is exactly at the write has it: ask for at least, not for more.")
class Strict(own.solution):
    def choose(self, applied):
        return first_of(name for name in applied if applied[name] > self.needs)


@own.misread("Answers overtake each other: keep the largest position, not the last that came.")
class LastNotLargest(own.solution):
    def wrote(self, position):
        self.needs = position


@own.misread("The one that is furthest ahead may still be behind the write: then ask the primary.")
class Freshest(own.solution):
    def choose(self, applied):
        return max(applied, key=applied.get) if applied else PRIMARY


TOLD = [0]


@own.misread(
    "A write of somebody else is counted here. Each user has a router of his own: keep the number "
    "in self, and make it in __init__."
)
class Shared:
    def __init__(self):
        TOLD[:] = [0]

    def wrote(self, position):
        TOLD.append(position)

    def choose(self, applied):
        return first_of(name for name in applied if applied[name] >= max(TOLD))


@own.misread("One replica that has the write is enough; the others need not have it as well.")
class AllOfThem(own.solution):
    def choose(self, applied):
        return first_of(applied) if min(applied.values(), default=-1) >= self.needs else PRIMARY


@own.misread(
    "It asks a replica that has not got that far. Keep what wrote is given, and compare each "
    "replica's position with it."
)
class AnyReplica(own.solution):
    def choose(self, applied):
        return first_of(applied)


@own.misread(
    "The primary gets reads that a replica could answer, and the replicas are for that.",
    hint=NOT_IN_SELF,
)
class AlwaysPrimary(own.solution):
    def choose(self, applied):
        return PRIMARY


@own.misread(
    "A user who has written nothing misses nothing: any replica will do for him.", hint=NOT_IN_SELF
)
class AfraidAtFirst(own.solution):
    def choose(self, applied):
        return own.solution.choose(self, applied) if self.needs else PRIMARY


@own.misread("That counts the writes. A position is a place in the log of all users together.")
class CountsWrites(own.solution):
    def wrote(self, position):
        self.needs += 1


@own.misread("After the first read the write is as far away as before: do not forget it.")
class OneShot(own.solution):
    def choose(self, applied):
        chosen = own.solution.choose(self, applied)
        self.needs = 0
        return chosen


@own.misread("Look at all replicas: when the first is behind, another one may be ready.")
class OnlyTheFirst(own.solution):
    def choose(self, applied):
        name = first_of(applied)
        return name if applied.get(name, -1) >= self.needs else PRIMARY


@own.misread("It goes to the primary whenever the user has written, however far the replicas are.")
class PrimaryOnceWritten(own.solution):
    def choose(self, applied):
        return PRIMARY if self.needs else first_of(applied)


# Task 3: a router that never goes back -------------------------------------------------------

back = lab.exercise(
    "back",
    "A router that never goes back",
    Data("what became of the users"),
    why="A user who has seen an answer and then does not see it believes that it was deleted.",
    hint="What a user has seen asks for as much as what he has written.",
    hints=(
        "saw is called with how far the node was that answered. Whatever it showed stood at or "
        "before that position.",
        "In saw do what wrote does: keep the largest. One number serves for both.",
    ),
    explanation=(
        "All that he can see is then at one place of the log or later: his own writes, what he "
        "read, and what those were written after. It does not make anything fresh: a user who "
        "neither reads nor writes needs nothing, and others' new answers may be missing."
    ),
    repeatable=False,
)
PROBE = [
    ("Ann", "saw", 9),
    ("Ann", "saw", 7),
    ("Ann", "reads", {"r1": 8, "r2": 3}),
    ("Bob", "reads", {"r1": 1, "r2": 0}),
    ("Bob", "wrote", 6),
    ("Bob", "saw", 4),
    ("Bob", "reads", {"r1": 5, "r2": 4}),
    ("Bob", "reads", {"r1": 3, "r2": 5}),  # while the other one is under way
    ("Bob", "reads", {"r1": 6, "r2": 7}),
    ("Ann", "wrote", 12),
    ("Ann", "wrote", 11),
    ("Ann", "reads", {"r1": 11, "r2": 2}),
    ("Ann", "reads", {}),
]


@back.ask
def ask_back(rng):
    users, replicas = int(rng.integers(2, 5)), int(rng.integers(2, 4))
    return users, replicas, float(rng.choice([0.1, 0.2, 0.3])), 0.1, int(rng.integers(10**6))


@back.ask_widely
def ask_back_widely(rng):
    return (
        int(rng.integers(1, 7)),
        int(rng.integers(1, 5)),
        float(rng.uniform(0, 1)),
        float(rng.choice([0.0, 0.03, 0.1, 0.5])),
        int(rng.integers(10**6)),
    )


@back.edges
def back_edges():
    return {
        "three users, two replicas": (3, 2, 0.2, 0.1, 1),
        "one user": (1, 2, 0.3, 0.1, 2),
        "one replica": (3, 1, 0.2, 0.1, 3),
        "no lag": (3, 2, 0.2, 0.0, 4),
        "a long lag": (3, 2, 0.2, 0.5, 5),
        "nobody writes": (3, 2, 0.0, 0.1, 6),
        "many replicas": (2, 4, 0.2, 0.2, 7),
    }


@back.words
def back_in_words(users, replicas, write_share, lag_s, seed):
    many = f"{users} user{'s' * (users != 1)}, {replicas} replica{'s' * (replicas != 1)}"
    return f"{many} up to {lag_s:g} s behind, {100 * write_share:.0f} % writes, run {seed}"


@back.run
def play_back(answer, users, replicas, write_share, lag_s, seed):
    """Let users work through the router on the fake, and say what was broken, in words."""
    probed = follow(answer, PROBE)
    played = play_router(
        answer, users=users, replicas=replicas, write_share=write_share, lag_s=lag_s, seed=seed
    )
    found = {name: describe(f) if f else "" for name, f in played.faults.items()}
    notes = {what: played.first(what) for what in ("behind", "needless")}
    return {**found, **notes, "chosen": probed}


@back.judge
def judge_back(got, users, replicas, write_share, lag_s, seed):
    """Look for a broken guarantee in the history, then for a choice that only had luck."""
    if got.get("read your writes"):
        why = back.meaning("ForgetsWrites")
        story = got["read your writes"]
        return Fault("each user sees his own writes", "one is missed", why, story=story)
    if got.get("monotonic reads"):
        why = back.meaning("ForgetsReads")
        return Fault("no user goes back", "one does", why, story=got["monotonic reads"])
    if got.get("behind"):
        why = "Nobody was hurt in this run, and in another he would be: the replica is behind."
        return Fault("a replica that has it all", got["behind"], why)
    if got.get("needless"):
        what = "the primary only if no replica has it all"
        return Fault(what, f"the primary, when {got['needless']}", back.meaning("AlwaysPrimary"))
    wrong = first_wrong(got["chosen"], PROBE, counted=("wrote", "saw"))
    if wrong is None:
        return None
    choice, needs, _, ready, _, _, story = wrong
    why = back.meaning("TheLast") if choice != PRIMARY else back.meaning("AlwaysPrimary")
    wanted = " or ".join(ready or [PRIMARY])
    return Fault(f"{wanted}, for position {needs}", choice, why, story=story)


@back.solve
class NeverBack:
    """Keep the largest position that the user has written or seen, and ask only who is there.

    What an answer shows stands at or before the position of its node, so a node
    that is as far shows at least that. One number holds both promises.
    """

    def __init__(self):
        self.needs = 0

    def wrote(self, position):
        self.needs = max(self.needs, position)

    def saw(self, position):
        self.needs = max(self.needs, position)

    def choose(self, applied):
        for name, position in applied.items():
            if position >= self.needs:
                return name
        return "primary"


@back.solve_otherwise
class NeverBack:
    """Take the replica that is furthest ahead, if it is far enough."""

    def __init__(self):
        self.positions = [0]

    def wrote(self, position):
        self.positions.append(position)

    saw = wrote

    def choose(self, applied):
        best = max(applied, key=applied.get, default="primary")
        return best if applied.get(best, -1) >= max(self.positions) else "primary"


@back.misread(
    "He has seen something, and a replica that has not applied it answers next: keep what saw is "
    "given as well."
)
class ForgetsReads(back.solution):
    def saw(self, position):
        pass


@back.misread("His own writes are missed: what wrote is given must still count.")
class ForgetsWrites(back.solution):
    def wrote(self, position):
        pass


@back.misread("Keep the largest of all positions: the last one may be an earlier one.")
class TheLast(back.solution):
    def wrote(self, position):
        self.needs = position

    saw = wrote


@back.misread("The primary gets reads that a replica could answer.")
class AlwaysPrimary(back.solution):
    def choose(self, applied):
        return PRIMARY


@back.misread("A replica that is exactly there has it all: ask for at least, not for more.")
class Strict(back.solution):
    def choose(self, applied):
        return first_of(name for name in applied if applied[name] > self.needs)


@back.misread(
    "He stays with one replica, so he goes back less, and misses what he writes: it has to be far "
    "enough."
)
class Sticky(back.solution):
    def choose(self, applied):
        self.home = getattr(self, "home", None) or max(applied, key=applied.get)
        return self.home if self.home in applied else PRIMARY


@back.misread("The one that is furthest ahead may still be behind what he knows.")
class Freshest(back.solution):
    def choose(self, applied):
        return max(applied, key=applied.get) if applied else PRIMARY


@back.misread("Both count: take the larger of the two numbers, not the smaller.")
class TheSmaller:
    def __init__(self):
        self.written = self.seen = 0

    def wrote(self, position):
        self.written = max(self.written, position)

    def saw(self, position):
        self.seen = max(self.seen, position)

    def choose(self, applied):
        needs = min(self.written, self.seen)
        return first_of(name for name in applied if applied[name] >= needs)


@back.misread("A user's number is used up by the first read. It holds for all that follow.")
class OneShot(back.solution):
    def choose(self, applied):
        chosen = back.solution.choose(self, applied)
        self.needs = 0
        return chosen


@back.misread("One replica that is far enough will do: they need not all be.")
class AllOfThem(back.solution):
    def choose(self, applied):
        return first_of(applied) if min(applied.values(), default=-1) >= self.needs else PRIMARY


@back.misread("It counts what was seen and written. A position is a place in the log.")
class Counts(back.solution):
    def wrote(self, position):
        self.needs += 1

    saw = wrote


# Task 4: a guarantee for each endpoint -------------------------------------------------------

plan = lab.exercise(
    "plan",
    "A guarantee for each endpoint",
    Maybe(Data("a dictionary, for each endpoint a guarantee and True or False")),
    why="Too weak, and the complaint comes back; too strong, and the primary is full.",
    hint="Which is the weakest guarantee that answers a complaint? Begin there, then count.",
    hints=(
        'Own writes answer "mine is missing", all seen answers "it went back" as well, and only '
        'the primary answers "another\'s is missing". Of several complaints the hardest decides.',
        '"both got it" is no matter of reads: set the second part of the pair to True, and choose '
        "the guarantee by the other complaints.",
        "The weakest plan costs the sum of reads_per_s * share[guarantee]. If that is more than "
        "the budget, return None.",
    ),
    explanation=(
        "Both read 1 at the primary, and both write 0: the read was as fresh as can be. What is "
        "old is the decision, by the time it is written. So the write has to ask whether it still "
        "holds."
    ),
)
MINE, WENT, OTHERS, BOTH = (
    "mine is missing",
    "it went back",
    "another's is missing",
    "both got it",
)
RANKS = ("none", "own writes", "all seen", "primary")
NEEDS = {MINE: "own writes", WENT: "all seen", OTHERS: "primary"}
SHOP = [
    ("list of articles", 400, []),
    ("my tickets", 60, [MINE]),
    ("one ticket", 80, [MINE, WENT]),
    ("queue of the agents", 16, [WENT]),
    ("is an agent free", 4, [OTHERS]),
    ("take a ticket", 8, [BOTH]),
    ("my profile", 20, [MINE]),
    ("credit a refund", 2, [BOTH, MINE]),
]


def shares(own_writes, all_seen):
    return {"none": 0.0, "own writes": own_writes, "all seen": all_seen, "primary": 1.0}


def weakest(complaints):
    return max((NEEDS.get(c, "none") for c in complaints), key=RANKS.index, default="none")


def cost_of(endpoints, share, chosen):
    return sum(reads * share[chosen[name]] for name, reads, _ in endpoints)


def least(endpoints, share):
    return cost_of(endpoints, share, {name: weakest(why) for name, _, why in endpoints})


def drawn_plan(rng, endpoints):
    own_share = int(rng.integers(1, 9)) / 64
    share = shares(own_share, own_share + int(rng.integers(0, 17)) / 64)
    extra = [0, 0, 1 / 64, -1 / 64, 20, -20, 200][int(rng.integers(7))]
    return endpoints, share, max(0.0, least(endpoints, share) + extra)


@plan.ask
def ask_plan(rng):
    names = [name for name, _, _ in SHOP]
    lists = [why for _, _, why in SHOP] + [[OTHERS, BOTH], [WENT, MINE], [BOTH, WENT]]
    picked = rng.permutation(len(lists))[: len(names)]
    pairs = zip(names, picked, strict=True)
    return drawn_plan(rng, [(name, int(rng.integers(1, 90)), lists[i]) for name, i in pairs])


@plan.ask_widely
def ask_plan_widely(rng):
    every = (MINE, WENT, OTHERS, BOTH)
    rows = []
    for number in range(int(rng.integers(1, 15))):
        why = [every[int(i)] for i in rng.permutation(4)[: int(rng.integers(0, 5))]]
        rows.append((f"page {number}", int(rng.integers(0, 500)), why))
    return drawn_plan(rng, rows)


@plan.edges
def plan_edges():
    cheap = shares(0.125, 0.25)
    return {
        "the eight of the shop": (SHOP, cheap, 64.0),
        "exactly the budget": (SHOP, cheap, least(SHOP, cheap)),
        "a little too dear": (SHOP, cheap, least(SHOP, cheap) - 0.125),
        "nobody complains": ([("a", 50, []), ("b", 9, [])], cheap, 0.0),
        "the last piece": ([("stock", 8, [BOTH])], cheap, 0.0),
        "the last piece, and one's own": ([("stock", 8, [BOTH, MINE])], cheap, 1.0),
        "went back": ([("a", 8, [WENT]), ("b", 8, [])], cheap, 2.0),
        "another's": ([("a", 8, [OTHERS]), ("b", 800, [])], cheap, 8.0),
        "two complaints, the hard one first": ([("a", 8, [WENT, MINE])], cheap, 2.0),
        "two complaints, the hard one last": ([("a", 8, [MINE, OTHERS])], cheap, 8.0),
        "room for more than is needed": ([("a", 8, [MINE]), ("b", 8, [])], cheap, 16.0),
        "no reads": ([("a", 0, [OTHERS])], cheap, 0.0),
    }


@plan.words
def plan_in_words(endpoints, share, budget_per_s):
    rows = "\n".join(f"{n}: {r}/s, {', '.join(c) or 'no complaint'}" for n, r, c in endpoints)
    own_share, all_seen = share["own writes"], share["all seen"]
    shared = f"own writes {own_share:g}, all seen {all_seen:g}"
    return f"budget_per_s={budget_per_s:g}, share: {shared}\n{rows}"


@plan.judge
def judge_plan(got, endpoints, share, budget_per_s):
    """Look for an endpoint without an answer, one that is too weak, and then at the budget."""
    needed = least(endpoints, share)
    if got is None:
        if needed > budget_per_s:
            return None
        what = f"a plan: the weakest costs {needed:g} of {budget_per_s:g} reads/s, by share"
        return Fault(what, "None", "There is a plan within the budget, exactly at it included.")
    dear = f"None: even the weakest plan costs {needed:g} of {budget_per_s:g} reads/s"
    if needed > budget_per_s and not got:
        return Fault(dear, "an empty plan", "The caller tells an empty plan from none.")
    for name, _, complaints in endpoints:
        if name not in got:
            return Fault(
                f"a pair for {name!r}", "none", "Every endpoint of the list needs its own."
            )
        fault = _wrong_entry(name, complaints, got[name])
        if fault is not None:
            return fault
    extra = [name for name in got if name not in [n for n, _, _ in endpoints]]
    if extra:
        return Fault("only the endpoints of the list", short(extra[0]), "There is no such page.")
    cost = cost_of(endpoints, share, {name: entry[0] for name, entry in got.items()})
    if cost <= budget_per_s:
        return None
    if needed > budget_per_s:
        return Fault(dear, f"a plan for {cost:g} reads/s", plan.meaning("never_none"))
    why = "Some endpoint has more than its complaints ask for, and the primary pays."
    return Fault(f"at most {budget_per_s:g} reads/s at the primary", f"{cost:g}", why)


def _wrong_entry(name, complaints, entry):
    """Find what is wrong with one endpoint's pair."""
    pair = isinstance(entry, list) and len(entry) == 2 and entry[0] in RANKS
    if not pair or entry[1] not in (True, False):
        what = f"for {name!r} a pair, such as ('own writes', False)"
        why = f"The first is one of {', '.join(RANKS)}, the second True or False."
        return Fault(what, short(entry), why)
    guarantee, conditional = entry
    said = ", ".join(complaints) or "no complaint"
    if conditional != (BOTH in complaints):
        why = plan.meaning("all_conditional") if conditional else plan.meaning("by_the_primary")
        return Fault(f"{BOTH in complaints} for {name!r} ({said})", f"{bool(conditional)}", why)
    need = weakest(complaints)
    if RANKS.index(guarantee) < RANKS.index(need):
        names = {WENT: "back_by_own", OTHERS: "others_by_seen"}
        hardest = next(c for c in complaints if NEEDS.get(c) == need)
        why = plan.meaning(names[hardest]) if hardest in names else ""
        return Fault(f"at least {need!r} for {name!r} ({said})", repr(guarantee), why)
    return None


@plan.solve
def guarantees(endpoints, share, budget_per_s):
    """Give each endpoint the weakest guarantee that answers its complaints, then count.

    The guarantees stand in one order, so the hardest complaint decides. A race of two users is not
    on that scale: it asks for a conditional write, and for nothing of the reads.
    """
    order = ["none", "own writes", "all seen", "primary"]
    answers = {
        "mine is missing": "own writes",
        "it went back": "all seen",
        "another's is missing": "primary",
        "both got it": "none",
    }
    plan, cost = {}, 0.0
    for name, reads_per_s, complaints in endpoints:
        rank = max((order.index(answers[c]) for c in complaints), default=0)
        plan[name] = (order[rank], "both got it" in complaints)
        cost += reads_per_s * share[order[rank]]
    return plan if cost <= budget_per_s else None


@plan.solve_otherwise
def guarantees(endpoints, share, budget_per_s):
    """Ask the questions one after the other, and spend what is left on more than is needed."""
    plan = {}
    for name, reads_per_s, complaints in endpoints:
        guarantee = "none"
        if "another's is missing" in complaints:
            guarantee = "primary"
        elif "it went back" in complaints:
            guarantee = "all seen"
        elif "mine is missing" in complaints:
            guarantee = "own writes"
        plan[name] = (guarantee, "both got it" in complaints)
        budget_per_s -= reads_per_s * share[guarantee]
    if budget_per_s < 0:
        return None
    for name, reads_per_s, _ in endpoints:
        guarantee, conditional = plan[name]
        more = reads_per_s * (share["primary"] - share[guarantee])
        if more <= budget_per_s:
            plan[name], budget_per_s = ("primary", conditional), budget_per_s - more
    return plan


def planned(endpoints, share, budget_per_s, choose, conditional=lambda why: BOTH in why):
    """Make a plan by a rule, and None where it costs more than the budget."""
    made = {name: (choose(why), conditional(why)) for name, _, why in endpoints}
    cost = cost_of(endpoints, share, {name: pair[0] for name, pair in made.items()})
    return made if cost <= budget_per_s else None


@plan.misread(
    "Two who read at the primary both see the last one, and both take it. The write must be "
    "conditional."
)
def by_the_primary(endpoints, share, budget_per_s):
    def choose(why):
        return "primary" if BOTH in why else weakest(why)

    made = {name: (choose(why), False) for name, _, why in endpoints}
    return made if least(endpoints, share) <= budget_per_s else None


@plan.misread("Only the primary for everything keeps every promise, and it is over the budget.")
def all_primary(endpoints, share, budget_per_s):
    return planned(endpoints, share, budget_per_s, lambda why: "primary")


@plan.misread("What went back may be somebody else's: own writes do not cover what one has seen.")
def back_by_own(endpoints, share, budget_per_s):
    def choose(why):
        return "own writes" if weakest(why) == "all seen" else weakest(why)

    return planned(endpoints, share, budget_per_s, choose)


@plan.misread("What another has just written nobody here has seen: only the primary has it.")
def others_by_seen(endpoints, share, budget_per_s):
    def choose(why):
        return "all seen" if weakest(why) == "primary" else weakest(why)

    return planned(endpoints, share, budget_per_s, choose)


@plan.misread("Several complaints: the hardest one decides, wherever it stands in the list.")
def the_first_complaint(endpoints, share, budget_per_s):
    return planned(endpoints, share, budget_per_s, lambda why: weakest(why[:1]))


@plan.misread("Exactly at the budget is within it.")
def below_the_budget(endpoints, share, budget_per_s):
    made = {name: (weakest(why), BOTH in why) for name, _, why in endpoints}
    return made if least(endpoints, share) < budget_per_s else None


@plan.misread("Nobody can keep this plan: it costs more than the budget. Say so, with None.")
def never_none(endpoints, share, budget_per_s):
    return {name: (weakest(why), BOTH in why) for name, _, why in endpoints}


@plan.misread("A conditional write is refused now and then; use it only where two can both get it.")
def all_conditional(endpoints, share, budget_per_s):
    return planned(endpoints, share, budget_per_s, weakest, conditional=lambda why: True)


@plan.misread("A conditional write guards the write. The reads still need what is complained of.")
def conditional_is_enough(endpoints, share, budget_per_s):
    return planned(
        endpoints, share, budget_per_s, lambda why: "none" if BOTH in why else weakest(why)
    )


@plan.misread("The shares alone are no reads: multiply each by the reads of its endpoint.")
def without_reads(endpoints, share, budget_per_s):
    made = {name: (weakest(why), BOTH in why) for name, _, why in endpoints}
    return made if sum(share[pair[0]] for pair in made.values()) <= budget_per_s else None


@plan.misread(
    "Most of these reads are answered by a replica that is ready: only the share of them comes to "
    "the primary."
)
def all_reads_at_the_primary(endpoints, share, budget_per_s):
    made = {name: (weakest(why), BOTH in why) for name, _, why in endpoints}
    cost = sum(reads for name, reads, _ in endpoints if made[name][0] != "none")
    return made if cost <= budget_per_s else None


@plan.misread(
    "What has gone back was seen before: all seen covers it, and costs the primary far less than "
    "every read."
)
def back_by_the_primary(endpoints, share, budget_per_s):
    def choose(why):
        return weakest([*why, OTHERS] if WENT in why else why)

    return planned(endpoints, share, budget_per_s, choose)


@plan.misread("The conditional write settles the race. Reads at the primary add nothing to it.")
def race_by_both(endpoints, share, budget_per_s):
    def choose(why):
        return weakest([*why, OTHERS] if BOTH in why else why)

    return planned(endpoints, share, budget_per_s, choose)


@plan.misread("Nobody complains of this one: it needs nothing, and the budget is for the others.")
def own_writes_for_all(endpoints, share, budget_per_s):
    def choose(why):
        return weakest([*why, MINE])

    return planned(endpoints, share, budget_per_s, choose)
