"""The real parts of the chapter on queries, and what stands there without a server."""

import pytest

from scalelab.course.chapters.query_optimization import servers
from scalelab.course.chapters.query_optimization.plans import STEPS, Plan, explained
from scalelab.course.chapters.query_optimization.recorded import PLANS
from scalelab.plotting import canvas
from scalelab.real.supervised import RealComponentError

TABLES = (servers.index_table, servers.columns_table, servers.months_table)
NOTES = (servers.crowd_note, servers.trips_note, servers.statistics_note)


@pytest.fixture
def no_server(monkeypatch):
    def missing():
        raise RealComponentError("no PostgreSQL server found")

    monkeypatch.setattr(servers, "PostgresCluster", missing)
    servers.measured.cache_clear()
    yield
    servers.measured.cache_clear()


def check(plans: dict[str, Plan]) -> None:
    """What the page says of the plans."""
    pages = {name: plan.buffers for name, plan in plans.items()}
    assert "Seq Scan" in plans["no index"].nodes
    assert plans["composite index"].nodes == "Limit, Index Scan"
    assert 10 * pages["composite index"] < 10 * pages["index on customer"] < pages["no index"]
    assert pages["one status, index"] > 0.9 * pages["one status, no index"]
    assert pages["function"] > 50 * pages["range"]
    assert pages["function"] > 50 * pages["expression index"]
    assert pages["every customer, subquery"] > 50 * pages["every customer, join"]
    assert pages["long texts, all columns"] > 100 * pages["long texts, two columns"]
    assert pages["short rows, all columns"] == pages["short rows, two columns"]
    assert plans["distinct"].nodes == "Aggregate, " + plans["not distinct"].nodes
    by_range, by_function = (plans[f"one month by a {how}"].scans for how in ("range", "function"))
    assert (by_range, by_function) == (1, 12)
    old, new = plans["old statistics"], plans["new statistics"]
    assert (old.expected, old.found) == (1, 50_000)
    assert "Nested Loop" in old.nodes
    assert "Hash Join" in new.nodes
    assert new.expected == pytest.approx(50_000, rel=0.05)


def test_a_real_server_shows_what_the_page_says():
    pytest.importorskip("psycopg", reason="the client for PostgreSQL is not installed")
    it = servers.measured()
    if it.recorded:
        pytest.skip("no PostgreSQL server")
    check(it.plans)
    assert list(it.plans) == [name for name, _ in STEPS if name]
    assert it.known == {"log_min_duration": 0, "log_min_duration_statement": 1}
    assert it.rows_written["denormalised"] > 10 * it.rows_written["join"]
    assert it.far["join"] > it.near["join"] > 1
    assert it.waited > 1
    assert it.dearer > 1
    assert it.slower > it.dearer


def test_what_was_recorded_is_what_the_page_says():
    check(PLANS)
    assert list(PLANS) == [name for name, _ in STEPS if name]


def test_without_a_server_the_figures_are_recorded(no_server):
    assert servers.measured() is servers.RECORDED
    for shown in TABLES:
        assert "Recorded on" in shown().body
    for said in NOTES:
        assert said().text.endswith("2026.")
    assert len(servers.statistics_picture().axes) == 1
    _, ax = canvas()
    assert servers.plot_mends(ax) is ax
    assert servers.mends_in_words().count(" to ") == len(servers.PAIRS)


def test_a_plan_is_read_down_to_its_last_step():
    scan = {"Node Type": "Seq Scan", "Plan Rows": 5, "Actual Rows": 7.0}
    top = {"Node Type": "Hash", "Plans": [scan, {"Node Type": "Index Scan"}]}
    blocks = {"Shared Hit Blocks": 3, "Shared Read Blocks": 1, "Output Volume": 2}
    blocks |= {"Temp Read Blocks": 0, "Temp Written Blocks": 4}

    class Connection:
        def execute(self, query):
            assert query.endswith("select 1")
            return self

        def fetchall(self):
            return [([{"Plan": top | blocks, "Serialization": blocks}],)]

    assert explained(Connection(), "select 1") == Plan(
        nodes="Seq Scan, Index Scan",
        buffers=8,
        kilobytes=2,
        spilled=4,
        scans=2,
        expected=5,
        found=7,
    )


def test_the_orders_are_counted():
    assert "50 each" in servers.orders_note().text
    assert "736 pages" in servers.orders_note().text
