"""Exercises of the lab on external state: checkers, hints, solutions, and wrong answers."""

import contextlib
import math
from dataclasses import dataclass, field

import numpy as np

from scalelab.course.check import Lab
from scalelab.course.examine import AnswerError, answered, same_number

lab = Lab("external_state")

# Task 1: what the user waits for -------------------------------------------------------------


@dataclass(frozen=True)
class Command:
    """One command to the store, in the order in which the request gives them."""

    name: str
    needs_previous: bool  # whether it can only be written with the answer to the one before
    after_answer: bool = False  # whether the user has the answer already


waiting = lab.exercise(
    "waiting",
    "What the user waits for",
    hints=(
        "Commands that do not need the answer to the one before travel together with it: they cost "
        "no round trip of their own.",
        "A command after the answer costs the user nothing, and neither does anything behind it.",
        "Go through the commands that are not after_answer: the first makes one round trip, and "
        "each further one adds a round trip if needs_previous is true. Multiply by rtt_s.",
    ),
)


def random_flow(rng: np.random.Generator) -> list[Command]:
    """Draw a flow of up to six commands; the last ones may come after the answer."""
    number = int(rng.integers(1, 7))
    after = number - int(rng.integers(0, min(3, number)))
    return [
        Command(
            str(rng.choice(["GET", "SET", "EXPIRE", "INCR"])), bool(rng.random() < 0.5), i >= after
        )
        for i in range(number)
    ]


def round_trips(commands: list[Command]) -> int:
    before = [command for command in commands if not command.after_answer]
    return bool(before) + sum(command.needs_previous for command in before[1:])


@waiting.check_with
def check_waiting(answer, rng):
    flow, rtt_s = random_flow(rng), float(rng.uniform(0.0005, 0.010))
    before = [command for command in flow if not command.after_answer]
    listed = "; ".join(
        f"{c.name}{' needs the answer before' if c.needs_previous else ''}"
        f"{' after the answer' if c.after_answer else ''}"
        for c in flow
    )
    got = answered(answer(flow, rtt_s))
    why = "It is what the user sees: journeys, one after the other."
    misread = {  # where two readings give the same, the later one is named
        rtt_s * len(flow): "Each command is a journey here. Draw which ones travel together.",
        rtt_s * (bool(before) + sum(c.needs_previous for c in before)): (
            "The first command makes one journey whatever it needs: you counted it twice."
        ),
        rtt_s * len(before): "Commands that need no answer travel together: one journey for all.",
        rtt_s * (bool(flow) + sum(c.needs_previous for c in flow[1:])): (
            "What happens after the answer costs the user no time."
        ),
        rtt_s * sum(c.needs_previous for c in before): (
            "The first command makes a journey whatever it needs: there is nothing to join."
        ),
        1e3 * rtt_s * round_trips(flow): "Those are milliseconds. rtt_s is in seconds.",
    }
    expected = rtt_s * round_trips(flow)
    for value, meaning in misread.items():
        if value and isinstance(got, float) and math.isclose(got, value, rel_tol=1e-9):
            why = meaning
    same_number(
        got,
        expected,
        scenario=f"rtt_s={rtt_s:.4f}; {listed}",
        why=why,
        hint="Write the commands down and draw a line wherever an answer is needed.",
    )


@waiting.solve
def store_time_s(commands, rtt_s):
    """Count journeys, not commands.

    A command that does not need the answer before it is sent along. What comes after the
    answer is still work for the store, and no longer the user's time.
    """
    trips = 0
    for command in commands:
        if command.after_answer:
            break
        if trips == 0 or command.needs_previous:
            trips += 1
    return trips * rtt_s


@waiting.solve_otherwise
def store_time_s(commands, rtt_s):
    """Keep those before the answer, then count where a new journey begins."""
    before = [command for command in commands if not command.after_answer]
    begins = [i == 0 or command.needs_previous for i, command in enumerate(before)]
    return rtt_s * sum(begins)


@waiting.reject("every command is a journey", "travel together")
def every_command(commands, rtt_s):
    return rtt_s * sum(not command.after_answer for command in commands)


@waiting.reject("the user waits for everything", "costs the user no time")
def everything(commands, rtt_s):
    return rtt_s * (bool(commands) + sum(c.needs_previous for c in commands[1:]))


@waiting.reject("the first command is free", "nothing to join")
def free_first(commands, rtt_s):
    return rtt_s * sum(c.needs_previous for c in commands if not c.after_answer)


