import ast
import inspect
import json
import math
import re
import textwrap
from dataclasses import replace

import numpy as np
import pytest
from support.claim_values import Computed
from support.orphans import PLAIN, Number, Section, of_claims, quantities, supports
from support.tree import chapters

from scalelab.course import ledger

CLAIMS = ledger.load()
CHAPTERS = list(dict.fromkeys(claim.chapter for claim in CLAIMS))
VALUES = Computed({claim.id: claim for claim in CLAIMS})


def each_claim(function):
    return pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)(function)


def flat(values):
    return [v for value in values for v in (value if isinstance(value, list) else [value])]


def inputs(claim) -> str:
    """The body of the function that computes a claim, without its decorator and its words."""
    function = ast.parse(textwrap.dedent(inspect.getsource(claim.compute))).body[0]
    return "\n".join(ast.unparse(statement) for statement in function.body)


def orphans_of(claim) -> list[Number]:
    """Quantities of the finding that neither the values hold, nor the inputs, nor the guide."""
    values = VALUES[claim.id]
    computed = replace(claim, finding="", compute=lambda: values)  # what is computed stays so
    quoted = [
        replace(other, finding="", compute=dict)
        for other in CLAIMS
        if other.chapter == claim.chapter
    ]
    cell = {"cell_type": "code", "source": inputs(claim), "outputs": []}
    known = [*Section("", [], [cell]).evidence, *of_claims([computed, *quoted])]
    found = [number for number in quantities(claim.finding) if number.dimension != PLAIN]
    return [number for number in found if not any(supports(piece, number) for piece in known)]


def test_ids_are_unique_and_can_be_addresses():
    ids = [claim.id for claim in CLAIMS]
    assert len(set(ids)) == len(ids)
    assert [i for i in ids if not re.fullmatch(r"[a-z0-9][a-z0-9.-]*", i)] == []


def test_the_section_on_pooling_is_whole():
    assert sum(claim.section == "Connection Pooling" for claim in CLAIMS) == 22


def test_every_claim_belongs_to_a_chapter_that_is_there():
    assert {claim.chapter for claim in CLAIMS} <= {path.stem for path in chapters()}


@each_claim
def test_it_computes_finite_numbers(claim):
    assert VALUES[claim.id]
    for value in flat(VALUES[claim.id].values()):
        assert math.isfinite(value), claim.id


@each_claim
def test_its_verdict_is_legal_and_its_words_stand_alone(claim):
    assert claim.verdict in ledger.VERDICTS
    for words in (claim.says, claim.finding):
        assert len(words) > 15
        assert words.endswith(".")
    assert claim.source


@each_claim
def test_every_value_has_words(claim):
    assert set(claim.named) == set(VALUES[claim.id])
    words = [ledger.shown(claim, name, 0.0)[0] for name in claim.named]
    assert [text for text in words if "_" in text or len(text) < 3] == []
    assert len(set(words)) == len(words)


@each_claim
def test_every_quantity_of_its_finding_is_computed(claim):
    assert [str(orphan) for orphan in orphans_of(claim)] == []


@each_claim
def test_a_verdict_against_the_guide_gives_a_reason(claim):
    if claim.verdict != "holds":
        assert len(claim.finding.split()) >= 12


def test_the_orphan_rule_can_fail():
    """Any quantity of a finding, moved by one in its last digit but one, is noticed."""
    claim = next(claim for claim in CLAIMS if claim.id == "pool-physics-rtt")
    assert orphans_of(claim) == []
    for right, wrong in (("2.3 ×", "2.7 ×"), ("85 ms", "86 ms"), ("at 1 ms", "at 1.3 ms")):
        assert right in claim.finding
        (orphan,) = orphans_of(replace(claim, finding=claim.finding.replace(right, wrong)))
        assert f"{orphan.value:g}" in wrong


def test_values_are_plain_numbers():
    claim = ledger.section("Section", "chapter")

    @claim("x", says="S.", kind="cost", verdict="holds", finding="F.", source="S.")
    def computed():
        return {
            "a": np.float64(0.5),
            "b": [1.0, np.float64(2.0)],
            "c": np.int64(3),
            "d": np.ones(2),
        }

    assert repr(computed.values()) == "{'a': 0.5, 'b': [1.0, 2.0], 'c': 3, 'd': [1.0, 1.0]}"


def test_an_illegal_verdict_is_refused():
    claim = ledger.section("Section", "chapter")
    with pytest.raises(ValueError, match=r"claim: verdict must be one of .*wrong, got 'maybe'"):
        claim("x", says="S.", kind="cost", verdict="maybe", finding="F.", source="S.")


