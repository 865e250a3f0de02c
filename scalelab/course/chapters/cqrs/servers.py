"""CQRS on PostgreSQL and DuckDB: events that are lost, repeated, too slow, or not needed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from scalelab.course.page import Html, note, table
from scalelab.extras import require
from scalelab.in_browser import refuse_in_browser
from scalelab.real.postgres_cluster import PostgresCluster, PostgresServer, wait_for
from scalelab.real.postgres_store import WallClock
from scalelab.real.supervised import RealComponentError

ORDERS = 100
CATEGORIES = "abcde"
PEEK = "select lsn - '0/0'::pg_lsn, data from pg_logical_slot_peek_changes('feed', null, null)"
TRIGGER = """
create function keep() returns trigger language plpgsql as $$ begin
    insert into totals values (new.category, 1, new.amount) on conflict (category)
    do update set n = totals.n + 1, revenue = totals.revenue + excluded.revenue;
    return new;
end $$;
create trigger kept after insert on orders for each row execute function keep();
"""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What the servers showed."""

    polled: list[int]
    """Ids that a reader who asks for "id greater than the last" got, in order."""
    committed: list[int]
    """Ids that were committed, in order."""
    in_log_order: list[int]
    """Ids that a reader of the server's log got, in order."""
    counted: dict[str, int]
    """Orders that the read model counts after its projector has died once, of 100."""
    per_s: dict[str, float]
    """Events a second that the projector applies."""
    stale: dict[str, int]
    """Reads right after a write that miss it, of 100."""
    trigger_cost: float
    """The server's processor time for a write with the trigger, of one without."""
    recorded: bool = False


RECORDED = Shown(  # two shared cores, Linux, 29 November 2026
    polled=[2],
    committed=[2, 1],
    in_log_order=[2, 1],
    counted={"apart": 200, "together": 100},
    per_s={"one by one": 560.0, "a batch at a time": 190_000.0},
    stale={"events, read at once": 100, "trigger": 0},
    trigger_cost=1.5,
    recorded=True,
)


class SalesModel:
    """Sales by category in DuckDB, and the position in the log up to which they are complete."""

    def __init__(self) -> None:
        refuse_in_browser(RealComponentError)
        duckdb: Any = require("duckdb", "real", RealComponentError)
        self.db = duckdb.connect()
        self.db.execute("create table sales(category varchar primary key, n int, revenue int)")
        self.db.execute("create table place(lsn ubigint)")
        self.db.execute("insert into place values (0)")

    @property
    def place(self) -> int:
        """The position in the log that it has come to."""
        return int(self._value("select lsn from place"))

    @property
    def orders(self) -> int:
        """How many orders it counts."""
        return int(self._value("select coalesce(sum(n), 0) from sales"))

    def apply(self, transactions: Iterable[tuple[int, list[Any]]]) -> int:
        """Add up what is new, and return the position that it comes to; does not keep it."""
        last = self.place
        new = [(lsn, order) for lsn, orders in transactions if lsn > last for order in orders]
        sums: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
        for _, order in new:
            n, revenue = sums[order["category"]]
            sums[order["category"]] = n + 1, revenue + order["amount"]
        self._add(sums)
        return max((lsn for lsn, _ in new), default=last)

    def keep(self, lsn: int) -> None:
        """Note how far it is."""
        self.db.execute("update place set lsn = ?", [lsn])

    def _add(self, sums: dict[str, tuple[int, int]]) -> None:
        for category, (n, revenue) in sums.items():
            self.db.execute(
                "insert into sales values (?, ?, ?) on conflict do update set "
                "n = n + excluded.n, revenue = revenue + excluded.revenue",
                [category, n, revenue],
            )

    def _value(self, query: str) -> Any:
        row = self.db.execute(query).fetchone()
        assert row is not None
        return row[0]


