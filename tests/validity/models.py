"""Closed forms beside a citation, a library or a hand calculation."""

from heapq import heappop, heappush

import numpy as np
from scipy.optimize import curve_fit
from scipy.stats import beta, binom, irwinhall, lognorm, norm, poisson
from support.validity import Case

from scalelab.models import (
    autoscaling,
    availability,
    backlog,
    balls_into_bins,
    cost,
    headroom,
    imbalance,
    infinite_servers,
    lag_laws,
    placement,
    power_of_choices,
    quorum,
    races,
    replication,
    retry_lines,
    scaling_law,
    staleness,
    stampede,
    tail_at_scale,
    tiers,
    traffic,
    usl_fit,
    write_latency,
)

SIZES = np.array([1, 2, 4, 8, 16, 32.0])
RATES = np.array([998, 1_960, 3_745, 6_820, 11_075, 14_450.0])
ONE_HOP = quorum.ExponentialWars(write_s=0.01, acknowledge_s=1e-9, read_s=0.01, respond_s=1e-9)


def scipys_kappa():
    def law(n, unit, sigma, kappa):
        return unit * n / (1 + sigma * (n - 1) + kappa * n * (n - 1))

    start = [1_000, 0.02, 6e-4]
    return curve_fit(law, SIZES, RATES, p0=start, x_scale=start, method="trf")[0][2]


def drained_by_hand_s(free_s, *, retries, timeout_s, busy, times=0.0, lasts_s=0):
    """Seconds after an overload until nobody waits, attempt by attempt.

    Requests come evenly, and each attempt goes to a server at random, which does 1,000 a second in
    their order. Whoever is not answered in time tries again then. `free_s` is when each server has
    done what it has at first.
    """
    free_s, rng = list(free_s), np.random.default_rng(1)
    coming, done_s = [(0.0, retries)], 0.001
    while True:
        now_s, left = heappop(coming)
        if now_s > lasts_s and max(free_s) < now_s + 10 * done_s:
            return now_s - lasts_s
        server = rng.integers(len(free_s))
        free_s[server] = max(free_s[server], now_s) + done_s
        if left and free_s[server] > now_s + timeout_s:
            heappush(coming, (now_s + timeout_s, left - 1))
        if left == retries:  # a first attempt: the next request comes after it
            load = len(free_s) * (times if now_s < lasts_s else busy)
            heappush(coming, (now_s + done_s / load, retries))


