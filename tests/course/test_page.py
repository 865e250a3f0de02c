import re

import pytest
from matplotlib import pyplot

from scalelab.course.page import ASSETS, Html, Listing, prose, show, table, table_of
from scalelab.plotting import canvas

ALT = "Waiting time against load; 2 at 0.5, 10 at 0.9."


def html_of(result):
    return result._repr_mimebundle_()["text/html"]


CAPTION = "Waits grow with the load."


def shown(figure=None, alt=ALT, caption=CAPTION):
    return show(figure or canvas()[0], alt=alt, caption=caption)


class TestShow:
    def test_wide_and_for_a_phone_with_the_same_words(self, page):
        figure, ax = canvas()
        ax.plot([1, 2])
        body = html_of(shown(figure))
        assert re.findall(r'<svg class="sl-svg (sl-\w+)"', body) == ["sl-wide", "sl-narrow"]
        assert body.count('role="img"') == body.count(f'aria-label="{ALT}"') == 2
        assert len(re.findall(r'<svg [^>]* width="\d+" height="\d+"', body)) == 2
        assert f"<figcaption>{CAPTION}</figcaption>" in body

    def test_figures_of_a_page_share_no_name(self, page):
        bodies = []
        for alt in (ALT, "Another figure of the page."):
            figure, ax = canvas()
            ax.plot([1, 2], "o")
            bodies.append(html_of(shown(figure, alt=alt)))
        one, other = (set(re.findall(r' id="([^"]*)"', body)) for body in bodies)
        assert one
        assert not one & other

    def test_alt_text_is_escaped(self, page):
        body = html_of(shown(alt='A "curve" that is < 3 & rising'))
        assert 'aria-label="A &quot;curve&quot; that is &lt; 3 &amp; rising"' in body

    @pytest.mark.parametrize("alt", ["", "   ", "figure", "a b c", None, 4])
    def test_words_are_needed(self, alt):
        with pytest.raises(ValueError, match=r"show: alt must say in words .* name the curves"):
            shown(alt=alt)

    @pytest.mark.parametrize("caption", ["", "  ", None])
    def test_a_caption_is_needed(self, caption):
        with pytest.raises(ValueError, match=r"show: caption must say in words what to see"):
            shown(caption=caption)

    def test_a_caption_is_short(self):
        with pytest.raises(ValueError, match=r"caption must have at most 140 .* got 200"):
            shown(caption="word " * 40)

    def test_a_figure_of_pyplot_is_closed_or_it_shows_twice(self, page):
        figure = pyplot.figure()
        shown(figure)
        assert not pyplot.fignum_exists(figure.number)

    def test_a_terminal_gets_the_words(self):
        assert repr(shown()) == f"[figure: {CAPTION} {ALT}]"


