"""Real servers in rotation, one killed: what fails is the dead server's share until detection."""

import math
import time

import pytest

from scalelab.real.backends import FailoverRun, _Balancer, failover_run


def test_what_fails_is_the_share_of_the_dead_until_it_is_detected(need_redis):
    run = failover_run(3, rate_per_s=150, probe_interval_s=0.1, misses=3, seconds=0.8)
    assert run.detected_after_s == pytest.approx(0.25)  # dead at 0.15, missed at 0.2, 0.3 and 0.4
    assert run.predicted_failures == pytest.approx(12.5)
    assert abs(run.failed - run.predicted_failures) <= 1
    assert run.retried == 0


def test_a_machine_that_is_held_up_asks_no_less(need_redis, monkeypatch):
    probe = _Balancer.probe

    def slow_probe(balancer):
        time.sleep(0.15)  # longer than the time between two
        probe(balancer)

    monkeypatch.setattr(_Balancer, "probe", slow_probe)
    run = failover_run(3, rate_per_s=150, probe_interval_s=0.1, misses=3, seconds=0.8)
    assert run.requests == 120
    assert abs(run.failed - run.predicted_failures) <= 1


def test_a_second_try_hides_the_death(need_redis):
    run = failover_run(3, rate_per_s=150, probe_interval_s=0.1, misses=3, seconds=0.8, retry=True)
    assert run.failed == 0
    assert run.retried > 3


def test_a_judge_that_never_gives_up_loses_until_the_end(need_redis):
    run = failover_run(2, rate_per_s=100, probe_interval_s=0.1, seconds=0.6, judge=lambda p: True)
    assert run.detected_after_s == math.inf
    assert run.failed > 10


def test_a_judge_that_trusts_nobody_fails_everything(need_redis):
    run = failover_run(2, rate_per_s=100, probe_interval_s=0.1, seconds=0.4, judge=lambda p: False)
    assert run.failed == run.requests > 10


def test_the_prediction_is_rate_over_servers_times_time():
    run = FailoverRun(
        component="Valkey",
        servers=4,
        rate_per_s=400.0,
        requests=600,
        failed=50,
        retried=0,
        detected_after_s=0.5,
    )
    assert run.predicted_failures == 50


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("servers", 1),
        ("rate_per_s", 0),
        ("probe_interval_s", -1),
        ("misses", 0),
        ("retry", "yes"),
        ("seconds", math.nan),
    ],
)
def test_bad_input_is_named(argument, value):
    with pytest.raises(ValueError, match=rf"^failover_run: {argument} must .*, got"):
        failover_run(**{argument: value})
