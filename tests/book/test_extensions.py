"""The small extensions of the book, without a build."""

import importlib
import json
import os
import re
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import matplotlib
import pytest
from docutils import nodes
from docutils.utils import new_document
from fontTools.ttLib import TTFont
from pybtex.database import parse_file
from support.tree import ROOT, cells, notebooks


@pytest.fixture
def static_page(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "book" / "_ext")
    import static_page

    return static_page


@pytest.fixture
def build_speed(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "book" / "_ext")
    import build_speed

    return build_speed


@pytest.fixture
def mathml(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "book" / "_ext")
    import mathml

    return mathml


DATA = '{"parts": ["<svg/>"], "frames": [[0]], "texts": ["one"]}'
EXPLORER = (
    '<figure class="sl-explore" data-explore="n"><figcaption>one</figcaption>'
    f'<script type="application/json" class="sl-frames">{DATA}</script></figure>'
)


def moved(static_page, folder, page, html, builder="html", format="html"):
    """The raw HTML of a page, after its frames have moved."""
    app = SimpleNamespace(builder=SimpleNamespace(format=builder), outdir=str(folder))
    doctree = nodes.container("", nodes.raw("", html, format=format))
    static_page.move_frames(app, doctree, page)
    return doctree.children[0].astext()


class TestSpeed:
    def test_chapters_are_read_first_and_alone(self, build_speed, monkeypatch):
        kinds = {"api": ".md", "chapter": ".ipynb", "labs/lab": ".ipynb"}
        paths = {
            f"{kind}_{i}": f"{kind}_{i}{end}" for kind, end in kinds.items() for i in range(25)
        }
        environment = SimpleNamespace(doc2path=paths.get)
        pages = sorted(paths)
        monkeypatch.setattr(build_speed.builders, "make_chunks", None)
        build_speed.share_out(None, environment, pages)
        found = build_speed.builders.make_chunks(pages, 3)
        assert [len(batch) for batch in found] == [1] * 25 + [4] * 6 + [1, 20, 5]
        assert [page for batch in found for page in batch] == pages
        assert sorted(pages) == sorted(paths)

    def test_a_page_holds_nothing_of_another(self, build_speed):
        other, page = new_document("other"), new_document("page")
        other += nodes.paragraph("", "", nodes.Text("word"))
        page += nodes.section("", *other.children)
        assert page.children[0].children[0].children[0].document is other
        build_speed.belong(None, page)
        assert all(node.document is page for node in page.findall())

    def test_only_pages_of_a_folder_that_no_contents_name_share_a_sidebar(
        self, build_speed, monkeypatch
    ):
        monkeypatch.setattr(build_speed, "SIDEBARS", {})
        app = SimpleNamespace(env=SimpleNamespace(toctree_includes={"index": ["a/one", "a/two"]}))

        def shown(page, **options):
            context = {"toctree": lambda **options: f"of {page}, {options}"}
            build_speed.one_sidebar(app, page, "page.html", context, None)
            return context["toctree"](**options)

        pages = ["a/one", "a/two", "a/api/x", "a/api/y", "a/z", "z"]
        of = [shown(page, collapse=True).split(",")[0].removeprefix("of ") for page in pages]
        assert of == ["a/one", "a/two", "a/api/x", "a/api/x", "a/z", "z"]
        assert shown("a/api/y", collapse=False) == "of a/api/y, {'collapse': False}"

    def test_no_kept_page_holds_what_is_known_of_all(self):
        kept = list((ROOT / "_build" / ".doctrees" / "book").rglob("*.doctree"))
        assert len(kept) > 300
        assert [path.name for path in kept if b"BuildEnvironment" in path.read_bytes()] == []


