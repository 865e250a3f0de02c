import re

import pytest
from matplotlib import pyplot

from scalelab.course.page import Html, prose, show, table, table_of
from scalelab.plotting import canvas
from scalelab.quantities import number

ALT = "Waiting time against load; 2 at 0.5, 10 at 0.9."


def html_of(result):
    return result._repr_mimebundle_()["text/html"]


class TestShow:
    def test_both_themes_with_the_same_words(self, page):
        figure, ax = canvas()
        ax.plot([1, 2])
        body = html_of(show(figure, alt=ALT))
        assert re.findall(r'<img class="only-(\w+)"', body) == ["light", "dark"]
        assert body.count(f'alt="{ALT}"') == 2

    def test_alt_text_is_escaped(self, page):
        body = html_of(show(canvas()[0], alt='A "curve" that is < 3 & rising'))
        assert 'alt="A &quot;curve&quot; that is &lt; 3 &amp; rising"' in body

    @pytest.mark.parametrize("alt", ["", "   ", "figure", "a b c", None, 4])
    def test_words_are_needed(self, alt):
        with pytest.raises(ValueError, match=r"show: alt must say in words .* name the curves"):
            show(canvas()[0], alt=alt)

    def test_a_figure_of_pyplot_is_closed_or_it_shows_twice(self, page):
        figure = pyplot.figure()
        show(figure, alt=ALT)
        assert not pyplot.fignum_exists(figure.number)

    def test_a_terminal_gets_the_words(self):
        assert repr(show(canvas()[0], alt=ALT)) == f"[figure: {ALT}]"


class TestTable:
    ROWS = ({"servers": 1, "wait, s": 0.123456}, {"servers": 10, "wait, s": 1234.5678})

    def test_columns_come_from_the_first_row_and_numbers_have_four_digits(self):
        assert repr(table(list(self.ROWS))) == "servers | wait, s\n1 | 0.1235\n10 | 1,235"

    def test_headers_are_headers_and_the_box_scrolls_by_keyboard(self, page):
        body = html_of(table(list(self.ROWS), caption="Waits"))
        assert '<th scope="col" class="sl-number">wait, s</th>' in body
        assert "<caption>Waits</caption>" in body
        assert 'tabindex="0" role="group" aria-label="Table"' in body

    def test_cells_are_escaped(self, page):
        assert "<b>" not in html_of(table([{"<b>": "<b>"}], caption="<b>"))

    @pytest.mark.parametrize(
        ("values", "right"),
        [
            ([1, 2.5], True),
            (["1,046", "−3 %"], True),
            (["6.5 ×", "–"], True),
            (["1e+08", float("inf")], True),
            ([1, "one"], False),
            (["10 to 20", "3"], False),
            ([True, False], False),
        ],
    )
    def test_a_column_of_numbers_stands_on_the_right(self, page, values, right):
        body = html_of(table([{"name": "a", "value": value} for value in values]))
        assert body.count('<td class="sl-number">') == (len(values) if right else 0)
        assert body.count('<th scope="col" class="sl-number">') == right

    def test_empty_is_refused(self):
        with pytest.raises(ValueError, match="table: rows must not be empty"):
            table([])
        with pytest.raises(ValueError, match="rows must not be empty"):
            table_of([], {"n": lambda n: n})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.0, "0"),
        (5.0, "5"),
        (-5.25, "-5.25"),
        (100.0, "100"),
        (16.66666, "16.67"),
        (9.99996, "10"),
        (99_999.6, "100,000"),
        (1_234_567.0, "1,234,567"),
        (0.1, "0.1"),
        (0.05882, "0.05882"),
        (0.058824, "0.05882"),
        (0.00012346, "0.0001235"),
        (-0.00012346, "-0.0001235"),
        (0.000012345, "1.234e-05"),
        (1e15, "1.000e+15"),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
    ],
)
def test_number_by_hand(value, text):
    assert number(value) == text


@pytest.mark.parametrize("value", [1.2345e-4, 0.0123456, 0.98765, 1.23456, 98.7654, 456.789])
def test_number_keeps_four_digits(value):
    assert float(number(value)) == pytest.approx(value, rel=0.5e-3)


class TestProse:
    def test_code_and_paragraphs(self):
        assert prose("see `a < b`\n\nthen") == "see <code>a &lt; b</code><br><br>then"

    def test_quotes_cannot_leave_an_attribute(self):
        assert prose("\"'") == "&quot;&#x27;"


class TestHtml:
    def test_a_notebook_gets_script_and_style(self, notebook):
        body = html_of(Html("<p>x</p>", "x"))
        assert body.endswith("</script><p>x</p>")
        assert body.startswith("<style>")

    def test_a_page_has_its_own(self, page):
        assert html_of(Html("<p>x</p>", "x")) == "<p>x</p>"

    def test_what_needs_no_script_brings_none(self, notebook):
        assert html_of(Html("<p>x</p>", "x", assets=())) == "<p>x</p>"

    def test_a_closing_tag_in_the_assets_would_end_them_early(self, notebook):
        body = html_of(Html("", ""))
        assert body.count("</script>") == body.count("</style>") == 1


def test_what_rounding_leaves_of_a_zero_is_one():
    """-2e-14 beside 20 is the last digit of some processor; alone it may be a result."""
    assert table([{"%": -2.2e-14}, {"%": 20.0}]).text == "%\n0\n20"
    assert table([{"%": -2.2e-14}]).text == "%\n-2.200e-14"


@pytest.mark.parametrize("value", [-0.0, 0.0])
def test_no_zero_is_negative(value):
    assert number(value) == "0"
