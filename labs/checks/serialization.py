"""Exercises of the lab on state as bytes."""

import json
import math
from collections import Counter

import numpy as np

from scalelab.course.check import Lab
from scalelab.course.kinds import Bytes, Data, ListOf, Parts, Text
from scalelab.course.values import NOTHING, NotThatError, short
from scalelab.real.limits import TheirError, call

lab = Lab("serialization")

# Task 1: a varint ----------------------------------------------------------------------------

varint = lab.exercise(
    "varint",
    "A varint",
    Bytes(),
    why="Another program reads these bytes, and it follows the specification.",
    hint="Write 300 by hand: its low seven bits are 44, and 2 is left.",
    hints=(
        "Each byte carries seven bits of the number, the lowest first. Its eighth bit says whether "
        "another byte follows.",
        "Take number & 127 for the seven bits, then shift the number right by seven. As long as "
        "anything is left, set the eighth bit: | 128.",
        "A loop: while number > 127: append(number & 127 | 128), number >>= 7. Then "
        "append(number).",
    ),
    explanation=(
        "From 268,435,456 on, which is 2 to the 28th, it takes five bytes. Most numbers that are "
        "sent are far smaller, such as quantities, lengths and numbers of fields: one byte each."
    ),
)


@varint.ask
def ask_varint(rng):
    return (int(rng.integers(2 ** int(rng.integers(1, 63)))),)


@varint.ask_widely
def ask_varint_widely(rng):
    return (int(rng.integers(2**62)) ** int(rng.integers(1, 4)) >> int(rng.integers(0, 120)),)


@varint.edges
def varint_edges():
    return {
        "two bytes": (300,),
        "zero": (0,),
        "one": (1,),
        "the last of one byte": (127,),
        "the first of two bytes": (128,),
        "low bits all zero": (256,),
        "the last of two bytes": (16_383,),
        "the first of three bytes": (16_384,),
        "a time": (1_790_000_000,),
        "more than 32 bits": (2**32,),
        "more than 64 bits": (2**64,),
    }


@varint.otherwise
def why_varint(got, number):
    right = varint.solution(number)
    if got.startswith(right):
        return "Behind the first byte without a mark nothing more belongs to this number."
    groups = ", ".join(f"{byte & 127:07b}" for byte in right)
    return (
        f"In groups of seven bits, the lowest first, it is {groups}: {len(right)} bytes, each but "
        "the last with the eighth bit set."
    )


@varint.solve
def encode_varint(number):
    """Send seven bits at a time, the lowest first, and say whether more follow.

    The eighth bit is what lets small numbers be short: the reader stops at the first byte
    without it, so no length has to be sent.
    """
    data = bytearray()
    while number > 127:
        data.append(number & 127 | 128)
        number >>= 7
    data.append(number)
    return bytes(data)


@varint.solve_otherwise
def encode_varint(number):
    """Cut the number into groups first, then mark all but the last."""
    count = max(1, -(-number.bit_length() // 7))
    groups = [number >> 7 * i & 127 for i in range(count)]
    return bytes([group | 128 for group in groups[:-1]] + groups[-1:])


@varint.misread("The lowest seven bits come first. Yours come last.")
def highest_bits_first(number):
    groups = []
    while True:
        groups.insert(0, number % 128)
        number //= 128
        if number == 0:
            break
    return bytes([g + 128 for g in groups[:-1]] + [groups[-1]])


@varint.misread(
    "Those are the right bytes, backwards: the lowest seven bits come first, with their mark."
)
def backwards(number):
    out = []
    while number > 127:
        out.insert(0, number & 127 | 128)
        number >>= 7
    out.insert(0, number)
    return bytes(out)


@varint.misread("The seven bits are right. The eighth must be set on every byte but the last.")
def without_marks(number):
    out = []
    while number >= 128:
        out.append(number % 128)
        number //= 128
    out.append(number)
    return bytes(out)


@varint.misread("Zero is a number too. A reader that finds no byte waits, or takes the next field.")
def nothing_for_zero(number):
    out = b""
    while number:
        low = number & 0x7F
        number >>= 7
        out += bytes([low | 0x80 if number else low])
    return out


@varint.misread("Those are all eight bits of each byte. A varint keeps one to say: more follow.")
def plain_bytes(number):
    return number.to_bytes(max(1, math.ceil(number.bit_length() / 8)), "big")


@varint.misread(
    "Those are all eight bits of each byte, the lowest first. A varint keeps one of them to say "
    "that more follow."
)
def plain_bytes_lowest_first(number):
    return number.to_bytes(max(1, math.ceil(number.bit_length() / 8)), "little")


@varint.misread("There is one byte too many: a zero at the end says nothing, but it is sent.")
def ended_by_zero(number):
    out = []
    while number > 0:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, 0])


