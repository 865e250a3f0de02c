"""Exercises of the lab on CQRS."""

import copy

from scalelab.course.chapters.cqrs.own import relayed, taken
from scalelab.course.check import Lab
from scalelab.course.diagnosis import Fault
from scalelab.course.kinds import Data, Number

lab = Lab("cqrs")

# Task 1: what a document saves ---------------------------------------------------------------

saved = lab.exercise(
    "saved",
    "What a document saves",
    Number(unit="ms/s"),
    why="By this number the team decides whether it keeps two models or one.",
    hint="What does one read save? And what does one write of each kind cost, with all its "
    "documents?",
    hints=(
        "A read saves query_ms - document_ms; the document has to be read as well.",
        "A kind of write costs per_s * documents * keep_ms. Take the sum over all kinds from what "
        "the reads save; it may come out negative.",
    ),
    explanation=(
        "One rare write can decide: a new name of a category touches every document that has it. "
        "So the ratio of reads to writes says little; the number of documents a write touches says "
        "more. And work is not all: a page that is too slow for its readers may be worth the loss."
    ),
)


@saved.ask
def ask_saved(rng):
    writes = [
        (int(rng.integers(1, 20)), int(rng.integers(1, 30)), int(rng.integers(1, 9)))
        for _ in range(int(rng.integers(1, 4)))
    ]
    return int(rng.integers(1, 200)), int(rng.integers(10, 60)), int(rng.integers(1, 9)), writes


@saved.ask_widely
def ask_saved_widely(rng):
    writes = [
        (float(rng.random()), int(rng.integers(0, 500)), float(rng.random()))
        for _ in range(int(rng.integers(0, 6)))
    ]
    query_ms = float(10 * rng.random())
    return int(rng.integers(0, 1000)), query_ms, float(10 * rng.random()), writes


@saved.edges
def saved_edges():
    return {
        "prices only": (100, 50, 5, [(10, 1, 9)]),
        "a category of many documents": (100, 50, 5, [(10, 1, 9), (1, 600, 9)]),
        "it costs more than it saves": (10, 50, 5, [(50, 1, 90)]),
        "nobody reads": (0, 50, 5, [(2, 3, 4)]),
        "nobody writes": (100, 50, 5, []),
        "a write that touches no document": (100, 50, 5, [(10, 0, 9)]),
        "a document that is as slow as the query": (100, 5, 5, [(10, 2, 9)]),
        "a document that is slower": (100, 4, 5, [(10, 2, 9)]),
        "fractions": (3, 2.5, 0.4, [(0.5, 3, 0.3), (0.25, 1, 0.5)]),
    }


@saved.otherwise
def why_saved(got, reads_per_s, query_ms, document_ms, writes):
    reads = reads_per_s * (query_ms - document_ms)
    kept = sum(per_s * documents * keep_ms for per_s, documents, keep_ms in writes)
    return f"The reads save {reads:g} ms of work a second, and the keeping costs {kept:g}."


@saved.solve
def saved_ms_per_s(reads_per_s, query_ms, document_ms, writes):
    """Take what the writes cost from what the reads save; both are work of one second."""
    saving = reads_per_s * (query_ms - document_ms)
    for per_s, documents, keep_ms in writes:
        saving -= per_s * documents * keep_ms
    return saving


@saved.solve_otherwise
def saved_ms_per_s(reads_per_s, query_ms, document_ms, writes):
    """Compare the work of a second without documents and with them."""
    without = reads_per_s * query_ms
    kept = sum(write[0] * write[1] * write[2] for write in writes)
    return without - (reads_per_s * document_ms + kept)


def kept(writes):
    return sum(per_s * documents * keep_ms for per_s, documents, keep_ms in writes)


@saved.misread("A write has to keep every document that it touches, not one.")
def one_document(reads_per_s, query_ms, document_ms, writes):
    return reads_per_s * (query_ms - document_ms) - sum(p * k for p, _, k in writes)


