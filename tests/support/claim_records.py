"""Every number of the ledger as it was last recorded, so that none changes unseen.

``cd tests && python -m support.claim_records`` records them anew; look at what changed before you
keep it. The record says that a number is still what it was. That it is right is what the tests of
each chapter's claims show, against values from elsewhere.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from support.orphans import READ_A_CLOCK

from scalelab.course import ledger
from scalelab.course.ledger import Claim

RECORD = Path(__file__).parents[1] / "course" / "claim_records.json"
TOLERANCE = 1e-4  # of a value: solvers and processors differ by less, the last digit shown by more
Values = Mapping[str, Any]


def numbers(values: Mapping[str, Values]) -> dict[str, float]:
    """Return each number of each claim under an address of its own."""
    found = {}
    for claim, named in values.items():
        for name, value in named.items():
            several = value if isinstance(value, list) else [value]
            found |= {f"{claim} {name} {i}": float(one) for i, one in enumerate(several)}
    return found


def computed() -> dict[str, Values]:
    """Compute all claims but those that give another number at each run."""
    return {c.id: c.values() for c in ledger.load() if c.id not in READ_A_CLOCK}


def changed(recorded: Mapping[str, float], found: Mapping[str, float]) -> list[str]:
    """Name the numbers that are not what they were, and those that came or went."""
    faults = [f"{name} is gone" for name in recorded.keys() - found.keys()]
    faults += [f"{name} is new" for name in found.keys() - recorded.keys()]
    return faults + [
        f"{name}: {was:g} was recorded, {found[name]:g} comes out"
        for name, was in recorded.items()
        if name in found and abs(found[name] - was) > TOLERANCE * abs(was) + 1e-17
    ]


def mutants(found: Mapping[str, float]) -> Iterator[dict[str, float]]:
    """Change one number at a time: by one in the fourth digit, and to its tenfold."""
    for name, value in found.items():
        digit = 10.0**-3 if value == 0 else float(f"1e{f'{value:.0e}'.partition('e')[2]}") / 1e3
        others = [value - digit, value + digit] + [10 * value] * (value != 0)
        yield from (dict(found) | {name: other} for other in others)


def read() -> dict[str, float]:
    """Return the record."""
    recorded: dict[str, float] = json.loads(RECORD.read_text(encoding="utf-8"))
    return recorded


def as_recorded(claims: Iterable[Claim]) -> list[Claim]:
    """Return claims whose values are read from the record, not computed: other tests hold it."""
    found: dict[tuple[str, str], list[float]] = {}
    for address, value in read().items():
        claim, name, _ = address.rsplit(" ", 2)
        found.setdefault((claim, name), []).append(value)

    def values(claim: Claim) -> Values:
        several = {name: found[claim.id, name] for name in claim.named}
        return {name: each if len(each) > 1 else each[0] for name, each in several.items()}

    return [replace(claim, compute=partial(values, claim)) for claim in claims]


def main() -> None:
    """Write the record anew."""
    plain = {name: float(f"{value:.8g}") for name, value in numbers(computed()).items()}
    RECORD.write_text(json.dumps(plain, indent=0, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