class TestFrames:
    @pytest.mark.parametrize(
        ("page", "up"), [("index", ""), ("book/index", "../"), ("book/database/p", "../../")]
    )
    def test_become_a_script_that_the_page_finds(self, static_page, tmp_path, page, up):
        html = moved(static_page, tmp_path, page, EXPLORER)
        name, source = re.search(r'data-frames="(\w+)" data-source="([^"]*)"', html).groups()
        assert source == f"{up}_frames/{name}.js"
        script = (tmp_path / source.removeprefix(up)).read_text(encoding="utf-8")
        assert script == f'scalelab.frames("{name}",{DATA});\n'
        assert "<script" not in html
        assert '<figure class="sl-explore" data-frames' in html
        assert 'data-explore="n"><figcaption>one</figcaption></figure>' in html

    def test_the_same_frames_are_one_file(self, static_page, tmp_path):
        moved(static_page, tmp_path, "index", EXPLORER + EXPLORER)
        assert len(list((tmp_path / "_frames").iterdir())) == 1

    @pytest.mark.parametrize(("builder", "format"), [("latex", "html"), ("html", "latex")])
    def test_stay_where_there_is_no_page(self, static_page, tmp_path, builder, format):
        assert moved(static_page, tmp_path, "index", EXPLORER, builder, format) == EXPLORER
        assert list(tmp_path.iterdir()) == []


def loaded(monkeypatch, name):
    monkeypatch.syspath_prepend(ROOT / "book" / "_ext")
    return importlib.import_module(name)


def test_prose_keeps_numbers_and_units_together_and_code_as_it_is(monkeypatch):
    text = nodes.paragraph("", "", nodes.Text("It takes 5 ms, "), nodes.literal("", "sleep 5 ms"))
    document = nodes.container("", text)
    loaded(monkeypatch, "unparted").keep_together(None, document)
    assert document.astext() == "It takes 5\u00a0ms, sleep 5 ms"


def test_a_few_letters_of_code_stay_in_one_line(monkeypatch):
    codes = [nodes.literal("", "SELECT 1"), nodes.literal("", "python -m scalelab plan")]
    loaded(monkeypatch, "unparted").keep_together(None, nodes.container("", *codes))
    assert [code["classes"] for code in codes] == [["sl-short"], []]


def test_a_table_takes_its_caption_from_the_paragraph_before(monkeypatch):
    def row(*texts):
        return nodes.row("", *(nodes.entry("", nodes.paragraph("", text)) for text in texts))

    head, body = nodes.thead("", row("name", "size")), nodes.tbody("", row("a", "3"))
    table = nodes.table("", nodes.tgroup("", head, body, cols=2))
    document = nodes.container("", nodes.paragraph("", "Table: Sizes"), table)
    loaded(monkeypatch, "cards").caption(None, document)
    assert document.children == [table]
    assert table.children[0].astext() == "<caption>Sizes.</caption>"
    assert [entry["data-label"] for entry in body[0]] == ["name", "size"]


def test_kernels_of_the_build_draw_for_a_page_and_keep_no_progress(static_page, monkeypatch):
    monkeypatch.setenv("SCALELAB_RENDER", "")
    monkeypatch.setenv("SCALELAB_PROGRESS", "")
    static_page.tell_kernels(None)
    assert os.environ["SCALELAB_RENDER"] == "page"
    assert os.environ["SCALELAB_PROGRESS"] == "off"


class Translator:
    def __init__(self):
        self.body = []

    def starttag(self, node, tag, **attributes):
        inside = " ".join(f'{name}="{value}"' for name, value in attributes.items())
        return f"<{tag} {inside}>"


def written(render, node) -> str:
    translator = Translator()
    with pytest.raises(nodes.SkipNode):
        render(translator, node)
    return "".join(translator.body)


@pytest.mark.parametrize("formula", [r"\lambda S", r"N^{*} = c\left(1 + \frac{a}{b}\right)"])
def test_formulas_are_whole_mathml(mathml, formula):
    inline = ElementTree.fromstring(written(mathml.inline, nodes.math("", formula)))
    assert inline.tag == "{http://www.w3.org/1998/Math/MathML}math"
    assert inline.get("display") == "inline"
    block = ElementTree.fromstring(written(mathml.block, nodes.math_block("", formula)))
    assert block.get("tabindex") == "0"
    assert block[0].get("display") == "block"


def test_a_fraction_is_a_fraction(mathml):
    assert "<mfrac>" in written(mathml.inline, nodes.math("", r"\frac{1}{2}"))


# Gates: predict before you see -------------------------------------------------------------


