"""Answers to the lab on resharding, written from its page alone."""


def ring(points, place):
    for at, server in points:
        if at >= place:
            return server
    return points[0][1]


def land(there, copied):
    if there is None:
        return copied
    if copied is None:
        return there
    return copied if copied[0] > there[0] else there


def compare(old, new):
    def see(rows):
        return {key: row[1] for key, row in rows.items() if row[1] is not None}

    a, b = see(old), see(new)
    differing = [key for key in sorted(a) if key in b and a[key] != b[key]]
    lost = [key for key in sorted(a) if key not in b]
    risen = [key for key in sorted(b) if key not in a]
    return differing, lost, risen


class move:  # noqa: N801  # named after its exercise
    def write(self, key, row):
        for place in ["old", "new"]:
            yield "newer", place, key, row

    def copy(self, key):
        found = yield "get", "old", key
        if found is None:
            return
        yield "newer", "new", key, found
