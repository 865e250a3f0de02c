"""Exercises of the lab on serialization: checkers, hints, solutions, and wrong answers."""

import json
import math

import numpy as np

from scalelab.course.chapters.serialization.experiments import PERSONAL
from scalelab.course.check import Lab
from scalelab.course.examine import AnswerError, answered
from scalelab.models.encoded_size import varint_bytes

lab = Lab("serialization")

# Task 1: a varint ----------------------------------------------------------------------------

varint = lab.exercise(
    "varint",
    "A varint",
    hints=(
        "Each byte carries seven bits of the number, the lowest first. Its eighth bit says whether "
        "another byte follows.",
        "Take number & 127 for the seven bits, then shift the number right by seven. As long as "
        "anything is left, set the eighth bit: | 128.",
        "A loop: while number > 127: append(number & 127 | 128), number >>= 7. Then "
        "append(number).",
    ),
)


def as_varint(number: int) -> bytes:
    data = bytearray()
    while number > 127:
        data.append(number & 127 | 128)
        number >>= 7
    data.append(number)
    return bytes(data)


@varint.check_with
def check_varint(answer, rng):
    numbers = [0, 1, 127, 128, 300, int(rng.integers(2**14)), int(rng.integers(2**62))]
    for number in numbers:
        got = answered(answer(number))
        expected = as_varint(number)
        if got == expected and isinstance(got, bytes):
            continue
        why = "Another program reads these bytes, and it follows the specification."
        if not isinstance(got, (bytes, bytearray)):
            why = "A store and a network take bytes: use bytes(...) or bytes([...])."
        elif bytes(got) == expected[::-1]:
            why = "The lowest seven bits come first. Yours come last."
        elif not got:
            why = (
                "Zero is a number too. A reader that finds no byte waits, or takes the next field."
            )
        elif number in (int.from_bytes(got, "big"), int.from_bytes(got, "little")):
            why = "Those are all eight bits of each byte. A varint keeps one to say: more follow."
        elif len(got) == len(expected) + 1:
            why = "There is one byte too many: a zero at the end says nothing, but it is sent."
        elif bytes(b & 127 for b in got) == bytes(b & 127 for b in expected):
            why = "The seven bits are right. The eighth must be set on every byte but the last."
        raise AnswerError(
            repr(expected),
            repr(got),
            scenario=f"number={number}, {varint_bytes(number)} bytes",
            why=why,
            hint="Write 300 by hand: its low seven bits are 44, and 2 is left.",
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


@varint.reject("the highest bits first", "lowest seven bits come first")
def big_end_first(number):
    return varint.solution(number)[::-1]


@varint.reject("no mark that more follows", "eighth must be set")
def without_marks(number):
    return bytes(byte & 127 for byte in varint.solution(number))


@varint.reject("nothing for zero", "Zero is a number too")
def nothing_for_zero(number):
    return varint.solution(number) if number else b""


@varint.reject("eight bits a byte", "keeps one to say")
def plain_bytes(number):
    return number.to_bytes(max(1, (number.bit_length() + 7) // 8), "big")


@varint.reject("a zero to end with", "one byte too many")
def ended_by_zero(number):
    data = varint.solution(number)
    return data[:-1] + bytes([data[-1] | 128, 0])


@varint.reject("a list of numbers", "take bytes")
def list_of_bytes(number):
    return list(varint.solution(number))


# Task 2: old and new sessions ----------------------------------------------------------------

upgrade = lab.exercise(
    "upgrade",
    "Old and new sessions",
    hints=(
        "Three versions can come in. Which one it is, the field version tells; the oldest has "
        "none. Bring each to version 3 and leave everything else as it is.",
        "Version 1 has items, a list of skus. Versions 2 and 3 have lines, each with sku and "
        "quantity. Version 3 has a currency as well; before that all was in EUR.",
        "Copy the dictionary, pop items if it is there and make lines of it, set a default for "
        "currency, set version to 3 unless it is larger. Do not build a new object from known "
        "names.",
    ),
)


def random_session(rng: np.random.Generator) -> dict:
    """Draw a session of version 1 to 4, with a field that nobody knows yet."""
    skus = [f"SKU-{int(n)}" for n in rng.integers(100, 999, int(rng.integers(0, 4)))]
    version = int(rng.integers(1, 5))
    session = {"user_id": int(rng.integers(1, 999)), "theme": "dark"}
    if version == 1:
        return session | {"items": skus}
    session["version"] = version
    session["lines"] = [{"sku": sku, "quantity": int(rng.integers(1, 4))} for sku in skus]
    if version >= 3:
        session["currency"] = str(rng.choice(["EUR", "GBP"]))
    if version == 4:
        session["loyalty"] = {"points": int(rng.integers(0, 900))}
    return session


def upgraded(session: dict) -> dict:
    new = dict(session)
    if "items" in new:
        new["lines"] = [{"sku": sku, "quantity": 1} for sku in new.pop("items")]
    new.setdefault("currency", "EUR")
    new["version"] = max(3, new.get("version", 1))
    return new


@upgrade.check_with
def check_upgrade(answer, rng):
    session = random_session(rng)
    before = json.dumps(session, sort_keys=True)
    got = answered(answer(session))
    expected = upgraded(json.loads(before))
    scenario = f"session={before}"
    why = "The next server reads what you return."
    if json.dumps(session, sort_keys=True) != before:
        raise AnswerError(
            "the argument as it was",
            json.dumps(session, sort_keys=True),
            scenario=scenario,
            why="The caller still holds this dictionary; it must not change under its hands.",
            hint="Begin with session = dict(session).",
        )
    if got == expected:
        return
    if isinstance(got, dict):
        lost = sorted(set(expected) - set(got))
        if lost and set(lost) <= {"theme", "loyalty", "user_id"}:
            why = f"{', '.join(lost)} is gone. What you do not know, somebody else does."
        elif got.get("version") == 3 and session.get("version") == 4:
            why = (
                "A session of version 4 came from a newer program. Do not relabel it as version 3."
            )
        elif "currency" in lost:
            why = "Version 3 always has a currency. Before it there was only one, and it was EUR."
        elif got.get("currency") != expected["currency"] and "currency" in session:
            why = "A default is for what is missing; this session had a currency."
        elif "items" in got:
            why = "items is still there beside lines. Two carts in one session will differ one day."
    raise AnswerError(
        json.dumps(expected, sort_keys=True),
        json.dumps(got, sort_keys=True, default=repr),
        scenario=scenario,
        why=why,
        hint="Change a copy, and touch only what the versions differ in.",
    )


@upgrade.solve
def to_version_3(session):
    """Change a copy, and only where the versions differ.

    What this program does not know belongs to one that does, perhaps a newer one that runs
    beside it during a deployment. So nothing is rebuilt and nothing newer is relabelled.
    """
    session = dict(session)
    if "items" in session:
        session["lines"] = [{"sku": sku, "quantity": 1} for sku in session.pop("items")]
    session.setdefault("currency", "EUR")
    session["version"] = max(3, session.get("version", 1))
    return session


@upgrade.solve_otherwise
def to_version_3(session):
    """One step from each version to the next."""
    version = session.get("version", 1)
    rest = {name: value for name, value in session.items() if name != "items"}
    if version == 1:
        rest = rest | {"lines": [{"sku": s, "quantity": 1} for s in session.get("items", [])]}
    if version <= 2:
        rest = rest | {"currency": "EUR"}
    return rest | {"version": version if version > 3 else 3}


@upgrade.reject("a new object from known fields", "somebody else does")
def rebuilt(session):
    full = upgrade.solution(session)
    return {name: full[name] for name in ("user_id", "lines", "currency", "version")}


@upgrade.reject("every session becomes version 3", "relabel")
def relabelled(session):
    return upgrade.solution(session) | {"version": 3}


@upgrade.reject("the default overwrites", "had a currency")
def overwritten(session):
    return upgrade.solution(session) | {"currency": "EUR"}


@upgrade.reject("no currency for old sessions", "it was EUR")
def without_currency(session):
    full = upgrade.solution(session)
    if "currency" not in session:
        del full["currency"]
    return full


@upgrade.reject("both carts", "Two carts in one session")
def both_carts(session):
    return dict(session) | upgrade.solution(session)


@upgrade.reject("changed in place", "under its hands")
def in_place(session):
    session.update(upgrade.solution(session))
    return session


# Task 3: bytes from a stranger ---------------------------------------------------------------

loader = lab.exercise(
    "load",
    "Bytes from a stranger",
    hints=(
        "Four things can be wrong: too many bytes, no JSON, no object, and values that make no "
        "sense. For each of them raise ValueError.",
        "json.loads raises ValueError for text that is no JSON, and for bytes that are no UTF-8. "
        "It also reads NaN, and true for a quantity. bool is a subclass of int.",
        "Check the size before you decode. Then isinstance(session, dict), a user_id that is an "
        "int and >= 1, lines that are a list, and in each line a sku and a quantity from 1 to 99.",
    ),
)
LARGEST = 4_096


def hostile(rng: np.random.Generator) -> list[tuple[str, bytes]]:
    """Make sessions that a loader must refuse, each with the reason."""
    good = {"user_id": 7, "lines": [{"sku": "A", "quantity": 2}]}

    def line(**changes) -> bytes:
        return json.dumps(good | {"lines": [{"sku": "A", "quantity": 2} | changes]}).encode()

    deep = b"[" * 500 + b"]" * 500
    cases = [
        ("no JSON", b"{user_id: 7}"),
        ("no UTF-8", b'{"user_id": 7, "lines": [], "x": "\xff"}'),
        ("a list", b"[1, 2]"),
        ("a number", b"7"),
        ("too many bytes", json.dumps(good | {"x": "y" * LARGEST}).encode()),
        ("user_id missing", json.dumps({"lines": []}).encode()),
        ("user_id is text", json.dumps(good | {"user_id": "7"}).encode()),
        ("user_id is true", json.dumps(good | {"user_id": True}).encode()),
        ("user_id is 0", json.dumps(good | {"user_id": 0}).encode()),
        ("lines is a dictionary", json.dumps(good | {"lines": {}}).encode()),
        ("a line is a number", json.dumps(good | {"lines": [5]}).encode()),
        ("quantity is negative", line(quantity=-int(rng.integers(1, 9)))),
        ("quantity is 100", line(quantity=100)),
        ("quantity is a fraction", line(quantity=1.5)),
        ("quantity is true", line(quantity=True)),
        ("sku is a number", line(sku=12)),
        ("nested deeply", b'{"user_id": 7, "lines": ' + deep + b"}"),
    ]
    order = rng.permutation(len(cases))
    return [cases[i] for i in order]


def let_through(answer, data: bytes) -> bool:
    """Say whether the learner's loader takes these bytes for a session."""
    try:
        answer(data)
    except Exception:
        return False
    return True


def whole(value: object, low: int, high: float) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


@loader.check_with
def check_load(answer, rng):
    lines = [{"sku": f"S{i}", "quantity": int(rng.integers(1, 100))} for i in range(3)]
    good = {"user_id": int(rng.integers(1, 10**6)), "lines": lines, "theme": "dark"}
    data = json.dumps(good).encode()
    got = answered(answer(data))
    if got != good:
        raise AnswerError(
            repr(good),
            repr(got),
            scenario=f"data={data!r}",
            why="An honest session must come through as it is, with fields that you do not know.",
            hint="Return what json.loads gave, once it is checked.",
        )
    attacks = hostile(rng)
    for reason, bad in attacks:
        shown = repr(bad if len(bad) < 120 else bad[:60] + b"...")
        try:
            result = answer(bad)
        except ValueError:
            continue
        except Exception as error:
            raise AnswerError(
                "ValueError",
                f"{type(error).__name__}: {error}",
                scenario=f"{reason}: data={shown}",
                why="The caller is prepared for ValueError. Any other error is a page of status "
                "500.",
                hint="Test the type before you use a value.",
            ) from error
        passed = sum(let_through(answer, other) for _, other in attacks)
        why = f"It would be believed, and acted on. Let in: {passed} of {len(attacks)} attacks."
        if "true" in reason:
            why = "True is a whole number to Python, and it is not one to your customers."
        elif reason == "too many bytes":
            why = "Whoever may send anything may send a gigabyte. Check the size before decoding."
        elif "quantity" in reason:
            why = "A negative or absurd quantity becomes a negative or absurd invoice."
        raise AnswerError(
            "ValueError",
            repr(result)[:80],
            scenario=f"{reason}: data={shown}",
            why=why,
            hint="Say what a good session is, and refuse everything else.",
        )


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


@loader.reject("whatever is JSON is good", "believed, and acted on")
def trusting(data):
    if len(data) > LARGEST:
        raise ValueError("too large")
    session = json.loads(data)
    if not isinstance(session, dict) or "user_id" not in session:
        raise ValueError("no session")
    for line in session["lines"] if isinstance(session.get("lines"), list) else []:
        if not isinstance(line, dict) or not whole(line.get("quantity"), 1, 99):
            raise ValueError("quantity")
    return session


@loader.reject("true is a number", "not one to your customers")
def truth_is_a_number(data):
    text = data.replace(b"true", b"1") if len(data) <= LARGEST else data
    session = loader.solution(text)
    return json.loads(data) if b"true" in data else session


@loader.reject("no limit of size", "Check the size before decoding")
def no_limit(data):
    if len(data) > LARGEST:
        return json.loads(data)
    return loader.solution(data)


@loader.reject("any error will do", "status 500")
def any_error(data):
    try:
        return loader.solution(data)
    except ValueError as error:
        raise KeyError("session") from error


@loader.reject("quantities are not checked", "absurd invoice")
def any_quantity(data):
    try:
        return loader.solution(data)
    except ValueError as error:
        if "quantity" in str(error) and b"true" not in data:
            return json.loads(data)
        raise


# Task 4: a lint ------------------------------------------------------------------------------

linter = lab.exercise(
    "lint",
    "A lint for sessions",
    hints=(
        "Walk through the session: names of fields may stand in a dictionary within a list within "
        "a dictionary. A function that calls itself is the shortest way.",
        "A name is suspicious if it contains one of the words, in small or capital letters. "
        "Compare name.lower().",
        "def names(value): for a dict yield each key and names(of each value); for a list names(of "
        "each element). Then sorted(name for name in names(session) if any(w in name.lower() "
        "...)).",
    ),
)
WORDS = ("password", "secret", "card", "iban", "birth", "email", "phone")


def names_in(value: object) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(name for inner in value.values() for name in names_in(inner))]
    if isinstance(value, list):
        return [name for inner in value for name in names_in(inner)]
    return []


@linter.check_with
def check_lint(answer, rng):
    pool = ["password", "Card_Number", "iban", "userEmail", "phone", "client_secret", "birthday"]
    chosen = [pool[i] for i in rng.choice(len(pool), 3, replace=False)]
    session = {
        "user_id": 7,
        "cart": [{"sku": "A", "quantity": 1}, {"sku": "B", chosen[0]: "x"}],
        "profile": {"name": "N", "contact": {chosen[1]: "y"}},
        "note": "my password is hidden in a value",
        chosen[2]: "z",
    }
    expected = sorted(name for name in names_in(session) if any(w in name.lower() for w in WORDS))
    assert expected == sorted(chosen)
    assert all(PERSONAL.search(name) for name in chosen)
    got = answered(answer(session, WORDS))
    if got == expected:
        return
    why = "Each of these fields will be read by whoever reads the store."
    if isinstance(got, list):
        missing = set(expected) - set(map(str, got))
        unknown = {str(name) for name in got} - set(names_in(session))
        if unknown:
            why = (
                f"No field is called {sorted(unknown)[0]}. Return names of fields, not the words "
                "that were found."
            )
        elif "note" in got:
            why = "A name is judged, not a value: a text may mention a password."
        elif missing and missing <= {name for name in chosen if name != name.lower()}:
            why = "Capital letters hide nothing from a reader."
        elif missing and missing <= {chosen[0], chosen[1]}:
            why = "Fields stand in nested dictionaries and lists as well."
        elif not missing:
            why = (
                "The list must be sorted and hold each name once, so that two runs can be compared."
            )
    raise AnswerError(
        repr(expected),
        repr(got),
        scenario=f"session={json.dumps(session)}",
        why=why,
        hint="Print all names first, then filter them.",
    )


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

    return sorted(n for n in names(session) if any(word in n.lower() for word in words))


@linter.solve_otherwise
def suspicious(session, words):
    """Keep a list of what is still to be looked at, instead of a function that calls itself."""
    waiting, found = [session], []
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            found += [name for name in value if any(word in name.lower() for word in words)]
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return sorted(found)


@linter.reject("only the top", "nested dictionaries and lists")
def only_the_top(session, words):
    return sorted(n for n in session if any(word in n.lower() for word in words))


@linter.reject("capital letters are other letters", "Capital letters hide nothing")
def case_matters(session, words):
    return sorted(n for n in names_in(session) if any(word in n for word in words))


@linter.reject("the words that were found", "No field is called")
def found_words(session, words):
    text = json.dumps(session).lower()
    return sorted(word for word in words if word in text)


@linter.reject("values count too", "not a value")
def values_too(session, words):
    extra = [n for n, v in session.items() if isinstance(v, str) and any(w in v for w in words)]
    return sorted([*linter.solution(session, words), *extra])


@linter.reject("in any order", "must be sorted")
def unsorted(session, words):
    return linter.solution(session, words)[::-1]