@saved.misread("The document has to be read, too: a read saves the difference.")
def documents_for_nothing(reads_per_s, query_ms, document_ms, writes):
    return reads_per_s * query_ms - kept(writes)


@saved.misread("That is what the reads save. Take off what the writes cost.")
def reads_alone(reads_per_s, query_ms, document_ms, writes):
    return reads_per_s * (query_ms - document_ms)


@saved.misread("Where keeping costs more than it saves, the result is negative: say so.")
def never_negative(reads_per_s, query_ms, document_ms, writes):
    return max(0, reads_per_s * (query_ms - document_ms) - kept(writes))


@saved.misread("The other way round: positive is what you save.")
def turned_round(reads_per_s, query_ms, document_ms, writes):
    return kept(writes) - reads_per_s * (query_ms - document_ms)


@saved.misread("Each kind of write comes so many times a second: multiply by that as well.")
def each_write_once(reads_per_s, query_ms, document_ms, writes):
    return reads_per_s * (query_ms - document_ms) - sum(d * k for _, d, k in writes)


@saved.misread("There are several kinds of writes: all of them cost.")
def the_first_kind(reads_per_s, query_ms, document_ms, writes):
    return reads_per_s * (query_ms - document_ms) - kept(writes[:1])


@saved.misread("There are several kinds of writes: the cheap ones cost as well.")
def the_dearest_kind(reads_per_s, query_ms, document_ms, writes):
    dearest = max((p * d * k for p, d, k in writes), default=0)
    return reads_per_s * (query_ms - document_ms) - dearest


@saved.misread("That is for one read. There are reads_per_s of them in a second.")
def one_read(reads_per_s, query_ms, document_ms, writes):
    return query_ms - document_ms - kept(writes)


@saved.misread("A document that is slower than the query saves less than nothing: no amount.")
def always_a_gain(reads_per_s, query_ms, document_ms, writes):
    return reads_per_s * abs(query_ms - document_ms) - kept(writes)


# Task 2: a relay -----------------------------------------------------------------------------

relay = lab.exercise(
    "relay",
    "A relay that loses nothing",
    Data("what was published, and what is still in the outbox"),
    why="An event that is lost is noticed by nobody until a customer complains.",
    hint="What does a crash undo? Only what is in your variables. What is marked is marked.",
    hints=(
        "There are two steps for each record. If the crash comes between them, which order loses "
        "the event, and which sends it again?",
        "Go through the outbox in its order: publish a record, then mark it, then the next.",
    ),
    explanation=(
        "Between publishing and marking the crash leaves a record that was sent and is not marked. "
        "The next relay cannot know, and sends it again. So who reads the events has to know which "
        "ones he has had: that is the next task."
    ),
    repeatable=False,
)


@relay.ask
def ask_relay(rng):
    records = list(range(1, int(rng.integers(3, 9))))
    crashes = sorted({int(n) for n in rng.integers(1, 2 * len(records) + 1, 2)})
    return records, [(number, bool(rng.random() < 0.5)) for number in crashes]


@relay.ask_widely
def ask_relay_widely(rng):
    records = [int(n) for n in rng.permutation(100)[: int(rng.integers(0, 30))]]
    crashes = sorted({int(n) for n in rng.integers(1, 40, int(rng.integers(0, 8)))})
    return records, [(number, bool(rng.random() < 0.5)) for number in crashes]


@relay.edges
def relay_edges():
    return {
        "no crash": ([1, 2, 3], []),
        "a crash right after a publication": ([1, 2, 3], [(1, True)]),
        "a crash before a mark": ([1, 2, 3], [(2, False)]),
        "a crash right after a mark": ([1, 2, 3], [(2, True)]),
        "a crash before a publication": ([1, 2, 3], [(1, False)]),
        "two crashes at the same record": ([1, 2, 3], [(1, True), (2, True)]),
        "numbers in no order": ([7, 2, 9], [(3, True)]),
        "a crash in the middle of many": ([1, 2, 3, 4, 5, 6], [(7, True)]),
        "one record": ([1], [(1, True)]),
        "nothing to do": ([], []),
    }