@varint.misread(
    "128 needs eight bits, and seven fit into a byte: from 128 on there are two bytes, not from "
    "129 on."
)
def one_too_late(number):
    out = []
    while number > 128:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


@varint.misread(
    "The mark is on the wrong ones: it says that another byte follows, not that none does."
)
def last_is_marked(number):
    out = []
    while number > 127:
        out.append(number & 127)
        number >>= 7
    return bytes([*out, number | 128])


@varint.misread("The last byte is marked as well: the reader goes on into the next field.")
def all_are_marked(number):
    out = [number & 127 | 128]
    while number > 127:
        number >>= 7
        out.append(number & 127 | 128)
    return bytes(out)


@varint.misread("That is the number as text, a byte for each digit, as JSON has it.")
def digits(number):
    return str(number).encode()


@varint.misread("That is doubled first, as for numbers with a sign. There is none here.")
def zigzag(number):
    number *= 2
    out = []
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


# Task 2: old and new sessions ----------------------------------------------------------------

upgrade = lab.exercise(
    "upgrade",
    "Old and new sessions",
    Data(),
    why="The next server reads what you return.",
    hint="Change a copy, and touch only what the versions differ in.",
    hints=(
        "Three old versions can come in. Which one it is, the field version tells; the oldest has "
        "none. Bring each to version 3 and leave everything else as it is.",
        "Version 1 has items, a list of skus. Versions 2 and 3 have lines, each with sku and "
        "quantity. Version 3 has a currency as well; before that all was in EUR.",
        "Copy the dictionary. If its version is above 3, that is all. Else pop items if it is "
        "there and make lines of it, set a default for currency, and set version to 3. Do not "
        "build a new object from known names.",
    ),
    explanation=(
        "The copy of the whole session, of which only what the versions differ in is changed. "
        "Whoever builds a new dictionary from the fields that he knows drops the others with each "
        "save; after five saves by either half of the servers 31 of 32 are lost."
    ),
    keeps_arguments=True,
)


@upgrade.ask
def ask_upgrade(rng):
    skus = [f"S{int(n)}" for n in rng.integers(100, 999, int(rng.integers(0, 4)))]
    version = int(rng.integers(1, 5))
    session = {"user_id": int(rng.integers(1, 999)), "theme": "dark"}
    if version == 1:
        return (session | {"items": skus},)
    session["version"] = version
    session["lines"] = [{"sku": sku, "quantity": int(rng.integers(1, 4))} for sku in skus]
    if version >= 3:
        session["currency"] = str(rng.choice(["EUR", "GBP"]))
    if version == 4:
        session["loyalty"] = {"points": int(rng.integers(0, 900))}
    return (session,)


@upgrade.ask_widely
def ask_upgrade_widely(rng):
    (session,) = ask_upgrade(rng)
    for name in ("note", "coupon", "seen"):
        if rng.random() < 0.4:
            session[name] = [None, True, 0, "", {"x": [1]}][int(rng.integers(5))]
    if "items" in session:
        session["items"] = session["items"] * int(rng.integers(1, 3))
    for line in session.get("lines", []):
        if rng.random() < 0.4:
            line["gift"] = True
    if session.get("version") == 4 and rng.random() < 0.5:
        del session["currency"]
    return (session,)


@upgrade.edges
def upgrade_edges():
    line, more = {"sku": "A", "quantity": 2}, {"sku": "B", "quantity": 1, "gift": True}
    return {
        "version 1": ({"user_id": 7, "theme": "dark", "items": ["A", "B"]},),
        "version 1, two equal skus": ({"user_id": 7, "items": ["A", "B", "A"]},),
        "version 1, an empty cart": ({"user_id": 7, "items": []},),
        "version 2": ({"user_id": 7, "version": 2, "lines": [line]},),
        "version 2, a field that nobody knows": (
            {"user_id": 7, "version": 2, "lines": [], "coupon": "X1"},
        ),
        "version 2, a line that knows more": ({"user_id": 7, "version": 2, "lines": [line, more]},),
        "version 3, in pounds": (
            {"user_id": 7, "version": 3, "lines": [line], "currency": "GBP", "theme": "dark"},
        ),
        "version 4": (
            {
                "user_id": 7,
                "version": 4,
                "lines": [line],
                "currency": "USD",
                "loyalty": {"points": 9},
            },
        ),
        "version 4, all different": ({"user_id": 7, "version": 4, "basket": {"A": 2}},),
    }


@upgrade.words
def session_in_words(session):
    return f"session={json.dumps(session)}"


