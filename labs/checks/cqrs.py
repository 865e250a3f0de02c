"""Exercises of the lab on CQRS."""

import copy
import heapq
import math
from dataclasses import replace

from scalelab.course.chapters.cqrs.own import OUTSIDE, relayed, taken
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
        (float(rng.random()), int(rng.integers(0, 500)) / 2, float(rng.random()))
        for _ in range(int(rng.integers(0, 6)))
    ]
    query_ms = float(10 * rng.random())
    return int(rng.integers(0, 1000)) / 4, query_ms, float(10 * rng.random()), writes


@saved.edges
def saved_edges():
    return {
        "prices only": (100, 50, 5, [(10, 1, 9)]),
        "two kinds with the same numbers": (100, 50, 5, [(10, 1, 9), (10, 1, 9)]),
        "two kinds of writes": (10, 50, 5, [(2, 3, 4), (5, 1, 6)]),
        "a category of many documents": (100, 50, 5, [(10, 1, 9), (1, 600, 9)]),
        "it costs more than it saves": (10, 50, 5, [(50, 1, 90)]),
        "nobody reads": (0, 50, 5, [(2, 3, 4)]),
        "nobody writes": (100, 50, 5, []),
        "a write that touches no document": (100, 50, 5, [(10, 0, 9)]),
        "a document that is as slow as the query": (100, 5, 5, [(10, 2, 9)]),
        "a document that is slower": (100, 4, 5, [(10, 2, 9)]),
        "fractions": (2.5, 2.5, 0.4, [(0.5, 1.5, 0.3), (0.25, 1, 0.55)]),
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


@saved.misread("Two kinds of writes may have the same numbers: a set keeps one of them. Both cost.")
def different_kinds(reads_per_s, query_ms, document_ms, writes):
    return reads_per_s * (query_ms - document_ms) - kept(set(writes))


@saved.misread("The writes cost work: take it off, do not add it.")
def writes_save(reads_per_s, query_ms, document_ms, writes):
    return reads_per_s * (query_ms - document_ms) + kept(writes)


@saved.misread("Where a document is slower than the query, the reads cost: that part is negative.")
def reads_never_lose(reads_per_s, query_ms, document_ms, writes):
    return reads_per_s * max(0, query_ms - document_ms) - kept(writes)


@saved.misread("All kinds of writes come, each at its own rate: add them up, take no average.")
def average_kind(reads_per_s, query_ms, document_ms, writes):
    return reads_per_s * (query_ms - document_ms) - kept(writes) / (len(writes) or 1)


@saved.misread("There are several kinds of writes: you take the last one alone.")
def the_last_kind(reads_per_s, query_ms, document_ms, writes):
    return reads_per_s * (query_ms - document_ms) - kept(writes[-1:])


@saved.misread("Multiply within each kind of write, and add up then. You add up first.")
def sums_multiplied(reads_per_s, query_ms, document_ms, writes):
    product = 1
    for column in range(3):
        product *= sum(write[column] for write in writes)
    return reads_per_s * (query_ms - document_ms) - product


@saved.misread("The writes come by themselves: their cost is not multiplied by the reads.")
def kept_at_each_read(reads_per_s, query_ms, document_ms, writes):
    return reads_per_s * (query_ms - document_ms - kept(writes))


@saved.misread("That is in seconds of work for each second. Milliseconds are asked for.")
def in_seconds(reads_per_s, query_ms, document_ms, writes):
    return (reads_per_s * (query_ms - document_ms) - kept(writes)) / 1_000


@saved.misread("keep_ms is for one document of one write: multiply by documents and by per_s.")
def keep_ms_alone(reads_per_s, query_ms, document_ms, writes):
    return reads_per_s * (query_ms - document_ms) - sum(ms for _, _, ms in writes)


@saved.misread("The sign says whether it pays: a loss is not a gain of the same size.")
def without_sign(reads_per_s, query_ms, document_ms, writes):
    return abs(reads_per_s * (query_ms - document_ms) - kept(writes))


@saved.misread("A write that touches no document costs nothing.")
def one_at_least(reads_per_s, query_ms, document_ms, writes):
    at_least_one = [(per_s, max(1, documents), ms) for per_s, documents, ms in writes]
    return reads_per_s * (query_ms - document_ms) - kept(at_least_one)


@saved.misread(
    "A number of documents may be a fraction, as the mean of many writes: cut nothing off."
)
def whole_documents(reads_per_s, query_ms, document_ms, writes):
    cut = [(per_s, int(documents), ms) for per_s, documents, ms in writes]
    return reads_per_s * (query_ms - document_ms) - kept(cut)


@saved.misread(
    "A number of documents may be a fraction, as the mean of many writes: do not round up."
)
def documents_rounded_up(reads_per_s, query_ms, document_ms, writes):
    up = [(per_s, math.ceil(documents), ms) for per_s, documents, ms in writes]
    return reads_per_s * (query_ms - document_ms) - kept(up)


@saved.misread("reads_per_s may be a fraction: cut nothing off.")
def whole_reads(reads_per_s, query_ms, document_ms, writes):
    return int(reads_per_s) * (query_ms - document_ms) - kept(writes)


@saved.misread("per_s may be a fraction, less than one write a second too: cut nothing off.")
def whole_writes(reads_per_s, query_ms, document_ms, writes):
    cut = [(int(per_s), documents, ms) for per_s, documents, ms in writes]
    return reads_per_s * (query_ms - document_ms) - kept(cut)


@saved.misread(
    "A write saves no query. Only the reads do; a write costs keep_ms a document, and all of it."
)
def writes_save_a_query(reads_per_s, query_ms, document_ms, writes):
    less = [(per_s, documents, ms - query_ms) for per_s, documents, ms in writes]
    return reads_per_s * (query_ms - document_ms) - kept(less)


@saved.misread(
    "That is a ratio of gain and cost. Take what the writes cost off what the reads save."
)
def gain_over_cost(reads_per_s, query_ms, document_ms, writes):
    return reads_per_s * (query_ms - document_ms) / (kept(writes) or 1)


@saved.misread("That is for each read. Asked for is the work of a second, with all its reads.")
def divided_by_reads(reads_per_s, query_ms, document_ms, writes):
    return saved.solution(reads_per_s, query_ms, document_ms, writes) / (reads_per_s or 1)


@saved.misread(
    "Each kind of write has its own keep_ms: multiply within each kind, take no mean of them."
)
def mean_keep_ms(reads_per_s, query_ms, document_ms, writes):
    per_s, documents, ms = (sum(write[column] for write in writes) for column in range(3))
    return reads_per_s * (query_ms - document_ms) - per_s * documents * ms / (len(writes) or 1)


@saved.misread("Without writes the reads still save: the result is what they save.")
def nothing_without_writes(reads_per_s, query_ms, document_ms, writes):
    return reads_per_s * (query_ms - document_ms) - kept(writes) if writes else 0


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
    first = int(rng.integers(100, 9_000))  # in no two cases the same, for who remembers them
    records = list(range(first, first + int(rng.integers(2, 8))))
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
        "no crash": ([21, 22, 23], []),
        "a crash right after a publication": ([31, 32, 33], [(1, True)]),
        "a crash before a mark": ([34, 35, 36], [(2, False)]),
        "a crash right after a mark": ([37, 38, 39], [(2, True)]),
        "a crash before a publication": ([41, 42, 43], [(1, False)]),
        "two crashes at the same record": ([44, 45, 46], [(1, True), (2, True)]),
        "numbers in no order": ([57, 52, 59], [(3, True)]),
        "a crash in the middle of many": ([61, 62, 63, 64, 65, 66], [(7, True)]),
        "one record": ([71], [(1, True)]),
        "nothing to do": ([], []),
        "a record with the number 0": ([83, 0, 82], []),
    }