@relay.words
def relay_in_words(records, crashes):
    at = ", ".join(f"{'after' if done else 'before'} call {number}" for number, done in crashes)
    return f"outbox {records}, crashes: {at or 'none'}"


relay.run(relayed)


@relay.judge
def judge_relay(got, records, crashes):
    """Look for what was lost, then at the order, then at what came too often."""
    published, story = got["published"], "\n".join(got["story"])
    if records and not published:
        why = "Call publish and mark for each record; what relay_all returns, as None, is not used."
        return Fault(f"{records[0]} published", "nothing at all", why)
    extra = [record for record in published if record not in records]
    if extra:
        return Fault("only records of the outbox", f"{extra[0]}", "Publish what is in it.")
    missing = [record for record in records if record not in published]
    if missing:
        why = relay.meaning("marks_first") if missing[0] not in got["left"] else ""
        why = why or relay.meaning("the_first_only")
        return Fault(f"{missing[0]} published", "it never was", why, story=story)
    if got["left"]:
        why = relay.meaning("never_marks")
        return Fault("an empty outbox at the end", f"{got['left']}", why, story=story)
    first = list(dict.fromkeys(published))
    if first != records:
        why = relay.meaning("backwards")
        return Fault(f"first publications {records}", f"{first}", why, story=story)
    repeats, must = len(published) - len(records), got["between"]
    if repeats > must:
        why = relay.meaning("all_then_marks")
        if not crashes:
            why = relay.meaning("twice_to_be_sure")
        return Fault(f"{must} published again", f"{repeats}", why, story=story)
    if repeats < must:
        why = relay.meaning("Remembers")
        return Fault(f"{must} published again", f"{repeats}", why, story=story)
    return None


@relay.solve
def relay_all(outbox, publish, mark):
    """Publish first and mark then: a crash in between repeats one event, and loses none."""
    for record in outbox:
        publish(record)
        mark(record)


@relay.solve_otherwise
def relay_all(outbox, publish, mark):
    """Do one record and return; one is called again as long as there are any."""
    if outbox:
        publish(outbox[0])
        mark(outbox[0])


@relay.misread("Marked and not yet published: a crash in between loses the event for ever.")
def marks_first(outbox, publish, mark):
    for record in outbox:
        mark(record)
        publish(record)


@relay.misread(
    "A crash repeats all that is published and not marked. Mark each before the next is published."
)
def all_then_marks(outbox, publish, mark):
    for record in outbox:
        publish(record)
    for record in outbox:
        mark(record)


@relay.misread("Events have an order, that of the outbox: a new price before the old one is wrong.")
def backwards(outbox, publish, mark):
    for record in reversed(outbox):
        publish(record)
        mark(record)


@relay.misread("The outbox is in the order of the commits. Its numbers need not be.")
def by_number(outbox, publish, mark):
    relay.solution(sorted(outbox), publish, mark)


@relay.misread("Nothing is ever marked, so the outbox is published again and again.")
def never_marks(outbox, publish, mark):
    for record in outbox:
        publish(record)


@relay.misread("The records that were not published stay away: publish each before it is marked.")
def the_first_only(outbox, publish, mark):
    for number, record in enumerate(outbox):
        if number == 0:
            publish(record)
        mark(record)


@relay.misread("Without a crash each event is sent once. To send it twice makes nothing safer.")
def twice_to_be_sure(outbox, publish, mark):
    for record in outbox:
        publish(record)
        publish(record)
        mark(record)


SEEN = {}


@relay.misread(
    "It remembers what was published in a variable that outlives the crash. A crash takes all "
    "variables: only the marks stay."
)
class Remembers:
    def __new__(cls, outbox, publish, mark):
        for record in outbox:
            if SEEN.get(record) is not publish.__self__:
                SEEN[record] = publish.__self__
                publish(record)
            mark(record)


