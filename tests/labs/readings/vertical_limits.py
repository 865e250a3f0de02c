"""Answers to the lab on the limits of a larger database server, written from its page alone."""

import math


def cheapest(machines, cores, memory_gb):
    chosen = None
    for machine in machines:
        _, has, percent, memory, usd = machine
        if has * percent < cores * 100 or memory < memory_gb:
            continue
        if chosen is None or usd < chosen[4]:
            chosen = machine
    if chosen is None:
        return None
    return chosen[0]


def flushes(ready_ms, flush_ms):
    result = [None] * len(ready_ms)
    disk_free = 0
    i = 0
    while i < len(ready_ms):
        start = ready_ms[i]
        if start < disk_free:
            start = disk_free
        j = i
        while j < len(ready_ms) and ready_ms[j] <= start:
            result[j] = start + flush_ms
            j += 1
        disk_free = start + flush_ms
        i = j
    return result


def full(machine, load):
    cores = machine["cores"] * 1000 / load["cpu_ms"]
    if machine["memory_gb"] >= load["data_gb"] or load["pages"] == 0:
        disk = math.inf
    else:
        share = 1 - machine["memory_gb"] / load["data_gb"]
        disk = machine["reads_per_s"] / (share * load["pages"])
    log = load["commits_per_flush"] * machine["flushes_per_s"]
    connections = 1000 / load["held_ms"] * machine["connections"]
    rate, part = min(
        (cores, "cores"), (disk, "data disk"), (log, "log disk"), (connections, "connections")
    )
    return part, rate


def leave(one_usd, many_usd, move_usd):
    n = len(one_usd)
    options = []
    for month in range(n + 1):
        before = one_usd[:month]
        if any(usd is None for usd in before):
            continue
        cost = sum(before)
        if month < n:
            cost += move_usd + sum(many_usd[month:])
        options.append((month, cost))
    best = options[0]
    for option in options[1:]:
        if option[1] <= best[1]:
            best = option
    return None if best[0] == n else best[0]