@relay.words
def relay_in_words(records, crashes):
    at = ", ".join(f"{'after' if done else 'before'} call {number}" for number, done in crashes)
    return f"outbox {records}, crashes: {at or 'none'}"


relay.run(relayed)


@relay.judge
def judge_relay(got, records, crashes):
    """Look for what is no record, for what was lost, at the order, then at what came too often."""
    story = "\n".join(got["story"])
    found = (
        no_record(got, records)
        or nothing_or_no_end(got, records)
        or lost_or_left(got, records, crashes)
        or out_of_order_or_again(got, records, crashes)
    )
    return found and replace(found, story=story)


def no_record(got, records):
    extra = [record for record in got["published"] if record not in records]
    if extra:
        why = "publish takes a record of the outbox: not its place, and not another number."
        if isinstance(extra[0], list):
            why = "publish takes one record. Call it for each of the list."
        return Fault("only records of the outbox", f"publish({extra[0]!r})", why)
    if got["odd"] and records:
        why = "mark takes a record of the outbox: not its place, and not another number."
        if got["odd"].startswith("["):
            why = "mark takes one record, not the list. Call it for each."
        return Fault("only records of the outbox", f"mark({got['odd']})", why)
    return None


def nothing_or_no_end(got, records):
    if got["endless"]:
        why = "mark takes a record out of the table. Your list is a copy, which does not change."
        if not any("mark" in line for line in got["story"]):
            why = relay.meaning("never_marks")
        return Fault("an end", "call after call of publish and mark", why)
    if not records or got["published"]:
        return None
    why = (
        "Call publish and mark for each record. What relay_all returns, as None, is not used, and "
        "what an earlier run left in a variable is gone."
    )
    if len(got["left"]) < len(records):
        why = (
            "They are marked, and not published. Is publish called, and before mark? Or does a "
            "variable outside of the function remember an earlier run? A crash takes all variables."
        )
    return Fault(f"{records[0]} published", "nothing at all", why)


