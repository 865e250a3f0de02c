"""The two small extensions of the book, without a build."""

import base64
import os
import re
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from docutils import nodes
from support.tree import ROOT

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'


@pytest.fixture
def static_page(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "book" / "_ext")
    import static_page

    return static_page


@pytest.fixture
def mathml(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "book" / "_ext")
    import mathml

    return mathml


def address(svg: bytes) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg).decode()


def moved(static_page, folder, page, html, builder="html", format="html"):
    """The raw HTML of a page, after its images have moved."""
    app = SimpleNamespace(builder=SimpleNamespace(format=builder), outdir=str(folder))
    doctree = nodes.container("", nodes.raw("", html, format=format))
    static_page.move_images(app, doctree, page)
    return doctree.children[0].astext()


class TestImages:
    @pytest.mark.parametrize(
        ("page", "up"), [("index", ""), ("book/index", "../"), ("book/database/p", "../../")]
    )
    def test_become_files_that_the_page_finds(self, static_page, tmp_path, page, up):
        html = moved(static_page, tmp_path, page, f'<img src="{address(SVG)}">')
        source = re.fullmatch(r'<img src="(.*)">', html)[1]
        assert source.startswith(f"{up}_frames/")
        assert (tmp_path / source.removeprefix(up)).read_bytes() == SVG

    def test_in_the_data_of_an_explorer_too(self, static_page, tmp_path):
        frames = f"[[&quot;{address(SVG)}&quot;, &quot;{address(SVG + b' ')}&quot;]]"
        html = moved(static_page, tmp_path, "index", f'<figure data-frames="{frames}">')
        assert "base64" not in html
        assert len(list((tmp_path / "_frames").iterdir())) == 2

    def test_the_same_image_is_one_file(self, static_page, tmp_path):
        html = moved(static_page, tmp_path, "index", address(SVG) + " " + address(SVG))
        one, other = html.split()
        assert one == other
        assert len(list((tmp_path / "_frames").iterdir())) == 1

    @pytest.mark.parametrize(("builder", "format"), [("latex", "html"), ("html", "latex")])
    def test_stay_where_there_is_no_page(self, static_page, tmp_path, builder, format):
        html = moved(static_page, tmp_path, "index", address(SVG), builder, format)
        assert html == address(SVG)
        assert list(tmp_path.iterdir()) == []

    def test_other_images_stay(self, static_page, tmp_path):
        html = '<img src="data:image/png;base64,AAAA">'
        assert moved(static_page, tmp_path, "index", html) == html


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
