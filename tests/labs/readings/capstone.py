"""Answers to the lab Black Friday week, written from the page alone."""


def grade(weeks, limits):
    whole = 0
    for week in weeks:
        upper = [week[name] <= limits[name] for name in limits if name != "available"]
        whole += all(upper) and not week["available"] < limits["available"]
    return whole / len(weeks)


def repair():
    return {"fill": "primary", "sync_replicas": 1, "minimum": 60, "maximum": 60}


def cheaper():
    return {
        "minimum": 5,
        "maximum": 30,
        "target": 0.55,
        "friday": 26,
        "database_cores": 9,
        "replicas": 2,
        "sync_replicas": 1,
        "cache": 190_000,
        "fill": "primary",
        "retries": 1,
        "shed_s": 0.25,
    }


def own():
    def make_policy():
        remembered = []

        def decide(reading):
            wanted = round(reading.demand_per_s / 200 + 0.5)
            remembered.append(wanted)
            return max(remembered[-5:])

        return decide

    class Tokens:
        def __init__(self):
            self.told = []

        def wrote(self, position):
            self.told = [max([position, *self.told])]

        def choose(self, applied):
            far = [name for name in sorted(applied) if all(applied[name] >= t for t in self.told)]
            return far[-1] if far else "primary"

    return cheaper() | {"fill": "replica", "router": Tokens, "autoscaler": make_policy}