@upgrade.otherwise
def why_upgrade(got, session):
    right = upgrade.solution(session)
    lost, new = sorted(right.keys() - got.keys()), sorted(got.keys() - right.keys())
    wrong = sorted(name for name in right if name in got and got[name] != right[name])
    if lost:
        return f"{', '.join(lost)} is missing. What you do not need, another program may."
    if session.get("version") == 4:
        return upgrade.meaning("version_4_is_changed")
    if new:
        return f"{', '.join(map(str, new))} should not be there: two truths will differ one day."
    return {
        "version": "The version of what you return is 3, a number.",
        "currency": "Before version 3 all was in EUR; since then the session says its currency.",
        "lines": "In version 3 each line has a sku and a quantity, and they keep their order.",
    }.get("".join(wrong[:1]), "What the versions do not differ in stays as it is.")


@upgrade.solve
def to_version_3(session):
    """Change a copy, and only where the versions differ.

    What this program does not know belongs to one that does, perhaps a newer one that runs
    beside it during a deployment. So nothing is rebuilt and nothing newer is relabelled.
    """
    session = dict(session)
    if session.get("version", 1) > 3:
        return session
    if "items" in session:
        session["lines"] = [{"sku": sku, "quantity": 1} for sku in session.pop("items")]
    session.setdefault("currency", "EUR")
    session["version"] = 3
    return session


@upgrade.solve_otherwise
def to_version_3(session):
    """One step from each version to the next."""
    version = session.get("version", 1)
    if version == 1:
        rest = {name: value for name, value in session.items() if name != "items"}
        lines = [{"sku": sku, "quantity": 1} for sku in session["items"]]
        return to_version_3({**rest, "version": 2, "lines": lines})
    if version == 2:
        return {**session, "version": 3, "currency": "EUR"}
    return dict(session)


@upgrade.misread("You kept what you know. What you do not know, somebody else does: it is gone.")
def rebuilt(session):
    lines = session.get("lines")
    if lines is None:
        lines = [{"sku": sku, "quantity": 1} for sku in session.get("items", [])]
    return {
        "user_id": session["user_id"],
        "lines": lines,
        "currency": session.get("currency", "EUR"),
        "version": max(3, session.get("version", 1)),
    }


@upgrade.misread(
    "A session of version 4 came from a newer program. Do not relabel it as version 3."
)
def relabelled(session):
    new = dict(session)
    if "items" in new:
        new["lines"] = [{"sku": sku, "quantity": 1} for sku in new.pop("items")]
    if new.get("version", 1) < 3:
        new["currency"] = "EUR"
    new["version"] = 3
    return new


@upgrade.misread("A default is for what is missing; a session of version 3 has a currency.")
def overwritten_currency(session):
    new = dict(session)
    if new.get("version") == 4:
        return new
    if "items" in new:
        new["lines"] = [{"sku": sku, "quantity": 1} for sku in new.pop("items")]
    new["currency"] = "EUR"
    new["version"] = 3
    return new


@upgrade.misread("Version 3 always has a currency. Before it there was only one, and it was EUR.")
def without_currency(session):
    new = dict(session)
    if new.get("version") == 4:
        return new
    if "items" in new:
        new["lines"] = [{"sku": sku, "quantity": 1} for sku in new.pop("items")]
    new["version"] = 3
    return new


@upgrade.misread("items is still there beside lines. Two carts in one session will differ one day.")
def both_carts(session):
    new = dict(session)
    version = new.get("version", 1)
    if version == 1:
        new["lines"] = [{"sku": sku, "quantity": 1} for sku in new["items"]]
    if version < 3:
        new["currency"] = "EUR"
        new["version"] = 3
    return new


@upgrade.misread(
    "Each of the items becomes a line of quantity 1, equal ones too: you counted them."
)
def equal_ones_counted(session):
    new = dict(session)
    version = new.get("version", 1)
    if version == 1:
        counts = Counter(new.pop("items"))
        new["lines"] = [{"sku": sku, "quantity": n} for sku, n in counts.items()]
    if version < 3:
        new["currency"] = "EUR"
        new["version"] = 3
    return new


@upgrade.misread("Equal items are lost: each of them becomes a line, also the second of its kind.")
def equal_ones_lost(session):
    new = dict(session)
    version = new.get("version", 1)
    if version == 1:
        new["lines"] = [{"sku": sku, "quantity": 1} for sku in dict.fromkeys(new.pop("items"))]
    if version < 3:
        new["currency"] = "EUR"
        new["version"] = 3
    return new


@upgrade.misread("It has the form of version 3 and does not say so: set its version.")
def version_as_it_came(session):
    new = dict(session)
    if "items" in new:
        new["lines"] = [{"sku": sku, "quantity": 1} for sku in new.pop("items")]
    if new.get("version", 1) < 3:
        new["currency"] = "EUR"
    return new


@upgrade.misread(
    "You do not know version 4, so you do not know that it lacks a currency: leave it."
)
def version_4_gets_a_currency(session):
    new = dict(session)
    if "items" in new:
        new["lines"] = [{"sku": sku, "quantity": 1} for sku in new.pop("items")]
    new.setdefault("currency", "EUR")
    new["version"] = max(3, new.get("version", 1))
    return new


