"""What the ledger computes for a section, held against values from elsewhere.

`EXPECTED` in a test module is copied by hand from a survey of the guide's claims, at the precision
given there: a value written with d decimals must be met to half of the last one.
"""

from collections.abc import Iterator, Mapping

import pytest

from scalelab.course import ledger
from scalelab.course.ledger import Claim, Values


def last_digit(written: str) -> float:
    """One unit in the last place of a number as it is written."""
    return 10.0 ** -len(written.partition(".")[2])


def mismatches(expected: dict, values: dict) -> list[str]:
    """Values that do not round to what is expected, or are not there."""
    faults = []
    for name, written in expected.items():
        if name not in values:
            faults.append(f"{name} is missing")
            continue
        wanted = written if isinstance(written, list) else [written]
        got = values[name] if isinstance(values[name], list) else [values[name]]
        same_length = len(wanted) == len(got)
        if not same_length or any(
            abs(g - float(w)) > 0.5001 * last_digit(w) for g, w in zip(got, wanted, strict=True)
        ):
            faults.append(f"{name}: expected {written}, got {values[name]}")
    return faults


def changes(value: float, one: str) -> list[float]:
    """Other values than `value`: a unit more and less in the last digit written, and ten times."""
    digit, written = last_digit(one), float(one)
    return [written - digit, written + digit, *([10 * value] if abs(9 * value) > digit else [])]


def mutants(
    expected: dict[str, dict], values: Mapping[str, dict]
) -> Iterator[tuple[str, str, dict]]:
    """Change each number of each value of the claims, one at a time: claim, value, all values."""
    for name, entries in expected.items():
        for key, written in entries.items():
            value = values[name][key]
            if not isinstance(value, list):
                for other in changes(value, written):
                    yield name, key, values[name] | {key: other}
                continue
            for i, one in enumerate(written):
                for other in changes(value[i], one):
                    changed = [*value[:i], other, *value[i + 1 :]]
                    yield name, key, values[name] | {key: changed}


def moved_unnoticed(expected: dict[str, dict], values: Mapping[str, dict]) -> list[str]:
    """Values of claims that can change, and nobody notices."""
    return [
        f"{name}: {key} as {changed[key]}"
        for name, key, changed in mutants(expected, values)
        if len(mismatches(expected[name], changed)) != 1
    ]


class Computed(Mapping[str, Values]):
    """Values of claims, each computed when it is asked for: every process collects all tests."""

    def __init__(self, claims: dict[str, Claim]) -> None:
        self._claims = claims

    def __getitem__(self, name: str) -> Values:
        return self._claims[name].values()

    def __iter__(self) -> Iterator[str]:
        return iter(self._claims)

    def __len__(self) -> int:
        return len(self._claims)


def claim_tests(
    chapter: str, expected: dict[str, dict], verdicts: dict[str, list[str]]
) -> tuple[dict[str, Claim], Mapping[str, Values], type]:
    """Return a chapter's claims by id, their values, and the tests that all chapters have."""
    claims = {claim.id: claim for claim in ledger.load(chapter)}
    values = Computed(claims)

    class TestTheLedger:
        def test_every_claim_of_the_section_is_there_and_no_other(self):
            assert set(claims) == set(expected)

        @pytest.mark.parametrize("name", expected)
        def test_the_values(self, name):
            assert mismatches(expected[name], values[name]) == []

        def test_a_number_that_changes_is_noticed(self):
            assert moved_unnoticed(expected, values) == []

        @pytest.mark.parametrize("verdict", verdicts)
        def test_the_verdicts(self, verdict):
            graded = [name for name, claim in claims.items() if claim.verdict == verdict]
            assert graded == verdicts[verdict]

        def test_every_verdict_is_listed(self):
            assert {claim.verdict for claim in claims.values()} <= set(verdicts)

    return claims, values, TestTheLedger
