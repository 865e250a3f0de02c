"""What an autoscaler would save a fleet that stays as it is all day, and what that risks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.models.system_parts import System
from scalelab.planner.autoscaled_fleet import (
    Autoscaler,
    autoscaled_usd,
    servers_for,
    sudden_rise,
)
from scalelab.planner.remedy_menu import RemedyMenu, check_menu
from scalelab.planner.system_flows import check_system
from scalelab.planner.system_prices import Prices, check_prices, monthly_usd

SPARE = 2  # servers that it leaves running, so that one may be lost


@dataclass(frozen=True, kw_only=True)
class AutoscalerOffer:
    """Servers by the hour instead of those of the peak.

    Parameters
    ----------
    autoscaler : Autoscaler
        It has the servers of the fleet at most, and keeps them as busy as those are at the peak.
    mean_servers : float
        Servers that run, on average over the day.
    usd_less : float
        Dollars a month that it saves, its work spread over `Prices.pay_off_months` taken off; below
        zero where that is more.
    hour : int
        Hour in which most of the room for a sudden rise goes, and of those the busiest.
    carried_before, carried_after : float
        Multiple of that hour's load up to which nobody waits for a server, without and with it.
    """

    autoscaler: Autoscaler
    mean_servers: float
    usd_less: float
    hour: int
    carried_before: float
    carried_after: float


def autoscaler_offer(
    system: System,
    rates_per_s: ArrayLike,
    prices: Prices | None = None,
    menu: RemedyMenu | None = None,
) -> AutoscalerOffer | None:
    """Say what an autoscaler would make of a day, of its bill and of a sudden rise.

    Parameters
    ----------
    system : System
        What is there; its number of app servers is the fleet that stays.
    rates_per_s : array_like, shape (hours,)
        Rate of each hour of a day that comes again and again, > 0.
    prices : Prices or None
        None for the usual ones.
    menu : RemedyMenu or None
        What the work takes; None for the usual menu.

    Returns
    -------
    AutoscalerOffer or None
        None where the servers do not carry the busiest hour.

    Notes
    -----
    At the peak both fleets are the same, so that what is saved is the other hours; in those the
    servers are then nearly as busy as at the peak, and as slow. Each hour's fleet is that at which
    the autoscaler comes to rest, two servers at least if there are two.

    Examples
    --------
    Six busy hours a day, and eighteen with a quarter of that:

    >>> from scalelab.models.system_parts import AppTier, Demand
    >>> shop = System(demand=Demand(rate_per_s=1_920.0), app=AppTier(servers=8))
    >>> offer = autoscaler_offer(shop, [1_920.0] * 6 + [480.0] * 18)
    >>> offer.mean_servers, round(offer.usd_less)
    (3.5, 490)
    >>> offer.hour, round(offer.carried_before, 2), round(offer.carried_after, 2)
    (6, 6.67, 1.67)
    """
    name = "autoscaler_offer"
    check_system(name, system)
    rates = v.positive(name, "rates_per_s", v.vector(name, "rates_per_s", rates_per_s))
    price, offer, app = check_prices(name, prices), check_menu(name, menu), system.app
    busy = float(rates.max()) * app.app_s / app.cores / app.servers
    if busy >= 1:
        return None
    scaler = Autoscaler(max_servers=app.servers, min_servers=min(SPARE, app.servers), target=busy)
    fleets = servers_for(scaler, app, rates)
    hour = int(np.lexsort([-rates, fleets])[0])
    before, after = (
        sudden_rise(scaler, app, float(rates[hour]), servers).carried_times
        for servers in (app.servers, int(fleets[hour]))
    )
    less = monthly_usd(system, price) - autoscaled_usd(system, rates, scaler, price)
    return AutoscalerOffer(
        autoscaler=scaler,
        mean_servers=float(fleets.mean()),
        usd_less=less - offer.autoscaler_days * price.engineer_day_usd / price.pay_off_months,
        hour=hour,
        carried_before=before,
        carried_after=after,
    )
