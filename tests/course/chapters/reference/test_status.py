"""The tables of the page on the build's status."""

from support import claim_records, evidence

from scalelab.course import ledger
from scalelab.course.chapters.reference import status


def test_the_evidence_is_of_what_is_there():
    """`make evidence` counts anew."""
    rows = {row["where"]: row for row in evidence.read()}
    for name, exercises in evidence.labs():
        known = sum(len(exercise.misreadings) for exercise in exercises.values())
        assert [int(rows[name][key]) for key in ("tried", "seen", "named")] == [known] * 3, name
    changes = sum(1 for _ in claim_records.mutants(claim_records.read()))
    assert int(rows["the ledger"]["tried"]) == int(rows["the ledger"]["seen"]) == changes
    assert int(rows["the chapters' prose, a sample"]["seen"]) >= 0.9 * 400


def test_it_says_what_is_not_seen(tmp_path):
    file = tmp_path / "evidence.csv"
    file.write_text(
        "what,where,tried,seen,named\nwrong answers,vertical_limits,1200,1190,1100\n"
        "changed numbers,the ledger,50,49,\n"
    )
    said = status.evidence_in_words(file)
    assert "Of 1,200 wrong answers the checks refuse 1,190." in said
    assert "Of 50 numbers changed in the ledger, the tests see 49." in said
    assert "vertical limits | 1,200 | 1,190 | 1,100" in status.wrong_answers(file).text


def test_every_claim_is_counted_once():
    rows = [line.split(" | ") for line in status.claims_by_part().text.splitlines()[1:]]
    assert sum(int(row[2]) for row in rows) == len(ledger.load())


def test_the_versions_leave_out_what_only_the_tests_need():
    text = status.versions().text
    assert "numpy | " in text
    assert "duckdb" in text
    assert "hypothesis" not in text
    assert status._version("no-such-package") == "not here"
