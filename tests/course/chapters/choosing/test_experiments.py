import math

import numpy as np
import pytest
from support.agreement import standard_errors_off

from scalelab.course.chapters.choosing import experiments as choosing
from scalelab.course.chapters.choosing import path as choosing_path
from scalelab.models.availability import k_of_n_availability
from scalelab.plotting import canvas


def needs(**changes):
    usual = {
        "peak_per_s": 100.0,
        "peak_to_mean": 2.0,
        "availability": 0.99,
        "server_availability": 0.999,
        "divisible": True,
    }
    return choosing.Needs(**usual | changes)


def test_a_card_of_two_minds():
    found = choosing.matching_rows(choosing.CARDS["a clinic's records"])
    assert found == {"horizontal": 1, "vertical": 2}
    assert choosing.matching_rows([]) == {}


def test_a_table_without_overlap_conflicts_between_its_rows_only():
    table = {"a": frozenset("xy"), "b": frozenset("z")}
    assert choosing.conflict_share(table) == pytest.approx(2 / 3)


def test_every_card_is_made_of_conditions_of_the_table():
    known = frozenset().union(*choosing.TABLE.values())
    for name, traits in choosing.CARDS.items():
        assert traits <= known, name
    assert set(choosing.MEASURED) <= set(choosing.CARDS)


@pytest.mark.parametrize(
    ("changes", "steps"),
    [
        ({}, ["nothing yet"]),
        ({"availability": 0.9999}, ["a spare machine"]),
        ({"availability": 0.9999, "divisible": False}, ["a standby"]),
        ({"peak_per_s": 701.0}, ["scale out"]),
        ({"peak_per_s": 701.0, "divisible": False}, ["scale up"]),
        ({"peak_per_s": 3_501.0, "divisible": False}, ["take the state out", "scale out"]),
        (
            {"peak_per_s": 3_501.0, "divisible": False, "availability": 0.9999},
            ["a spare machine", "take the state out", "scale out"],
        ),
        ({"peak_per_s": 5_000.0, "peak_to_mean": 3.0}, ["scale out", "auto-scale"]),
        ({"peak_to_mean": 50.0}, ["nothing yet"]),
        # one machine is up often enough, but not all of nine at once: 0.999**9 is 0.991
        ({"peak_per_s": 6_000.0, "availability": 0.999}, ["a spare machine", "scale out"]),
        ({"peak_per_s": 6_000.0, "availability": 0.991}, ["scale out"]),
    ],
)
def test_the_ordered_questions(changes, steps):
    assert choosing.ordered_steps(needs(**changes)) == steps


@pytest.mark.parametrize(
    ("changes", "argument"),
    [
        ({"peak_per_s": 0.0}, "peak_per_s"),
        ({"peak_to_mean": 0.5}, "peak_to_mean"),
        ({"availability": 1.0}, "availability"),
        ({"server_availability": math.nan}, "server_availability"),
        ({"divisible": "yes"}, "divisible"),
    ],
)
def test_bad_needs_are_named(changes, argument):
    with pytest.raises(ValueError, match=f"Needs: {argument} must"):
        needs(**changes)


def test_needs_are_wanted():
    for function in (choosing.ordered_steps, lambda n: choosing.servers_for(n, 700.0)):
        with pytest.raises(ValueError, match="must be Needs, got 3"):
            function(3)


def test_servers_with_spares_by_the_binomial_law():
    found = choosing.servers_for(needs(peak_per_s=2_800.0, availability=0.999_999), 700.0)
    assert found == 6

    def up(n, k=4, a=0.999):
        return sum(math.comb(n, i) * a**i * (1 - a) ** (n - i) for i in range(k, n + 1))

    assert up(5) < 0.999_999 <= up(6)


def test_simulated_failures_are_binomial():
    found = [
        choosing.share_enough_up(np.random.default_rng(seed), 5, 4, availability=0.95)
        for seed in range(12)
    ]
    theory = float(k_of_n_availability(0.95, 4, 5))
    assert standard_errors_off(found, theory) < 4
    assert standard_errors_off(found, float(k_of_n_availability(0.955, 4, 5))) > 4


def test_one_machine_that_fails_by_hand():
    class Fixed(np.random.Generator):
        def exponential(self, mean, size):
            return np.full(size, mean)

    always_the_same = Fixed(np.random.PCG64(1))
    share = choosing.share_enough_up(always_the_same, 1, 1, availability=0.8, hours=10.0)
    assert share == pytest.approx(0.8)  # up 4, down 1, up 4, down 1
    assert choosing.share_enough_up(always_the_same, 2, 3, hours=10.0) == 0


def test_a_common_cause_is_a_floor_that_no_spare_lowers():
    _, ax = canvas()
    choosing.plot_common_cause(ax, 1e-4)
    together, alone = (line.get_ydata() for line in ax.get_lines()[:2])
    assert alone[0] == pytest.approx(100 * (1 - 0.99**4))
    assert together[-1] == pytest.approx(100 * 1e-4, rel=0.01)
    assert alone[-1] < together[-1] / 1_000


def test_the_pictures_have_their_parts():
    assert len(choosing.dimensions_picture().axes[0].texts) >= 4
    assert len(choosing_path.path_picture().axes[0].texts) >= 6