@relay.misread("Marked before the last one is sent: the last event of each round can be lost.")
def marks_the_next(outbox, publish, mark):
    for record in outbox[1:]:
        mark(record)
        publish(record)
    if outbox:
        publish(outbox[0])
        mark(outbox[0])


# Task 3: a projector -------------------------------------------------------------------------

once = lab.exercise(
    "once",
    "A projector: once, and in order",
    Data("a list of the states it showed", of=list),
    why="A stock that was counted twice is sold twice.",
    hint="For each key, which version comes next? What do you do with another one?",
    hints=(
        "Keep for each key the version that was applied last. One that is not larger has been: "
        "pass over it. One that is larger by two or more is early: keep it.",
        "After each event that you apply, look whether the next version of that key is among the "
        "early ones, and go on while it is.",
    ),
    explanation=(
        "A version for each key says both: what has been, and what is missing. An id would say "
        "only the first. Its price: a key waits for an event that is late, and shows its older "
        "state until then. What never comes holds up its key for ever, so somebody has to watch "
        "how long the early ones wait."
    ),
)


def step_in_words(step):
    verb, *values = step
    if verb != "take":
        return verb
    key, version, kind, value = values
    return f"take {key} version {version}: {kind} {value}"


def script_in_words(script):
    return "; ".join(map(step_in_words, script))


def history(rng, keys, events):
    """Draw events: key, version, kind, value."""
    versions = dict.fromkeys(keys, 0)
    found = []
    for _ in range(events):
        key = str(rng.choice(keys))
        versions[key] += 1
        kind = str(rng.choice(["set", "add"]))
        found.append(("take", key, versions[key], kind, int(rng.integers(1, 50))))
    return found


def troubled(rng, events, moves=4, repeats=0.3):
    """Let events overtake each other, and come again."""
    order = sorted(range(len(events)), key=lambda i: i + moves * float(rng.random()))
    came = []
    for i in order:
        came.append(events[i])
        if rng.random() < repeats:
            came.append(came[int(rng.integers(len(came)))])
    return came


@once.ask
def ask_once(rng):
    came = troubled(rng, history(rng, ["tea", "milk"], 9))
    half = len(came) // 2
    return ([*came[:half], ("look",), *came[half:], ("look",)],)


@once.ask_widely
def ask_once_widely(rng):
    keys = [f"k{i}" for i in range(int(rng.integers(1, 6)))]
    script = []
    for step in troubled(rng, history(rng, keys, int(rng.integers(1, 40))), moves=9):
        script += [step, ("look",)] if rng.random() < 0.3 else [step]
    return ([*script, ("look",)],)


A1, A2, A3, A4 = (
    ("take", "tea", 1, "set", 10),
    ("take", "tea", 2, "add", 5),
    ("take", "tea", 3, "set", 7),
    ("take", "tea", 4, "add", 2),
)
B1, B2 = ("take", "milk", 1, "add", 3), ("take", "milk", 2, "add", 4)
LOOK = ("look",)


@once.edges
def once_edges():
    return {
        "as they happened": ([A1, A2, LOOK, A3, LOOK],),
        "two keys": ([A1, B1, A2, B2, LOOK],),
        "a change that comes twice": ([A1, A2, A2, LOOK],),
        "an old one again": ([A1, A2, A1, LOOK],),
        "the second before the first": ([A2, LOOK, A1, LOOK],),
        "three early ones": ([A4, A3, A2, LOOK, A1, LOOK],),
        "an early one that comes twice": ([A2, A2, A1, LOOK],),
        "an early one again, when it has been": ([A2, A1, A2, LOOK, A3, LOOK],),
        "a key that waits holds up no other": ([A2, B1, B2, LOOK],),
        "a gap in the middle": ([A1, A3, LOOK, A2, LOOK, A4, LOOK],),
        "a change to nothing": ([B1, LOOK],),
        "back to zero": ([A1, ("take", "tea", 2, "add", -10), LOOK],),
        "below zero": ([A1, ("take", "tea", 2, "add", -30), LOOK],),
        "nothing yet": ([LOOK],),
    }


