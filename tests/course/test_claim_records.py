"""No number of the ledger changes unseen."""

import pytest
from support.claim_records import as_recorded, changed, computed, mutants, numbers, read

from scalelab.course import ledger


@pytest.fixture(scope="module")
def found():
    return numbers(computed())


def test_every_number_is_what_was_recorded(found):
    assert changed(read(), found) == []


def test_a_number_that_changes_is_named(found):
    """Each number of each claim, changed in its fourth digit or to its tenfold, shows red."""
    recorded, tried, unseen = read(), 0, []
    for mutant in mutants(found):
        tried += 1
        ((name, value),) = ((k, v) for k, v in mutant.items() if v != found[k])
        if len(changed({name: recorded[name]}, {name: value})) != 1:
            unseen.append(name)
    assert unseen == []
    assert tried > 2 * len(found) > 1000


def test_a_claim_as_recorded_has_the_values_that_it_computes():
    whole = computed()
    for claim in as_recorded(claim for claim in ledger.load() if claim.id in whole):
        recorded, values = claim.values(), whole[claim.id]
        assert changed(numbers({claim.id: recorded}), numbers({claim.id: values})) == []
