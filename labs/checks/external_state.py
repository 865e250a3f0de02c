"""Exercises of the lab on external state."""

from dataclasses import dataclass

import numpy as np

from scalelab.course.check import Lab
from scalelab.course.diagnosis import Fault
from scalelab.course.kinds import Data, ListOf, Maybe, Number, Parts, Text, Truth, Whole
from scalelab.course.page import Html, note, table
from scalelab.course.values import NotThatError
from scalelab.fakes.sessions.session_store import SessionConflictError, SessionStoreDownError
from scalelab.real.limits import TheirError, call
from scalelab.real.servers import start_server
from scalelab.real.supervised import RealComponentError
from scalelab.real.valkey_sessions import ValkeySessions

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
    Number(unit="s"),
    why="It is what the user sees: journeys, one after the other.",
    hint="Write the commands down and draw a line wherever an answer is needed.",
    hints=(
        "Commands that do not need the answer to the one before travel together with it: they cost "
        "no round trip of their own.",
        "A command after the answer costs the user nothing, and neither does anything behind it: "
        "stop at the first of them.",
        "Up to there, the first makes one round trip, and each further one adds a round trip if "
        "needs_previous is true. Multiply by rtt_s.",
    ),
    explanation=(
        "Keep the currency in the session, or the prices in all currencies under one key: then the "
        "prices need only the session, and one round trip of three is saved, 4 ms of 12."
    ),
)


def flow(marks: str) -> list[Command]:
    """Make a flow from a letter each: together, needs the answer, after the answer, both."""
    made = {"t": (False, False), "n": (True, False), "a": (False, True), "b": (True, True)}
    verbs = ("GET", "EXPIRE", "GET", "SET", "INCR", "GET")
    return [Command(verbs[i % 6], *made[letter]) for i, letter in enumerate(marks)]


@waiting.ask
def ask_waiting(rng):
    return flow("".join(rng.choice(list("ttnnnab"), int(rng.integers(1, 7))))), rtt_s(rng)


@waiting.ask_widely
def ask_waiting_widely(rng):
    return flow("".join(rng.choice(list("tnab"), int(rng.integers(0, 12))))), rtt_s(rng)


def rtt_s(rng: np.random.Generator) -> float:
    """Draw a round trip of half a millisecond to ten."""
    return float(rng.integers(5, 100)) / 10_000


@waiting.edges
def waiting_edges():
    return {
        "two together, one alone": (flow("tttna"), 0.004),
        "no command": ([], 0.004),
        "one command": (flow("t"), 0.004),
        "the first needs an answer, it says": (flow("ntn"), 0.002),
        "each needs the one before": (flow("tnnn"), 0.002),
        "all together": (flow("tttt"), 0.002),
        "all after the answer": (flow("aab"), 0.002),
        "something behind the answer is not marked": (flow("tnatn"), 0.002),
        "what needs an answer is not marked": (flow("tan"), 0.005),
        "the last needs an answer, after the answer": (flow("tnb"), 0.002),
    }


@waiting.words
def waiting_in_words(commands, rtt_s):
    listed = "; ".join(
        f"{c.name}{', needs_previous' if c.needs_previous else ''}"
        f"{', after_answer' if c.after_answer else ''}"
        for c in commands
    )
    return f"rtt_s={rtt_s:g}; commands: {listed or 'none'}"


