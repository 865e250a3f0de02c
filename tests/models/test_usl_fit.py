import numpy as np
import pytest
from scipy import stats
from scipy.optimize import curve_fit

from scalelab.models._student import central_share, two_sided_quantile
from scalelab.models.usl_fit import fit_usl

N = np.array([1, 2, 4, 8, 16, 32, 48, 64.0])


def law(n, unit, sigma, kappa):
    return unit * n / (1 + sigma * (n - 1) + kappa * n * (n - 1))


def parameters(fit):
    return np.array([fit.law.unit_throughput_per_s, fit.law.sigma, fit.law.kappa])


def errors(fit):
    return np.array(
        [
            fit.unit_throughput_standard_error_per_s,
            fit.sigma_standard_error,
            fit.kappa_standard_error,
        ]
    )


@pytest.mark.parametrize("sigma", [0.005, 0.02, 0.2])
@pytest.mark.parametrize("noise", [5, 20])
def test_scipy_fits_the_same(rng, sigma, noise):
    rates = law(N, 1_000, sigma, 0.0005) + rng.normal(0, noise, N.size)
    fit = fit_usl(N, rates)
    found, covariance = curve_fit(
        law, N, rates, p0=parameters(fit) * 1.01, x_scale=[1e3, 1e-2, 1e-4], method="trf",
        xtol=1e-14, ftol=1e-14, gtol=1e-14,
    )  # fmt: skip
    assert parameters(fit) == pytest.approx(found, rel=1e-5)
    assert errors(fit) == pytest.approx(np.sqrt(np.diag(covariance)), rel=1e-3)


def test_on_the_bounds_scipy_is_no_better(rng):
    """Random points: the best fit often lies on an edge of the region."""
    edges = 0
    for _ in range(12):
        n = np.sort(rng.choice(np.arange(1, 100), 6, replace=False)).astype(float)
        rates = rng.uniform(100, 1_000, 6)
        fit = fit_usl(n, rates)
        edges += fit.law.sigma in (0, 1) or fit.law.kappa == 0
        bounds = ([0, 0, 0], [np.inf, 1, np.inf])
        start = np.clip(parameters(fit), [1, 1e-3, 1e-6], [1e9, 0.999, 1])
        other = curve_fit(law, n, rates, p0=start, bounds=bounds, x_scale=start, max_nfev=2_000)[0]
        ours, theirs = (np.sum((rates - law(n, *p)) ** 2) for p in (parameters(fit), other))
        assert ours <= theirs * (1 + 1e-6)
    assert edges >= 3


def coverage(rng, runs, wrong=1.0):
    """Share of repeated measurements whose intervals hold the true sigma and kappa."""
    held = np.zeros(2)
    for _ in range(runs):
        fit = fit_usl(N, law(N, 1_000, 0.02, 0.0005) + rng.normal(0, 150, N.size))
        (s_low, s_high), (k_low, k_high) = fit.sigma_interval, fit.kappa_interval
        held += [s_low <= 0.02 * wrong <= s_high, k_low <= 0.0005 * wrong <= k_high]
    return held / runs


def test_intervals_hold_the_truth_as_often_as_they_say(rng):
    """200 runs: a standard error of 1.5 %."""
    assert np.all(np.abs(coverage(rng, 200) - 0.95) < 0.045)


def test_intervals_do_not_hold_what_is_wrong(rng):
    assert coverage(rng, 60, wrong=1.25)[1] < 0.5


def test_exact_points_leave_no_error():
    fit = fit_usl(N, law(N, 1_000, 0.02, 0.0005))
    assert parameters(fit) == pytest.approx([1_000, 0.02, 0.0005], rel=1e-6)
    assert fit.residual_sd_per_s < 1e-3


def test_amdahl_measurements_end_on_the_edge(rng):
    fit = fit_usl(N, law(N, 1_000, 0.1, 0.0) * (1 + 0.001 * np.sin(7 * N)))
    assert 0 <= fit.law.kappa < 1e-4
    assert fit.law.sigma == pytest.approx(0.1, rel=0.05)
    assert fit.kappa_interval[0] >= 0


@pytest.mark.parametrize("degrees", [1, 2, 3, 4, 9, 30, 101])
def test_students_t(degrees):
    for confidence in (0.5, 0.95, 0.999):
        t = stats.t.ppf((1 + confidence) / 2, degrees)
        assert two_sided_quantile(confidence, degrees) == pytest.approx(t, rel=1e-9)
        assert central_share(t, degrees) == pytest.approx(confidence)


def test_two_sizes_are_too_few():
    with pytest.raises(ValueError, match=r"fit_usl: n must hold at least four points, three"):
        fit_usl([1, 1, 2, 2], [10, 11, 19, 20])