class TestTable:
    ROWS = ({"servers": 1, "wait, s": 0.123456}, {"servers": 1_000, "wait, s": 1.5})

    def test_columns_come_from_the_first_row_and_are_set_alike(self):
        text = repr(table(list(self.ROWS), "Waits by servers"))
        assert text == "servers | wait, s\n1 | 0.123\n1,000 | 1.500"

    def test_headers_are_headers_and_cells_know_their_column(self, page):
        body = html_of(table(list(self.ROWS), caption="Waits by servers"))
        assert '<th scope="col" role="columnheader" class="sl-number">wait,\u00a0s</th>' in body
        assert '<td role="cell" data-label="wait,\u00a0s" class="sl-number">' in body
        assert "<caption>Waits by servers.</caption>" in body

    def test_cells_are_escaped(self, page):
        assert "<b>" not in html_of(table([{"<b>": "<b>"}], caption="<b> and more"))

    @pytest.mark.parametrize(
        ("name", "kind"), [("write-through", "sl-name"), ("a name that is longer than a line", "")]
    )
    def test_a_short_name_of_a_row_stays_in_one_line(self, page, name, kind):
        body = html_of(table([{"pattern": name, "by": name}], caption="One row"))
        cells = re.findall(r'<td role="cell" data-label="\w+"(.*?)>', body)
        assert cells == [f' class="{kind}"' if kind else "", ""]

    @pytest.mark.parametrize(
        ("values", "right"),
        [
            ([1, 2.5], True),
            (["1,046", "−3 %"], True),
            (["6.5 ×", "–"], True),
            ([1e-8, float("inf")], True),
            (["3.279 ± 0.026 ✓", "1 ± 2 ✗, 5.2 errors apart"], True),
            ([1, "one"], False),
            ([1, 2, "never"], True),
            ([1, 2, "not before everybody has gone home"], False),
            (["10 to 20", "3"], False),
            ([True, False], False),
        ],
    )
    def test_a_column_of_numbers_stands_on_the_right(self, page, values, right):
        rows = [{"name": "a", "value": value} for value in values]
        body = html_of(table(rows, "Values of a"))
        assert len(re.findall('<td [^>]*class="sl-number">', body)) == (len(values) * right)
        assert len(re.findall('<th [^>]*class="sl-number">', body)) == right

    def test_empty_is_refused(self):
        with pytest.raises(ValueError, match="table: rows must not be empty"):
            table([], "No rows")
        with pytest.raises(ValueError, match="rows must not be empty"):
            table_of([], {"n": lambda n: n}, "No rows")

    def test_six_columns_are_refused(self):
        with pytest.raises(ValueError, match=r"rows must have at most 5 columns, got 6; make two"):
            table([dict.fromkeys("abcdef", 1)], "Too many columns")

    def test_a_caption_is_needed(self):
        with pytest.raises(ValueError, match="table: caption must say in words what to see"):
            table([{"a": 1}], "")


class TestProse:
    def test_code_and_paragraphs(self):
        assert prose("see `a < b`\n\nthen") == "see <code>a &lt; b</code><br><br>then"

    def test_a_number_does_not_part_from_its_unit(self):
        assert prose("takes 5 ms") == "takes 5\u00a0ms"

    def test_quotes_cannot_leave_an_attribute(self):
        assert prose("\"'") == "&quot;&#x27;"


class TestHtml:
    def test_a_notebook_gets_style_and_the_script_that_is_needed(self, notebook):
        body = html_of(Html("<p>x</p>", "x", "quiz"))
        assert body.endswith('</script><div class="sl-here mathjax_ignore"><p>x</p></div>')
        assert body.startswith("<style>")
        assert ".sl-quiz" in body
        assert ".sl-scene" not in body

    def test_a_page_has_its_own(self, page):
        assert html_of(Html("<p>x</p>", "x", "quiz")) == "<p>x</p>"

    def test_what_needs_no_script_brings_none(self, notebook):
        assert "<script>" not in html_of(Html("<p>x</p>", "x"))

    @pytest.mark.parametrize("name", ASSETS)
    def test_a_closing_tag_in_the_assets_would_end_them_early(self, notebook, name):
        body = html_of(Html("", "", name))
        assert body.count("</script>") == body.count("</style>") == 1


def test_a_listing_is_the_source_in_a_fence():
    lines = Listing(Html)._repr_markdown_().splitlines()
    assert lines[0] == "```python"
    assert lines[1].startswith(("@dataclass", "class Html"))
    assert lines[-1] == "```"


def test_a_listing_of_what_stands_deeper_begins_at_the_margin():
    assert Listing(TestShow.test_figures_of_a_page_share_no_name).code.startswith("def test_")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("By Amdahl's law the servers' cores don't", "By Amdahl’s law the servers’ cores don’t"),
        (
            "`it's` gives b'1s', not 'sessions' and",
            "<code>it's</code> gives b'1s', not 'sessions' and",
        ),
        ("['is', 't']", "['is', 't']"),
    ],
)
def test_an_apostrophe_is_one_and_a_quote_of_python_stays(text, written):
    assert prose(text).replace("&#x27;", "'") == written