@pytest.fixture
def gates(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "book" / "_ext")
    import gates

    return gates


def cell(html=""):
    return nodes.container("", nodes.raw("", html, format="html"))


def ask(name):
    return cell(f'<form class="sl-predict" data-name="{name}">')


def answer(name):
    return cell(f'<p class="sl-compare" role="status" data-name="{name}" data-actual="1">')


def words(text="words"):
    return nodes.paragraph("", text)


def shut(gates, *children):
    """The page's siblings, those that a gate keeps shut in brackets."""
    section = nodes.section("", *children)
    found, wrong = gates.gates(section)
    return [(first, last, name) for first, last, name in found], wrong


def test_a_gate_goes_from_the_question_to_the_first_words_after_the_answer(gates):
    found, wrong = shut(gates, words(), ask("a"), cell(), answer("a"), cell(), words(), words())
    assert (found, wrong) == ([(2, 5, "a")], [])


def test_a_gate_ends_before_the_next_question_or_section(gates):
    found, _ = shut(gates, ask("a"), answer("a"), ask("b"), answer("b"), nodes.section())
    assert found == [(1, 1, "a"), (3, 3, "b")]


def test_a_gate_within_another_ends_with_it(gates):
    found, wrong = shut(
        gates, ask("a"), ask("b"), answer("a"), words(), answer("b"), words(), words()
    )
    assert (found, wrong) == ([(1, 5, "a"), (2, 5, "b")], [])


@pytest.mark.parametrize(
    ("children", "fault"),
    [
        ([answer("a")], "answered in a section that does not ask"),
        ([ask("a"), nodes.section("", answer("a"))], "its section has no answer"),
        ([nodes.container("", *ask("a").children, *answer("a").children)], "in one cell"),
    ],
)
def test_a_question_without_its_answer_is_a_fault(gates, children, fault):
    _, wrong = shut(gates, *children)
    assert len(wrong) == 1
    assert fault in wrong[0]


def test_the_boxes_are_whole_and_hold_the_answer(gates):
    doctree = nodes.document(None, None)
    doctree.append(nodes.section("", ask("a"), cell("run"), answer("a"), words(), words("later")))
    gates.close(SimpleNamespace(builder=SimpleNamespace(format="html")), doctree, "page")
    raws = [node.astext() for node in doctree[0].children]
    assert raws[1] == '<div class="sl-gated" data-gate="a">'
    assert raws.index("</div>") == 5
    assert raws[-1] == "later"


# Cards: what a term means ------------------------------------------------------------------

GLOSSARY = """# Glossary

```{glossary}
Amdahl's law
  The gain of n workers. See {term}`contention`.

pool
  A set of {term}`connections <connection>`.

connection pool
  A pool of connections.
```
"""


@pytest.fixture
def hovercards(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "book" / "_ext")
    import hovercards

    return hovercards


def linked(hovercards, tmp_path, *paragraphs, page="book/scaling/horizontal"):
    (tmp_path / "book" / "reference").mkdir(parents=True)
    (tmp_path / "book" / "reference" / "glossary.md").write_text(GLOSSARY, encoding="utf-8")
    doctree = nodes.document(None, None)
    doctree.extend(paragraphs)
    builder = SimpleNamespace(
        format="html", get_relative_uri=lambda *_: "../reference/glossary.html"
    )
    hovercards.link(SimpleNamespace(builder=builder, srcdir=str(tmp_path)), doctree, page)
    return [(link.astext(), link["refuri"]) for link in doctree.findall(nodes.reference)], doctree


def test_the_first_use_of_a_term_has_its_definition(hovercards, tmp_path):
    found, doctree = linked(
        hovercards,
        tmp_path,
        nodes.title("", "Pools"),
        nodes.paragraph("", "Two connection pools, and Amdahl’s law."),
        nodes.paragraph("", "A pool. Amdahl’s law again; a carpool is none."),
    )
    assert [words for words, _ in found] == ["connection pools", "pool"]
    assert found[0][1] == "../reference/glossary.html#term-connection-pool"
    cards = [raw.astext() for raw in doctree.findall(nodes.raw) if "tooltip" in raw.astext()]
    assert "A set of connections." in cards[1]
    assert doctree.astext().count("carpool") == 1


