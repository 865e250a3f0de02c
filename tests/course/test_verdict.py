"""A verdict: what it is called, what counts as an attempt, how it looks."""

import pytest

from scalelab.course.verdict import Verdict


@pytest.mark.parametrize(
    ("state", "passed", "counts"),
    [
        ("passed", True, True),
        ("wrong", False, True),
        ("crashed", False, True),
        ("stopped", False, True),
        ("open", False, False),
        ("our fault", False, False),
    ],
)
def test_what_counts(state, passed, counts):
    verdict = Verdict("e", state, (("Said", "so"),))
    assert (verdict.passed, verdict.counts) == (passed, counts)


def test_lines_stay_lines_and_paragraphs_are_prose(page):
    verdict = Verdict("e", "wrong", (("One", "a `b` <c>"), ("Many", "x < y\nz")))
    html = verdict._repr_mimebundle_()["text/html"]
    assert "<dd>a <code>b</code> &lt;c&gt;</dd>" in html
    assert "<pre>x &lt; y\nz</pre>" in html
    assert repr(verdict) == "One: a `b` <c>\nMany: x < y\nz"
