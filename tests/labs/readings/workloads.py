"""Answers to the lab on reads and writes, written from its page alone."""

import math
from itertools import pairwise


def mix(log):
    reads = writes = 0
    for line in log:
        parts = line.split(" ")
        if parts[2][0] in "45":
            continue
        if parts[0] in {"GET", "HEAD"}:
            reads += 1
        if parts[0] in {"POST", "PUT", "PATCH", "DELETE"}:
            writes += 1
    try:
        return reads / writes
    except ZeroDivisionError:
        return math.inf


def ceiling(operations):
    serial = whole = 0.0
    for kind, count, ms in operations:
        whole += count * ms
        serial += count * ms * (kind == "write")
    return math.inf if serial == 0 else whole / serial


def copies(reads_per_s, writes_per_s, node_per_s, replay, limit):
    room = limit * node_per_s
    if writes_per_s > room:
        return None
    for n in range(1, 100_000):
        if reads_per_s / n + replay * writes_per_s <= room:
            return n
    return None


def split(statements):
    out = []
    inside = False
    for statement in statements:
        text = []
        for line in statement.split("\n"):
            if not line.lstrip().startswith("--"):
                text += line.lower().replace("(", " ").replace(")", " ").replace(",", " ").split()
        first = text[0]
        if first == "begin" or first == "start":
            inside = True
        target = "primary"
        if not inside and first in ("select", "show", "with"):
            target = "replica"
            if first == "with" and any(w in text for w in ("insert", "update", "delete")):
                target = "primary"
            for one, two in pairwise(text):
                if one == "for" and two in ("update", "share"):
                    target = "primary"
        if first in ("commit", "rollback"):
            inside = False
        out.append(target)
    return out