@upgrade.misread("You do not know version 4, so you cannot mend it. It goes through as it is.")
def version_4_is_changed(session):
    new = dict(session)
    if "items" in new:
        new["lines"] = [{"sku": sku, "quantity": 1} for sku in new.pop("items")]
    new.setdefault("lines", [])
    if new.get("version", 1) < 3:
        new["currency"] = "EUR"
        new["version"] = 3
    return new


@upgrade.misread("A line has a sku and a quantity. Yours are the skus alone, under another name.")
def items_renamed(session):
    new = dict(session)
    version = new.get("version", 1)
    if version == 1:
        new["lines"] = new.pop("items")
    if version < 3:
        new["currency"] = "EUR"
        new["version"] = 3
    return new


@upgrade.misread("A line may hold more than a sku and a quantity. Leave it as it came.")
def lines_rebuilt(session):
    new = dict(session)
    version = new.get("version", 1)
    if version == 1:
        new["lines"] = [{"sku": sku, "quantity": 1} for sku in new.pop("items")]
    if version == 2:
        new["lines"] = [{"sku": e["sku"], "quantity": e["quantity"]} for e in new["lines"]]
    if version < 3:
        new["currency"] = "EUR"
        new["version"] = 3
    return new


# Task 3: bytes from a stranger ---------------------------------------------------------------

LARGEST = 4_096
REFUSED, LET_IN = "refused with ValueError", "let in"

loader = lab.exercise(
    "load",
    "Bytes from a stranger",
    Parts(outcome=Text(), session=Data("the session", object)),
    why="It would be believed, and acted on.",
    hint="Say what a good session is, and refuse everything else.",
    hints=(
        "Four things can be wrong: too many bytes, no JSON, no object, and values that make no "
        "sense. For each of them raise ValueError.",
        "json.loads raises ValueError for text that is no JSON, and for bytes that are no UTF-8, "
        "but RecursionError for what is too deep. It also reads NaN, and true for a quantity. bool "
        "is a subclass of int.",
        "Check the size before you decode. Then isinstance(session, dict), a user_id that is an "
        "int and >= 1, lines that are a list, and in each line a sku and a quantity from 1 to 99.",
    ),
    explanation=(
        "A pickle is a program: reading it runs whatever functions it names, with our rights, "
        "before we can look at it. JSON is data, and Python reads it as directly."
    ),
)


def encoded(session) -> bytes:
    """Write a session as the partner does."""
    return json.dumps(session, ensure_ascii=False).encode()


def a_session(**changes):
    """Make a session of one line, and change some of its fields."""
    return {"user_id": 7, "lines": [{"sku": "A", "quantity": 2}]} | changes


def a_line(**changes) -> bytes:
    """Write a session whose second line is changed."""
    line = {"sku": "B", "quantity": 1} | changes
    return encoded(a_session(lines=[{"sku": "A", "quantity": 2}, line]))


def of_size(size: int, letter: str = "y") -> bytes:
    """Write a good session of just so many bytes."""
    room = size - len(encoded(a_session(x="")))
    count, rest = divmod(room, len(letter.encode()))
    return encoded(a_session(x=letter * count + "y" * rest))


def good_sessions() -> dict[str, bytes]:
    """Make sessions that a loader must let in."""
    return {
        "a good session": encoded(a_session(theme="dark")),
        "an empty cart": encoded(a_session(lines=[])),
        "the smallest numbers": encoded(a_session(user_id=1, lines=[{"sku": "A", "quantity": 1}])),
        "the largest quantity": a_line(quantity=99),
        "a line that knows more": a_line(gift=True),
        "fields that nobody knows": encoded(a_session(version=4, loyalty={"points": [1.5, None]})),
        "just 4,096 bytes": of_size(LARGEST),
        "letters of two bytes": of_size(LARGEST - 96, "å"),
        "a large user_id": encoded(a_session(user_id=2**53 + 1)),
    }