@cache
def measured() -> Shown:
    """Run all on a real server; what was recorded where there is none.

    Cached: one page says one number.
    """
    try:
        SalesModel()
        cluster = PostgresCluster()
    except RealComponentError:
        return RECORDED
    with cluster:
        server = cluster.primary(wal_level="logical", autovacuum="off")
        server.rows("create table orders(id int primary key, category text, amount int)")
        server.rows("create table totals(category text primary key, n int, revenue int)")
        server.rows("select pg_create_logical_replication_slot('feed', 'test_decoding')")
        polled, committed, in_log_order = _poll(server)
        return Shown(
            polled=polled,
            committed=committed,
            in_log_order=in_log_order,
            counted={"apart": _killed(server, False), "together": _killed(server, True)},
            per_s=_rates(),
            stale=_stale(server),
            trigger_cost=_trigger_cost(server),
        )


def _order(connection: Any, number: int) -> None:
    """Insert an order and write its event into the server's log, for the same transaction."""
    order = {"id": number, "category": CATEGORIES[number % 5], "amount": 1 + number % 90}
    connection.execute("insert into orders values (%(id)s, %(category)s, %(amount)s)", order)
    event = json.dumps(order)
    connection.execute("select pg_logical_emit_message(true, 'order', %s)", (event,))


def _transactions(server: PostgresServer) -> list[tuple[int, list[Any]]]:
    """Return each committed transaction's position and events, in order; takes none away."""
    found, events = [], []
    for lsn, line in server.rows(PEEK):
        if line.startswith("message: transactional: 1"):
            events.append(json.loads(line.split("content:", 1)[1]))
        elif line.startswith("COMMIT"):
            found.append((int(lsn), events))
            events = []
    return found


def _forget(server: PostgresServer) -> None:
    """Take all that the slot has, so that the next experiment begins with nothing."""
    server.rows("select count(*) from pg_logical_slot_get_changes('feed', null, null)")
    server.rows("truncate orders, totals")


def _poll(server: PostgresServer) -> tuple[list[int], list[int], list[int]]:
    """Let order 2 commit before order 1, and read the table by "id greater than the last"."""
    polled: list[int] = []

    def poll() -> None:
        last = max(polled, default=0)
        query = "select id from orders where id > %s order by id"
        polled.extend(row[0] for row in server.rows(query, last))

    with server.connect(autocommit=False) as one, server.connect(autocommit=False) as two:
        _order(one, 1)
        _order(two, 2)
        two.commit()
        poll()
        one.commit()
        poll()
    events = [event["id"] for _, events in _transactions(server) for event in events]
    _forget(server)
    return polled, [2, 1], events


def _killed(server: PostgresServer, together: bool) -> int:
    """Count the orders in the read model after its projector died, and another one went on.

    It dies when the sums are kept and the position is not, if it keeps them apart.
    """
    with server.connect() as connection:
        for number in range(ORDERS):
            _order(connection, number)
    model = SalesModel()
    for dies in (True, False):
        model.db.begin()
        lsn = model.apply(_transactions(server))
        if together:
            model.keep(lsn)
            model.db.commit()
        else:
            model.db.commit()
            if not dies:
                model.keep(lsn)
    _forget(server)
    return model.orders


def _rates() -> dict[str, float]:
    """Time the projector, event by event and batch by batch; events a second."""
    return {"one by one": _rate(1, 400), "a batch at a time": _rate(2_000, 40_000)}


def _rate(size: int, events: int) -> float:
    """Events a second that the projector takes in, added up in batches of some size."""
    log = [(i, [{"category": CATEGORIES[i % 5], "amount": 1}]) for i in range(1, events + 1)]
    model, clock = SalesModel(), WallClock()
    begin_s = clock.now_s
    for start in range(0, events, size):
        model.keep(model.apply(log[start : start + size]))
    return events / (clock.now_s - begin_s)


def _stale(server: PostgresServer) -> dict[str, int]:
    """Insert orders and ask for the sum at once; how often the order is not in it."""
    model, missed = SalesModel(), {"events, read at once": 0, "trigger": 0}
    server.rows(TRIGGER)
    with server.connect() as connection:
        for number in range(ORDERS):
            _order(connection, number)
            missed["events, read at once"] += model.orders < number + 1
            ((kept,),) = connection.execute("select sum(n)::int from totals").fetchall()
            missed["trigger"] += kept < number + 1
    server.rows("drop trigger kept on orders")
    _forget(server)
    return missed


