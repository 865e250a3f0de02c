import math
import re

import numpy as np
import pytest
from support.agreement import standard_errors_off

from scalelab.course.chapters.horizontal import experiments
from scalelab.models.erlang import mmc_mean_response_s
from scalelab.models.headroom import failed_requests
from scalelab.models.scaling_law import ScalingLaw
from scalelab.models.usl_fit import fit_usl
from scalelab.plotting import canvas
from scalelab.real.backends import FailoverRun


def seeded(number=5):
    return np.random.default_rng(number)


@pytest.mark.parametrize(
    "draw", [experiments.scale_out_picture, experiments.regions_picture, experiments.probe_picture]
)
def test_the_pictures_are_drawn(draw):
    assert len(draw().axes) == 1


def test_the_rules_come_in_their_known_order():
    rules = ("random", "round_robin", "power_of_d", "least_connections")
    means = [experiments.mean_response(seeded(), rule, requests=40_000) for rule in rules]
    assert means == sorted(means, reverse=True)
    assert experiments.mean_response(seeded(), "random", 0.5) < means[0]


def test_the_table_of_rules_is_theory_where_there_is_one():
    rows = {row["rule"]: row for row in experiments.rule_rows(5, requests=100_000, runs=10)}
    assert list(rows) == [*experiments.RULES, "one line for all four"]
    assert rows["random"]["theory"] == pytest.approx(5.0)
    for rule in ("random", "in turn"):
        mean, error = (float(part) for part in re.findall(r"[\d.]+", rows[rule]["simulated"]))
        assert abs(mean - rows[rule]["theory"]) < 4 * error + 0.005
    assert rows["shortest"]["theory"] == rows["one line for all four"]["simulated"] == ""


def test_a_second_try_saves_all_that_a_death_loses_where_nothing_is_under_way():
    assert experiments.lost_at_a_death(1) == 0


def test_a_common_line_is_erlangs():
    samples = [experiments.pooled_response(rng, 3, 2.8, 60_000) for rng in seeded().spawn(12)]
    theory = mmc_mean_response_s(2.8, 1.0, 3)
    assert standard_errors_off(samples, theory) < 4
    assert standard_errors_off(samples, mmc_mean_response_s(2.8, 1.0, 4)) > 4


@pytest.mark.parametrize(
    ("servers", "said"), [(2, "140.0 % each"), (3, "105.0 % each"), (4, "93.3 % each")]
)
def test_the_figure_of_a_loss_says_what_it_shows(servers, said):
    _, axes = canvas(2)
    text = experiments.draw_loss(axes, servers, 0.7)
    assert said in text
    assert ("turned away" in text) == (servers < 4)
    assert [len(ax.patches) for ax in axes] == [servers, servers - 1]


def test_what_is_lost_until_a_death_is_noticed():
    samples = [experiments.lost_until_detected(rng, 5, 3) for rng in seeded().spawn(400)]
    theory = failed_requests(1_000, 4, 5 * (3 - 0.5))
    assert standard_errors_off(samples, theory) < 4
    assert standard_errors_off(samples, failed_requests(1_000, 4, 5 * 3)) > 4
    assert max(samples) < 1.05 * failed_requests(1_000, 4, 5 * 3)


def test_false_alarms_against_probes_that_are_drawn():
    probes = seeded().random(400_000) < 0.1
    alarms, run = 0, 0
    for failed in probes:
        run = run + 1 if failed else 0
        alarms += run == 2
    theory = experiments.false_alarms_per_day(86_400 / probes.size, 2, 0.1)
    assert alarms == pytest.approx(theory, rel=0.06)
    assert experiments.false_alarms_per_day(10, 3, 0.0) == 0


def test_the_law_can_be_found_from_the_measurements():
    nodes = list(experiments.MEASURED)
    fit = fit_usl(nodes, experiments.measure_cluster(nodes, rng=seeded(), rounds=2_000))
    assert fit.law.sigma == pytest.approx(experiments.SIGMA, rel=0.1)
    assert fit.law.kappa == pytest.approx(experiments.KAPPA, rel=0.1)
    (beyond,) = experiments.measure_cluster([200], rng=seeded())
    assert beyond == pytest.approx(fit.law.throughput_per_s(200), rel=0.05)