def test_code_links_and_the_reference_have_no_cards(hovercards, tmp_path):
    inside = nodes.literal("", "pool"), nodes.reference("", "pool", refuri="elsewhere.html")
    found, _ = linked(hovercards, tmp_path, nodes.paragraph("", "", *inside))
    assert found == [("pool", "elsewhere.html")]


def test_the_terms_of_the_book_are_read(hovercards):
    known = hovercards.terms((ROOT / "book" / "reference" / "glossary.md").read_text("utf-8"))
    assert len(known) > 50
    assert all(definition.endswith((".", ")")) for _, definition in known.values())
    assert not any("{" in definition or "`" in definition for _, definition in known.values())


# The order of reading, and what others see of a page ----------------------------------------


@pytest.fixture
def reading(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "book" / "_ext")
    import reading

    return reading


def test_next_leads_from_chapter_to_chapter_and_a_lab_back_to_its_own(reading):
    pages = ["book/introduction", "book/scaling/horizontal", "book/scaling/vertical"]
    assert reading.neighbours("book/introduction", pages) == (None, "book/scaling/horizontal")
    assert reading.neighbours("book/scaling/horizontal", pages) == (pages[0], pages[2])
    assert reading.neighbours("labs/lab_horizontal", pages) == (pages[1], pages[2])
    assert reading.neighbours("labs/lab_vertical", pages) == (pages[2], None)
    assert reading.neighbours("book/reference/speed", pages) == (None, None)


def test_a_lab_says_how_to_run_it(reading):
    said = reading.lab_head("horizontal")
    assert "<code>labs/lab_horizontal.ipynb</code>" in said
    assert "make lab" in said
    assert re.search(r"about \d+\u00a0minutes", said)
    assert 'class="sl-lite" hidden' in said, "make lite shows it by this"
    assert "lite/notebooks/index.html?path=lab_horizontal.ipynb" in said
    assert "Restart Kernel" in said, "how to stop what hangs, in the browser"


@pytest.fixture
def page_meta(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "book" / "_ext")
    import page_meta

    return page_meta


def test_a_page_is_described_by_its_question_or_its_first_words(page_meta):
    doctree = nodes.document(None, None)
    doctree.append(nodes.paragraph("", "Terms as the\ncourse uses them. " + "And more. " * 40))
    assert page_meta.description("book/scaling/horizontal", doctree).endswith("?")
    assert page_meta.description("labs/lab_horizontal", doctree).startswith("The lab to")
    other = page_meta.description("book/reference/glossary", doctree)
    assert other.startswith("Terms as the course uses them.")
    assert len(other) <= page_meta.LENGTH


def test_a_preview_is_a_picture_of_the_size_that_is_asked_for(page_meta, tmp_path):
    path = tmp_path / "previews" / "x.png"
    page_meta.preview("Horizontal scaling", "What have you bought?", path)
    head = path.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    assert [int.from_bytes(head[i : i + 4], "big") for i in (16, 20)] == [1200, 630]
    assert path.stat().st_size < 100_000


# Light pages ---------------------------------------------------------------------------------


@pytest.fixture
def light_pages(monkeypatch):
    return loaded(monkeypatch, "light_pages")


HEAD = """<head><link rel="preload" as="script" href="b.js" />
<script src="_static/base.js"></script>
<script src="../_static/a.js?v=1"></script>
<script defer src="_static/c.js"></script>
<script src="../_static/searchtools.js"></script>
<script src="../searchindex.js?v=2"></script></head>"""


def test_words_come_before_scripts_and_the_index_only_for_who_searches(light_pages):
    lighter = light_pages.lighten(HEAD)
    assert '<script src="_static/base.js">' in lighter
    assert '<script defer src="../_static/a.js?v=1">' in lighter
    assert lighter.count("defer") == 2
    assert "preload" not in lighter
    assert "searchtools" not in lighter
    assert '<script src="../searchindex' not in lighter
    assert 'rel: "prefetch", href: "../searchindex.js"' in lighter
    assert light_pages.lighten(lighter) == lighter