once.words(script_in_words)
once.run(taken)


@once.solve
class Projector:
    """Keep the version of each key, and let early events wait for those before them."""

    def __init__(self):
        self.states, self.versions, self.early = {}, {}, {}

    def take(self, key, version, kind, value):
        if version > self.versions.get(key, 0):
            self.early[key, version] = kind, value
        while (key, self.versions.get(key, 0) + 1) in self.early:
            self.versions[key] = self.versions.get(key, 0) + 1
            kind, value = self.early.pop((key, self.versions[key]))
            self.states[key] = value if kind == "set" else self.states.get(key, 0) + value

    def state(self):
        return dict(self.states)


@once.solve_otherwise
class Projector:
    """Keep all events, and fold those of each key up to its first gap when somebody looks."""

    def __init__(self):
        self.events = {}

    def take(self, key, version, kind, value):
        self.events.setdefault(key, {})[version] = (kind, value)

    def state(self):
        found = {}
        for key, events in self.events.items():
            version = 1
            while version in events:
                kind, value = events[version]
                found[key] = value if kind == "set" else found.get(key, 0) + value
                version += 1
        return found


class Simple:
    """Applies what it takes; the misreadings say what."""

    def __init__(self):
        self.states, self.seen = {}, {}

    def apply(self, key, kind, value):
        self.states[key] = value if kind == "set" else self.states.get(key, 0) + value

    def state(self):
        return dict(self.states)


@once.misread("Events come twice, and this one counts them twice. Which has it had?")
class TakesAll(Simple):
    def take(self, key, version, kind, value):
        self.apply(key, kind, value)


@once.misread("It has each once, but in the order of coming: an early one has to wait.")
class OnceInAnyOrder(Simple):
    def take(self, key, version, kind, value):
        if version not in self.seen.setdefault(key, set()):
            self.seen[key].add(version)
            self.apply(key, kind, value)


@once.misread("What comes after a later one is dropped here. It is late, and not wrong: it counts.")
class OnlyNewer(Simple):
    def take(self, key, version, kind, value):
        if version > self.seen.get(key, 0):
            self.seen[key] = version
            self.apply(key, kind, value)


@once.misread("An early event is dropped here. It does not come again: keep it until its turn.")
class DropsEarly(Simple):
    def take(self, key, version, kind, value):
        if version == self.seen.get(key, 0) + 1:
            self.seen[key] = version
            self.apply(key, kind, value)


@once.misread("Versions are counted for each key. A key that waits holds up no other.")
class OneCount(once.solution):
    def take(self, key, version, kind, value):
        if version == self.versions.get("all", 0) + 1 or version <= self.versions.get("all", 0):
            self.versions["all"] = max(version, self.versions.get("all", 0))
            self.states[key] = value if kind == "set" else self.states.get(key, 0) + value


@once.misread("There is a gap: what comes after it has to wait until the missing event is there.")
class IgnoresGaps(once.solution):
    def take(self, key, version, kind, value):
        self.early[key, version] = kind, value

    def state(self):
        found = {}
        for key, version in sorted(self.early):
            kind, value = self.early[key, version]
            found[key] = value if kind == "set" else found.get(key, 0) + value
        return found


@once.misread("A stock of 0 is a state as well: the key stays in the dictionary.")
class ZeroGone(once.solution):
    def state(self):
        return {key: state for key, state in self.states.items() if state}


@once.misread("The events say what the stock is, also below zero: do not correct them.")
class NeverBelowZero(once.solution):
    def state(self):
        return {key: max(0, state) for key, state in self.states.items()}