@waiting.reject("the first command twice", "counted it twice")
def twice_first(commands, rtt_s):
    before = [command for command in commands if not command.after_answer]
    return rtt_s * (1 + sum(c.needs_previous for c in before))


@waiting.reject("every command, also after the answer", "Each command is a journey")
def all_commands(commands, rtt_s):
    return rtt_s * len(commands)


@waiting.reject("milliseconds", "Those are milliseconds")
def milliseconds(commands, rtt_s):
    return 1e3 * waiting.solution(commands, rtt_s)


# Task 2: a sliding lifetime ------------------------------------------------------------------

sliding = lab.exercise(
    "sliding",
    "A sliding lifetime",
    hints=(
        "Keep, for each session, the time at which it ends. A save sets it to now + ttl_s; so does "
        "a load that finds the session.",
        "A load finds a session if it was saved, not deleted since, and its end is later than now. "
        "At the very moment of its end it is gone.",
        "ends = {}; on save: ends[name] = now + ttl_s; on delete: ends.pop(name, None); on load: "
        "alive = ends.get(name, 0) > now, and if alive: ends[name] = now + ttl_s.",
    ),
)


def random_events(rng: np.random.Generator) -> tuple[list[tuple[float, str, str]], float]:
    """Draw a lifetime, and events whose gaps lie around it."""
    ttl_s = float(rng.choice([60, 300, 1_800]))
    now_s, events = 0.0, []
    for i in range(40):
        now_s += float(rng.choice([0.1, 0.4, 0.6, 1.0, 1.3])) * ttl_s / 2
        verb = str(rng.choice(["load", "save", "delete"], p=[0.6, 0.3, 0.1])) if i else "save"
        events.append((now_s, verb, str(rng.choice(["ann", "bob"])) if i else "ann"))
    return events, ttl_s


def found_by(
    events,
    ttl_s,
    *,
    slides=True,
    deletes=True,
    inclusive=False,
    forever=False,
    revives=(),
    resaves=True,
):
    ends, found = {}, []
    for now_s, verb, name in events:
        if verb == "save" and (resaves or name not in ends):
            ends[name] = now_s + ttl_s
        elif verb == "delete" and deletes:
            ends.pop(name, None)
        elif verb == "load":
            end = ends.get(name, -1.0)
            alive = end > now_s or (inclusive and end == now_s) or (forever and end >= 0)
            found.append(alive)
            state = "alive" if alive else "ended" if name in ends else "unknown"
            if (alive and slides) or state in revives:
                ends[name] = now_s + ttl_s
    return found


@sliding.check_with
def check_sliding(answer, rng):
    events, ttl_s = random_events(rng)
    # one session that ends exactly at a load
    last_s = events[-1][0]
    events += [(last_s + 1, "save", "eve"), (last_s + 1 + ttl_s, "load", "eve")]
    got = answered(answer(events, ttl_s))
    expected = found_by(events, ttl_s)
    if list(got) == expected if isinstance(got, (list, tuple)) else False:
        return
    why = "Users are logged out too early, or stay too long."
    variants = {
        "A user who only reads is active, too: a load renews the lifetime.": {"slides": False},
        "A deleted session is gone at once: that is what signing out means.": {"deletes": False},
        "At the moment of its end a session is over.": {"inclusive": True},
        "A session ends by itself; nobody will delete it.": {"forever": True},
        "Each save counts, and the lifetime begins anew: not only the first.": {"resaves": False},
        "A load that comes too late renews nothing.": {"revives": ("ended",)},
        "A load that finds no session makes none.": {"revives": ("ended", "unknown")},
    }
    loads = [i for i, (_, verb, _) in enumerate(events) if verb == "load"]
    if not isinstance(got, (list, tuple)) or len(got) != len(loads):
        said = f"a list of {len(got)}" if isinstance(got, (list, tuple)) else repr(got)
        raise AnswerError(
            f"a list of {len(loads)}, True or False for each load",
            said,
            scenario=f"{len(events)} events, {len(loads)} of them loads",
            why="There is one answer for each load, and none for a save or a delete.",
            hint="Append to the list in the branch for a load only.",
        )
    for meaning, changed in variants.items():
        if list(got) == found_by(events, ttl_s, **changed):
            why = meaning
    first = next(k for k, (a, b) in enumerate(zip(got, expected, strict=True)) if a != b)
    name = events[loads[first]][2]
    shown = [f"{t:g} s {verb}" for t, verb, who in events[: loads[first] + 1] if who == name]
    raise AnswerError(
        f"{expected[first]} for load {first + 1} of {len(loads)}",
        repr(got[first]),
        scenario=f"ttl_s={ttl_s:g}; {name}: {'... ' * (len(shown) > 8)}{'; '.join(shown[-8:])}",
        why=why,
        hint="Follow one session by hand, with its end beside it.",
    )