def _trigger_cost(server: PostgresServer, writes: int = 3_000) -> float:
    """Compare the server's processor time of inserts with and without the trigger."""
    used = []
    for with_trigger in (False, True):
        if with_trigger:
            server.rows(
                "create trigger kept after insert on orders for each row execute function keep()"
            )
        _alone(server)
        before_s = server.cpu_s()
        with server.connect() as connection:
            for number in range(writes):
                order = (number, CATEGORIES[number % 5], 1)
                connection.execute("insert into orders values (%s, %s, %s)", order)
        _alone(server)
        used.append(server.cpu_s() - before_s)
        _forget(server)
    return used[1] / used[0]


def _alone(server: PostgresServer) -> None:
    """Wait until the processes of all earlier connections have ended."""
    others = "select count(*) from pg_stat_activity where backend_type = 'client backend'"
    wait_for(lambda: server.value(others) == 1)


def add_events(server: PostgresServer, names: Sequence[str], changes: int) -> None:
    """Change a stock, and write each change's event into the server's log along with it."""
    query = (
        "insert into stock values (%s, %s, 1) on conflict (name) do update set n = "
        "case when %s then excluded.n else stock.n + excluded.n end, version = stock.version + 1 "
        "returning version"
    )
    with server.connect(autocommit=False) as connection:
        for i in range(changes):
            name, counted, n = names[i % len(names)], i < len(names), 1 + 7 * i % 30
            ((version,),) = connection.execute(query, (name, n, counted)).fetchall()
            event = json.dumps([name, version, "set" if counted else "add", n])
            connection.execute("select pg_logical_emit_message(true, 'stock', %s)", (event,))
            connection.commit()


def events_of(server: PostgresServer) -> list[Any]:
    """Return the events of all committed transactions, in the order of their commits."""
    return [event for _, events in _transactions(server) for event in events]


BATCHES = (1, 10, 100, 1_000)


@cache
def batches_table() -> Html:
    """Show what the size of a batch does: events a second, and how long the first one waits."""
    rows = []
    for size in BATCHES:
        try:
            per_s = _rate(size, events=max(200, 10 * size))
        except RealComponentError as error:
            return note(f"{error}; then this table is measured.")
        rows.append(
            {
                "events in a batch": size,
                "events a second": float(f"{per_s:.2g}"),
                "a batch lasts, ms": float(f"{1e3 * size / per_s:.2g}"),
            }
        )
    return table(rows, "Orders summed by category in DuckDB, measured on this machine just now.")


def where(said: str) -> str:
    """Add where the numbers are from, if they were not measured just now."""
    return (
        f"{said} Recorded on two shared cores, 29 November 2026." if measured().recorded else said
    )


def polled_note() -> Html:
    """Say what a reader by id missed, and what one of the log got."""
    it = measured()
    missed = [number for number in it.committed if number not in it.polled]
    names = {name: ", ".join(map(str, ids)) for name, ids in vars(it).items() if name in _LISTS}
    return note(
        where(
            f"Committed in this order: {names['committed']}. The reader by id got "
            f"{names['polled']}, and never {missed[0]}. From the server's log: "
            f"{names['in_log_order']}."
        )
    )


_LISTS = ("polled", "committed", "in_log_order")


def killed_table() -> Html:
    """Show how many orders the read model counts after its projector died once."""
    rows = [
        {"sums and position are kept": how, "orders counted": counted, "orders placed": ORDERS}
        for how, counted in measured().counted.items()
    ]
    return table(rows, where("A projector that died once, between PostgreSQL and DuckDB."))


def rates_table() -> Html:
    """Show how many events a second the projector takes in."""
    rows = [
        {"the projector works": how, "events a second": round(rate, -1)}
        for how, rate in measured().per_s.items()
    ]
    return table(rows, where("Orders summed by category in DuckDB, on this machine."))


def trigger_table() -> Html:
    """Show what a read model within the same transaction gains and costs."""
    it = measured()
    rows = [
        {
            "the sums are kept by": "events",
            "reads at once that miss it, of 100": it.stale["events, read at once"],
            "processor time of a write, ×": 1.0,
        },
        {
            "the sums are kept by": "a trigger",
            "reads at once that miss it, of 100": it.stale["trigger"],
            "processor time of a write, ×": round(it.trigger_cost, 2),
        },
    ]
    return table(rows, where("A read model in the same transaction, on PostgreSQL."))
