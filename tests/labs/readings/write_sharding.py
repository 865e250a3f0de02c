"""Answers to the lab on write sharding, written from its page alone."""


def ranges(split_points, low, high):
    asked = []
    for i in range(len(split_points) + 1):
        begin = split_points[i - 1] if i > 0 else None
        end = split_points[i] if i < len(split_points) else None
        if low >= high:
            continue
        if begin is not None and high <= begin:
            continue
        if end is not None and low >= end:
            continue
        asked.append(i)
    return asked


def scorecard(questions, key, shards):
    load = [0] * shards
    values = set()
    ones = 0
    for question in questions:
        if key in question:
            values.add(question[key])
            asked = [question[key] % shards]
        else:
            asked = list(range(shards))
        for s in asked:
            load[s] += 1
        if len(asked) == 1:
            ones += 1
    mean = sum(load) / len(load)
    return len(values), max(load) / mean, ones / len(questions)


class router:  # noqa: N801  # named after its exercise
    def __init__(self, shards):
        self.names = list(shards)
        self.place = {}
        self.rows = {}

    def wrote(self, tenant):
        if tenant not in self.place:
            load = dict.fromkeys(self.names, 0)
            for other, n in self.rows.items():
                load[self.place[other]] += n
            best = self.names[0]
            for name in self.names:
                if load[name] < load[best]:
                    best = name
            self.place[tenant] = best
            self.rows[tenant] = 0
        self.rows[tenant] += 1
        return self.place[tenant]

    def ask(self, tenants):
        if tenants is None:
            return self.names[:]
        result = []
        for name in self.names:
            for t in tenants:
                if self.place.get(t) == name and name not in result:
                    result.append(name)
        return result

    def move(self, tenant, shard):
        self.place[tenant] = shard

    def add(self, shard):
        self.names.append(shard)


def outcome(states, record):
    states = list(states.values())
    if "rolled back" in states:
        if "committed" in states or record == "commit":
            return "call somebody"
        return "roll back"
    if "committed" in states:
        return "commit"
    if "nothing" in states:
        return "roll back"
    if record == "lost":
        return "wait"
    return "commit" if record == "commit" else "roll back"
