"""Experiments of the chapter on queries, against what can be said without them."""

import numpy as np
import pytest

from scalelab.course.chapters.query_optimization import experiments, tasks
from scalelab.plotting import canvas
from scalelab.sim.closed import closed_run


def test_the_pictures_are_drawn():
    assert len(experiments.ways_picture().axes) == 1
    assert len(experiments.plans_drawn([1, 50_000], ["nested loop", "hash join"]).axes) == 1


@pytest.mark.parametrize(("cores", "connections"), [(4, 42), (16, 84), (8, 10)])
def test_the_crowd_is_that_of_the_closed_simulator(cores, connections):
    work_s = experiments.work_s(cores)
    work = np.full(60 * connections, work_s)
    run = closed_run(np.zeros_like(work), work, connections, servers=cores)
    settled = run.response_s[run.response_s.size // 2 :].mean()
    assert settled == pytest.approx(experiments.response_s(cores, connections), rel=0.02)


def test_only_one_machine_answers_the_task():
    right = [
        (cores, connections)
        for cores in (1, 2, 4, 8, 16, 42)
        for connections in (4, 10, 21, 42, 84)
        if tasks.MACHINE.right(cores=cores, connections=connections)
    ]
    assert right == [(4, 42)]


def test_the_explorer_says_work_time_and_what_is_left():
    _, ax = canvas()
    said = experiments.draw_machine(ax, 4, 42).replace("\u00a0", " ")
    assert "240 ms of a core" in said
    assert "takes 2.52 s" in said
    assert "20.8 % busy" in said


def test_the_slow_log_shows_a_fiftieth_of_the_work():
    cores = experiments.busy_cores()
    assert sum(cores.values()) == pytest.approx(2.5 / 60 + 0.075 + 0.8 + 5)
    assert experiments.seen_share() == pytest.approx((2.5 / 60 + 0.075) / sum(cores.values()))


def test_steps_are_counted_alike_each_time_and_grow_as_they_should():
    steps = experiments.latest_steps()
    assert experiments.Orders(300).cost(experiments.LATEST) == steps["no index"][0]
    rows = experiments.SIZES[-1] / experiments.SIZES[0]
    assert steps["no index"][-1] / steps["no index"][0] == pytest.approx(rows, rel=0.1)
    assert steps["customer, status, created"][-1] == steps["customer, status, created"][-2]
    assert steps["customer"][-1] > 5 * steps["customer, status, created"][-1]


def test_function_and_range_find_the_same_orders():
    orders = experiments.Orders(2_000)
    queries = experiments.BY_FUNCTION, experiments.BY_RANGE
    by_function, by_range = (orders.db.execute(query).fetchall() for query in queries)
    assert by_function == by_range
    assert by_range[0][0] > 0
    plans = [plan for plan, _ in experiments.function_steps().values()]
    assert [plan.split()[0] for plan in plans] == ["SCAN", "SEARCH", "SEARCH"]


def test_an_index_more_is_steps_more():
    steps = experiments.insert_steps()
    assert steps == sorted(steps)
    assert len(set(steps)) == len(steps)


def test_round_trips_and_work_add_up():
    assert experiments.trips_ms(201, 1.0, 0.0) == 201
    assert list(experiments.trips_ms(2, [0.0, 5.0], 3.0)) == [3, 13]
    many, one = experiments.n_plus_one_steps()
    assert many > one


def test_a_range_reads_one_partition_of_twelve():
    orders = experiments.months_of_fake()
    for asked, read in (((("2026-03", "2026-04"),), (1, 100)), ((), (12, 1_200))):
        got = orders.query(*asked)
        assert (len(got.shards_touched), got.rows_scanned) == read
    table = experiments.months_of_fake()
    table.check_invariants()
    assert table.drop_partition("2026-01") == 100


def test_the_figures_are_drawn():
    for plot in (
        experiments.plot_total,
        experiments.plot_growth,
        experiments.plot_inserts,
        experiments.plot_trips,
    ):
        _, ax = canvas()
        assert plot(ax) is ax
    assert "SCAN" in experiments.steps_table(experiments.function_steps(), "By day.").text


def test_the_statements_stand_in_a_table_with_their_work():
    text = experiments.statements_table().text
    assert all(name in text for name in experiments.STATEMENTS)
    assert "2,500" in text
