"""Answers to the lab on queries, written from its page alone."""

from collections import Counter


def dearest(statements, percent):
    total = {name: calls * mean for name, calls, mean in statements}
    order = sorted(total, key=total.get, reverse=True)
    for many in range(len(order) + 1):
        if 100 * sum(total[name] for name in order[:many]) >= percent * sum(total.values()):
            return order[:many]
    return order


def room(cores, statements, mended, percent):
    need = 0.0
    for i in range(len(statements)):
        calls, work = statements[i]
        if i in mended:
            work = mended[i]
        need += calls * work / 1e3
    if need == 0:
        return None
    return cores * (percent / 100) / need


def _every(step):
    yield step
    for below in step.get("Plans", ()):
        yield from _every(below)


def thrown(plan):
    count = Counter()
    for step in _every(plan):
        if "Relation Name" in step:
            rows = step.get("Rows Removed by Filter", 0)
            count[step["Relation Name"]] += rows * step["Actual Loops"]
    if not count:
        return None
    ((table, rows),) = count.most_common(1)
    return (table, rows) if rows else None


class mend:  # noqa: N801
    def __init__(self, db):
        self.db = db
        db.rows("CREATE INDEX mine ON orders (customer, created DESC)")
        db.rows("ANALYZE events")

    def latest(self, customer):
        sql = "SELECT id FROM orders WHERE customer = ? ORDER BY created DESC, id DESC LIMIT 10"
        return [i for (i,) in self.db.rows(sql, customer)]

    def day_total(self, day):
        sql = "SELECT total(amount) FROM orders WHERE created >= ?1 AND created < ?1 || ' 24'"
        return int(self.db.rows(sql, day)[0][0])

    def page(self, first, count):
        sql = """SELECT orders.id, name FROM orders LEFT OUTER JOIN customers
                 ON customers.id = customer WHERE orders.id BETWEEN ? AND ? ORDER BY 1"""
        return [tuple(row) for row in self.db.rows(sql, first, first + count - 1)]

    def titles(self):
        return [t[0] for t in self.db.rows("SELECT title FROM documents ORDER BY id")]

    def failures(self, user):
        sql = "SELECT count(*) FROM events WHERE kind = 'failed' AND user = ?"
        return self.db.rows(sql, user)[0][0]
