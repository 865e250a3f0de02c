"""What an autoscaler would save, by hand and beside the simulated fleet."""

from dataclasses import replace

import numpy as np
import pytest

from scalelab.models.system_parts import AppTier, Demand, System
from scalelab.planner.autoscaler_offer import autoscaler_offer
from scalelab.planner.remedy_menu import RemedyMenu
from scalelab.planner.system_prices import Prices
from scalelab.planner.user_habits import UserHabits
from scalelab.sim.autoscaling import fleet_run
from scalelab.sim.fleet import Fleet
from scalelab.sim.scaling_policies import TargetPolicy
from scalelab.workloads.demand import DAY_S, daily_rate_per_s

# five servers of 400/s each, 60 % busy at the peak
SHOP = System(demand=Demand(rate_per_s=1_200.0), app=AppTier(servers=5, cores=4, app_s=0.010))
WITHIN = 0.025  # of the servers that are paid for
PEAK_OVER_MEAN, PEAK_HOUR = 1.7, 20


def test_a_day_of_two_hours_by_hand():
    """Five and two servers; three are started in two hours, and paid for three minutes before."""
    offer = autoscaler_offer(SHOP, [1_200.0, 480.0])
    each, days = 4 * 35 + 25, 5 * 600 / 12
    assert offer.mean_servers == 3.5
    assert offer.usd_less == pytest.approx((5 - 3.5 - 3 * 0.05 / 2) * each - days)
    assert (offer.hour, offer.autoscaler.target) == (1, pytest.approx(0.6))
    assert offer.carried_before == pytest.approx(5 * 400 / 480)
    assert offer.carried_after == pytest.approx(2 * 400 / 480)


def test_the_risk_is_told_of_the_busiest_hour_with_the_fewest_servers():
    offer = autoscaler_offer(SHOP, [1_200.0, 240.0, 480.0, 700.0])
    assert (offer.hour, offer.carried_after) == (2, pytest.approx(2 * 400 / 480))


def test_its_work_has_a_price_that_may_be_changed():
    def less(prices=None, **menu):
        return autoscaler_offer(SHOP, [1_200.0, 480.0], prices, RemedyMenu(**menu)).usd_less

    free = less(autoscaler_days=0)
    assert free - less(autoscaler_days=12) == pytest.approx(12 * 600 / 12)
    assert free - less(Prices(pay_off_months=6), autoscaler_days=12) == pytest.approx(1_200)


def test_a_fleet_that_cannot_shrink_is_offered_a_loss():
    """An even day, two servers of which one may be lost, a server alone."""
    days = 5 * 600 / 12
    alone = replace(SHOP, app=replace(SHOP.app, servers=1))
    two = replace(SHOP, app=replace(SHOP.app, servers=2))
    for system, day in ((SHOP, [1_200.0] * 2), (two, [700.0, 70.0]), (alone, [300.0, 30.0])):
        offer = autoscaler_offer(system, day)
        assert offer.usd_less == pytest.approx(-days)
        assert offer.carried_after == offer.carried_before


def test_a_fleet_that_does_not_carry_its_peak_is_offered_nothing():
    assert autoscaler_offer(SHOP, [2_000.0, 100.0]) is None
    assert autoscaler_offer(SHOP, [1_990.0, 100.0]) is not None


def paid_in_the_second_day(scaler, target):
    """Servers that run or start in the simulated fleet, on average."""
    mean_per_s = 1_200.0 / PEAK_OVER_MEAN
    rates = daily_rate_per_s(
        np.arange(2 * DAY_S), mean_per_s, peak_over_mean=PEAK_OVER_MEAN, peak_hour=PEAK_HOUR
    )
    fleet = Fleet(
        rate_per_s=400.0,
        startup_s=scaler.startup_s,
        min_instances=scaler.min_servers,
        max_instances=scaler.max_servers,
    )
    policy = TargetPolicy(
        target=target,
        window_s=scaler.every_s,
        every_s=scaler.every_s,
        cooldown_in_s=300.0,
    )
    run = fleet_run(np.random.default_rng(3).poisson(rates).astype(float), fleet, policy)
    return float((run.running + run.starting)[int(DAY_S) :].mean())


def test_what_it_saves_is_what_the_simulated_fleet_does_not_pay_for():
    habits = UserHabits(
        users=DAY_S, sessions_per_day=1_200.0 / PEAK_OVER_MEAN, requests_per_session=1
    )
    free = RemedyMenu(autoscaler_days=0)
    offer = autoscaler_offer(SHOP, habits.rates_by_hour(), menu=free)
    saved = offer.usd_less / (4 * 35 + 25)
    scaler = offer.autoscaler
    assert 5 - saved == pytest.approx(paid_in_the_second_day(scaler, scaler.target), rel=WITHIN)
    wrong = paid_in_the_second_day(scaler, 0.9 * scaler.target)
    assert 5 - saved != pytest.approx(wrong, rel=WITHIN)