def lost_or_left(got, records, crashes):
    published, left = got["published"], got["left"]
    missing = [record for record in records if record not in published]
    if missing:
        marked = missing[0] not in left and crashes
        why = relay.meaning("marks_first" if marked else "the_first_only")
        if missing == [0]:
            why = relay.meaning("without_zero")
        return Fault(f"{missing[0]} published", "it never was", why)
    if left:
        some = any("mark" in line for line in got["story"])
        why = "Some are never marked, and come again and again. Mark each that you publish."
        why = why if some else relay.meaning("never_marks")
        return Fault("an empty outbox at the end", f"{left}", why)
    return None


def out_of_order_or_again(got, records, crashes):
    published = got["published"]
    first = list(dict.fromkeys(published))
    if first != records:
        return Fault(f"first publications {records}", f"{first}", relay.meaning("backwards"))
    repeats, must = len(published) - len(records), got["between"]
    if repeats > must:
        why = relay.meaning("all_then_marks" if crashes else "twice_to_be_sure")
        if got["unmarked"]:
            why = relay.meaning("the_last_marked")
        return Fault(f"{must} published again", f"{repeats}", why)
    if repeats < must:
        return Fault(f"{must} published again", f"{repeats}", relay.meaning("Remembers"))
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
                publish(record)
                SEEN[record] = publish.__self__
            mark(record)


@relay.misread(
    "It notes in a variable that outlives the crash what it is about to publish: a crash takes all "
    "variables, and what is noted and not yet sent would be lost."
)
class RemembersBefore:
    def __new__(cls, outbox, publish, mark):
        for record in outbox:
            if SEEN.get(record) is not publish.__self__:
                SEEN[record] = publish.__self__
                publish(record)
            mark(record)


@relay.misread("A run that ends leaves published records unmarked. Mark each that you publish.")
def the_last_marked(outbox, publish, mark):
    for record in outbox:
        publish(record)
    for record in outbox[-1:]:
        mark(record)


@relay.misread(
    "Every second record is passed over. Do you go in steps of two, or take records out of the "
    "list that you go through?"
)
def shrinks_its_list(outbox, publish, mark):
    for record in outbox:
        publish(record)
        mark(record)
        outbox.remove(record)


@relay.misread("0 is the number of a record like any other: ask for no truth of it.")
def without_zero(outbox, publish, mark):
    relay.solution([record for record in outbox if record], publish, mark)


