"""What figures, explorers and tables do in a browser, on a page made here: no build is needed."""

import pytest
from playwright.sync_api import expect

from scalelab.course.controls import Quantity, Selector, Switch
from scalelab.course.explore import Task, explore
from scalelab.course.page import STATIC, note, show, table
from scalelab.plotting import BLUE, ORANGE, canvas, label, label_lines

STYLES = ("scalelab.css", "figure.css")
SCRIPTS = ("base.js", "explore.js")


def draw_growth(ax, factor, kind, above):
    x = [0, 1, 2, 3]
    ax.plot(x, [factor * (n**2 if kind == "square" else n) + above for n in x])
    ax.set_ylim(0, 10 * factor)
    label(ax, x="time, s", title="Growth")
    return f"{kind}, {factor} times{', raised' if above else ''}."


def growth():
    return explore(
        draw_growth,
        alt="Growth against time.",
        task=Task("Find 3 times.", lambda factor, kind, above: factor == 3, "3 is 3."),
        factor=Quantity("factor", [1, 2, 3], unit="×"),
        kind=Selector("kind", {"line": "line", "parabola": "square"}),
        above=Switch("raised"),
    )


def wide_figure():
    figure, axes = canvas(3, height=2.6)
    for i, ax in enumerate(axes):
        ax.plot([0, 20_000], [0, i], color=BLUE, label="a name that is long")
        ax.plot([0, 20_000], [1, 0], color=ORANGE, label="another")
        label(ax, x="requests per second at the peak of the day", title=f"panel {i}")
        label_lines(ax)
    return show(figure, alt="Three panels with two lines each.", caption="Lines cross.")


def wide_table():
    names = ("what was measured", "requests per second", "mean wait, ms", "p99, ms", "served by")
    return table([dict(zip(names, ("a case", 20_000, 3.5, 40.25, "one"), strict=True))] * 2, "Wide")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A page from a file: two figures, a table and an explorer, whose frames are drawn once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCALELAB_RENDER", "page")
        parts = (wide_figure(), wide_table(), growth(), note("It takes 5 ms."))
        body = "".join(part._repr_mimebundle_()["text/html"] for part in parts)
    style = "".join((STATIC / name).read_text(encoding="utf-8") for name in STYLES)
    script = "".join((STATIC / name).read_text(encoding="utf-8") for name in SCRIPTS)
    path = tmp_path_factory.mktemp("explorer") / "page.html"
    path.write_text(
        f'<html data-theme="light"><meta charset="utf-8"><style>{style}</style>'
        f"<body>{body}<script>{script}</script></body></html>",
        encoding="utf-8",
    )
    return path.as_uri()


@pytest.fixture
def page(browser, request):
    width = getattr(request, "param", 1200)
    context = browser.new_context(viewport={"width": width, "height": 900})
    context.set_default_timeout(5_000)
    page = context.new_page()
    thrown = []
    page.on("pageerror", lambda error: thrown.append(str(error)))
    yield page
    context.close()
    assert thrown == []


def caption(page):
    return page.locator(".sl-explore figcaption").inner_text().replace("\u00a0", " ")


def test_picture_sentence_and_words_change_together(page, address):
    page.goto(address)
    assert caption(page) == "line, 1 times."
    before = page.locator(".sl-frame .sl-wide").evaluate("svg => svg.innerHTML")
    page.get_by_label("factor").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".sl-explore figcaption")).to_contain_text("2")
    assert page.locator("output").inner_text() == "2\u00a0×"
    assert page.get_by_label("factor").get_attribute("aria-valuetext") == "2\u00a0×"
    picture = page.locator(".sl-frame .sl-wide")
    assert picture.evaluate("svg => svg.innerHTML") != before
    assert "line, 2\u00a0times." in picture.get_attribute("aria-label")
    page.get_by_label("parabola").check()
    page.get_by_label("raised").check()
    expect(page.locator(".sl-explore figcaption")).to_contain_text("square, 2\u00a0times, raised.")