@once.misread("Several early ones may follow each other: go on while the next one is there.")
class OneAtATime(once.solution):
    def take(self, key, version, kind, value):
        if version > self.versions.get(key, 0):
            self.early[key, version] = kind, value
        for _ in range(2):
            following = self.versions.get(key, 0) + 1
            if (key, following) in self.early and following <= max(version, 1) + 1:
                kind, value = self.early.pop((key, following))
                self.versions[key] = following
                self.states[key] = value if kind == "set" else self.states.get(key, 0) + value


@once.misread('"set" brings the whole state: what was there before does not count.')
class AddsAlways(once.solution):
    def take(self, key, version, kind, value):
        once.solution.take(self, key, version, "add", value)


@once.misread('"add" brings a change: add it to what is there.')
class SetsAlways(once.solution):
    def take(self, key, version, kind, value):
        once.solution.take(self, key, version, "set", value)


@once.misread("A key whose first event has not come has no state yet: leave it out.")
class ShowsTheWaiting(once.solution):
    def take(self, key, version, kind, value):
        self.states.setdefault(key, 0)
        once.solution.take(self, key, version, kind, value)


@once.misread("An early event that comes twice waits once: keep it by its version, not in a list.")
class ListOfEarly(Simple):
    def __init__(self):
        super().__init__()
        self.early = []

    def take(self, key, version, kind, value):
        if version > self.seen.get(key, 0):
            self.early.append((key, version, kind, value))
        for event in sorted(self.early, key=lambda e: e[:2]):
            if event[0] == key and event[1] <= self.seen.get(key, 0) + 1:
                self.early.remove(event)
                self.seen[key] = event[1]
                self.apply(key, *event[2:])


# Task 4: a projector that survives -----------------------------------------------------------

survive = lab.exercise(
    "survive",
    "A projector that survives",
    Data("a list of the states it showed", of=list),
    why="A projector is restarted with every release. What it then has forgotten is wrong for "
    "good.",
    hint="What comes again after a crash, and what does not? The second has to be in what you "
    "save.",
    hints=(
        "Events that came before the last save do not come again, also those that were early and "
        "are waiting.",
        "Save three things: the states, the versions, and the early events. Begin with them in "
        "__init__, if there is something saved.",
    ),
    explanation=(
        "Data and position are one thing: saved together or not at all. Here the versions are the "
        "position. Kept apart, a crash between the two leaves data that do not fit their position, "
        "and the events are counted twice or not at all."
    ),
)


@survive.ask
def ask_survive(rng):
    came = troubled(rng, history(rng, ["tea", "milk"], 10))
    return (crashing(rng, came, 0.2, 0.15),)


@survive.ask_widely
def ask_survive_widely(rng):
    keys = [f"k{i}" for i in range(int(rng.integers(1, 5)))]
    came = troubled(rng, history(rng, keys, int(rng.integers(1, 30))), moves=7)
    return (crashing(rng, came, float(rng.random()) / 2, float(rng.random()) / 4),)


def crashing(rng, came, saves, crashes):
    """Put saves and crashes between events; what came since the last save comes again."""
    script, since = [], []
    for step in came:
        script.append(step)
        since.append(step)
        if rng.random() < saves:
            script.append(("save",))
            since = []
        if rng.random() < crashes:
            script += [("crash",), ("look",), *since]
    return [*script, ("look",)]


SAVE, CRASH = ("save",), ("crash",)


@survive.edges
def survive_edges():
    return {
        "no crash": ([A1, A2, LOOK],),
        "a crash after a save": ([A1, A2, SAVE, CRASH, LOOK, A3, LOOK],),
        "a crash before anything was saved": ([A1, A2, CRASH, LOOK, A1, A2, LOOK],),
        "what came since the save comes again": ([A1, SAVE, A2, CRASH, LOOK, A2, LOOK],),
        "one that is in the save comes again": ([A1, A2, SAVE, CRASH, A2, LOOK],),
        "an early one was saved": ([A2, SAVE, CRASH, LOOK, A1, LOOK],),
        "an early one was not saved": ([SAVE, A2, CRASH, A2, A1, LOOK],),
        "two crashes": ([A1, SAVE, A2, CRASH, A2, SAVE, CRASH, A3, LOOK],),
        "two crashes after one save": ([A1, SAVE, A2, CRASH, A2, CRASH, A2, LOOK],),
        "two keys, one waits": ([A2, B1, SAVE, B2, CRASH, B2, LOOK, A1, LOOK],),
        "more after the save": ([A1, SAVE, A2, A3, CRASH, LOOK],),
        "shown after a save": ([A1, SAVE, LOOK, A2, LOOK],),
        "a save of nothing": ([SAVE, CRASH, LOOK, A1, LOOK],),
    }