@relay.misread("All are marked before the first is published: a crash in between loses them all.")
def all_marks_first(outbox, publish, mark):
    for record in outbox:
        mark(record)
    for record in outbox:
        publish(record)


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
    why="Who reads a stock sells by it: one too high is sold twice, one too low is not sold.",
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
        found.append(("take", key, versions[key], kind, int(rng.integers(0, 50))))
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
        "early ones in their order": ([A2, A3, LOOK, A1, LOOK],),
        "an early one that comes twice": ([A2, A2, A1, LOOK],),
        "an early one again, when it has been": ([A2, A1, A2, LOOK, A3, LOOK],),
        "a key that waits holds up no other": ([A2, B1, B2, LOOK],),
        "a gap in the middle": ([A1, A3, LOOK, A2, LOOK, A4, LOOK],),
        "two keys wait for their first": ([A2, B2, LOOK, A1, B1, LOOK],),
        "looked at again and again": ([A1, LOOK, LOOK, A2, LOOK],),
        "many versions": (
            [
                *(("take", "tea", n, "add", n) for n in (1, 12, 2, 11, 3, 10, 9, 8, 7, 6, 5, 4)),
                LOOK,
            ],
        ),
        "one that is far ahead": (
            [
                *(("take", "tea", n, "add", n) for n in (*range(1, 11), 16, *range(11, 16))),
                LOOK,
            ],
        ),
        "one that waits comes twice, and others behind it": ([A2, A2, A1, LOOK, A3, LOOK],),
        "looked at while one waits": ([A2, LOOK, A1, LOOK, A2, LOOK],),
        "a change to nothing": ([B1, LOOK],),
        "a change by zero": ([A1, ("take", "tea", 2, "add", 0), A3, LOOK],),
        "set to zero": ([A1, ("take", "tea", 2, "set", 0), LOOK, A3, LOOK],),
        "zero to begin with": ([("take", "tea", 1, "add", 0), LOOK, A2, LOOK],),
        "the same change in two versions": ([A1, A2, ("take", "tea", 3, "add", 5), LOOK],),
        "back to zero": ([A1, ("take", "tea", 2, "add", -10), LOOK],),
        "below zero": ([A1, ("take", "tea", 2, "add", -30), LOOK],),
        "nothing yet": ([LOOK],),
    }


once.words(script_in_words)
once.run(taken)


def known(script):
    """Return at each look the events that are known, by key and version; a crash undoes some."""
    events, on_disk, at_looks = {}, {}, []
    for verb, *values in script:
        if verb == "take":
            key, version, *change = values
            events.setdefault(key, {})[version] = change
        elif verb == "look":
            at_looks.append(copy.deepcopy(events))
        elif verb == "save":
            on_disk = copy.deepcopy(events)
        else:
            events = copy.deepcopy(on_disk)
    return at_looks


def which_rule(got, right, script):
    """Say what the first state that is wrong should be, and by which rule."""
    pairs = enumerate(zip(got, right, strict=False))
    place = next((i for i, (mine, true) in pairs if mine != true), None)
    if place is None or not isinstance(got[place], dict):
        return None
    mine, true = got[place], right[place]
    key = next(
        key
        for key in [*true, *mine]
        if (key in mine, mine.get(key)) != (key in true, true.get(key))
    )
    events = known(script)[place].get(key, {})
    if key not in true:
        if events:
            return f"Version 1 of {key} has not come. Until then {key} has no state: leave it out."
        return f"No event of {key} is known at look {place + 1}: it has no state."
    last = next(n for n in range(1, len(events) + 2) if n not in events) - 1
    folded = ", ".join(f"{kind} {value}" for kind, value in (events[n] for n in range(1, last + 1)))
    said = f"At look {place + 1} {key} has the versions 1 to {last}, each once: {folded}."
    if last == 1:
        said = f"At look {place + 1} version 1 of {key} counts, once: {folded}."
    if len(events) > last:
        said += f" Version {max(events)} waits."
    if key in mine and not isinstance(mine[key], int | float):
        return f"A state is a number, the stock of {key}, and nothing besides."
    if key in mine:
        return said
    if not true[key]:
        return f"{said} That is 0, which is a state: {key} stays in the dictionary."
    if place and key in got[place - 1]:
        return f"{said} You showed {key} before: to look, or to wait, takes no state away."
    return f"{said} So {key} has a state, whatever other keys wait for."


