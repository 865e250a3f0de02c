"""What a learner's code of the lab does with a day of questions, and with two real servers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from scalelab.course.chapters.write_sharding.servers import (
    POINTS,
    Shards,
    end,
    killed_coordinator,
    record_of,
    states_of,
    total,
    two_shards,
)
from scalelab.course.page import Html, note, table
from scalelab.real.limits import TheirError, call
from scalelab.real.supervised import RealComponentError
from scalelab.workloads.tenants import tenant_sizes

Question = dict[str, int]
KEYS = ("tenant", "user", "order")
SHARDS, TENANTS, ROWS = 4, 12, 200


def a_day(rng: np.random.Generator, count: int = 400) -> list[Question]:
    """Return a day's questions of a shop for companies: most know the tenant, few the order."""
    sizes = tenant_sizes(TENANTS, 10_000)
    tenants = rng.choice(TENANTS, count, p=sizes / sizes.sum())
    kinds = rng.choice(3, count, p=[0.5, 0.4, 0.1])
    questions = []
    for tenant, kind in zip(tenants.tolist(), kinds.tolist(), strict=True):
        known = {"tenant": tenant}
        if kind == 1:
            known["user"] = TENANTS * int(rng.integers(0, 50)) + tenant
        elif kind == 2:  # the number on a bill, and nothing else
            known = {"order": int(rng.integers(0, 100_000))}
        questions.append(known)
    return questions


def own_scorecard(score: Callable[..., Any]) -> Html:
    """Let a learner's scorecard judge three keys by the same day."""
    day, rows = a_day(np.random.default_rng(2026)), []
    try:
        for key in KEYS:
            marks = call(score, [dict(question) for question in day], key, SHARDS)
            if marks is ...:
                return note("Still to do: your score is the stub. Then it judges a day.")
            values, peak, one = marks
            rows.append(
                {
                    "shard key": key,
                    "different values": values,
                    "peak, of the mean": round(float(peak), 2),
                    "ask one shard, %": round(100 * float(one), 1),
                }
            )
    except TheirError as theirs:
        return note(f"{type(theirs.error).__name__} came out of your score. The check says where.")
    except (TypeError, ValueError):
        return note("score must return three numbers: values, peak, one.")
    return table(rows, f"{len(day)} questions of a day, on {SHARDS} shards")


def own_router_on_postgres(make: Callable[..., Any]) -> Html:
    """Let a learner's router place the rows of tenants on two servers, and find them again."""
    names = ["first", "second"]
    try:
        router = call(make, list(names))
        probe = router is not ... and call(call(getattr, router, "wrote"), "probe")
        if router is ... or probe is ...:
            return note("Still to do: your Router is the stub. Then real servers get it.")
        return _tenants_on_postgres(call(make, list(names)), names)
    except RealComponentError as error:
        return note(f"{error}; the checker's cases have to do.")
    except TheirError as theirs:
        return note(f"{type(theirs.error).__name__} came out of your Router. The check says where.")


def _tenants_on_postgres(router: Any, names: list[str]) -> Html:
    """Write rows of tenants by Zipf's law, and ask for each of them."""
    rng, sizes = np.random.default_rng(2026), tenant_sizes(TENANTS, ROWS)
    rows = rng.permutation(np.repeat(np.arange(TENANTS), sizes)).tolist()
    with two_shards() as shards:
        servers = dict(zip(names, shards.both, strict=True))
        for server in shards.both:
            server.rows("create table rows(tenant text)")
        placed: dict[str, list[tuple[str]]] = {name: [] for name in names}
        for tenant in rows:
            shard = call(call(getattr, router, "wrote"), f"t{tenant}")
            if shard not in names:
                return note(f"wrote must return 'first' or 'second', not {shard!r}.")
            placed[shard].append((f"t{tenant}",))
        for name, new in placed.items():
            with servers[name].connect() as connection, connection.cursor() as cursor:
                cursor.executemany("insert into rows values (%s)", new)
        held = [servers[name].value("select count(*) from rows") for name in names]
        found = requests = 0
        for tenant in range(TENANTS):
            asked = call(call(getattr, router, "ask"), [f"t{tenant}"])
            if not isinstance(asked, list) or not set(asked) <= set(names):
                return note(f"ask must return a list of 'first' and 'second', not {asked!r}.")
            requests += len(asked)
            for name in asked:
                query = "select count(*) from rows where tenant = %s"
                found += servers[name].value(query, f"t{tenant}")
        version = shards.first.version
    return note(
        f"{version}: {len(rows)} rows of {TENANTS} tenants, {held[0]} on one server and {held[1]} "
        f"on the other. Asked for each tenant, with {requests} requests, your router found {found} "
        f"of {len(rows)} rows."
    )


def own_outcome_on_postgres(outcome: Callable[..., Any]) -> Html:
    """Kill a coordinator at four points, and end the transfer as a learner's function says."""
    try:
        if call(outcome, {"first": "committed", "second": "prepared"}, "commit") is ...:
            return note("Still to do: your outcome_of is the stub. Then real servers ask it.")
        with two_shards() as shards:
            rows = [_ended(shards, point, outcome) for point in POINTS]
    except RealComponentError as error:
        return note(f"{error}; the checker's cases have to do.")
    except TheirError as theirs:
        name = type(theirs.error).__name__
        return note(f"{name} came out of your outcome_of. The check says where.")
    return table(rows, "A coordinator of PostgreSQL servers, killed, and your decision")


def _ended(shards: Shards, point: str, outcome: Callable[..., Any]) -> dict[str, Any]:
    """Kill the coordinator at a point, carry a decision out, and look at the accounts."""
    with killed_coordinator(shards, point) as gid:
        states = dict(zip(("first", "second"), states_of(shards, gid), strict=True))
        decided = call(outcome, dict(states), record_of(shards, gid))
        if decided in ("commit", "roll back"):
            end(shards, gid, decided)
        both = total(*shards.both)
        locked = states_of(shards, gid).count("prepared")
        if locked:  # so that the next one finds the rows free
            end(shards, gid, "roll back")
    return {
        "killed": point,
        "the shards": " and ".join(states.values()),
        "you say": str(decided),
        "still locked": locked,
        "sum, of 200": both,
    }