def test_a_kind_that_is_none_is_refused():
    claim = ledger.section("Section", "chapter")
    with pytest.raises(ValueError, match=r"claim: kind must be one of .*, got 'maybe'"):
        claim("x", says="S.", kind="maybe", verdict="holds", finding="F.", source="S.")


def test_what_is_called_a_procedure_is_one():
    named = {claim.id for claim in CLAIMS if claim.id.startswith("proc-")}
    assert named <= {claim.id for claim in CLAIMS if claim.kind == "procedure"}


def test_an_unknown_chapter_is_refused():
    with pytest.raises(ValueError, match=r"load: chapter must be one of .*got 'alchemy'"):
        ledger.load("alchemy")


def test_all_is_every_chapter():
    assert [c.id for c in CLAIMS] == [c.id for chapter in CHAPTERS for c in ledger.load(chapter)]


def test_the_tally_counts_every_claim_once():
    counts = ledger.tally(CLAIMS)
    assert sum(counts.values()) == len(CLAIMS)
    assert list(counts) == list(ledger.VERDICTS)
    assert counts["wrong"] == sum(claim.verdict == "wrong" for claim in CLAIMS)


def test_records_are_json():
    records = json.loads(json.dumps(ledger.as_records(CLAIMS)))
    assert [record["id"] for record in records] == [claim.id for claim in CLAIMS]
    assert all(set(record) == {"id", "section", "kind", "verdict", "values"} for record in records)


@pytest.fixture(scope="module")
def body(page_of):
    pages = {"connection_pooling": "../pool.html"}
    return page_of(lambda: ledger.ledger(filters=True, pages=pages))


class TestHtml:
    def test_one_entry_a_claim_with_its_address(self, body):
        assert re.findall(r'<li id="([^"]*)"', body) == [claim.id for claim in CLAIMS]

    def test_the_filter_offers_every_verdict_and_section(self, body):
        offered = re.findall(r'<option value="([^"]+)">', body)
        assert set(ledger.VERDICTS) < set(offered)
        assert {claim.kind for claim in CLAIMS} == set(ledger.KINDS) < set(offered)
        assert {claim.section for claim in CLAIMS} < set(offered)
        assert f"{len(CLAIMS)} of {len(CLAIMS)} claims" in body

    def test_what_the_filter_compares_is_in_the_entries(self, body):
        for claim in CLAIMS:
            facts = f'data-verdict="{claim.verdict}" data-section="{claim.section}"'
            assert f'{facts} data-kind="{claim.kind}"' in body

    def test_each_entry_links_to_where_its_chapter_computes_it(self, body):
        own = [claim.id for claim in CLAIMS if claim.chapter == "connection_pooling"]
        assert re.findall(r'<a href="../pool\.html#([^"]+)">', body) == own
        chapter = ledger.ledger("connection_pooling").body
        assert all(f'<li id="{name}"' in chapter for name in own)

    def test_a_chapter_shows_its_own_without_menus(self, page):
        body = ledger.ledger("connection_pooling")._repr_mimebundle_()["text/html"]
        assert "<select" not in body
        assert body.count("<li id=") == len(ledger.load("connection_pooling"))

    @each_claim
    def test_its_values_are_shown(self, body, claim):
        for name, value in VALUES[claim.id].items():
            assert ledger.shown(claim, name, value)[1] in body

    def test_a_ratio_is_shown_in_per_cent(self):
        entry = replace(CLAIMS[0], named={"a": "busiest of four | share", "b": "gain | ×"})
        assert ledger.shown(entry, "a", 0.2664) == ("busiest of four", "26.64\u00a0%")
        assert ledger.shown(entry, "b", [1.5, 2.0]) == ("gain", "1.5, 2\u00a0×")

    def test_a_chapter_opens_what_is_wrong_or_misleads_and_folds_the_rest(self, page):
        shown = ledger.ledger("connection_pooling").body
        first, rest = shown.split("with or without a condition</summary>")
        assert 'data-verdict="holds"' not in first.split("</ul></div>")[1]
        assert 'data-verdict="misleading"' not in rest
        assert "sl-pieces" in first

    @pytest.mark.parametrize(("chapter", "up"), [("vertical", "../"), ("introduction", "")])
    def test_a_bar_leads_to_what_the_verdicts_mean(self, chapter, up):
        assert f'<a href="{up}reference/grades.html">' in ledger.ledger(chapter).body
