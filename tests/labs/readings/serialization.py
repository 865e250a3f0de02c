"""Answers to the lab on state as bytes, written from its page alone."""

import json
import re


def varint(number):
    bits = f"{number:b}"
    bits = bits.zfill(-(-len(bits) // 7) * 7)
    groups = re.findall(".{7}", bits)[::-1]
    marks = ["1"] * (len(groups) - 1) + ["0"]
    return bytes(int(mark + group, 2) for mark, group in zip(marks, groups, strict=True))


def upgrade(session):
    match session:
        case {"version": 4}:
            return session
        case {"version": 3}:
            return session
        case {"version": 2}:
            return session | {"version": 3, "currency": "EUR"}
    new = {}
    for name, value in session.items():
        if name == "items":
            new["lines"] = [dict(sku=sku, quantity=1) for sku in value]  # noqa: C408
        else:
            new[name] = value
    new["version"], new["currency"] = 3, "EUR"
    return new


def load(data):
    bad = ValueError("no good session")
    if len(data) >= 4_097:
        raise bad
    try:
        session = json.loads(data)
    except (ValueError, RecursionError):
        raise bad from None

    def is_whole(value):
        return isinstance(value, int) and value is not True and value is not False

    match session:
        case {"user_id": user, "lines": [*lines]} if is_whole(user) and user >= 1:
            pass
        case _:
            raise bad
    for line in lines:
        match line:
            case {"sku": str(), "quantity": quantity} if is_whole(quantity):
                if quantity not in range(1, 100):
                    raise bad
            case _:
                raise bad
    return session


def lint(session, words):
    """Let the JSON reader bring each pair of name and value along."""
    names = []

    def note(pairs):
        names.extend(name for name, _ in pairs)
        return None

    json.loads(json.dumps(session), object_pairs_hook=note)
    pattern = "|".join(map(re.escape, words))
    return sorted({n for n in names if words and re.search(pattern, n, re.IGNORECASE)})