@sliding.solve
def found(events, ttl_s):
    """Keep the end of each session, and move it whenever the session is used.

    The end is all that is needed. Nothing has to be removed at the moment it passes, as long
    as every look compares with the time.
    """
    ends, answers = {}, []
    for now_s, verb, name in events:
        if verb == "save":
            ends[name] = now_s + ttl_s
        elif verb == "delete":
            ends.pop(name, None)
        else:
            alive = name in ends and ends[name] > now_s
            answers.append(alive)
            if alive:
                ends[name] = now_s + ttl_s
    return answers


@sliding.solve_otherwise
def found(events, ttl_s):
    """Keep when each session was last used, and forget it as soon as it is too long ago."""
    used, answers = {}, []
    for now_s, verb, name in events:
        for old in [n for n, last in used.items() if last + ttl_s <= now_s]:
            del used[old]
        if verb == "load":
            answers.append(name in used)
        if verb == "save" or (verb == "load" and name in used):
            used[name] = now_s
        if verb == "delete":
            used.pop(name, None)
    return answers


@sliding.reject("only a save counts", "a load renews")
def only_saves(events, ttl_s):
    return found_by(events, ttl_s, slides=False)


@sliding.reject("a deleted session comes back", "signing out")
def undeleted(events, ttl_s):
    return found_by(events, ttl_s, deletes=False)


@sliding.reject("alive at its end", "At the moment of its end")
def inclusive(events, ttl_s):
    return found_by(events, ttl_s, inclusive=True)


@sliding.reject("sessions stay for ever", "ends by itself")
def for_ever(events, ttl_s):
    return found_by(events, ttl_s, forever=True)


@sliding.reject("only the first save counts", "not only the first")
def first_save(events, ttl_s):
    return found_by(events, ttl_s, resaves=False)


@sliding.reject("a late load renews", "renews nothing")
def late_renewal(events, ttl_s):
    return found_by(events, ttl_s, revives=("ended",))


@sliding.reject("a load makes a session", "makes none")
def made_by_load(events, ttl_s):
    return found_by(events, ttl_s, revives=("ended", "unknown"))


@sliding.reject("an answer for each event", "one answer for each load")
def for_each_event(events, ttl_s):
    return [verb == "load" for _, verb, _ in events]


# Task 3: a cart that survives two tabs -------------------------------------------------------


class Conflict(Exception):  # noqa: N818, a word for learners
    """Another request saved the cart since this one loaded it."""


class Down(Exception):  # noqa: N818, a word for learners
    """The store does not answer."""


@dataclass
class CartStore:
    """Carts with versions; `others` are items that somebody else adds between load and save."""

    items: list[str] = field(default_factory=list)
    version: int = 1
    others: list[str] = field(default_factory=list)
    loads: int = 0
    saves: int = 0
    blind_saves: int = 0
    given: set[int] = field(default_factory=set)  # the versions that a load has returned
    made_up: int = 0

    def load(self):
        """Return a copy of the items, and the version."""
        self.loads += 1
        held = list(self.items), self.version
        self.given.add(self.version)
        if self.others:  # somebody else is quicker
            self.items = [*self.items, self.others.pop()]
            self.version += 1
        return held

    def save(self, items, expected_version=None):
        """Save the items; raise Conflict if the version is another than expected."""
        self.saves += 1
        self.blind_saves += expected_version is None
        self.made_up += expected_version is not None and expected_version not in self.given
        if expected_version is not None and expected_version != self.version:
            raise Conflict(f"version {self.version}, expected {expected_version}")
        self.items, self.version = list(items), self.version + 1


cart = lab.exercise(
    "cart",
    "A cart that survives two tabs",
    hints=(
        "Load gives the items and the version. Save with that version: if somebody else was "
        "quicker, the store raises Conflict and saves nothing.",
        "After a Conflict your copy is old. Load again, add the item to what is there now, save "
        "again.",
        "for _ in range(attempts): items, version = store.load(); try: store.save([*items, item], "
        "version); return True; except Conflict: continue. After the loop return False.",
    ),
)


