"""What is read of a plan, from a server's answer that is written down here."""

from scalelab.course.chapters.query_optimization.plans import STEPS, explained

ANSWER = {
    "Plan": {
        "Node Type": "Hash Join",
        "Shared Hit Blocks": 5,
        "Shared Read Blocks": 2,
        "Temp Read Blocks": 1,
        "Temp Written Blocks": 3,
        "Plans": [
            {"Node Type": "Seq Scan", "Plan Rows": 10, "Actual Rows": 12.0},
            {
                "Node Type": "Hash",
                "Plans": [{"Node Type": "Index Scan", "Plan Rows": 1, "Actual Rows": 1.0}],
            },
        ],
    },
    "Serialization": {"Output Volume": 4, "Shared Hit Blocks": 1, "Shared Read Blocks": 0},
}


class Server:
    """Answers every statement with the same plan, and keeps what it was asked."""

    def execute(self, statement):
        self.asked = statement
        return self

    def fetchall(self):
        return [([ANSWER],)]


def test_a_plan_is_read():
    server = Server()
    plan = explained(server, "select 1")
    assert plan.nodes == "Hash Join, Seq Scan, Index Scan"
    assert (plan.buffers, plan.kilobytes, plan.spilled, plan.scans) == (8, 4, 4, 2)
    assert (plan.expected, plan.found) == (10, 12)
    assert server.asked.endswith("select 1")


def test_no_name_of_a_statement_stands_twice():
    names = [name for name, _ in STEPS if name]
    assert len(names) == len(set(names)) > 20