CASES = [
    Case(
        model="Amdahl's law through two measurements",
        authority="by hand: n/X is a straight line",
        case="1,000/s on 4 cores, 5,000/s on 32: the ceiling",
        ours=lambda: scaling_law.amdahl_through([4, 32], [1_000, 5_000]).ceiling_per_s,
        theirs=(32 - 4) / (32 / 5_000 - 4 / 1_000),
        tolerance=1e-12,
    ),
    Case(
        model="Fit of the universal scalability law",
        authority="scipy.optimize.curve_fit",
        case="six measurements from 1 to 32 workers: kappa",
        ours=lambda: usl_fit.fit_usl(SIZES, RATES).law.kappa,
        theirs=scipys_kappa,
        tolerance=1e-4,
    ),
    Case(
        model="Balls into bins",
        authority="scipy.stats.binom",
        case="500 balls, two bins: mean of the fuller",
        ours=lambda: balls_into_bins.mean_max_load(500, 2),
        theirs=lambda: float(
            binom.pmf(np.arange(501), 500, 0.5) @ (250 + np.abs(np.arange(501) - 250))
        ),
        tolerance=1e-9,
    ),
    Case(
        model="Usable capacity of uneven shares",
        authority="by hand",
        case="1,000, 100 and 500 sessions",
        ours=lambda: imbalance.usable_share([1_000, 100, 500]),
        theirs=1_600 / 3 / 1_000,
        tolerance=1e-12,
    ),
    Case(
        model="Power of two choices",
        authority="Mitzenmacher 2001: the fixed point, summed term by term",
        case="utilisation 0.9, mean response in services",
        ours=lambda: power_of_choices.mean_response_in_services(0.9, 2),
        theirs=lambda: sum(0.9 ** (2**k - 2) for k in range(1, 12)),
        tolerance=1e-12,
    ),
    Case(
        model="Load after the loss of a server",
        authority="by hand",
        case="four servers at 70 %",
        ours=lambda: headroom.utilisation_after_loss(0.7, 4),
        theirs=2.8 / 3,
        tolerance=1e-12,
    ),
    Case(
        model="Sessions at once (M/G/∞)",
        authority="scipy.stats.poisson",
        case="log10 of the chance of 1,000 where 533.3 is the mean",
        ours=lambda: infinite_servers.log10_occupancy_tail(1_600 / 3, 1_000),
        theirs=lambda: poisson.logsf(999, 1_600 / 3) / np.log(10),
        tolerance=1e-9,
    ),
    Case(
        model="Drain of exponential sessions",
        authority="Feller 1971: the harmonic number",
        case="500 sessions of 600 s",
        ours=lambda: infinite_servers.exponential_drain_s(500, 600),
        theirs=600 * sum(1 / k for k in range(1, 501)),
        tolerance=1e-12,
    ),
    Case(
        model="Backlog and drain",
        authority="by hand",
        case="1,200/s at 1,000/s for 600 s, then 1,500/s",
        ours=lambda: backlog.overload_episode(1_200, 1_000, 1_500, 600).drain_s,
        theirs=400.0,
        tolerance=1e-12,
    ),
    Case(
        model="Drain with retries",
        authority="every attempt by hand, first come, first served",
        case="30 % busy, twice the capacity for 15 s, one retry after 0.5 s: seconds",
        ours=lambda: backlog.retry_drain_s(0.3, 1, times_capacity=2, duration_s=15, timeout_s=0.5),
        theirs=lambda: drained_by_hand_s(
            [0], retries=1, timeout_s=0.5, busy=0.3, times=2, lasts_s=15
        ),
        tolerance=0.02,
    ),
    Case(
        model="Lines with retries",
        authority="every attempt by hand, server by server",
        case="two servers with 8 s of work, three with none, at 60 %; a retry after 1 s: seconds",
        ours=lambda: (
            retry_lines.retry_lines(
                [8_000, 0], [2, 3], 3_000, 1_000, retries=1, timeout_s=1.0
            ).elapsed_s
        ),
        theirs=lambda: drained_by_hand_s([8, 8, 0, 0, 0], retries=1, timeout_s=1.0, busy=0.6),
        tolerance=0.02,
    ),
    Case(
        model="k of n availability",
        authority="scipy.stats.binom",
        case="two of three at 0.999",
        ours=lambda: availability.k_of_n_availability(0.999, 2, 3),
        theirs=lambda: binom.sf(1, 3, 0.999),
        tolerance=1e-12,
    ),
    Case(
        model="Read replicas",
        authority="Amdahl 1967 with the share of writes",
        case="10 replicas, 9 reads per write",
        ours=lambda: replication.read_capacity(10, 9),
        theirs=1 / (0.1 + 0.9 / 10),
        tolerance=1e-12,
    ),
    Case(
        model="Log-normal lag from two percentiles",
        authority="scipy.stats.lognorm",
        case="p5 10 ms, p95 5 s: share above 1 s",
        ours=lambda: staleness.stale_share(lag_laws.lognormal_from_percentiles(0.01, 5), 1.0),
        theirs=lambda: lognorm.sf(1, np.log(500) / 2 / norm.ppf(0.95), scale=np.sqrt(0.05)),
        tolerance=1e-9,
    ),
    Case(
        model="Sum of uniform stages",
        authority="scipy.stats.irwinhall",
        case="three stages of up to 1 s: share above 2 s",
        ours=lambda: lag_laws.UniformSumLag(stages_s=((0.0, 1.0),) * 3).tail(2.0),
        theirs=lambda: irwinhall.sf(2, 3),
        tolerance=1e-9,
    ),
    Case(
        model="k-th of n answers",
        authority="scipy.stats.beta: order statistics of a uniform",
        case="second of three exponentials, median in means",
        ours=lambda: write_latency.kth_latency_percentile_s(
            lag_laws.ExponentialLag(mean_s=1.0), 0.5, 2, 3
        ),
        theirs=lambda: -np.log1p(-beta.ppf(0.5, 2, 2)),
        tolerance=1e-9,
    ),
    Case(
        model="k-staleness of partial quorums",
        authority="Bailis et al. 2012, sec. 3.1",
        case="N = 3, R = W = 1: within 3 versions",
        ours=lambda: 1 - quorum.k_staleness(3, 1, 1, 3),
        theirs=0.703,
        tolerance=2e-3,
    ),
    Case(
        model="t-visibility, exponential delays",
        authority="by hand: 1/2 × 2/3",
        case="two replicas, R = W = 1, instant answers",
        ours=lambda: quorum.stale_read_probability(ONE_HOP, 0.0, 2, 1, 1),
        theirs=1 / 3,
        tolerance=1e-5,
    ),
    Case(
        model="Tail at scale",
        authority="Dean and Barroso 2013",
        case="100 servers, each slow in 1 % of requests",
        ours=lambda: tail_at_scale.fanout_slow_share(0.99, 100),
        theirs=0.63,
        tolerance=0.01,
    ),
    Case(
        model="Keys moved by modulo",
        authority="counted over one period",
        case="10 to 11 servers",
        ours=lambda: placement.modulo_moved_share(10, 11),
        theirs=lambda: float(np.mean(np.arange(110) % 10 != np.arange(110) % 11)),
        tolerance=1e-12,
    ),
    Case(
        model="Fullest server of a hash ring",
        authority="David and Nagaraja 2003: the harmonic number",
        case="four servers, one point each",
        ours=lambda: placement.ring_peak_to_mean(4, 1),
        theirs=25 / 12,
        tolerance=1e-9,
    ),
    Case(
        model="XFetch, a very hot key",
        authority="by hand: 1 + (e − 1) E[Exp(1)]",
        case="10,000 requests/s, 50 ms, beta = 1: recomputations",
        ours=lambda: stampede.early_recomputation(10_000, 0.05).mean_recomputations,
        theirs=float(np.e),
        tolerance=1e-6,
    ),
    Case(
        model="An event within a window",
        authority="scipy.stats.poisson",
        case="10 per second, 100 ms",
        ours=lambda: races.arrival_within(10, 0.1),
        theirs=lambda: poisson.sf(0, 1),
        tolerance=1e-12,
    ),
    Case(
        model="Cost of twice the performance",
        authority="by hand: 2 to the power 1/log2(1.3)",
        case="1.3× per doubling, linear price",
        ours=lambda: cost.cost_of_performance(2, 1.3),
        theirs=2 ** (1 / np.log2(1.3)),
        tolerance=1e-12,
    ),
    Case(
        model="Target tracking",
        authority="Kubernetes documentation: 200m against 100m doubles",
        case="3 instances",
        ours=lambda: autoscaling.proportional_instances(3, 200, 100),
        theirs=6,
        tolerance=1e-12,
    ),
    Case(
        model="Peak rate of a number of users",
        authority="by hand",
        case="100,000 users, 20 % a day, 50 requests, peak 5 × mean",
        ours=lambda: traffic.peak_rate_per_s(
            100_000, daily_active_share=0.2, requests_per_active_user=50, peak_to_mean=5
        ),
        theirs=5e6 / 86_400,
        tolerance=1e-12,
    ),
    Case(
        model="Mean value analysis",
        authority="by hand: two equal tiers, N/(D(N + 1))",
        case="nine users without pauses, 0.1 s at each tier",
        ours=lambda: tiers.mean_value_analysis(9, 0.0, [0.1, 0.1]).throughput_per_s,
        theirs=9 / (0.1 * 10),
        tolerance=1e-12,
    ),
]