@cart.check_with
def check_cart(answer, rng):
    others = [f"other {i}" for i in range(int(rng.integers(0, 4)))]
    store = CartStore(items=["lamp"], others=list(others))
    attempts = int(rng.integers(2, 7))
    possible = attempts > len(others)
    scenario = f"{len(others)} other writers, attempts={attempts}"
    expected = sorted(
        ["lamp", *others[-min(len(others), attempts) :], *(["pen"] if possible else [])]
    )
    if len(others) == 0:
        expected = sorted(["lamp", "pen"])
    try:
        got = answered(answer(store, "pen", attempts))
    except Conflict as error:
        raise AnswerError(
            f"{expected}, returned {possible}",
            "the store's Conflict, passed on",
            scenario=scenario,
            why="A Conflict is no failure: somebody was quicker, and nothing is saved yet.",
            hint="Catch Conflict around the save, then load again.",
        ) from error
    why = "Somebody pays for what is in the cart."
    missing = set(expected) - set(store.items)
    if store.blind_saves:
        why = "A save without a version overwrites whatever came in between."
    elif store.made_up:
        why = "Save with the version that load returned. You gave one that no load has returned."
    elif store.items.count("pen") > 1:
        why = "The pen is in the cart twice: after success the work is done."
    elif store.loads > attempts:
        why = "Give up after so many attempts: a loop without an end is an outage."
    elif "lamp" in missing:
        why = "What was in the cart is gone: save all the items that you loaded, and the new one."
    elif got is False and possible:
        why = "There were attempts left. Begin again."
    elif missing - {"pen"}:
        why = "After a conflict your copy is old: what the other one added is not in it."
    elif got is not possible:
        why = "The caller must know whether the item is in the cart: return True or False."
    wrong = sorted(store.items) != expected or got is not possible or store.loads > attempts
    if wrong or store.blind_saves:
        raise AnswerError(
            f"{expected}, returned {possible}",
            f"{sorted(store.items)}, returned {got!r}, after {store.loads} loads",
            scenario=scenario,
            why=why,
            hint="Play it by hand with one other writer.",
        )


@cart.solve
def add_item(store, item, attempts):
    """Load, add, save with the version; begin again when somebody was quicker.

    The version says what the change was made from. A refused save costs another journey; a
    blind one costs somebody his book.
    """
    for _ in range(attempts):
        items, version = store.load()
        try:
            store.save([*items, item], version)
        except Conflict:
            continue
        return True
    return False


@cart.solve_otherwise
def add_item(store, item, attempts):
    """Do the same by calling itself with one attempt less."""
    if attempts == 0:
        return False
    items, version = store.load()
    try:
        store.save([*items, item], version)
    except Conflict:
        return add_item(store, item, attempts - 1)
    return True


@cart.reject("the last save wins", "without a version")
def last_wins(store, item, attempts):
    items, _ = store.load()
    store.save([*items, item])
    return True


@cart.reject("once is enough", "attempts left")
def only_once(store, item, attempts):
    items, version = store.load()
    try:
        store.save([*items, item], version)
    except Conflict:
        return False
    return True


@cart.reject("the old copy again", "copy is old")
def old_copy(store, item, attempts):
    items, version = store.load()
    for left in range(attempts):
        try:
            store.save([*items, item], version)
        except Conflict:
            if left < attempts - 1:
                _, version = store.load()
            continue
        return True
    return False


@cart.reject("says nothing", "True or False")
def says_nothing(store, item, attempts):
    cart.solution(store, item, attempts)


@cart.reject("until it works", "loop without an end")
def for_ever(store, item, attempts):
    return cart.solution(store, item, 99)


@cart.reject("the conflict goes on", "is no failure")
def passes_conflict(store, item, attempts):
    items, version = store.load()
    store.save([*items, item], version)
    return True


@cart.reject("a version made up", "no load has returned")
def next_version(store, item, attempts):
    items, version = store.load()
    try:
        store.save([*items, item], version + 1)
    except Conflict:
        return False
    return True


@cart.reject("only the new item", "all the items that you loaded")
def new_item_alone(store, item, attempts):
    for _ in range(attempts):
        _, version = store.load()
        with contextlib.suppress(Conflict):
            store.save([item], version)
            return True
    return False


# Task 4: a page that survives the store ------------------------------------------------------


class SessionStore:
    """A store that may be down; it counts how often it was asked."""

    def __init__(self, sessions: dict, down: bool) -> None:
        self._sessions, self._down, self.asked = sessions, down, 0

    def load(self, session_id):
        """Return a session, None where there is none; raise Down while the store is down."""
        self.asked += 1
        if self._down:
            raise Down("no answer")
        return self._sessions.get(session_id)


