import math

import numpy as np
import pytest

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.events.event_log import EventLog, Subscription
from scalelab.fakes.events.projections import Projection
from scalelab.fakes.events.read_model import ReadModel
from scalelab.fakes.network import FakeNetwork
from scalelab.models.lag_laws import UniformSumLag

STAGES = ((0.1, 0.5), (0.0, 1.0))


def latest(state, event):
    return event.data


def observed_lags_s(events, *, rng, refresh_interval_s=1.0):
    clock = VirtualClock()
    network = FakeNetwork(clock, delay_s=lambda rng: rng.uniform(0.1, 0.5), ordered=False, rng=rng)
    log = EventLog(clock)
    model = ReadModel(clock, Projection(latest), refresh_interval_s=refresh_interval_s)
    Subscription(log, model.receive, network=network, retry_s=10.0)
    for number in range(events):  # a row each, so that no event waits for another
        log.append(number, number)
        clock.advance(float(rng.exponential(0.3)))
    clock.advance(5.0)
    model.check_invariants()
    return model.lags_s()


def test_the_lag_is_pipeline_plus_wait_for_a_refresh(rng):
    law, lags = UniformSumLag(stages_s=STAGES), observed_lags_s(3_000, rng=rng)
    assert lags.size == 3_000
    for t in (0.3, 0.5, 0.8, 1.2):
        tail = law.tail(t)
        error = math.sqrt(tail * (1 - tail) / lags.size)
        assert abs((lags > t).mean() - tail) < 4 * error
    assert abs(lags.mean() - law.mean_s) < 4 * lags.std() / math.sqrt(lags.size)


def test_the_comparison_can_fail(rng):
    lags = observed_lags_s(3_000, rng=rng)
    error = lags.std() / math.sqrt(lags.size)
    assert abs(lags.mean() - 1.1 * UniformSumLag(stages_s=STAGES).mean_s) > 4 * error
    assert abs(lags.mean() - 0.3) > 4 * error  # the pipeline alone


def test_a_projector_slower_than_the_writes_falls_behind_linearly():
    """Backlog (W − P)·t for 100 writes and 80 projections a second."""
    log = EventLog(VirtualClock())
    model = ReadModel(log.clock, Projection(latest), work_s=1 / 80)
    Subscription(log, model.receive)
    for seconds in (1, 2, 3):
        for _ in range(100):
            log.append("x", 1)
            log.clock.advance(0.01)
        assert model.in_line == pytest.approx((100 - 80) * seconds, abs=1)


def test_queries_see_the_last_refresh_only():
    log = EventLog(VirtualClock())
    model = ReadModel(log.clock, Projection(latest), refresh_interval_s=1.0)
    Subscription(log, model.receive)
    log.append("x", 1)
    log.clock.advance(0.9)
    assert (model.get("x"), model.version_of("x")) == (None, 0)
    log.clock.advance(0.2)
    log.append("x", 2)
    log.clock.advance(0.5)
    assert (model.get("x"), model.version_of("x")) == (1, 1)
    log.clock.advance(0.5)
    assert (model.get("x"), model.version_of("x"), model.refreshes) == (2, 2, 2)


def test_an_event_that_waits_for_an_earlier_one_is_shown_with_it():
    log = EventLog(VirtualClock())
    first, second = log.append("x", 1), log.append("x", 2)
    model = ReadModel(log.clock, Projection(latest))
    model.receive(second)
    assert model.get("x") is None
    model.receive(first)
    assert model.get("x") == 2
    assert np.array_equal(model.lags_s(), [0.0, 0.0])


def test_a_view_ahead_of_its_projection_is_noticed():
    model = ReadModel(VirtualClock(), Projection(latest))
    model.receive(EventLog(VirtualClock()).append("x", 1))
    model.check_invariants()
    model._shown_version["x"] = 9
    with pytest.raises(AssertionError, match="not projected"):
        model.check_invariants()