@once.otherwise
def why_once(got, script):
    return which_rule(got, taken(once.solution, script), script)


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


@once.misread("It applies all that comes: also what it has had before, and what is early.")
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


@once.misread("An event with the value 0 is an event: its version counts.")
class DropsZero(once.solution):
    def take(self, key, version, kind, value):
        if value:
            super().take(key, version, kind, value)


@once.misread("Versions are counted for each key, from 1. You count one row of versions for all.")
class OneRowForAll(once.solution):
    def take(self, key, version, kind, value):
        if version > self.versions.get("all", 0):
            self.early[version] = key, kind, value
        while self.versions.get("all", 0) + 1 in self.early:
            self.versions["all"] = self.versions.get("all", 0) + 1
            key, kind, value = self.early.pop(self.versions["all"])
            self.states[key] = value if kind == "set" else self.states.get(key, 0) + value


@once.misread("One that waits is looked for in the order of coming, once. Its turn is by version.")
class InOrderOfComing(Simple):
    def __init__(self):
        super().__init__()
        self.early = {}

    def take(self, key, version, kind, value):
        if version > self.seen.get(key, 0):
            self.early.setdefault((key, version), (kind, value))
        for waiting in list(self.early):
            if waiting == (key, self.seen.get(key, 0) + 1):
                self.seen[key] = waiting[1]
                self.apply(key, *self.early.pop(waiting))


@once.misread('An "add" to a key without a state begins at 0: it is not passed over.')
class IgnoresAddToNothing(once.solution):
    def state(self):
        found = {}
        for key in self.versions:
            for kind, value in self.applied[key]:
                if kind == "set" or key in found:
                    found[key] = value if kind == "set" else found[key] + value
        return found

    def __init__(self):
        super().__init__()
        self.applied = {}

    def take(self, key, version, kind, value):
        if version > self.versions.get(key, 0):
            self.early[key, version] = kind, value
        while (key, self.versions.get(key, 0) + 1) in self.early:
            self.versions[key] = self.versions.get(key, 0) + 1
            self.applied.setdefault(key, []).append(self.early.pop((key, self.versions[key])))


@once.misread("It never shows a state. Versions begin at 1: does it wait for a version 0?")
class FromZero(once.solution):
    def state(self):
        return {}


@once.misread("state() shows; it takes nothing away.")
class EmptiedByLooking(once.solution):
    def state(self):
        shown, self.states = self.states, {}
        return shown


@once.misread("A key that waits holds up no other: the others are shown all the same.")
class OneHidesAll(once.solution):
    def state(self):
        return {} if self.early else dict(self.states)


@once.misread("Who waits goes on waiting when somebody looks: state() takes nothing away.")
class EarlyGoAtLook(once.solution):
    def state(self):
        self.early = {}
        return super().state()


@once.misread("The versions are still needed when somebody has looked: state() takes nothing away.")
class VersionsGoAtLook(once.solution):
    def state(self):
        self.versions = {}
        return super().state()


@once.misread('"set" and "add" have changed places.')
class KindsExchanged(once.solution):
    def take(self, key, version, kind, value):
        super().take(key, version, "add" if kind == "set" else "set", value)


@once.misread("Versions are numbers: sorted as texts, 10 comes before 2.")
class VersionsAsTexts(once.alternative):
    def state(self):
        found = {}
        for key, events in self.events.items():
            version = 1
            for text in sorted(map(str, events)):
                if text == str(version):
                    kind, value = events[version]
                    found[key] = value if kind == "set" else found.get(key, 0) + value
                    version += 1
        return found


@once.misread("An event that is repeated while it waits goes on waiting: you take it out.")
class RepeatedIsOut(once.solution):
    def take(self, key, version, kind, value):
        if self.early.pop((key, version), None) is None:
            super().take(key, version, kind, value)


@once.misread("A key that waits for its next event shows its older state until then.")
class WaitingIsHidden(once.solution):
    def state(self):
        waiting = {key for key, _ in self.early}
        return {key: state for key, state in self.states.items() if key not in waiting}


@once.misread("A state is the number alone. The version stays with the projector.")
class WithItsVersion(once.solution):
    def state(self):
        return {key: (state, self.versions[key]) for key, state in self.states.items()}