@waiting.otherwise
def why_waiting(got, commands, rtt_s):
    right = waiting.solution(commands, rtt_s)
    if not right:
        return "Nothing is asked before the answer, so nothing is waited for: the result is 0."
    return (
        f"Before the answer {round(right / rtt_s)} journeys begin: one with the first command, and "
        "one with each further command that needs the answer to the one before."
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
    """Find where the answer goes out, then count where a new journey begins before it."""
    marks = [command.after_answer for command in commands]
    before = commands[: marks.index(True)] if True in marks else commands
    begins = [i == 0 or command.needs_previous for i, command in enumerate(before)]
    return rtt_s * sum(begins)


@waiting.misread("Commands that need no answer travel together: one journey for all of them.")
def every_command(commands, rtt_s):
    trips = 0
    for c in commands:
        if c.after_answer:
            break
        trips += 1
    return trips * rtt_s


@waiting.misread("Each command is a journey here, also those that the user does not wait for.")
def all_commands(commands, rtt_s):
    return rtt_s * len(commands)


@waiting.misread("What happens after the answer costs the user no time.")
def also_after_the_answer(commands, rtt_s):
    trips = 0
    for i, c in enumerate(commands):
        if i == 0 or c.needs_previous:
            trips += 1
    return trips * rtt_s


@waiting.misread(
    "You leave out the marked command and go on behind it. All behind it comes after the answer, "
    "too, whatever it says."
)
def only_the_marked(commands, rtt_s):
    before = [c for c in commands if not c.after_answer]
    return rtt_s * sum(i == 0 or c.needs_previous for i, c in enumerate(before))


@waiting.misread("The first command makes a journey whatever it needs: there is nothing to join.")
def free_first(commands, rtt_s):
    trips = 0
    for c in commands:
        if c.after_answer:
            break
        trips += c.needs_previous
    return trips * rtt_s


@waiting.misread("The first command makes one journey whatever it needs: you counted it twice.")
def twice_first(commands, rtt_s):
    if not commands or commands[0].after_answer:
        return 0.0
    trips = 1
    for c in commands:
        if c.after_answer:
            break
        if c.needs_previous:
            trips += 1
    return trips * rtt_s


@waiting.misread(
    "Where nothing is asked before the answer, nothing is waited for: the result is 0."
)
def a_trip_for_nothing(commands, rtt_s):
    trips = 1
    for c in commands[1:]:
        if c.after_answer:
            break
        trips += c.needs_previous
    return trips * rtt_s


@waiting.misread(
    "It is turned round: a command that needs the answer before it must wait for that, one that "
    "does not travels along."
)
def turned_round(commands, rtt_s):
    trips = 0
    for c in commands:
        if c.after_answer:
            break
        if trips == 0 or not c.needs_previous:
            trips += 1
    return trips * rtt_s


@waiting.misread("That is a number of round trips. Each takes rtt_s.")
def only_counted(commands, rtt_s):
    trips = 0
    for c in commands:
        if c.after_answer:
            break
        if trips == 0 or c.needs_previous:
            trips += 1
    return trips


@waiting.misread("The command that is marked comes after the answer itself. You still count it.")
def the_marked_one_counts(commands, rtt_s):
    trips = 0
    for c in commands:
        if trips == 0 or c.needs_previous:
            trips += 1
        if c.after_answer:
            break
    return trips * rtt_s


# Task 2: a sliding lifetime ------------------------------------------------------------------

sliding = lab.exercise(
    "sliding",
    "A sliding lifetime",
    ListOf(Truth(), "load"),
    why="Users are logged out too early, or stay too long.",
    hint="Follow one session by hand, with its end beside it.",
    hints=(
        "Keep, for each session, the time at which it ends. A save sets it to now + ttl_s; so does "
        "a load that finds the session.",
        "A load finds a session if it was saved, not deleted since, and its end is later than now. "
        "At the very moment of its end it is gone.",
        "ends = {}; on save: ends[name] = now + ttl_s; on delete: ends.pop(name, None); on load: "
        "alive = name in ends and ends[name] > now, and if alive: ends[name] = now + ttl_s.",
    ),
    explanation=(
        "Whoever only reads complains: an hour over a long offer, and then signed out. Whoever "
        "changes the cart every few minutes saves each time and never notices."
    ),
)


def history(text: str) -> list[tuple[float, str, str]]:
    """Make events from words such as ``0 save ann``, with commas between them."""
    events = [event.split() for event in text.split(",") if event.strip()]
    return [(float(when), verb, name) for when, verb, name in events]


def events_of(rng, number, ttl_s, gaps):
    """Draw events; times are whole seconds, so that every way to add them up gives the same."""
    now_s, events = 0.0, []
    for _ in range(number):
        verb = str(rng.choice(["load", "save", "delete"], p=[0.55, 0.33, 0.12]))
        events.append((now_s, verb, str(rng.choice(["ann", "bob"]))))
        now_s += float(round(float(rng.choice(gaps)) * ttl_s))
    return events


@sliding.ask
def ask_sliding(rng):
    ttl_s = float(rng.choice([60, 300, 1_800]))
    events = events_of(rng, 12, ttl_s, [0.05, 0.2, 0.3, 0.5, 0.65])
    return [*events, (events[-1][0] + 10 * ttl_s, "save", "eve")], ttl_s


@sliding.ask_widely
def ask_sliding_widely(rng):
    ttl_s = float(rng.integers(1, 100))
    return events_of(rng, int(rng.integers(0, 60)), ttl_s, [0, 0.1, 0.3, 0.5, 1.0, 1.2]), ttl_s


@sliding.edges
def sliding_edges():
    texts = {
        "read now and then": "0 save ann, 50 load ann, 100 load ann, 170 load ann, 175 load eve",
        "at the very end": "0 save ann, 60 load ann",
        "at the very end of a renewed life": "0 save ann, 20 load ann, 80 load ann",
        "too late, and again": "0 save ann, 60 load ann, 90 load ann",
        "never saved": "5 load ann, 6 load ann",
        "signed out": "0 save ann, 10 delete ann, 20 load ann",
        "signed out twice": "0 delete ann, 1 save ann, 2 delete ann, 3 delete ann, 4 load ann",
        "saved once more": "0 save ann, 50 save ann, 100 load ann",
        "saved after its end": "0 save ann, 100 save ann, 120 load ann",
        "signed in again": "0 save ann, 10 delete ann, 20 save ann, 30 load ann",
        "two people": "0 save ann, 30 save bob, 70 load ann, 80 load bob, 100 delete ann, "
        "110 load bob",
        "at one moment": "5 save ann, 5 load ann, 5 delete ann, 5 load ann",
        "nobody loads": "0 save ann, 10 delete ann",
        "no event": "",
    }
    return {name: (history(text), 60.0) for name, text in texts.items()}


@sliding.words
def sliding_in_words(events, ttl_s):
    listed = ", ".join(f"{when:g} s {verb} {name}" for when, verb, name in events)
    return f"ttl_s={ttl_s:g}; {listed or 'no event'}"


@sliding.otherwise
def why_sliding(got, events, ttl_s):
    loads = [i for i, (_, verb, _) in enumerate(events) if verb == "load"]
    if len(got) != len(loads):
        return "There is one answer for each load, and none for a save or a delete."
    right = sliding.solution(events, ttl_s)
    place = next(k for k, (mine, truth) in enumerate(zip(got, right, strict=True)) if mine != truth)
    now_s, _, name = events[loads[place]]
    if got[place]:
        return f"At {now_s:g} s {name} is not signed in: never saved, deleted since, or ended."
    return (
        f"At {now_s:g} s {name}'s session lives: it was saved or found less than {ttl_s:g} s ago."
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


@sliding.misread("A user who only reads is active, too: a load renews the lifetime.")
def only_saves_renew(events, ttl_s):
    saved, result = {}, []
    for t, verb, name in events:
        if verb == "save":
            saved[name] = t
        elif verb == "delete":
            saved.pop(name, None)
        else:
            result.append(name in saved and t - saved[name] < ttl_s)
    return result


@sliding.misread("A deleted session is gone at once: that is what signing out means.")
def deletes_nothing(events, ttl_s):
    last, result = {}, []
    for t, verb, name in events:
        if verb == "save":
            last[name] = t
        elif verb == "load":
            alive = name in last and t - last[name] < ttl_s
            result.append(alive)
            if alive:
                last[name] = t
    return result


@sliding.misread("At the moment of its end a session is over.")
def alive_at_its_end(events, ttl_s):
    last, result = {}, []
    for t, verb, name in events:
        if verb == "save":
            last[name] = t
        elif verb == "delete":
            last.pop(name, None)
        else:
            alive = name in last and t - last[name] <= ttl_s
            result.append(alive)
            if alive:
                last[name] = t
    return result


@sliding.misread("A session ends by itself; nobody will delete it.")
def for_ever(events, ttl_s):
    there, result = set(), []
    for _, verb, name in events:
        if verb == "save":
            there.add(name)
        elif verb == "delete":
            there.discard(name)
        else:
            result.append(name in there)
    return result


@sliding.misread("Each save counts, and the lifetime begins anew: not only the first.")
def first_save(events, ttl_s):
    last, result = {}, []
    for t, verb, name in events:
        if verb == "save":
            last.setdefault(name, t)
        elif verb == "delete":
            last.pop(name, None)
        else:
            alive = name in last and t - last[name] < ttl_s
            result.append(alive)
            if alive:
                last[name] = t
    return result


@sliding.misread("A load that comes too late renews nothing.")
def late_renewal(events, ttl_s):
    last, result = {}, []
    for t, verb, name in events:
        if verb == "save":
            last[name] = t
        elif verb == "delete":
            last.pop(name, None)
        elif name in last:
            result.append(t - last[name] < ttl_s)
            last[name] = t
        else:
            result.append(False)
    return result


@sliding.misread(
    "The lifetime begins anew at each use. You add another one to what was left of the last."
)
def lifetimes_add_up(events, ttl_s):
    ends, result = {}, []
    for t, verb, name in events:
        if verb == "save":
            ends[name] = t + ttl_s
        elif verb == "delete":
            ends.pop(name, None)
        else:
            alive = name in ends and t < ends[name]
            result.append(alive)
            if alive:
                ends[name] += ttl_s
    return result


@sliding.misread("A load that finds no session makes none.")
def made_by_a_load(events, ttl_s):
    last, result = {}, []
    for t, verb, name in events:
        if verb == "delete":
            last.pop(name, None)
            continue
        if verb == "load":
            result.append(name in last and t - last[name] < ttl_s)
        last[name] = t
    return result


@sliding.misread("There is one answer for each load, and none for a save or a delete.")
def one_for_each_event(events, ttl_s):
    last, result = {}, []
    for t, verb, name in events:
        if verb == "delete":
            last.pop(name, None)
        alive = name in last and t - last[name] < ttl_s
        if verb == "save" or (verb == "load" and alive):
            last[name] = t
        result.append(alive)
    return result


@sliding.misread("Each session has a lifetime of its own: what one user does renews no other's.")
def one_lifetime_for_all(events, ttl_s):
    there, last_s, result = set(), None, []
    for t, verb, name in events:
        if last_s is not None and t - last_s >= ttl_s:
            there.clear()
        if verb == "save":
            there.add(name)
            last_s = t
        elif verb == "delete":
            there.discard(name)
        else:
            result.append(name in there)
            if name in there:
                last_s = t
    return result


@sliding.misread(
    "0 is a time like any other. `if last_used` or `get(...) and` takes it for nothing at all; "
    "compare with None, or ask whether the name is in the dictionary."
)
def zero_is_no_time(events, ttl_s):
    last, result = {}, []
    for t, verb, name in events:
        if verb == "save":
            last[name] = t
        elif verb == "delete":
            last[name] = None
        else:
            alive = bool(last.get(name)) and t - last[name] < ttl_s
            result.append(alive)
            if alive:
                last[name] = t
    return result


# Task 3: a cart that survives two tabs -------------------------------------------------------

ITEM = "pen"
MOST_SHOWN = 12  # lines of a story


class CartStore:
    """One cart with its version. After each load, one of `others` is quicker and saves.

    Parameters
    ----------
    items : list of str
        What is in the cart at first.
    others : list of str
        What other tabs add, one after each load.
    answers : int or None
        Commands after which the store is down; None for never.
    """

    def __init__(self, items, others, answers) -> None:
        self.items, self.version = list(items), 1
        self._others, self._answers = list(others), answers
        self._given: set[int] = set()  # the versions that a load has returned
        self.loads = self.saves = self.blind = self.made_up = 0
        self.story = [f"at first: {self._cart()}"]

    def _cart(self) -> str:
        return f"{', '.join(map(str, self.items)) or 'nothing'} (version {self.version})"

    def _tell(self, line: str) -> None:
        if len(self.story) < MOST_SHOWN:
            self.story.append(line)

    def _ask(self, command: str) -> None:
        if self._answers is not None and self.loads + self.saves > self._answers:
            self._tell(f"you {command}: the store is down")
            raise SessionStoreDownError("the store does not answer")

    def load(self):
        """Return a copy of the items, and the version."""
        self.loads += 1
        self._ask("load")
        held = list(self.items), self.version
        self._given.add(self.version)
        self._tell(f"you load: {self._cart()}")
        if self._others:
            self.items.append(self._others.pop(0))
            self.version += 1
            self._tell(f"another tab saves: {self._cart()}")
        return held

    def save(self, items, expected_version=None):
        """Save the items; refuse them if the version is another than expected."""
        self.saves += 1
        self._ask("save")
        items = list(items)
        self.blind += expected_version is None
        self.made_up += expected_version is not None and expected_version not in self._given
        if expected_version is not None and expected_version != self.version:
            self._tell(f"you save with version {expected_version}: conflict")
            raise SessionConflictError(f"version {self.version}, expected {expected_version}")
        self.items, self.version = items, self.version + 1
        self._tell(f"you save: {self._cart()}")


cart = lab.exercise(
    "cart",
    "A cart that survives two tabs",
    Data("what became of a cart"),
    why="Somebody pays for what is in the cart.",
    hint="Play it by hand with one other writer.",
    hints=(
        "Load gives the items and the version. Save with that version: if somebody else was "
        "quicker, the store raises SessionConflictError and saves nothing.",
        "After a conflict your copy is old. Load again, add the item to what is there now, save "
        "again.",
        "for _ in range(attempts): items, version = store.load(); try: store.save([*items, item], "
        "version); return True; except SessionConflictError: continue. After the loop return "
        "False.",
    ),
    explanation=(
        "One server runs many requests at once, in threads or processes. Two of them load the same "
        "cart, and the second save loses the first. Only the store sees both, so it must refuse."
    ),
)


@cart.ask
def ask_cart(rng):
    others = [f"other {i + 1}" for i in range(int(rng.integers(0, 5)))]
    answers = int(rng.integers(0, 4)) if rng.random() < 0.15 else None
    return ["lamp"], others, int(rng.integers(1, 6)), answers


@cart.ask_widely
def ask_cart_widely(rng):
    things = ["lamp", "book", ITEM, "lamp"]
    items = [str(thing) for thing in rng.choice(things, int(rng.integers(0, 4)))]
    others = [str(thing) for thing in rng.choice(things, int(rng.integers(0, 6)))]
    answers = int(rng.integers(0, 6)) if rng.random() < 0.3 else None
    return items, others, int(rng.integers(1, 7)), answers


@cart.edges
def cart_edges():
    return {
        "one other tab": (["lamp"], ["mug"], 3, None),
        "nobody else": (["lamp"], [], 3, None),
        "an empty cart": ([], [], 1, None),
        "just attempts enough": (["lamp"], ["mug", "book"], 3, None),
        "one attempt too few": (["lamp"], ["mug", "book"], 2, None),
        "one attempt, and somebody is quicker": (["lamp"], ["mug"], 1, None),
        "many other tabs": (["lamp"], ["book", "mug", "cup", "bag", "hat"], 3, None),
        "a second pen": (["umbrella", ITEM], [], 2, None),
        "another tab adds a pen": (["umbrella"], [ITEM], 2, None),
        "two equal lamps": (["lamp", "lamp"], ["book"], 2, None),
        "the store is down": (["lamp", "umbrella"], [], 3, 0),
        "the store goes down before the save": (["lamp", "umbrella"], [], 3, 1),
        "the store goes down after a conflict": (["lamp", "umbrella"], ["mug"], 3, 2),
    }


@cart.words
def cart_in_words(items, others, attempts, answers):
    down = "" if answers is None else f", down after {answers} commands"
    return (
        f"item={ITEM!r}, attempts={attempts}; in the cart: {', '.join(items) or 'nothing'}; other "
        f"tabs add: {', '.join(others) or 'nothing'}{down}"
    )


@cart.run
def run_cart(add_item, items, others, attempts, answers):
    """Let an answer add a pen, and write down what became of the cart."""
    store = CartStore(items, others, answers)
    returned, raised = None, ""
    try:
        value = call(add_item, store, ITEM, attempts)
        if value is ...:
            return ...
        returned = Truth().read(value)
    except TheirError as theirs:
        if not isinstance(theirs.error, (SessionConflictError, SessionStoreDownError)):
            raise
        raised = type(theirs.error).__name__
    return {
        "cart": sorted(map(str, store.items)),
        "returned": returned,
        "raised": raised,
        "counts": [store.loads, store.saves, store.blind, store.made_up],
        "story": "\n".join(store.story),
    }


@cart.judge
def judge_cart(got, items, others, attempts, answers):
    right = run_cart(cart.solution, items, others, attempts, answers)
    if not isinstance(got, dict) or right.keys() != got.keys():
        return Fault(_end(right), "nothing of the kind")
    why = _why_cart(got, right, items, attempts)
    same = all(got[part] == right[part] for part in ("cart", "returned", "raised"))
    if same and not why:
        return None
    tell = _way if same else _end
    return Fault(tell(right), tell(got), why, story=got["story"])


def _way(told) -> str:
    """Say how it came about, where it ended well."""
    loads, saves, blind, _ = told["counts"]
    return f"loads: {loads}, saves: {saves}, without a version: {blind}"


def _end(told) -> str:
    """Say how it ended."""
    how = f"raised {told['raised']}" if told["raised"] else f"returned {told['returned']}"
    return f"in the cart: {', '.join(told['cart']) or 'nothing'}; {how}"


def _why_cart(got, right, items, attempts):
    """Say what is wrong with what became of the cart; nothing if nothing is."""
    loads, saves, blind, made_up = got["counts"]
    missing = [thing for thing in items if got["cart"].count(thing) < items.count(thing)]
    letters = len(got["cart"]) > len(right["cart"]) + 1 and set(ITEM) <= set(got["cart"])
    reasons = (
        (got["raised"] == "SessionConflictError", "passes_conflict"),
        (blind, "last_wins"),
        (made_up, "next_version"),
        (right["raised"] and not got["raised"], "hides_every_error"),
        (letters, "letter_by_letter"),
        (any(thing.startswith("[") for thing in got["cart"]), "a_list_in_a_list"),
        (loads == saves and _as_a_set(got, right), "as_a_set"),
        (saves > attempts, "until_it_works"),
        (loads > attempts, "loads_once_more"),
        (missing, "new_item_alone"),
        (got["cart"].count(ITEM) > right["cart"].count(ITEM), "saves_after_success"),
        (got["returned"] is False and right["returned"], "only_once"),
        (got["returned"] is right["returned"] and got["cart"] != right["cart"], "old_copy"),
        (got["returned"] and not right["returned"], "always_true"),
        (got["cart"] != right["cart"], "already_there"),
    )
    return next((cart.meaning(name) for true, name in reasons if true), "")


def _as_a_set(got, right):
    """Whether of equal things only one is left."""
    return got["cart"] != right["cart"] and got["cart"] == sorted(set(right["cart"]))


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
        except SessionConflictError:
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
    except SessionConflictError:
        return add_item(store, item, attempts - 1)
    return True


@cart.misread("A save without a version overwrites whatever came in between.")
def last_wins(store, item, attempts):
    items, _ = store.load()
    store.save([*items, item])
    return True


@cart.misread("There were attempts left. Begin again.")
def only_once(store, item, attempts):
    items, version = store.load()
    try:
        store.save([*items, item], version)
    except SessionConflictError:
        return False
    return True


@cart.misread("After a conflict your copy is old: what the other one added is not in it.")
def old_copy(store, item, attempts):
    items, version = store.load()
    for left in range(attempts):
        try:
            store.save([*items, item], version)
        except SessionConflictError:
            if left < attempts - 1:
                _, version = store.load()
            continue
        return True
    return False


@cart.misread(
    "You save more often than there are attempts. Give up after the last: a loop without an end is "
    "an outage."
)
def until_it_works(store, item, attempts):
    while True:
        items, version = store.load()
        try:
            store.save([*items, item], version)
            return True
        except SessionConflictError:
            pass


@cart.misread(
    "A conflict is no failure: somebody was quicker, and nothing is saved yet. Try again, and "
    "after the last attempt return False."
)
def passes_conflict(store, item, attempts):
    items, version = store.load()
    store.save([*items, item], version)
    return True


@cart.misread("Save with the version that load returned. You gave one that no load has returned.")
def next_version(store, item, attempts):
    for _ in range(attempts):
        items, version = store.load()
        try:
            store.save([*items, item], version + 1)
            return True
        except SessionConflictError:
            continue
    return False


@cart.misread(
    "What was in the cart is gone: save all the items that you loaded, equal ones too, and the new "
    "one."
)
def new_item_alone(store, item, attempts):
    for _ in range(attempts):
        _, version = store.load()
        try:
            store.save([item], version)
            return True
        except SessionConflictError:
            continue
    return False


@cart.misread(
    "The store was down, and your code hid it: it catches every error, not only the conflict. The "
    "caller takes it for a full cart or an unlucky one."
)
def hides_every_error(store, item, attempts):
    for _ in range(attempts):
        try:
            items, version = store.load()
            store.save([*items, item], version)
            return True
        except Exception:
            continue
    return False


@cart.misread("The pen is in the cart twice: after success the work is done, so return.")
def saves_after_success(store, item, attempts):
    done = False
    for _ in range(attempts):
        items, version = store.load()
        try:
            store.save([*items, item], version)
            done = True
        except SessionConflictError:
            continue
    return done


@cart.misread(
    "An attempt is one load and one save. You load once more than that, and use it for nothing."
)
def loads_once_more(store, item, attempts):
    items, version = store.load()
    for _ in range(attempts):
        try:
            store.save([*items, item], version)
            return True
        except SessionConflictError:
            items, version = store.load()
    return False


@cart.misread(
    "The caller must know whether the item was added: after the last conflict it was not."
)
def always_true(store, item, attempts):
    for _ in range(attempts):
        items, version = store.load()
        try:
            store.save([*items, item], version)
            break
        except SessionConflictError:
            continue
    return True


@cart.misread("One is in the cart already, and the customer wants another: add it all the same.")
def already_there(store, item, attempts):
    for _ in range(attempts):
        items, version = store.load()
        if item in items:
            return True
        try:
            store.save([*items, item], version)
            return True
        except SessionConflictError:
            continue
    return False


@cart.misread("`items += item` adds a text letter by letter. `items + [item]` adds it as one.")
def letter_by_letter(store, item, attempts):
    for _ in range(attempts):
        items, version = store.load()
        items += item
        try:
            store.save(items, version)
            return True
        except SessionConflictError:
            continue
    return False


@cart.misread("A set keeps one of two equal things, and the customer wants both.")
def as_a_set(store, item, attempts):
    for _ in range(attempts):
        items, version = store.load()
        try:
            store.save(set(items) | {item}, version)
            return True
        except SessionConflictError:
            continue
    return False


@cart.misread(
    "`[items, item]` is a list in a list. `[*items, item]` holds all of them side by side."
)
def a_list_in_a_list(store, item, attempts):
    for _ in range(attempts):
        items, version = store.load()
        try:
            store.save([items, item], version)
            return True
        except SessionConflictError:
            continue
    return False


class _ValkeyCart:
    """The same two verbs on a real server, with another tab that is quicker once."""

    def __init__(self, sessions: ValkeySessions) -> None:
        self._sessions, self._others = sessions, ["book"]
        sessions.save("ann", {"cart": ["lamp"]})

    def load(self):
        record = self._sessions.load_record("ann")
        items = list((record.data or {})["cart"])
        if self._others:
            self._sessions.save("ann", {"cart": [*items, self._others.pop()]})
        return items, record.version

    def save(self, items, expected_version=None):
        self._sessions.save("ann", {"cart": list(items)}, expected_version=expected_version)


def own_cart_on_valkey(add_item, attempts: int = 3) -> Html:
    """Let a learner's `add_item` add a pen on a real server, while another tab adds a book."""
    if add_item(CartStore([], [], None), ITEM, attempts) is ...:
        return note(
            "Still to do: your add_item is the stub. Then this cell asks it for real, where it can."
        )
    try:
        with start_server() as server:
            sessions = ValkeySessions(server)
            try:
                returned = str(add_item(_ValkeyCart(sessions), ITEM, attempts))
            except SessionConflictError:
                returned = "nothing: it passed the conflict on"
            cart_now = ", ".join(map(str, (sessions.load("ann") or {})["cart"]))
    except RealComponentError as missing:
        return note(str(missing))
    row = {"your add_item returned": returned, "cart afterwards": cart_now}
    return table([row], "Your add_item beside another tab, on a real server")


# Task 4: a page that survives the store ------------------------------------------------------


class SessionStore:
    """A store that may be down; it counts how often it was asked."""

    def __init__(self, sessions, down) -> None:
        self._sessions, self._down, self.asked = sessions, down, 0

    def load(self, session_id):
        """Return a session, None where there is none."""
        self.asked += 1
        if self._down:
            raise SessionStoreDownError("the store does not answer")
        return self._sessions.get(session_id)


ANSWER = Parts(status=Whole(), user=Maybe(Text()))
SESSIONS = {"s1": {"user": "ann"}, "s2": {"user": "bob", "cart": ["lamp"]}}

page = lab.exercise(
    "page",
    "A page that survives the store",
    Parts(status=Whole(), user=Maybe(Text()), questions=Whole("questions to the store")),
    why="Each path has its own answer in each of the three situations.",
    hint="Write down the table: two paths, three situations.",
    hints=(
        "There are three situations: the session is there, there is none, and the store is down. "
        "The last two are not the same.",
        "The catalogue is for everybody: 200, with the user's name or without. The checkout needs "
        "to know who it is: 401 if nobody is signed in, 503 if nobody can know.",
        "try: session = store.load(session_id) except SessionStoreDownError: return (200, None) if "
        "path == '/catalogue' else (503, None). Ask once; a second try makes the user wait.",
    ),
    explanation=(
        "A few times what a slow answer takes, some tens of milliseconds. While it waits it holds "
        "a worker: at thirty seconds all workers soon wait for the store, and the catalogue, which "
        "needs nobody, is down as well."
    ),
)


@page.ask
def ask_page(rng):
    path = str(rng.choice(["/catalogue", "/checkout"]))
    return path, str(rng.choice(["s1", "s2", "unknown"])), bool(rng.random() < 0.4)


@page.edges
def page_edges():
    return {
        "the checkout of a user": ("/checkout", "s1", False),
        "the checkout of a stranger": ("/checkout", "unknown", False),
        "the checkout of nobody knows whom": ("/checkout", "s1", True),
        "the catalogue for a user": ("/catalogue", "s2", False),
        "the catalogue for a stranger": ("/catalogue", "unknown", False),
        "the catalogue for nobody knows whom": ("/catalogue", "s1", True),
        "the checkout of a user with a cart": ("/checkout", "s2", False),
    }


@page.words
def page_in_words(path, session_id, down):
    has = (
        f"has a session of {SESSIONS[session_id]['user']}" if session_id in SESSIONS else "has none"
    )
    return f"path={path!r}, session_id={session_id!r}; the store {'is down' if down else has}"


@page.run
def run_page(respond, path, session_id, down):
    """Ask for a page, and count the questions to the store; an error that goes on is a 500."""
    store = SessionStore({name: dict(session) for name, session in SESSIONS.items()}, down)
    try:
        answer = call(respond, path, session_id, store)
    except TheirError as theirs:
        if not isinstance(theirs.error, SessionStoreDownError):
            raise
        return 500, None, store.asked
    if answer is ...:
        return ...
    if isinstance(answer, (tuple, list)) and len(answer) == 2:
        status, user = answer
        if not isinstance(status, int) and isinstance(user, int):
            raise NotThatError(
                ANSWER.asked, answer, "The two have changed places: first the status."
            )
        answer = status, f"the session {user}" if isinstance(user, dict) else user
    return *ANSWER.read(answer), store.asked


@page.otherwise
def why_page(got, path, session_id, down):
    status, user, _ = got
    right_status, right_user, _ = run_page(page.solution, path, session_id, down)
    if user != right_user and status == right_status:
        known = "Nobody is known here, so the user is None."
        return (
            known
            if right_user is None
            else f"The user is {right_user}: what load returned says so."
        )
    if status == right_status:
        return "Ask once: who it is stands in the store's answer, and a second question costs time."
    if path == "/catalogue":
        return "The catalogue needs no session: show it as to a stranger."
    if down:
        return "Whether somebody is signed in cannot be known right now. That is 503."
    if right_status == 401:
        return "The store answered: there is no such session, so nobody is signed in. That is 401."
    return "The user is known, and may check out: 200."


@page.solve
def respond(path, session_id, store):
    """Ask once, and keep *nobody* apart from *nobody knows*.

    What needs no session works without the store. What needs one says so: 401 asks the user
    to do something, 503 says that it is our turn.
    """
    try:
        session = store.load(session_id)
    except SessionStoreDownError:
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
    except SessionStoreDownError:
        status = 503
    if path == "/catalogue" or user:
        status = 200
    return status, user


@page.misread(
    "An error that nobody catches is a page of status 500, which says that the program is broken. "
    "It is not, only the store is."
)
def passes_on(path, session_id, store):
    session = store.load(session_id)
    if session:
        return 200, session["user"]
    return (200, None) if path == "/catalogue" else (401, None)


@page.misread(
    "401 tells users to sign in again. They may be signed in: you cannot know it. That is a 503."
)
def down_means_signed_out(path, session_id, store):
    try:
        session = store.load(session_id)
    except SessionStoreDownError:
        session = None
    if session:
        return 200, session["user"]
    return (200 if path == "/catalogue" else 401), None


@page.misread(
    "The store is down, and with it the catalogue, which needs no session. Show it as to a "
    "stranger."
)
def no_store_no_shop(path, session_id, store):
    try:
        session = store.load(session_id)
    except SessionStoreDownError:
        return 503, None
    if session:
        return 200, session["user"]
    return (200, None) if path == "/catalogue" else (401, None)


@page.misread("One question is enough. A second one to a dead store makes everybody wait twice.")
def tries_again(path, session_id, store):
    session = None
    for attempt in range(2):
        try:
            session = store.load(session_id)
            break
        except SessionStoreDownError:
            if attempt == 1:
                return (200, None) if path == "/catalogue" else (503, None)
    if session:
        return 200, session["user"]
    return (200, None) if path == "/catalogue" else (401, None)


@page.misread(
    "You ask whether it is there, and then ask for it. Keep what the first load returned."
)
def looks_and_loads(path, session_id, store):
    try:
        if store.load(session_id) is not None:
            return 200, store.load(session_id)["user"]
    except SessionStoreDownError:
        return (200, None) if path == "/catalogue" else (503, None)
    return (200, None) if path == "/catalogue" else (401, None)


@page.misread("That is the whole session. Return its user, a text.")
def whole_session(path, session_id, store):
    try:
        session = store.load(session_id)
    except SessionStoreDownError:
        return (200, None) if path == "/catalogue" else (503, None)
    if session:
        return 200, session
    return (200, None) if path == "/catalogue" else (401, None)


@page.misread("The store answered: there is no such session. That is 401, a matter for the user.")
def stranger_is_503(path, session_id, store):
    try:
        user = store.load(session_id)["user"]
    except (SessionStoreDownError, TypeError):
        return (200, None) if path == "/catalogue" else (503, None)
    return 200, user


@page.misread("The catalogue is for everybody. Nobody has to sign in to look.")
def closed_catalogue(path, session_id, store):
    try:
        session = store.load(session_id)
    except SessionStoreDownError:
        return (200, None) if path == "/catalogue" else (503, None)
    return (200, session["user"]) if session else (401, None)


@page.misread("The catalogue greets who is signed in, so it has to ask the store who that is.")
def catalogue_without_names(path, session_id, store):
    if path == "/catalogue":
        return 200, None
    try:
        session = store.load(session_id)
    except SessionStoreDownError:
        return 503, None
    return (200, session["user"]) if session else (401, None)


@page.misread("Nobody may check out without being known: an order needs somebody who pays.")
def open_checkout(path, session_id, store):
    try:
        session = store.load(session_id)
    except SessionStoreDownError:
        return (200, None) if path == "/catalogue" else (503, None)
    return 200, session["user"] if session else None


@page.misread("The user is a text such as ann. That is the key of the session, which is a secret.")
def session_id_for_the_user(path, session_id, store):
    try:
        session = store.load(session_id)
    except SessionStoreDownError:
        return (200, None) if path == "/catalogue" else (503, None)
    if session:
        return 200, session_id
    return (200, None) if path == "/catalogue" else (401, None)
