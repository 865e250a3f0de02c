"""Every page in a real browser: quiet, accessible, and without a foreign host."""

import pytest
from support.browser import Visit, colour_faults, layout_faults, pages_of, structure_faults
from support.tree import ROOT

WIDTHS = {"wide": 1400, "narrow": 390}
LOOKS = [(width, scheme) for width in WIDTHS for scheme in ("light", "dark")]
HTML = ROOT / "_build" / "html"
INDEX = "book/index.html"


OPEN = """() => {
    document.querySelectorAll(".sl-gated").forEach((gate) => (gate.dataset.open = ""));
    dispatchEvent(new Event("resize")); // as the page's own script does
}"""
API = "book/reference/api/"
# The pages of the modules share one form: of all but one, only the narrowest look is taken.
SAMPLE = API + "models/erlang.html"
SOURCE = "_modules/scalelab/models/finite_queues.html"


@pytest.fixture(scope="module", params=LOOKS, ids="-".join)
def look(request):
    """Width and theme."""
    return request.param


@pytest.fixture(scope="module")
def visit(look, browser, address):
    """A page kept for the whole of one look."""
    width, scheme = look
    context = browser.new_context(
        viewport={"width": WIDTHS[width], "height": 1000}, color_scheme=scheme
    )
    yield Visit(context.new_page(), address)
    context.close()


def complaints(visit, path):
    """What a page complains of as it loads."""
    visit.forget()
    visit.page.goto(f"{visit.address}/{path}", wait_until="load")
    visit.page.evaluate(OPEN)  # what is shut is looked at, too
    visit.page.evaluate("() => new Promise(requestAnimationFrame)")
    return list(visit.complaints)  # a copy: axe fetches styles itself


def is_alike(path):
    return path.startswith(API) and path != SAMPLE


PAGES = [*pages_of(HTML), SOURCE] if pages_of(HTML) else [INDEX]


@pytest.mark.parametrize("path", [path for path in PAGES if not is_alike(path)])
def test_page(path, look, visit):
    width, scheme = look
    found = [*complaints(visit, path), *layout_faults(visit.page)]
    if scheme == "light":  # the structure is the same in the dark
        found += structure_faults(visit.page)
    if width == "wide":  # so are narrow colours
        found += colour_faults(visit.page)
    assert found == []


@pytest.fixture(scope="module")
def narrow(browser, address):
    """A narrow page in the light, where a long name or formula shows first."""
    context = browser.new_context(
        viewport={"width": WIDTHS["narrow"], "height": 1000}, color_scheme="light"
    )
    yield Visit(context.new_page(), address)
    context.close()


@pytest.mark.parametrize("path", [path for path in PAGES if is_alike(path)])
def test_page_of_a_module(path, narrow):
    found = [*complaints(narrow, path), *layout_faults(narrow.page)]
    assert found + structure_faults(narrow.page) == []


def test_every_page_of_the_contents_is_looked_at(pages):
    listed = [
        f"{line.split(':')[1].strip()}.html"
        for line in (ROOT / "_toc.yml").read_text(encoding="utf-8").splitlines()
        if line.strip(" -").startswith(("file:", "root:"))
    ]
    assert len(listed) >= 7
    assert set(listed) <= set(pages_of(pages))


FAULTS = {
    "overflows": "document.body.innerHTML += '<div style=\"width: 3000px\">wide</div>'",
    "too few words": 'document.body.innerHTML += \'<img src="" alt="A figure">\'',
    "color-contrast": "document.querySelector('article p').style.color = '#888'",
    "image-alt": "document.querySelector('article').append(new Image())",
    "label:": "document.querySelector('article').innerHTML += '<input>'",
    "asks a foreign host": "fetch('http://127.0.0.2:9/').catch(() => 0)",
    "404": "fetch('/missing').catch(() => 0)",
    "said": "console.warn('said')",
    "thrown": "setTimeout(() => { throw new Error('thrown') })",
}


@pytest.mark.parametrize(("fault", "script"), FAULTS.items(), ids=FAULTS)
def test_a_fault_is_seen(fault, script, browser, address):
    context = browser.new_context(viewport={"width": 1000, "height": 800}, color_scheme="light")
    context.add_init_script(f"addEventListener('DOMContentLoaded', () => {{ {script} }})")
    visit = Visit(context.new_page(), address)
    found = complaints(visit, "book/reference/glossary.html")
    for look_for in (layout_faults, structure_faults, colour_faults):
        found += look_for(visit.page)
    visit.page.wait_for_load_state("networkidle")  # an answer may come after the page
    found += visit.complaints
    context.close()
    assert any(fault in line for line in found), found
