"""A whole system, event by event: balancer, servers, cache, pools, database, clients in need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scalelab import _validate as v
from scalelab.models.system_parts import System
from scalelab.sim import _system_books as b
from scalelab.sim import _system_kernel as kernel
from scalelab.sim import _system_setup as setup
from scalelab.sim._compiled import can_compile
from scalelab.sim.system_needs import Autoscaler, Clients, Fault, Guards
from scalelab.workloads import service_times
from scalelab.workloads.popularity import KeySampler

Flags = NDArray[np.bool_]
LONGEST_S = 100_000


@dataclass(frozen=True, kw_only=True, eq=False)
class RequestTrace:
    """Requests, one a row.

    Parameters
    ----------
    arrive_s : ndarray, shape (n,)
        When each comes, in seconds, ascending.
    keys : ndarray of int, shape (n,)
        What it asks for; 0 is the most popular key.
    writes : ndarray of bool, shape (n,)
        Whether it writes.
    """

    arrive_s: v.FloatArray
    keys: NDArray[np.int64]
    writes: Flags


@dataclass(frozen=True, kw_only=True, eq=False)
class SystemRun:
    """What happened to each request, and what a dashboard shows.

    Parameters
    ----------
    trace : RequestTrace
        What was asked.
    latency_s : ndarray, shape (n,)
        Seconds from arrival to answer, all attempts included; nan without an answer.
    failed, hit, stale : ndarray of bool, shape (n,)
        Whether the client gave up for good; whether the cache answered; whether the answer was
        older than the newest commit.
    per_second : dict of str to ndarray, shape (seconds,)
        Counts of each second: asked, attempts, answered, failed, timed_out, reads, hits, stale,
        pool_wait_s (in all), pool_timeouts, connects, fast_errors, fullest_node and mean_node
        (queries), same_query (the most of one key in flight), writers (nodes that acknowledged
        writes). Shares of the fullest node's cores db_busy, of all servers' app_busy. At its end:
        pool_used (share), lag_s (of the replica furthest behind), instances, starting.
    servers_busy, nodes_busy, pools_busy : ndarray
        Share of their cores or connections in use over the run, of each server, node, and pool.
    sessions_busy : float
        The same of the session store; 0 if there is none.
    """

    trace: RequestTrace
    latency_s: v.FloatArray
    failed: Flags
    hit: Flags
    stale: Flags
    per_second: dict[str, v.FloatArray]
    servers_busy: v.FloatArray
    nodes_busy: v.FloatArray
    pools_busy: v.FloatArray
    sessions_busy: float


def draw_requests(
    system: System, rate_per_s: ArrayLike, duration_s: int, *, rng: np.random.Generator
) -> RequestTrace:
    """Poisson requests with the keys and the writes of a system's demand.

    Parameters
    ----------
    system : System
        Its demand says keys, popularity and share of writes.
    rate_per_s : float or array_like, shape (duration_s,)
        Mean requests in each second, >= 0.
    duration_s : int
        Whole seconds, from 1 to 100,000.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    RequestTrace
        The requests.

    Examples
    --------
    >>> from scalelab.models.system_parts import Demand
    >>> system = System(demand=Demand(rate_per_s=900.0))
    >>> draw_requests(system, 900.0, 10, rng=np.random.default_rng(1)).arrive_s.size
    8967
    """
    name = "draw_requests"
    _of_class(name, "system", system, System)
    seconds = v.count(name, "duration_s", duration_s, maximum=LONGEST_S)
    rates = v.non_negative(name, "rate_per_s", rate_per_s)
    if rates.shape not in ((), (seconds,)):
        v.refuse(name, "rate_per_s", f"be a number or have shape ({seconds},)", rates.shape)
    rates = np.broadcast_to(rates, (seconds,))
    v.drawn(name, "rate_per_s", float(rates.sum()))
    counts = v.generator(name, rng).poisson(rates)
    arrive_s = np.sort(np.repeat(np.arange(seconds), counts) + rng.random(counts.sum()))
    keys = np.zeros(0, np.int64)
    if arrive_s.size:
        keys = KeySampler(system.demand.popularity()).draw(arrive_s.size, rng=rng).astype(np.int64)
    writes = rng.random(arrive_s.size) < system.demand.write_share
    return RequestTrace(arrive_s=arrive_s, keys=keys, writes=writes)


def simulate_system(
    system: System,
    duration_s: int,
    *,
    trace: RequestTrace | None = None,
    clients: Clients | None = None,
    guards: Guards | None = None,
    faults: Sequence[Fault] = (),
    autoscaler: Autoscaler | None = None,
    read_cost: ArrayLike = 1.0,
    warm: bool = False,
    correlated: bool = False,
    pareto_shape: float | None = None,
    rng: np.random.Generator,
) -> SystemRun:
    """Run a system, request by request.

    Parameters
    ----------
    system : System
        What there is.
    duration_s : int
        Whole seconds, from 1 to 100,000.
    trace : RequestTrace or None
        What is asked; drawn from the system's demand where it is None.
    clients, guards : Clients, Guards or None
        Who waits how long, and what the system does about it; None for the classes' defaults.
    faults : sequence of Fault
        What breaks.
    autoscaler : Autoscaler or None
        None for a fleet that stays.
    read_cost : float or array_like, shape (keys,)
        How many times the work of a usual read the reading of each key is, > 0.
    warm : bool
        Whether the cache is full of the popular keys, of mixed age, from the beginning.
    correlated : bool
        Whether a request is as heavy, compared with others, for the database as for its server.
    pareto_shape : float or None
        Give all work a Pareto law of this shape, > 1, whatever the demand says.
    rng : numpy.random.Generator
        Source of randomness. All draws come before the run: systems are compared on the same ones.

    Returns
    -------
    SystemRun
        Requests, seconds, and how busy each part was.

    Notes
    -----
    Lines are first come, first served. A read fills the cache, and a write deletes from it, at
    the time that the database has done it. A stale value in the cache stays stale until the next
    write. What is under way at the end has no answer.

    Examples
    --------
    >>> from scalelab.models.system_parts import Demand
    >>> system = System(demand=Demand(rate_per_s=100.0, keys=50))
    >>> run = simulate_system(system, 10, rng=np.random.default_rng(1))
    >>> round(float(np.nanmean(run.latency_s)), 3)
    0.015
    """
    name = "simulate_system"
    _of_class(name, "system", system, System)
    given = {"trace": trace, "clients": clients, "guards": guards, "autoscaler": autoscaler}
    for (argument, value), kind in zip(
        given.items(), (RequestTrace, Clients, Guards, Autoscaler), strict=True
    ):
        if value is not None:
            _of_class(name, argument, value, kind)
    seconds = v.count(name, "duration_s", duration_s, maximum=LONGEST_S)
    v.truth(name, "warm", warm)
    v.truth(name, "correlated", correlated)
    v.generator(name, rng)
    if trace is None:
        trace = draw_requests(system, system.demand.rate_per_s, seconds, rng=rng)
    rules = setup.rules_of(system, seconds, clients or Clients(), guards or Guards(), autoscaler)
    for fault in _sequence(faults):
        _check_target(fault, int(rules.servers[0]), int(rules.nodes[0]))
    cost = v.positive(name, "read_cost", read_cost)
    if cost.shape not in ((), (system.demand.keys,)):
        v.refuse(
            name, "read_cost", f"be a number or have shape ({system.demand.keys},)", cost.shape
        )
    count = trace.arrive_s.size
    work = _work(system.demand.work_scv, pareto_shape, rng)
    ages = rng.random(int(rules.capacity[0]) if warm else 0)
    books = setup.books_of(
        rules,
        setup.requests_of(trace.arrive_s, trace.keys, trace.writes),
        setup.draws_of(system, count, work, correlated=correlated, rng=rng),
        setup.keys_of(system, cost, np.where(ages > 0, ages, 1.0) * rules.ttl_s[0]),
        setup.faults_of(faults),
        system.app.servers,
    )
    if can_compile():
        kernel._run(books)
    else:
        objects = setup.as_objects(books)
        kernel._run.in_python(objects)
        setup.put_back(objects, books)
    return _run_of(books, trace, seconds)


def _of_class(function: str, argument: str, value: object, kind: type) -> None:
    if not isinstance(value, kind):
        v.refuse(function, argument, f"be of the class {kind.__name__}", value)


def _sequence(faults: Sequence[Fault]) -> Sequence[Fault]:
    if not isinstance(faults, (list, tuple)) or not all(isinstance(f, Fault) for f in faults):
        v.refuse("simulate_system", "faults", "be a list of objects of the class Fault", faults)
    return faults


def _check_target(fault: Fault, servers: int, nodes: int) -> None:
    there = {"server errors": servers, "slow node": nodes}.get(fault.kind, fault.target + 1)
    if fault.target >= there:
        rule = f"have a target below {there} where it is of the kind {fault.kind!r}"
        v.refuse("simulate_system", "faults", rule, fault.target)


def _work(scv: float, pareto_shape: float | None, rng: np.random.Generator) -> setup.Work:
    if pareto_shape is not None:
        shape = v.number("simulate_system", "pareto_shape", pareto_shape)
        if shape <= 1:
            v.refuse("simulate_system", "pareto_shape", "be > 1", pareto_shape)
        return lambda mean_s, count: service_times.pareto_times_s(
            mean_s, count, shape=shape, rng=rng
        )
    if scv == 0:
        return lambda mean_s, count: np.full(count, mean_s)
    if scv == 1:
        return lambda mean_s, count: rng.exponential(mean_s, count)
    return lambda mean_s, count: service_times.lognormal_times_s(mean_s, count, scv=scv, rng=rng)


def _run_of(books: b.Tables, trace: RequestTrace, seconds: int) -> SystemRun:
    rules, worked_s = books.rules[0], books.lines.worked_s
    first_pool, line = int(rules.first_pool), int(rules.session_line)
    sessions = worked_s[line] / seconds / rules.session_cores if rules.session_cores else 0.0
    return SystemRun(
        trace=trace,
        latency_s=books.requests.done_s - trace.arrive_s,
        failed=books.requests.failed,
        hit=books.requests.hit,
        stale=books.requests.stale,
        per_second={name: books.seconds[name][:seconds] for name in b.SECOND_ROW.names or ()},
        servers_busy=worked_s[: rules.servers] / seconds / rules.app_cores,
        nodes_busy=worked_s[rules.first_node : first_pool] / seconds / rules.db_cores,
        pools_busy=worked_s[first_pool:line] / seconds / rules.pool,
        sessions_busy=float(sessions),
    )