page = lab.exercise(
    "page",
    "A page that survives the store",
    hints=(
        "There are three situations: the session is there, there is none, and the store is down. "
        "The last two are not the same.",
        "The catalogue is for everybody: 200, with the user's name or without. The checkout needs "
        "to know who it is: 401 if nobody is signed in, 503 if nobody can know.",
        "try: session = store.load(session_id) except Down: return (200, None) if path == "
        "'/catalogue' else (503, None). Ask once; a second try makes the user wait.",
    ),
)


@page.check_with
def check_page(answer, rng):
    sessions = {"s1": {"user": "ann"}, "s2": {"user": "bob"}}
    down = bool(rng.random() < 0.5)
    path = str(rng.choice(["/catalogue", "/checkout"]))
    session_id = str(rng.choice(["s1", "s2", "unknown"]))
    store = SessionStore(sessions, down)
    user = None if down else sessions.get(session_id, {}).get("user")
    if path == "/catalogue":
        expected = (200, user)
    else:
        expected = (200, user) if user else ((503 if down else 401), None)
    scenario = f"path={path}, session_id={session_id}, store {'down' if down else 'up'}"
    try:
        got = answered(answer(path, session_id, store))
    except Down as error:
        raise AnswerError(
            repr(expected),
            "the store's error, passed on",
            scenario=scenario,
            why="An error that nobody catches is a page of status 500, for everybody at once.",
            hint="Catch Down where the store is asked.",
        ) from error
    got = tuple(got) if isinstance(got, list) else got  # a pair either way
    why = "Each path has its own answer in each of the three situations."
    if isinstance(got, tuple) and len(got) == 2 and got != expected:
        if path == "/catalogue" and got[0] != 200:
            why = "The catalogue needs no session: show it as to a stranger."
        elif down and got[0] == 401:
            why = (
                "401 tells users to sign in again. They may be signed in: you cannot know it. That "
                "is a 503."
            )
        elif user and isinstance(got[1], dict):
            why = "That is the whole session. Return its user, a text."
        elif path == "/checkout" and got[0] == 200 and not user:
            why = "Nobody may check out without being known."
        elif not down and got[0] == 503:
            why = "The store answered: there is no such session. That is 401."
    if got == expected and store.asked > 1:
        why = "One question is enough. A second one to a dead store makes everybody wait twice."
    if got != expected or store.asked > 1:
        raise AnswerError(
            repr(expected),
            f"{got!r}, after {store.asked} questions to the store",
            scenario=scenario,
            why=why,
            hint="Write down the table: two paths, three situations.",
        )


@page.solve
def respond(path, session_id, store):
    """Ask once, and keep *nobody* apart from *nobody knows*.

    What needs no session works without the store. What needs one says so: 401 asks the user
    to do something, 503 says that it is our turn.
    """
    try:
        session = store.load(session_id)
    except Down:
        return (200, None) if path == "/catalogue" else (503, None)
    if session:
        return 200, session["user"]
    return (200, None) if path == "/catalogue" else (401, None)


@page.solve_otherwise
def respond(path, session_id, store):
    """One table for who it is, one for what follows."""
    user, status = None, 401
    try:
        user = (store.load(session_id) or {}).get("user")
    except Down:
        status = 503
    if path == "/catalogue" or user:
        status = 200
    return status, user


@page.reject("the error goes on", "status 500")
def passes_on(path, session_id, store):
    session = store.load(session_id)
    if session:
        return 200, session["user"]
    return (200, None) if path == "/catalogue" else (401, None)


@page.reject("down means signed out", "That is a 503")
def signed_out(path, session_id, store):
    status, user = page.solution(path, session_id, store)
    return (401 if status == 503 else status), user


@page.reject("no store, no shop", "as to a stranger")
def no_shop(path, session_id, store):
    try:
        session = store.load(session_id)
    except Down:
        return 503, None
    if session:
        return 200, session["user"]
    return (200, None) if path == "/catalogue" else (401, None)


@page.reject("try again at once", "wait twice")
def again(path, session_id, store):
    with contextlib.suppress(Down):
        store.load(session_id)
    return page.solution(path, session_id, store)


@page.reject("the whole session", "the whole session")
def whole_session(path, session_id, store):
    status, user = page.solution(path, session_id, store)
    return status, {"user": user} if user else None