def hostile_sessions() -> dict[str, bytes]:
    """Make sessions that a loader must refuse."""
    deep = b"[" * 2_000 + b"]" * 2_000
    return {
        "no byte": b"",
        "no JSON": b"{user_id: 7}",
        "cut off": encoded(a_session())[:-1],
        "no UTF-8": b'{"user_id": 7, "lines": [], "x": "\xff"}',
        "a list": b"[1, 2]",
        "a number": b"7",
        "null": b"null",
        "one byte too many": of_size(LARGEST + 1),
        "too many bytes, few letters": of_size(5_000, "å"),
        "user_id missing": encoded({"lines": []}),
        "user_id is a text": encoded(a_session(user_id="7")),
        "user_id is true": encoded(a_session(user_id=True)),
        "user_id is 0": encoded(a_session(user_id=0)),
        "user_id is 7.0": encoded(a_session(user_id=7.0)),
        "lines missing": encoded({"user_id": 7}),
        "lines is null": encoded(a_session(lines=None)),
        "lines is a dictionary": encoded(a_session(lines={})),
        "lines is a text": encoded(a_session(lines="")),
        "a line is a number": encoded(a_session(lines=[5])),
        "a line is a text": encoded(a_session(lines=["sku quantity"])),
        "a line is a pair": encoded(a_session(lines=[["A", 2]])),
        "quantity missing": encoded(a_session(lines=[{"sku": "A"}])),
        "quantity is negative": a_line(quantity=-3),
        "quantity is 0": a_line(quantity=0),
        "quantity is 100": a_line(quantity=100),
        "quantity is a fraction": a_line(quantity=1.5),
        "quantity is 2.0": a_line(quantity=2.0),
        "quantity is a text": a_line(quantity="2"),
        "quantity is true": a_line(quantity=True),
        "quantity is no number": a_line(quantity=math.nan),
        "sku missing": encoded(a_session(lines=[{"quantity": 2}])),
        "sku is a number": a_line(sku=12),
        "sku is null": a_line(sku=None),
        "deeper than Python goes": b'{"user_id": 7, "lines": ' + deep + b"}",
    }


def share_let_in(load_session) -> float:
    """Return which share of the hostile sessions a loader takes for good ones."""

    def is_let_in(data):
        try:
            return run_load(load_session, data)[0] == LET_IN
        except TheirError:  # it stops with another error, and lets nothing in
            return False

    return float(np.mean([is_let_in(data) for data in hostile_sessions().values()]))


@loader.ask
def ask_load(rng):
    lines = [{"sku": f"S{i}", "quantity": int(rng.integers(1, 100))} for i in range(3)]
    worse = [{}, {}, {"quantity": int(rng.integers(100, 200))}, {"quantity": -1}, {"sku": 1}]
    lines[int(rng.integers(3))] |= worse[int(rng.integers(5))]
    return (encoded({"user_id": int(rng.integers(1, 10**6)), "lines": lines, "theme": "dark"}),)


@loader.ask_widely
def ask_load_widely(rng):
    odd = [None, True, 0, 1, 99, 100, -1, 1.0, 1e3, "", "7", [], {}, [[]], 2**70]
    values = [odd[i] for i in rng.integers(len(odd), size=4)]
    line = {"sku": "A", "quantity": 5, "gift": values[0]}
    session = a_session(lines=[line] * int(rng.integers(0, 3)), note=values[0])
    if rng.random() < 0.3:
        line["sku"] = values[1]
    if rng.random() < 0.3:
        line["quantity"] = values[2]
    if rng.random() < 0.3:
        session[str(rng.choice(["user_id", "lines"]))] = values[3]
    data = encoded(session)
    if rng.random() < 0.2:
        data += b" " * (LARGEST - len(data) + int(rng.integers(-1, 2)))
    return (data[: len(data) - int(rng.random() < 0.1)],)


@loader.edges
def load_edges():
    cases = {**good_sessions(), **hostile_sessions()}
    return {name: (data,) for name, data in cases.items()}


@loader.words
def data_in_words(data):
    said = "to be let in" if run_load(loader.solution, data)[0] == LET_IN else f"to be {REFUSED}"
    return f"data={short(data, 140)}, {len(data):,} bytes, {said}"


@loader.run
def run_load(load_session, data):
    """Say whether a loader lets these bytes in, and as what."""
    try:
        session = call(load_session, data)
    except TheirError as theirs:
        if not isinstance(theirs.error, ValueError):
            raise
        return REFUSED, None
    if isinstance(session, BaseException):
        why = "This is the error itself, handed over like a session. `raise` it."
        raise NotThatError("the session, or a ValueError that is raised", session, why)
    return ... if session is ... else (LET_IN, session)


@loader.otherwise
def why_load(got, data):
    outcome, session = got
    good = run_load(loader.solution, data)
    if outcome == REFUSED:
        return "An honest session must come through. What exactly is wrong with this one?"
    if good[0] == LET_IN:
        return NOTHING if session is None else "Return what json.loads gave, once it is checked."
    try:
        parsed = json.loads(data)
    except (ValueError, RecursionError):
        return "These bytes are no session. The caller is told so by ValueError."
    values = [parsed.get("user_id")] if isinstance(parsed, dict) else []
    if len(data) > LARGEST:
        return "Whoever may send anything may send a gigabyte. Check the size before decoding."
    if True in [value for value in values if isinstance(value, bool)]:
        return loader.meaning("true_is_a_number")
    return None


