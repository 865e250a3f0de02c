import re

import numpy as np
import pytest

from scalelab.course.compare import compare


def throw(rng, sides):
    return rng.integers(1, sides + 1, 1_000).mean()


def mean_of_die(sides):
    return (1 + sides) / 2


def compared(cases=(6,), model=mean_of_die, simulate=throw, **more):
    result = compare(cases, "{} sides", model=model, simulate=simulate, seed=7, **more)
    head, *body = (line.split(" | ") for line in repr(result).splitlines())
    return [dict(zip(head, row, strict=True)) for row in body]


def test_the_numbers_are_those_of_independent_runs():
    (row,) = compared(runs=25, unit="pips")
    means = [throw(rng, 6) for rng in np.random.default_rng(7).spawn(25)]
    error = np.std(means, ddof=1) / 5
    assert row["case"] == "6 sides"
    assert row["model, pips"] == "3.5"
    mean, _, shown, mark = row["simulated, pips"].split(" ")
    assert float(mean) == pytest.approx(np.mean(means), rel=1e-3)
    assert float(shown) == pytest.approx(error, rel=0.05)
    assert mark == "✓"


def test_agreement_and_a_model_that_is_six_per_cent_off():
    (right,) = compared()
    (wrong,) = compared(model=lambda sides: 1.06 * mean_of_die(sides))
    assert right["simulated"].endswith("✓")
    apart = re.fullmatch(r".* ✗, ([\d.]+) errors apart", wrong["simulated"])[1]
    assert float(apart) > 6


def test_cases_share_their_random_numbers():
    one, other = compared(cases=[6, 6])
    assert one == other


def test_a_case_of_several_arguments():
    rows = compare(
        [(1, 2), (3, 4)],
        "{} and {}",
        model=lambda a, b: a + b,
        simulate=lambda rng, a, b: a + b + rng.normal(),
        seed=7,
    )
    assert [line.split(" | ")[0] for line in repr(rows).splitlines()[1:]] == ["1 and 2", "3 and 4"]


def test_numbers_of_a_case_are_written_as_in_the_rest_of_the_book():
    (row,) = compare(
        [(20_000, 0.0, -0.25, True, 7.0)],
        "{} keys, {} s, {}, {}, {:.1f}",
        model=lambda *case: 1.0,
        simulate=lambda rng, *case: 1.0,
        seed=7,
    ).text.splitlines()[1:]
    assert row.split(" | ")[0] == "20,000 keys, 0 s, −0.25, True, 7.0"


@pytest.mark.parametrize(
    ("result", "apart"), [(3.5, "3.5 ✓"), (3.0, "3 ✗"), (3.5 + 1e-14, "3.5 ✓")]
)
def test_a_simulation_without_chance_agrees_or_does_not(result, apart):
    (row,) = compared(simulate=lambda rng, sides: result)
    assert row["simulated"] == apart


def test_bad_input():
    with pytest.raises(ValueError, match="compare: runs must be an integer >= 2, got 1"):
        compared(runs=1)
    with pytest.raises(ValueError, match="must not be empty"):
        compared(cases=[])
