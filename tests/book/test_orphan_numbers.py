"""Every number in prose is pinned to a place of its section, or of the ledger, that gives it."""

import pytest
from support.claim_records import as_recorded
from support.orphans import (
    Number,
    claims_of,
    orphans,
    pinned,
    pins_of,
    quantities,
    read_pins,
    supports,
)
from support.slips import SAMPLE, found_out, reader
from support.tree import chapters, name_of, notebooks

KILLED = 0.9  # share of wrong numbers that must be found out


@pytest.fixture(scope="module")
def read(executed):
    """The executed notebook made from a notebook of the repository."""

    return reader(executed)


@pytest.mark.parametrize("path", notebooks(), ids=name_of)
def test_every_number_has_its_pin_and_fits_it(path, read):
    strict = path in chapters()
    wrong = orphans(
        read(path), as_recorded(claims_of(path)), read_pins(name_of(path)), strict=strict
    )
    assert not wrong, "make pins, and look at what it says:\n" + "\n".join(wrong)


def test_no_pins_are_left_of_a_page_that_is_gone():
    there = {pins_of(name_of(path)).name for path in notebooks()}
    assert {path.name for path in pins_of("x").parent.glob("*.json")} <= there


def test_nine_in_ten_wrong_numbers_are_found_out(read):
    """The mutation score, on a seeded sample over all chapters."""
    tried, seen = found_out(read)
    assert tried == SAMPLE
    assert seen >= KILLED * SAMPLE, f"{seen} of {tried}"


def page(code="", output=None, text=""):
    """An executed notebook with one cell of code, one output and one text."""
    outputs = [{"data": output}] if output else []
    cells = [
        {"cell_type": "code", "source": code, "outputs": outputs},
        {"cell_type": "markdown", "source": text},
    ]
    return {"cells": cells}


def test_what_is_pinned_is_found_again_and_a_slip_is_told():
    table = {"text/plain": "n | waits, %\n10 | 3.611\n20 | 5.2"}
    right = page("", table, "With 10 it is 3.6 %, with 20 it is 5.2 %.")
    pins, without = pinned(right, [], {})
    assert without == []
    assert orphans(right, [], pins) == []
    wrong = page("", table, "With 10 it is 3.7 %, with 20 it is 5.2 %.")
    assert "gives 3.611, not 3.7 (share)" in orphans(wrong, [], pins)[0]
    swapped = page("", table, "With 20 it is 3.6 %, with 10 it is 5.2 %.")
    assert len(orphans(swapped, [], pins)) == 2
    computed = {"text/plain": "n | waits, %\n10 | 3.511\n20 | 5.2"}
    assert (
        "gives 3.511"
        in orphans(page("", computed, "With 10 it is 3.6 %, with 20 it is 5.2 %."), [], pins)[0]
    )
    assert "a pin without its number" in "".join(orphans(page("", table, "Nothing."), [], pins))
    assert "no pin: " in orphans(page("", table, "It is 3.6 % here."), [], pins)[0]


def test_another_section_is_no_evidence():
    notebook = page("f(n=7)", None, "## One\n\nText.\n\n## Two\n\nIt has 7 nodes.")
    assert [number.value for number in pinned(notebook, [], {})[1]] == [7]


def test_a_bare_count_is_pinned_to_what_speaks_of_the_same():
    notebook = page("run(days=7)\nrun(servers=7)\nrun(pools=7)", None, "It has 7 servers.")
    assert list(pinned(notebook, [], {})[0].values()) == ["code: run(servers=#) | 1"]


def test_what_stands_twice_is_pinned_twice():
    notebook = page("f(n=7)", None, "It has 7 nodes. Then, it has 7 nodes. It has 7 nodes.")
    pins, _ = pinned(notebook, [], {})
    assert len(pins) == 3


FRAMES = '{"texts": ["45.0 ms without, 4.5 × faster"]}'


@pytest.mark.parametrize(
    ("code", "output", "text"),
    [
        ("rtt(0.005)", {}, "5 ms"),
        ("rtt(0.005)", {}, "five milliseconds"),
        ("f(timeout_s=0.5)", {}, "half a second"),
        ("f(0.95)", {}, "95 %"),
        ("'2,000 requests a second'", {}, "2,000 callers per second"),
        ("f(rate_per_s=150)", {}, "150 requests/s"),
        ("", {"text/plain": "[5.0, 10.0]"}, "10 ms"),
        ("", {"text/plain": "n | waits, %\n10 | 3.611"}, "3.6 %"),
        ("", {"text/plain": "n | time_s\n10 | 0.0553"}, "55 ms"),
        ("", {"text/plain": "n | all\n10 | 1,000"}, "1,000 requests a second"),
        (
            "",
            {"text/plain": "x", "text/html": f'<script class="sl-frames">{FRAMES}</script>'},
            "4.5 ×",
        ),
        ("", {"text/html": "<p>takes 7&#160;ms</p>"}, "7 ms"),
        ("f(nodes=44)", {}, "44 nodes"),
        ("", {"text/plain": "n | late\n10 | 1,046.2"}, "1,046 are late"),
        ("f(price_usd=140)", {}, "it costs $140"),
        ("f(0.1)", {}, "the others are $n / (1 + 0.1 (n - 1))$ or $e^{-3}$"),
        ("", {}, "HTTP/2 on Python 3.11 in 2024; see section 4, $$3 + 4$$ and `x[7]`"),
    ],
)
def test_supported(code, output, text):
    assert pinned(page(code, output, text), [], {})[1] == []


@pytest.mark.parametrize(
    ("code", "output", "text"),
    [
        ("f(5)", {}, "5 ms"),  # bare numbers in code are seconds
        ("f(n=5)", {}, "5 s"),  # and a named number without a unit is no time
        ("f(timeout_s=5)", {}, "5 %"),
        ("", {"text/plain": "n | waits, %\n10 | 3.611"}, "3.7 %"),
        ("", {"text/plain": "n | waits, %\n10 | 3.611"}, "3.6 ms"),
        ("", {"text/plain": "n | waits, ms\n10 | 3.611"}, "3.6 s"),
        ("", {"text/plain": "n | ± standard error\n10 | 3.6"}, "3.6 ×"),
        ("", {"text/plain": "n\n10", "text/html": "<img src='base64,x/7 ms'>"}, "7 ms"),
        ("'50.5 ms'", {}, "51 ms"),  # a text is rounded already
        ("f(0.7, 0.9)", {}, "70, 80, 90 %"),
        ("f(5)", {}, "5 to 10 times"),
        ("", {}, "it is $n = 3$"),
        ("", {}, "a node costs $100 a month, a core $3"),
        ("f(height=3.0)", {}, "3 servers"),
        ("f(nodes=44)", {}, "45 nodes"),
        ("", {"text/plain": "n | late\n10 | 1,046.2"}, "1,406 are late"),
    ],
)
def test_not_supported(code, output, text):
    assert len(pinned(page(code, output, text), [], {})[1]) >= 1


def test_rounding_is_at_the_digits_shown():
    [shown] = quantities("3.6 %")
    assert supports(Number(3.6499, "share", 0.01), shown)
    assert not supports(Number(3.6501, "share", 0.01), shown)