def test_the_fit_is_drawn_with_what_was_measured_later():
    nodes = list(experiments.MEASURED)
    measured = dict(zip(nodes, experiments.measure_cluster(nodes, rng=seeded()), strict=True))
    fit = fit_usl(list(measured), list(measured.values()))
    _, ax = canvas()
    experiments.plot_fit(ax, fit, measured, {200: 8_000.0})
    assert [line.get_label() for line in ax.get_lines()][:4] == [
        "linear",
        "fitted law",
        "measured",
        "measured later",
    ]


def test_the_measured_points_are_drawn():
    _, ax = canvas()
    experiments.plot_measured(ax, {1: 1_000.0, 2: 1_900.0, 4: 3_500.0})
    assert list(ax.get_lines()[1].get_ydata()) == [1_000.0, 1_900.0, 3_500.0]


def test_saturation_is_drawn_beside_the_law():
    _, ax = canvas()
    law = ScalingLaw(unit_throughput_per_s=50.0, sigma=0.02, kappa=0.0005)
    experiments.plot_saturation(ax, law, lambda n: min(50.0 * n, 1_000.0))
    truth, fitted, _ = (line.get_ydata() for line in ax.get_lines()[:3])
    assert truth[-1] == 1_000.0
    assert fitted[-1] == pytest.approx(law.throughput_per_s(200))


@pytest.mark.parametrize("kappa", [0.0, 0.0005])
def test_the_figure_of_the_law_says_what_it_shows(kappa):
    _, ax = canvas()
    text = experiments.draw_law(ax, 0.02, kappa)
    law = ScalingLaw(unit_throughput_per_s=1.0, sigma=0.02, kappa=kappa)
    assert f"200 do {law.throughput_per_s(200):.1f} ×" in text
    assert ("at 44 nodes" in text) == math.isfinite(law.peak_n)


def test_a_flat_day_saves_nothing_and_a_wave_does():
    fixed, following = experiments.day_of_servers(1.0)
    assert fixed == following == 24 * (math.ceil(10_000 / 700) + 1)
    fixed, following = experiments.day_of_servers(2.0)
    assert following < 0.6 * fixed


def test_a_premiere_needs_servers_before_it_begins():
    slow, fast = experiments.premiere(2), experiments.premiere(20)
    ahead = experiments.premiere(2, planned=240)
    assert ahead.dropped_share == 0 < fast.dropped_share < slow.dropped_share
    assert slow.running.max() < 60
    assert slow.instance_hours < fast.instance_hours < ahead.instance_hours
    assert slow.demand.max() == pytest.approx(16_000)


def test_the_premiere_is_drawn():
    _, ax = canvas()
    experiments.plot_premiere(ax, experiments.premiere(2), "reacting")
    assert ax.get_title(loc="left") == "reacting"


RUN = FailoverRun(
    component="Valkey 9",
    servers=4,
    rate_per_s=400.0,
    requests=600,
    failed=49,
    retried=0,
    detected_after_s=0.5,
)


def test_the_table_says_what_was_expected_and_what_failed(monkeypatch):
    monkeypatch.setattr(experiments, "failover_run", lambda retry, **settings: RUN)
    shown = experiments.failover_table()
    assert "(Valkey 9) is killed" in shown.body
    assert "no | 0.5 | 50 | 49 | 0" in shown.text


def refuse(*args, **settings):
    raise experiments.RealComponentError("no server found")


def test_without_a_server_there_is_a_sentence(monkeypatch):
    monkeypatch.setattr(experiments, "failover_run", refuse)
    assert experiments.failover_table().text == "no server found; the simulation has to do."
    text = repr(experiments.own_check_on_valkey(lambda probes, misses, rises: [True]))
    assert text == "no server found; the checker's probes have to do."


def test_the_stub_of_the_lab_is_still_to_do():
    assert "Still to do" in repr(experiments.own_check_on_valkey(lambda *given: ...))


@pytest.mark.parametrize(
    ("after_s", "said"), [(math.inf, "never took it out"), (0.5, "took it out after 0.50 s")]
)
def test_a_learners_check_is_told_how_it_went(monkeypatch, after_s, said):
    asked = []

    def run(servers, judge, **settings):
        asked.append(judge([True, False]))
        return FailoverRun(**{**vars(RUN), "detected_after_s": after_s})

    monkeypatch.setattr(experiments, "failover_run", run)
    text = repr(experiments.own_check_on_valkey(lambda probes, misses, rises: probes))
    assert said in text
    assert asked == [False]