@once.misread("That is the version of each key. Its state is what its events give.")
class ShowsVersions(once.solution):
    def state(self):
        return dict(self.versions)


@once.misread("Versions begin at 1, whichever comes first: what comes before 1 is early.")
class BeginsWithWhatComes(once.solution):
    def take(self, key, version, kind, value):
        self.versions.setdefault(key, version - 1)
        super().take(key, version, kind, value)


@once.misread("Two keys may wait for the same version: keep early events by key and version.")
class EarlyByVersion(Simple):
    def __init__(self):
        super().__init__()
        self.early = {}

    def take(self, key, version, kind, value):
        if version > self.seen.get(key, 0):
            self.early[version] = key, kind, value
        while self.early.get(self.seen.get(key, 0) + 1, ("",))[0] == key:
            self.seen[key] = self.seen.get(key, 0) + 1
            self.apply(*self.early.pop(self.seen[key]))


@once.misread("Two versions may bring the same change. Tell events apart by key and version.")
class ByContent(once.solution):
    def __init__(self):
        super().__init__()
        self.had = set()

    def take(self, key, version, kind, value):
        if (key, kind, value) not in self.had:
            self.had.add((key, kind, value))
            super().take(key, version, kind, value)


@once.misread("Several may wait for one key: you keep only the one that came last.")
class OneWaits(Simple):
    def __init__(self):
        super().__init__()
        self.early = {}

    def take(self, key, version, kind, value):
        if version > self.seen.get(key, 0) + 1:
            self.early[key] = version, kind, value
        if version != self.seen.get(key, 0) + 1:
            return
        self.apply(key, kind, value)
        self.seen[key] = version
        if self.early.get(key, (0,))[0] == version + 1:
            self.take(key, *self.early.pop(key))


@once.misread('A "set" waits for its turn as well: events may come that were before it.')
class SetJumps(once.solution):
    def take(self, key, version, kind, value):
        if kind == "set" and version > self.versions.get(key, 0):
            self.versions[key] = version - 1
        super().take(key, version, kind, value)


@once.misread("After one event that waited, look again: the next may be waiting as well.")
class OneOfThoseThatWait(once.solution):
    def take(self, key, version, kind, value):
        if version > self.versions.get(key, 0):
            self.early[key, version] = kind, value
        following = self.versions.get(key, 0) + 1
        if (key, following) in self.early:
            kind, value = self.early.pop((key, following))
            self.versions[key] = following
            self.states[key] = value if kind == "set" else self.states.get(key, 0) + value


@once.misread("None is no state: a key whose first event has not come is not in the dictionary.")
class NoneForTheWaiting(once.solution):
    def state(self):
        return dict.fromkeys((key for key, _ in self.early), None) | self.states


BLOCKED = (
    "One that came again stands in the way of those behind it: pass over what has been, also where "
    "it waits."
)


@once.misread(BLOCKED)
class HeapBlocked(Simple):
    def __init__(self):
        super().__init__()
        self.early = {}

    def take(self, key, version, kind, value):
        waiting = self.early.setdefault(key, [])
        heapq.heappush(waiting, (version, kind, value))
        while waiting and waiting[0][0] == self.seen.get(key, 0) + 1:
            self.seen[key], kind, value = heapq.heappop(waiting)
            self.apply(key, kind, value)


@once.misread("One that waits twice stops those behind it: it waits once, or is passed over.")
class SortedListBlocked(Simple):
    def __init__(self):
        super().__init__()
        self.early = {}

    def take(self, key, version, kind, value):
        if version <= self.seen.get(key, 0):
            return
        waiting = self.early.setdefault(key, [])
        waiting.append((version, kind, value))
        waiting.sort()
        while waiting and waiting[0][0] == self.seen.get(key, 0) + 1:
            self.seen[key], kind, value = waiting.pop(0)
            self.apply(key, kind, value)


@once.misread(
    "When one comes, not all that wait follow it: only those whose turn it is, each once."
)
class AllWaitingAtOnce(Simple):
    def __init__(self):
        super().__init__()
        self.early = {}

    def take(self, key, version, kind, value):
        if version > self.seen.get(key, 0) + 1:
            self.early.setdefault(key, []).append((version, kind, value))
        if version != self.seen.get(key, 0) + 1:
            return
        self.apply(key, kind, value)
        self.seen[key] = version
        for waiting, *change in sorted(self.early.pop(key, [])):
            self.apply(key, *change)
            self.seen[key] = waiting


