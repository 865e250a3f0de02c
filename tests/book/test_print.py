"""On paper: code is wrapped, nothing is an empty box, and no form is left."""

import pytest

PAGES = ("book/scaling/horizontal.html", "labs/lab_horizontal.html")
FAULTS = """() => {
  const seen = (e) => e.checkVisibility() && e.getClientRects().length > 0;
  const article = document.querySelector(".bd-article"), wrong = [];
  const all = (names) => [...article.querySelectorAll(names)].filter(seen);
  for (const code of all("pre"))
    if (code.scrollWidth > code.clientWidth + 1) wrong.push(`cut: ${code.innerText.slice(0, 60)}`);
  for (const part of all("input, select, textarea, button"))
    wrong.push(`a form: ${part.outerHTML.slice(0, 80)}`);
  for (const box of all("div, section, form, figure, details, p")) {
    const style = getComputedStyle(box), edges = box.getBoundingClientRect();
    const framed = parseFloat(style.borderLeftWidth) + parseFloat(style.borderTopWidth) > 0;
    const drawn = [...box.querySelectorAll("svg, canvas, img, hr")].some(seen);
    if (framed && edges.height > 4 && !drawn && !box.innerText.trim())
      wrong.push(`an empty box: ${box.outerHTML.slice(0, 80)}`);
  }
  for (const part of all("details:not([open], .sl-script)"))
    wrong.push(`shut: ${part.innerText.slice(0, 60)}`);
  if (document.documentElement.scrollWidth > innerWidth + 1) wrong.push("wider than the paper");
  return wrong;
}"""


@pytest.fixture(scope="module")
def page(browser):
    context = browser.new_context(viewport={"width": 720, "height": 1000}, color_scheme="dark")
    yield context.new_page()
    context.close()


def on_paper(page, address, path):
    page.emulate_media(media="screen")
    page.goto(f"{address}/{path}", wait_until="load")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")


@pytest.mark.parametrize("path", PAGES)
def test_paper_has_the_words_and_the_pictures_and_no_controls(path, page, address):
    on_paper(page, address, path)
    assert page.evaluate(FAULTS) == []


def test_paper_is_white_in_the_dark(page, address):
    on_paper(page, address, PAGES[0])
    ink = "() => getComputedStyle(document.querySelector('.bd-article p')).color"
    red, green, blue = map(int, page.evaluate(ink).strip("rgb()").split(","))
    assert max(red, green, blue) < 110


@pytest.mark.parametrize(
    ("fault", "html"),
    [
        ("a form", "<button>Check</button>"),
        ("an empty box", "<div style='border: 1px solid; height: 2em'></div>"),
        (
            "cut",
            "<pre style='overflow: auto; white-space: pre !important'>" + "long " * 90 + "</pre>",
        ),
        ("shut", "<details><summary>more</summary>words</details>"),
    ],
)
def test_a_fault_on_paper_is_seen(fault, html, page, address):
    page.emulate_media(media="print")
    page.set_content(f"<article class='bd-article'>{html}</article>")
    assert any(line.startswith(fault) for line in page.evaluate(FAULTS))