survive.words(script_in_words)
survive.run(taken)


@survive.solve
class DurableProjector:
    """Save states, versions and early events as one: they belong together.

    The versions are the position. Early events count as done once they are saved, so they must be
    in the save as well.
    """

    def __init__(self, saved=None):
        self.states, self.versions, self.early = saved or ({}, {}, {})

    def take(self, key, version, kind, value):
        if version > self.versions.get(key, 0):
            self.early[key, version] = kind, value
        while (key, self.versions.get(key, 0) + 1) in self.early:
            self.versions[key] = self.versions.get(key, 0) + 1
            kind, value = self.early.pop((key, self.versions[key]))
            self.states[key] = value if kind == "set" else self.states.get(key, 0) + value

    def state(self):
        return dict(self.states)

    def save(self):
        return self.states, self.versions, self.early


@survive.solve_otherwise
class DurableProjector:
    """Save every event by its key and version; the state is what they give."""

    def __init__(self, saved=None):
        self.events = dict(saved) if saved else {}

    def take(self, key, version, kind, value):
        self.events[key, version] = (kind, value)

    def state(self):
        found = {}
        for key in {key for key, _ in self.events}:
            version = 1
            while (key, version) in self.events:
                kind, value = self.events[key, version]
                found[key] = value if kind == "set" else found.get(key, 0) + value
                version += 1
        return found

    def save(self):
        return dict(self.events)


class Kept(survive.solution):
    """Saves some of the three things; the misreadings say which."""

    parts = ()

    def save(self):
        whole = survive.solution.save(self)
        return tuple(part if i in self.parts else {} for i, part in enumerate(whole))


@survive.misread(
    "Early events that wait were acknowledged: they do not come again. Save them, too."
)
class WithoutTheEarly(Kept):
    parts = (0, 1)


@survive.misread("Without the versions it cannot know what it has had: save them with the states.")
class StatesAlone(Kept):
    parts = (0,)


@survive.misread("The versions say that the events have been, and the states are gone.")
class VersionsAlone(Kept):
    parts = (1,)


@survive.misread(
    "It begins with nothing. What was saved does not come again: return it all, and begin with it."
)
class ForgetsAll(survive.solution):
    def __init__(self, saved=None):
        survive.solution.__init__(self)


@survive.misread("After a crash it believes what comes to be new: begin with the saved versions.")
class VersionsForgotten(survive.solution):
    def __init__(self, saved=None):
        survive.solution.__init__(self, saved)
        self.versions = {}


@survive.misread("The projector goes on after a save: saving takes nothing away from it.")
class ClearsAtSave(survive.solution):
    def save(self):
        whole = survive.solution.save(self)
        self.states, self.versions, self.early = {}, {}, {}
        return whole


ALL = {}


@survive.misread(
    "It keeps its data outside of itself, where no crash takes it. A crash takes all but the save."
)
class Immortal(survive.solution):
    def __init__(self, saved=None):
        if saved is None:
            ALL.clear()
            ALL["kept"] = ({}, {}, {})
        self.states, self.versions, self.early = ALL["kept"]

    def save(self):
        return True


@survive.misread("Only the first save counts here. Each one has to bring what is new.")
class SavesOnce(survive.solution):
    def save(self):
        if not hasattr(self, "kept"):
            self.kept = copy.deepcopy(survive.solution.save(self))
        return self.kept