def test_the_curve_before_stays_as_a_ghost_until_the_next_change(page, address):
    page.goto(address)
    ghosts = page.locator(".sl-frame .sl-wide .sl-ghost")
    assert ghosts.count() == 0
    page.get_by_label("parabola").check()
    expect(ghosts).to_have_count(1)
    page.get_by_label("factor").focus()
    page.keyboard.press("End")
    expect(page.locator(".sl-explore figcaption")).to_contain_text("3\u00a0times")
    expect(ghosts).to_have_count(1)


def test_a_ghost_lies_where_its_data_lie_now(page, address):
    """The scale grows threefold, so a curve of the old scale is a third as tall."""
    page.goto(address)
    height = "part => part.getBoundingClientRect().height"
    before = page.locator(".sl-frame .sl-wide .sl-main").evaluate(height)
    page.get_by_label("factor").focus()
    page.keyboard.press("End")
    ghost = page.locator(".sl-frame .sl-wide .sl-ghost")
    expect(ghost).to_have_count(1)
    assert ghost.evaluate(height) == pytest.approx(before / 3, abs=3)


def test_the_task_is_checked(page, address):
    page.goto(address)
    answer = page.locator(".sl-task [role=status]")
    page.get_by_role("button", name="Check").click()
    expect(answer).to_contain_text("Not yet.")
    page.get_by_label("factor").focus()
    page.keyboard.press("End")
    expect(answer).to_be_empty()
    page.get_by_role("button", name="Check").click()
    expect(answer).to_have_text("Right. 3 is 3.")


def test_the_address_says_where_the_controls_stand(page, address):
    page.goto(address)
    page.get_by_label("factor").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_label("parabola").check()
    link = page.evaluate("location.href")
    assert link.endswith("#explore-growth=2%C3%97,parabola,off")
    page.goto("about:blank")
    page.goto(link)
    expect(page.locator(".sl-explore figcaption")).to_contain_text("square, 2\u00a0times.")
    expect(page.get_by_label("parabola")).to_be_checked()
    assert page.locator("output").inner_text() == "2\u00a0×"
    expect(page.locator(".sl-explore")).to_be_in_viewport()


def test_an_address_that_nobody_can_have_changes_nothing(page, address):
    page.goto(f"{address}#explore-growth=9,line,off&explore-other=1")
    assert caption(page) == "line, 1 times."
    page.get_by_label("factor").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("location.hash").startswith("#explore-other=1&explore-growth=2")


CUT = """() => [...document.querySelectorAll("figure svg text, table, td, figcaption, figure")]
    .filter((part) => part.getBoundingClientRect().width)
    .filter((part) => { const box = part.getBoundingClientRect();
        return box.left < -1 || box.right > innerWidth + 1; })
    .map((part) => part.outerHTML.slice(0, 100))"""
SMALL = """() => [...document.querySelectorAll("figure svg text")]
    .filter((text) => text.getBoundingClientRect().width)
    .map((text) => [text.textContent, parseFloat(getComputedStyle(text).fontSize)
        * text.getScreenCTM().d])
    .filter(([, size]) => size < 11)"""


@pytest.mark.parametrize("page", [390, 1200], indirect=True)
def test_nothing_is_cut_and_no_word_is_small(page, address):
    page.goto(address)
    assert page.evaluate(CUT) == []
    assert page.evaluate(SMALL) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("page", [390], indirect=True)
def test_on_a_phone_a_cell_says_its_column(page, address):
    page.goto(address)
    cell = page.locator("td").nth(1)
    said = cell.evaluate("cell => getComputedStyle(cell, '::before').content")
    assert said == '"requests per second"'
    assert page.locator(".sl-figure .sl-narrow").is_visible()
    assert page.locator(".sl-figure .sl-wide").is_hidden()


def test_colours_follow_the_theme(page, address):
    page.goto(address)
    ink = "() => getComputedStyle(document.querySelector('figure svg text')).fill"
    light = page.evaluate(ink)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert page.evaluate(ink) != light