@once.misread("A key that waits holds up no other: what comes for that one is applied at once.")
class HoldsUpTheOthers(once.solution):
    def take(self, key, version, kind, value):
        others = any(name != key for name, _ in self.early)
        if others and not any(name == key for name, _ in self.early) and version > 1:
            self.early[key, version] = kind, value
        else:
            super().take(key, version, kind, value)


@once.misread("A far version waits as well, however many are missing before it.")
class FarOnesDropped(once.solution):
    def take(self, key, version, kind, value):
        if version <= self.versions.get(key, 0) + 5:
            super().take(key, version, kind, value)


# Task 4: a projector that survives -----------------------------------------------------------

survive = lab.exercise(
    "survive",
    "A projector that survives",
    Data("a list of the states it showed", of=list),
    why="A projector is restarted with every release. What is wrong after it stays wrong.",
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
MINUS, ZERO = ("take", "tea", 2, "add", -10), ("take", "tea", 2, "add", 0)


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
        "a state of zero was saved": ([A1, MINUS, SAVE, CRASH, LOOK, A3, LOOK],),
        "a change by zero, and what waits for it": ([A1, ZERO, SAVE, CRASH, A3, LOOK],),
        "two of one key wait": ([A2, A3, SAVE, CRASH, A1, LOOK],),
        "two saves, one early": ([A2, SAVE, SAVE, A1, LOOK],),
        "two saves, and the first waits": ([A2, SAVE, B1, SAVE, CRASH, LOOK, A1, LOOK],),
        "a save after a crash": ([A1, SAVE, CRASH, B1, SAVE, CRASH, LOOK],),
        "a key that is ahead of the other": ([A1, A2, B1, SAVE, CRASH, B2, LOOK],),
        "a save of nothing": ([SAVE, CRASH, LOOK, A1, LOOK],),
    }


survive.words(script_in_words)
survive.run(taken)


@survive.otherwise
def why_survive(got, script):
    return which_rule(got, taken(survive.solution, script), script)


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


COMES_BACK = (
    "Is it saved, and not found again? Look at the keys that come back: JSON makes the number 2 "
    "into the text '2'."
)