@loader.solve
def load_session(data):
    """Say what a good session is, and refuse everything else.

    Size first, since decoding costs. Then shape, then each value by its type and range. Fields
    that are not known are left alone: they belong to another version.
    """
    if len(data) > 4_096:
        raise ValueError("session too large")
    try:
        session = json.loads(data)
    except RecursionError:
        raise ValueError("session nested too deeply") from None

    def whole(value, low, high):
        return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high

    if not isinstance(session, dict) or not whole(session.get("user_id"), 1, math.inf):
        raise ValueError("no user_id")
    lines = session.get("lines")
    if not isinstance(lines, list):
        raise ValueError("lines must be a list")
    for line in lines:
        if not isinstance(line, dict) or not isinstance(line.get("sku"), str):
            raise ValueError("a line without a sku")
        if not whole(line.get("quantity"), 1, 99):
            raise ValueError("a quantity out of range")
    return session


@loader.solve_otherwise
def load_session(data):
    """Ask for exact types, and turn every surprise into ValueError."""
    if len(data) > 4_096:
        raise ValueError("too large")
    try:
        session = json.loads(data)
        good = type(session["user_id"]) is int and session["user_id"] >= 1
        good = good and type(session["lines"]) is list
        for line in session["lines"]:
            good = good and type(line["sku"]) is str
            good = good and type(line["quantity"]) is int and 1 <= line["quantity"] <= 99
    except Exception as error:
        raise ValueError("not a session") from error
    if not good:
        raise ValueError("not a session")
    return session


def careful(
    data,
    *,
    fits=lambda data: len(data) <= 4_096,
    is_user=lambda value: type(value) is int and value > 0,
    are_lines=lambda value: type(value) is list,
    is_sku=lambda value: type(value) is str,
    is_quantity=lambda value: type(value) is int and 0 < value < 100,
    each=lambda lines: lines,
):
    """Load by one rule for each thing; a wrong answer has one of them wrong."""
    try:
        session = json.loads(data)
        rules = fits(data) and is_user(session["user_id"]) and are_lines(session["lines"])
        for line in each(session["lines"]):
            rules = rules and is_sku(line["sku"]) and is_quantity(line["quantity"])
    except Exception:
        raise ValueError("no session") from None
    if not rules:
        raise ValueError("a bad session")
    return session


@loader.misread(
    "Whatever is JSON is believed here, and acted on: no size, no field, no value is looked at."
)
def trusting(data):
    return json.loads(data)


@loader.misread("True is a whole number to Python, and it is not one to your customers.")
def true_is_a_number(data):
    return careful(
        data,
        is_user=lambda value: isinstance(value, int) and value >= 1,
        is_quantity=lambda value: isinstance(value, int) and 1 <= value <= 99,
    )


@loader.misread("Whoever may send anything may send a gigabyte. Check the size before decoding.")
def no_limit(data):
    return careful(data, fits=lambda data: True)


@loader.misread("At most 4,096 bytes: that many are still a good session.")
def largest_refused(data):
    return careful(data, fits=lambda data: len(data) < 4_096)


@loader.misread("The limit is of bytes, and you count letters. A letter may take four of them.")
def letters_for_bytes(data):
    return careful(data, fits=lambda data: len(data.decode()) <= 4_096)


@loader.misread("A negative or absurd quantity becomes a negative or absurd invoice.")
def any_quantity(data):
    return careful(data, is_quantity=lambda value: type(value) is int)


@loader.misread("A quantity may be 99: the range ends behind it.")
def below_99(data):
    return careful(data, is_quantity=lambda value: type(value) is int and value in range(1, 99))


@loader.misread("Nobody can order none of a thing: the smallest quantity is 1.")
def quantity_0(data):
    return careful(data, is_quantity=lambda value: type(value) is int and 0 <= value <= 99)


@loader.misread("A user_id begins at 1. Zero and less stand for nobody, or for a mistake.")
def user_0(data):
    return careful(data, is_user=lambda value: type(value) is int)


@loader.misread("2.0 is a fraction that happens to be whole; a good session has whole numbers.")
def whole_fractions(data):
    def whole(value):
        return type(value) in (int, float) and value == value // 1 and value >= 1

    return careful(data, is_user=whole, is_quantity=lambda value: whole(value) and value <= 99)


@loader.misread("An empty cart is a good one: lines is a list, and none of its elements is bad.")
def empty_cart_refused(data):
    return careful(data, are_lines=lambda value: type(value) is list and len(value) > 0)


@loader.misread("A sku is a text. What else comes there goes into a query or onto a page.")
def any_sku(data):
    return careful(data, is_sku=lambda value: True)


@loader.misread("You look at the first line only. An attacker puts the bad one second.")
def only_the_first_line(data):
    return careful(data, each=lambda lines: lines[:1])


@loader.misread("lines may be anything that can be walked through here. It has to be a list.")
def any_lines(data):
    return careful(data, are_lines=lambda value: True)


@loader.misread("A session without lines is none: the next page counts on them.")
def lines_may_be_missing(data):
    try:
        session = json.loads(data)
    except Exception:
        raise ValueError("no JSON") from None
    if isinstance(session, dict) and "lines" not in session:
        careful(encoded({**session, "lines": []}))
        return session
    return careful(data)


