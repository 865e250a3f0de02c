"""Answers to the lab on incidents, written from its page alone."""

import statistics
from itertools import pairwise


def departure(values, least):
    calm = [float(value) for value in values[15:75]]
    mean, edge = statistics.fmean(calm), max(least, 5 * statistics.pstdev(calm))
    far = [abs(value - mean) > edge for value in values]
    starts = (s for s in range(76, len(far)) if s + 8 <= len(far) and sum(far[s : s + 8]) >= 7)
    return next(starts, None)


def order(metrics, least):
    left = [(departure(values, least[name]), name) for name, values in metrics.items()]
    gone = [pair for pair in left if pair[0] is not None]
    gone.sort(key=lambda pair: pair[0])
    return [name for _, name in gone]


def _mean(values):
    return statistics.fmean(values)


def cause(metrics):
    def calm(name):
        return _mean(metrics[name][15:75])

    if sum(value > 1 for value in metrics["writers"][76:]) > 30:
        return "split brain"
    servers = metrics["instances"][100:]
    turns = [b - a for a, b in pairwise(servers) if a != b]
    if sum((a > 0) != (b > 0) for a, b in pairwise(turns)) > 2:
        return "autoscaler flapping"
    down_s = departure(metrics["good"], 0.1)
    if departure(metrics["errors"], 0.15) is not None:
        return "sinkhole"
    busy = max(sorted(metrics["same"][15:75])[:57]) * 2 + 5
    if down_s is None:
        if departure(metrics["lag"], 1.5) is not None:
            return "replica lag"
        return "cache stampede" if max(metrics["same"][76:]) > busy + 1 else "calm"
    return _of_those_who_fall(metrics, down_s, calm, busy)


def _of_those_who_fall(metrics, down_s, calm, busy):
    around = slice(max(down_s - 8, 76), down_s + 4)
    if max(metrics["connects"][around]) > 50:
        return "thundering reconnect"
    if max(metrics["offered"][around]) > 1.6:
        return "retry storm"
    if min(metrics["same"][down_s : down_s + 6]) > busy and max(metrics["spread"][around]) > 2:
        return "hot shard"
    if max(metrics["pool"][around]) > 0.5 and max(metrics["database"][around]) < 0.75:
        return "connection leak"
    if max(metrics["same"][76 : down_s - 10], default=0) > busy:
        return "cache stampede"
    if min(metrics["hits"][76 : down_s + 3]) < 0.6 * calm("hits"):
        return "metastable cache flush"
    return "calm"


def fix(cause, options):
    if cause == "thundering reconnect":
        return ["pool of 6", "retry budget of 10 %", "connections outlive the request"]
    if cause == "metastable cache flush":
        return ["single flight", "reads fill though the client left"]
    if cause == "retry storm":
        return ["at most 20 in line"]
    if cause == "split brain":
        return ["a replica confirms each write"]
    words = ("single flight", "split", "replay", "thresholds", "finally", "eject")
    return [next(option for option in options if option.startswith(words) or "finally" in option)]