@survive.misread(
    "Early events that wait are gone after the crash, and do not come again: they belong in the "
    "save, and back to where you look for them. From JSON the number 2 comes back as the text '2'.",
    COMES_BACK,
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
    "It begins with nothing of what was saved, which does not come again. Return it all, begin "
    "with it, and look it up by the keys that come back: JSON makes the number 2 into '2'.",
    COMES_BACK,
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


@survive.misread(OUTSIDE)
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


@survive.misread("A state of 0 stays in the dictionary, also after a crash.")
class ZeroNotSaved(survive.solution):
    def save(self):
        states = {key: state for key, state in self.states.items() if state}
        return states, self.versions, self.early


@survive.misread("An event with the value 0 is an event: its version counts.")
class DropsZeroToo(survive.solution):
    def take(self, key, version, kind, value):
        if value:
            super().take(key, version, kind, value)


@survive.misread("The last save is all that comes back: it needs what earlier saves had as well.")
class SavesTheNew(survive.alternative):
    def __init__(self, saved=None):
        super().__init__(saved)
        self.new = {}

    def take(self, key, version, kind, value):
        super().take(key, version, kind, value)
        self.new[key, version] = kind, value

    def save(self):
        new, self.new = self.new, {}
        return new


@survive.misread("What save() returns is as of the save before. It has to be as of now.")
class SavesTheOneBefore(survive.solution):
    def __init__(self, saved=None):
        super().__init__(saved)
        self.last = copy.deepcopy(saved)

    def save(self):
        last, self.last = self.last, copy.deepcopy(super().save())
        return last


@survive.misread("After a save the early ones go on waiting: saving takes nothing away.")
class EarlyGoAtSave(survive.solution):
    def save(self):
        states, versions, early = super().save()
        self.early = {}
        return states, versions, early


@survive.misread("After a save the versions are still needed: saving takes nothing away.")
class VersionsGoAtSave(survive.solution):
    def save(self):
        states, versions, early = super().save()
        self.versions = {}
        return states, versions, early


@survive.misread("Early events wait after a crash as well: a restart does not make it their turn.")
class AppliesEarlyAtStart(survive.solution):
    def __init__(self, saved=None):
        super().__init__(saved)
        for key, version in sorted(self.early):
            kind, value = self.early[key, version]
            self.states[key] = value if kind == "set" else self.states.get(key, 0) + value
            self.versions[key] = version
        self.early = {}


@survive.misread("Several events may wait for one key: save all of them, not one for each key.")
class OneEarlySaved(survive.solution):
    def save(self):
        states, versions, early = super().save()
        last = dict(list(early))  # of each key the version that came last
        return states, versions, {k: e for k, e in early.items() if last[k[0]] == k[1]}


@survive.misread("Each key has a version of its own: save them all, not one for all keys.")
class OneVersionSaved(survive.solution):
    def save(self):
        states, versions, early = super().save()
        return states, dict.fromkeys(versions, max(versions.values(), default=0)), early


@survive.misread("Not only what waits is to be saved: without early events there is a state, too.")
class SavesOnlyIfEarly(survive.solution):
    def save(self):
        return super().save() if self.early else None


@survive.misread("After a restart it shows what was saved, before any event comes.")
class ShowsNothingAtFirst(survive.solution):
    def __init__(self, saved=None):
        super().__init__(saved)
        self.fresh = True

    def take(self, key, version, kind, value):
        self.fresh = False
        super().take(key, version, kind, value)

    def state(self):
        return {} if self.fresh else super().state()


@survive.misread("It shows what is known now, not only what has been saved.")
class ShowsTheSaved(survive.solution):
    def __init__(self, saved=None):
        super().__init__(saved)
        self.shown = {}

    def save(self):
        self.shown = dict(self.states)
        return super().save()

    def state(self):
        return self.shown


@survive.misread("What it keeps for later, to do several at once, belongs in the save as well.")
class KeepsPairs(survive.solution):
    def __init__(self, saved=None):
        super().__init__(saved)
        self.later = []

    def take(self, *event):
        self.later.append(event)
        if len(self.later) == 2:
            for each in self.later:
                super().take(*each)
            self.later = []

    def state(self):
        other = survive.solution(copy.deepcopy(self.save()))
        for event in self.later:
            other.take(*event)
        return other.state()


@survive.misread("A key that only waited has no state after the restart either: leave it out.")
class WaitingComesBackAsZero(survive.solution):
    def __init__(self, saved=None):
        super().__init__(saved)
        self.states = dict.fromkeys((key for key, _ in self.early), 0) | self.states


@survive.misread(BLOCKED)
class HeapIsSaved(HeapBlocked):
    def __init__(self, saved=None):
        super().__init__()
        if saved:
            self.states, self.seen, self.early = saved

    def save(self):
        return self.states, self.seen, self.early


@survive.misread("A save while an event waits is a save, too: of all that is there by then.")
class OldSaveWhileOneWaits(survive.solution):
    def __init__(self, saved=None):
        super().__init__(saved)
        self.last = None

    def save(self):
        if not self.early:
            self.last = copy.deepcopy(super().save())
        return self.last


@survive.misread("An early event is no reason to count up: the version is that applied last.")
class LargestVersionSaved(survive.solution):
    def save(self):
        states, versions, early = super().save()
        largest = dict(versions)
        for key, version in early:
            largest[key] = max(largest.get(key, 0), version)
        return states, largest, early


@survive.misread("Each save stands alone: what has not changed since the one before belongs in it.")
class SavesTheChanges(survive.solution):
    def __init__(self, saved=None):
        super().__init__(saved)
        self.before = {}, {}, {}

    def save(self):
        whole = copy.deepcopy(super().save())
        pairs, self.before = zip(whole, self.before, strict=True), whole
        return tuple(
            {key: value for key, value in now.items() if old.get(key) != value}
            for now, old in pairs
        )