STYLE = (
    "@font-face{font-family:Font Awesome\\ 6 Free;src:url(x)}.fa-bars:before,.fa-navicon:before"
    '{content:"\\f0c9"}.fa-ghost:before{content:"\\f6e2"}.other{color:red}'
)


def test_icons_that_nobody_shows_go(light_pages):
    used = light_pages.used_icons(['<i class="fa-solid fa-bars">', "add('fa-moon')"])
    assert used == {"fa-solid", "fa-bars", "fa-moon"}
    style, letters = light_pages.without_icons(STYLE, used)
    assert letters == [0xF0C9]
    assert ".fa-navicon:before" in style
    assert ".other{color:red}" in style
    assert "fa-ghost" not in style
    assert style.count("@font-face") == 1
    with pytest.raises(ValueError, match="icons must be solid"):
        light_pages.without_icons(STYLE, used | {"fa-brands"})


def test_the_font_has_the_letters_that_are_shown(light_pages, tmp_path):
    font = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    light_pages.subset(font, [ord("a"), ord("b")], tmp_path / "few.woff")
    assert (tmp_path / "few.woff").stat().st_size < 20_000
    assert set(TTFont(tmp_path / "few.woff").getBestCmap()) == {ord("a"), ord("b")}


# Plain Markdown ---------------------------------------------------------------------------


@pytest.fixture
def plain_markdown(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "book" / "_ext")
    import plain_markdown

    return plain_markdown


LITTLE = "[[Little, 1961]](../references.bib#little1961)"
ERLANG = "[[Erlang, 1917]](../references.bib#erlang1917)"


@pytest.mark.parametrize(
    ("plain", "wanted"),
    [
        (f"His law {LITTLE}.", "His law {cite:p}`little1961`."),
        (f"Both {LITTLE}, {ERLANG}; so", "Both {cite:p}`little1961,erlang1917`; so"),
        (f"{LITTLE},\n{ERLANG}", "{cite:p}`little1961,erlang1917`"),
        (f"{LITTLE} and {ERLANG}", "{cite:p}`little1961` and {cite:p}`erlang1917`"),
        ("[the file](../references.bib)", "[the file](../references.bib)"),
        ("[[Little, 1961]](references.bib#little1961)", "{cite:p}`little1961`"),
        ("[[Little, 1961]](../book/references.bib#little1961)", "{cite:p}`little1961`"),
        (
            "a\n\n<details><summary>Why?</summary>\n\nBecause.\n\n</details>\n\nb",
            "a\n\n:::{dropdown} Why?\n\nBecause.\n\n:::\n\nb",
        ),
        (
            "*In the book the run times of all pages stand here.*",
            "```{nb-exec-table}\n```",
        ),
    ],
)
def test_plain_markdown_becomes_what_the_build_knows(plain_markdown, plain, wanted):
    assert plain_markdown.enriched(plain) == wanted


def test_only_the_words_of_a_notebook_are_changed(plain_markdown):
    app = SimpleNamespace(env=SimpleNamespace(doc2path=lambda page: f"{page}.ipynb"))
    cells_ = [
        {"cell_type": "markdown", "source": ["By ", LITTLE]},
        {"cell_type": "code", "source": [f"text = '{LITTLE}'"]},
    ]
    source = [json.dumps({"cells": cells_})]
    plain_markdown.read(app, "page", source)
    words, code = json.loads(source[0])["cells"]
    assert words["source"] == "By {cite:p}`little1961`"
    assert code == cells_[1]


def test_each_citation_names_the_author_and_year_of_an_entry():
    entries = parse_file(ROOT / "book" / "references.bib").entries
    cited = {}
    for path in notebooks():
        for cell in cells(path, "markdown"):
            for words, key in re.findall(r"\[\[([^][]+)\]\]\([./\w]+\.bib#(\w+)\)", cell["source"]):
                cited[key] = words
    assert len(cited) > 20
    for key, words in cited.items():
        person = entries[key].persons["author"][0]
        name = " ".join([*person.prelast_names, *person.last_names]).replace("{", "")
        assert words.startswith(name.replace("}", "")), words
        assert words.endswith(f", {entries[key].fields['year']}"), words