@loader.misread(
    "The caller is prepared for ValueError. With a result such as None or False it goes on."
)
def none_for_bad(data):
    try:
        return careful(data)
    except ValueError:
        return None


@loader.misread(
    "Fields that you do not know belong to another version. Return the session with all of them."
)
def only_known_fields(data):
    session = careful(data)
    return {"user_id": session["user_id"], "lines": session["lines"]}


@loader.misread(
    "You refuse fields that you do not know. The next version will have some, and be refused."
)
def unknown_fields_refused(data):
    session = careful(data)
    if set(session) != {"user_id", "lines"}:
        raise ValueError("unknown fields")
    return session


# Task 4: a lint ------------------------------------------------------------------------------

linter = lab.exercise(
    "lint",
    "A lint for sessions",
    ListOf(Text(), "name"),
    why="Each of these fields will be read by whoever reads the store.",
    hint="Print all names first, then filter them.",
    hints=(
        "Walk through the session: names of fields may stand in a dictionary within a list within "
        "a dictionary. A function that calls itself is the shortest way.",
        "A name is suspicious if it contains one of the words, in small or capital letters. "
        "Compare name.lower() with word.lower().",
        "def names(value): for a dict yield each key and names(of each value); for a list names(of "
        "each element). Then sorted({name for name in names(session) if any(...)}).",
    ),
    explanation=(
        "A card number in a value: in a note, or in a field of a harmless name such as reference. "
        "Nor what is compressed or encrypted, nor what lies in the logs and not in the sessions."
    ),
)
WORDS = ("password", "secret", "card", "iban", "birth", "email", "phone")


@linter.ask
def ask_lint(rng):
    pool = ["password", "Card_Number", "iban", "userEmail", "phone", "client_secret", "birthday"]
    chosen = [pool[i] for i in rng.choice(len(pool), 3, replace=False)]
    session = {
        "user_id": 7,
        "cart": [{"sku": "A", "quantity": 1}, {"sku": "B", chosen[0]: "x"}],
        "profile": {"name": "N", "contact": {chosen[1]: "y"}},
        "note": "my password is hidden in a value",
        chosen[2]: "z",
    }
    return session, WORDS


@linter.ask_widely
def ask_lint_widely(rng):
    names = ["a", "card", "Card", "card_no", "iBAN", "x", "note", "giftCARDs", "list", "user"]
    values = [1, None, "card", "", True, 2.5]

    def made(depth):
        kind = rng.random()
        if depth == 0 or kind < 0.3:
            return values[int(rng.integers(len(values)))]
        inner = [made(depth - 1) for _ in range(int(rng.integers(0, 4)))]
        if kind < 0.5:
            return inner
        return {names[int(rng.integers(len(names)))]: value for value in inner}

    words = ["card", "CARD", "iban", "Note", "zzz"]
    chosen = rng.choice(len(words), int(rng.integers(0, 4)), replace=False)
    return {str(name): made(4) for name in rng.choice(names, 4)}, tuple(words[i] for i in chosen)


@linter.edges
def lint_edges():
    return {
        "at each depth": (
            {"cart": [{"iban": 1}], "user": {"data": {"phone": 2}}, "email": 3},
            WORDS,
        ),
        "nothing to find": ({"user_id": 7, "lines": []}, WORDS),
        "no field": ({}, WORDS),
        "no word": ({"card": 1}, ()),
        "capital letters in names": ({"CARD": 1, "userEmail": 2, "a": [{"iBan": 3}]}, WORDS),
        "capital letters in words": ({"card_no": 1, "b": {"IBAN": 2}}, ("Card", "iBan")),
        "one name at several places": ({"a": {"card": 1}, "b": [{"card": 2}], "card": 3}, WORDS),
        "below a suspicious name": ({"cards": {"card_no": 1, "x": [{"iban": 2}]}}, WORDS),
        "lists in lists": ({"a": [[{"phone": 1}], [[{"email": 2}]]]}, WORDS),
        "two words in a name": ({"email_or_phone": 1}, WORDS),
        "in the middle of a name": ({"my_card_no": 1, "discard": 2}, WORDS),
        "only in a value": ({"note": "my card", "tags": ["email", "iban"]}, WORDS),
        "not in order": ({"phone": 1, "birthday": 2, "a": {"Card": 3, "card": 4}}, WORDS),
        "long ago": ({"password": None, "n": {"secret": {}}}, WORDS),
    }


@linter.otherwise
def why_lint(got, session, words):
    right = linter.solution(session, words)
    if missing := sorted(set(right) - set(got)):
        return f"{missing[0]} contains one of the words, and you do not name it."
    if extra := sorted(set(got) - set(right)):
        return f"{extra[0]} is no name of a field that contains one of the words."
    return "Each name once and in order, so that two runs can be compared."


