"""Answers to the lab on replication, written from its page alone."""

import math


def told(rule, needed, flush_ms, answers_ms):
    if rule == "async":
        return flush_ms
    remaining = list(answers_ms)
    if rule == "any":
        remaining = sorted(remaining, key=lambda a: math.inf if a is None else a)
    wait, got = 0, 0
    for answer in remaining:
        if got == needed:
            break
        if answer is None:
            continue
        wait, got = max(wait, answer), got + 1
    return flush_ms + wait if got == needed else math.inf


def candidate(standbys, needed):
    name, where, reached = None, None, 0
    for standby, position in standbys:
        if position is None:
            continue
        reached += 1
        newer = where is None or position[0] > where[0]
        if newer or (position[0] == where[0] and position[1] > where[1]):
            name, where = standby, position
    return name, needed > 0 and reached > len(standbys) - needed


def alarm(looks, limit_mb, patience_s):
    start = -1
    for i, (time_s, primary, standby) in enumerate(looks):
        fine = False if standby is None else primary - standby <= limit_mb
        if fine:
            start = -1
        elif start < 0:
            start = i
        if start >= 0 and time_s >= looks[start][0] + patience_s:
            return time_s
    return None


class runbook:  # noqa: N801  # named after its exercise
    def __init__(self, servers, needed, patience):
        self.all = list(servers)
        self.k = needed
        self.wait_for = patience
        self.quiet = 0

    def step(self, primary, positions, fenced):
        if positions[primary] is None:
            self.quiet = self.quiet + 1
            if self.quiet >= self.wait_for:
                if primary not in fenced:
                    return "fence " + primary
                others = []
                for server in self.all:
                    if server != primary:
                        others.append((server, positions[server]))
                who, sure = candidate(others, self.k)
                if sure:
                    return "promote " + who
            return "wait"
        self.quiet = 0
        for server in self.all:
            if server in fenced:
                return "rejoin " + server
        return "wait"
