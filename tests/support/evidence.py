"""How much of what is wrong the checks of this project see, counted; a table of that.

`make evidence` writes it anew, with the last built book, in some minutes.
"""

import csv
import importlib.util
from collections.abc import Iterator

from support import claim_records
from support.slips import found_out, reader
from support.tree import ROOT

from scalelab.course.contents import CHAPTERS, LAB, lab_of
from scalelab.course.examine import examine

TABLE = ROOT / "book" / "reference" / "evidence.csv"
COLUMNS = ("what", "where", "tried", "seen", "named")


def labs() -> Iterator[tuple[str, dict]]:
    """Each lab with its exercises, in the order of the book."""
    for chapter in CHAPTERS:
        name = lab_of(chapter).removeprefix(LAB)
        path = ROOT / "labs" / "checks" / f"{name}.py"
        if path.exists():
            spec = importlib.util.spec_from_file_location(f"evidence_{name}", path)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            yield name, module.lab.exercises


def wrong_answers() -> Iterator[dict[str, str | int]]:
    """Examine each wrong answer that a lab knows: is it refused, and by its own name?"""
    for name, exercises in labs():
        tried = seen = named = 0
        for exercise in exercises.values():
            for misreading in exercise.misreadings:
                verdict = examine(exercise, misreading.answer)
                tried += 1
                seen += not verdict.passed
                named += misreading.meaning in dict(verdict.lines).get("Why it matters", "")
        yield {"what": "wrong answers", "where": name, "tried": tried, "seen": seen, "named": named}


def changed_numbers() -> dict[str, str | int]:
    """Change each number of the ledger by a digit and to its tenfold: does the record say so?"""
    recorded = claim_records.read()
    tried = [claim_records.changed(recorded, each) for each in claim_records.mutants(recorded)]
    return {
        "what": "changed numbers",
        "where": "the ledger",
        "tried": len(tried),
        "seen": sum(map(bool, tried)),
        "named": "",
    }


def slips_in_prose() -> dict[str, str | int]:
    """Change numbers in the chapters' prose, as the last built book has them."""
    tried, seen = found_out(reader(ROOT / "_build" / "jupyter_execute"))
    where = "the chapters' prose, a sample"
    return {"what": "changed numbers", "where": where, "tried": tried, "seen": seen, "named": ""}


def read() -> list[dict[str, str]]:
    """Return the table as it stands in the book."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write() -> int:
    """Write the table anew; return its number of lines."""
    rows = [*wrong_answers(), changed_numbers(), slips_in_prose()]
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
    return len(rows)


if __name__ == "__main__":
    print(f"{write()} lines in {TABLE.relative_to(ROOT)}")