@linter.solve
def suspicious(session, words):
    """Collect every name at any depth, then keep those that contain a word.

    Values are left alone: what a customer wrote into a note is no field. Small letters on both
    sides, since programmers agree on many things but not on spelling.
    """

    def names(value):
        if isinstance(value, dict):
            return list(value) + [n for inner in value.values() for n in names(inner)]
        if isinstance(value, list):
            return [n for inner in value for n in names(inner)]
        return []

    small = [word.lower() for word in words]
    return sorted({n for n in names(session) if any(word in n.lower() for word in small)})


@linter.solve_otherwise
def suspicious(session, words):
    """Keep a list of what is still to be looked at, instead of a function that calls itself."""
    waiting, found = [session], set()
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            for name in value:
                if any(word.lower() in name.lower() for word in words):
                    found.add(name)
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return sorted(found)


def contains(name, words):
    """Whether a name is suspicious: right, for answers that are wrong in something else."""
    return any(word.lower() in name.lower() for word in words)


def walk(value):
    """All names, as often as they stand there: right, for answers that are wrong elsewhere."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)


@linter.misread("Fields stand in nested dictionaries and lists as well.")
def only_the_top(session, words):
    return sorted(name for name in session if contains(name, words))


@linter.misread("Dictionaries stand in lists, too: a cart is a list of them.")
def no_lists(session, words):
    found = set()
    for name, value in session.items():
        if contains(name, words):
            found.add(name)
        if isinstance(value, dict):
            found.update(no_lists(value, words))
    return sorted(found)


@linter.misread("Lists stand in lists, too, and there are fields in the inner ones.")
def no_lists_in_lists(session, words):
    found = set()
    for name, value in session.items():
        if contains(name, words):
            found.add(name)
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict):
                found.update(no_lists_in_lists(inner, words))
    return sorted(found)


@linter.misread(
    "Capital letters hide nothing from a reader: compare names and words in small ones."
)
def case_matters(session, words):
    return sorted({name for name in walk(session) if any(word in name for word in words)})


@linter.misread("The words may have capital letters as well. Compare small letters on both sides.")
def capital_words(session, words):
    return sorted({name for name in walk(session) if any(word in name.lower() for word in words)})


@linter.misread("Return names of fields, not the words that were found in them.")
def found_words(session, words):
    names = " ".join(walk(session)).lower()
    return sorted(word for word in words if word.lower() in names)


@linter.misread("A name is judged, not a value: a text may mention a password.")
def values_too(session, words):
    found = set()
    for name, value in session.items():
        if contains(name, words) or (isinstance(value, str) and contains(value, words)):
            found.add(name)
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict):
                found.update(values_too(inner, words))
            elif isinstance(inner, list):
                found.update(values_too({"": inner}, words))
            elif isinstance(inner, str) and contains(inner, words):
                found.add(name)
    return sorted(found)


@linter.misread("The list must be sorted, so that two runs can be compared.")
def as_they_come(session, words):
    return list(dict.fromkeys(name for name in walk(session) if contains(name, words)))


@linter.misread("A name that stands at several places is named once.")
def as_often_as_found(session, words):
    return sorted(name for name in walk(session) if contains(name, words))


@linter.misread("A name is suspicious if it contains a word, not only if it is one.")
def equal_for_contains(session, words):
    small = [word.lower() for word in words]
    return sorted({name for name in walk(session) if name.lower() in small})


@linter.misread("A word may stand anywhere in a name, not only at its beginning.")
def beginning_of_the_name(session, words):
    small = tuple(word.lower() for word in words)
    return sorted({name for name in walk(session) if name.lower().startswith(small)})


@linter.misread("Look below a suspicious name, too: there may be more of them.")
def not_below_a_hit(session, words):
    found = set()

    def look(value):
        if isinstance(value, dict):
            for name, inner in value.items():
                if contains(name, words):
                    found.add(name)
                else:
                    look(inner)
        elif isinstance(value, list):
            for inner in value:
                look(inner)

    look(session)
    return sorted(found)


@linter.misread("Return the names as they stand there, with their capital letters.")
def in_small_letters(session, words):
    return sorted({name.lower() for name in walk(session) if contains(name, words)})


@linter.misread("That is the way to the field. Asked for is its name alone.")
def with_the_way(session, words):
    found = set()

    def look(value, way):
        if isinstance(value, dict):
            for name, inner in value.items():
                if contains(name, words):
                    found.add(".".join([*way, name]))
                look(inner, [*way, name])
        elif isinstance(value, list):
            for inner in value:
                look(inner, way)

    look(session, [])
    return sorted(found)


@linter.misread("A name that contains two of the words is still one name.")
def once_a_word(session, words):
    names = set(walk(session))
    return sorted(name for word in words for name in names if word.lower() in name.lower())
