"""Answers to the lab on reading one's own writes, written from its page alone."""

import numpy as np


def missed(pauses_s, lags_s, window_s):
    pauses, lags = np.array(pauses_s), np.array(lags_s)
    at_the_replica = ~(pauses < window_s)
    return float(np.mean(at_the_replica & (pauses < lags)))


class _Own:
    """The replica that is least far ahead and still far enough."""

    last = -1

    def wrote(self, position):
        if position > self.last:
            self.last = position

    def choose(self, applied):
        enough = sorted((at, name) for name, at in applied.items() if not at < self.last)
        return enough[0][1] if enough else "primary"


class _Back(_Own):
    def saw(self, position):
        self.wrote(position)


own, back = _Own, _Back


def plan(endpoints, share, budget_per_s):
    need = {}
    for name, _, complaints in endpoints:
        guarantee = "none"
        for complaint, answer in (
            ("mine is missing", "own writes"),
            ("it went back", "all seen"),
            ("another's is missing", "primary"),
        ):
            if complaint in complaints:
                guarantee = answer
        need[name] = (guarantee, "both got it" in complaints)
    spent = sum(reads * share[need[name][0]] for name, reads, _ in endpoints)
    if spent > budget_per_s:
        return None
    for name, reads, _ in endpoints:  # what is left goes to own writes where there is nothing
        guarantee, guarded = need[name]
        if guarantee == "none" and spent + reads * share["own writes"] <= budget_per_s:
            spent += reads * share["own writes"]
            need[name] = ("own writes", guarded)
    return need
