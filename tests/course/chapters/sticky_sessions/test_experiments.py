import numpy as np
import pytest

from scalelab.course.chapters.sticky_sessions import experiments, imbalance
from scalelab.plotting import canvas


@pytest.mark.parametrize("change", ["add", "crash"])
@pytest.mark.parametrize("method", experiments.METHODS)
def test_sessions_lost_when_the_fleet_changes(method, change):
    lost = [experiments.lost_on_change(method, 3, change, 300, f"u{i}") for i in range(4)]
    theory = experiments.lost_model(method, 3, change)
    spread = 0.06 if method.endswith("ring") else 0.0  # its shares vary a little
    assert np.mean(lost) == pytest.approx(theory, abs=spread + 4 * np.sqrt(0.19 / 1_200))


def test_cookies_lose_nothing_when_a_server_is_added():
    assert experiments.lost_on_change("cookie", 3, "add", 300) == 0


def test_an_unknown_method_is_named():
    with pytest.raises(ValueError, match=r"sticky_balancer: method must be one of .* got 'luck'"):
        experiments.sticky_balancer("luck", 3)


def test_the_explorers_say_their_numbers():
    _, ax = canvas()
    assert "the guide's example 1.875 ×" in imbalance.draw_counts(ax, "pareto", 1_600)
    _, ax = canvas()
    text = experiments.draw_deadline(ax, 10, 30)
    assert "24.9 of 500 are cut off" in text
    assert "68 min" in text
    _, ax = canvas()
    assert "above 100 % for 11 min" in experiments.draw_relief(ax, 10)
    assert "above 100 % for 527 min" in experiments.draw_relief(ax, 480)


def test_deployments():
    assert experiments.lost_per_day(10, 1_600, 600.0) == 16_000
    assert experiments.lost_per_day(10, 1_600, 600.0, 600.0) == pytest.approx(16_000 / np.e)
    assert "230,400" in experiments.deploy_table().text


def test_advice():
    assert experiments.advice(600.0, 10, 1_800.0, 0.01) == "acceptable"
    assert experiments.advice(600.0, 10, 0.0, 0.01) == "avoid"
    assert experiments.advice(28_800.0, 10, 1_800.0, 0.01) == "avoid"
    assert experiments.advice(28_800.0, 1, 0.0, 0.5) == "acceptable"


def test_the_picture():
    assert len(experiments.affinity_picture().axes) == 1
