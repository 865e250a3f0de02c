"""Answers to the lab on caching, written from its page alone."""


def curve(trace):
    answer = []
    for size in range(len(set(trace)) + 1):
        cache = []
        count = 0
        for key in trace:
            if key in cache:
                count += 1
                cache.remove(key)
            cache.insert(0, key)
            if len(cache) > size:
                cache.pop()
        answer.append(count)
    return answer


def room(hits, reads, requests_per_s, write_share, database_per_s, limit):
    answer = None
    for size in reversed(range(len(hits))):
        h = hits[size] / reads
        writes = write_share * requests_per_s
        misses = (requests_per_s - writes) * (1 - h)
        if writes + misses <= limit * database_per_s:
            answer = size
    return answer


class front:  # noqa: N801  # named after its exercise
    def __init__(self, life_s, grace_s, lock_s):
        self.life_s = life_s
        self.grace_s = grace_s
        self.lock_s = lock_s
        self.keys = {}

    def of(self, key):
        return self.keys.setdefault(key, {"row": None, "load": None, "deleted": None})

    def ask(self, key, now_s):
        it = self.of(key)
        row, load = it["row"], it["load"]
        if row is not None and now_s < row + self.life_s:
            return "hit"
        if load is not None and now_s < load + self.lock_s:
            if row is not None and now_s < row + self.life_s + self.grace_s:
                return "stale"
            return "wait"
        it["load"] = now_s
        return "load"

    def loaded(self, key, began_s, now_s):
        it = self.of(key)
        if it["load"] == began_s:
            it["load"] = None
        if it["deleted"] is None or it["deleted"] < began_s:
            it["row"] = now_s

    def deleted(self, key, now_s):
        self.keys[key] = {"row": None, "load": None, "deleted": now_s}


class sieve:  # noqa: N801  # named after its exercise
    def __init__(self, capacity):
        self.line = []  # [key, mark], the oldest first
        self.hand = None  # one of these pairs

    def used(self, key):
        for pair in self.line:
            if pair[0] == key:
                pair[1] = True

    def victim(self):
        pair = self.hand or self.line[0]
        i = next(i for i, other in enumerate(self.line) if other is pair)
        while self.line[i][1]:
            self.line[i][1] = False
            i = i + 1 if i + 1 < len(self.line) else 0
        gone = self.line.pop(i)
        self.hand = self.line[i] if i < len(self.line) else None
        return gone[0]

    def added(self, key):
        self.line.append([key, False])
