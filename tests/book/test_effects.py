"""What a reader does to a page, and what the page does then."""

import re

import pytest
from playwright.sync_api import expect
from support.browser import Visit

from scalelab.course import progress_file
from scalelab.course.estimates import HEAD
from scalelab.course.examine import Verdict

CHAPTER = "book/database/connection_pooling.html"
LEDGER = "book/reference/claims.html"


@pytest.fixture
def context(browser):
    context = browser.new_context(viewport={"width": 1200, "height": 900}, color_scheme="light")
    context.set_default_timeout(5_000)
    yield context
    context.close()


@pytest.fixture
def visit(context, address):
    """The chapter, just opened, its requests counted from the start."""
    visit = Visit(context.new_page(), address)
    visit.page.goto(f"{address}/{CHAPTER}", wait_until="load")
    yield visit
    assert visit.complaints == []


@pytest.fixture
def shut(visit):
    """The page as a reader finds it: what answers a prediction is shut."""
    return visit.page


OPEN = "document.querySelectorAll('.sl-gated').forEach((gate) => (gate.dataset.open = ''))"


@pytest.fixture
def page(visit):
    """The page with every gate open, and nothing kept."""
    visit.page.evaluate(OPEN)
    return visit.page


def state(explorer):
    """Number, caption, picture and its words of an explorer."""
    return (
        explorer.locator("output").first.inner_text(),
        explorer.locator("figcaption").inner_text(),
        explorer.locator(".sl-wide").inner_html(),
        explorer.locator(".sl-wide").get_attribute("aria-label"),
    )


def move(explorer, key="ArrowRight"):
    explorer.locator("input").first.focus()
    explorer.page.keyboard.press(key)


@pytest.mark.parametrize("which", [0, 1])
def test_explorer_follows_the_keyboard(page, which):
    explorer = page.locator(".sl-explore").nth(which)
    before = state(explorer)
    move(explorer)
    expect(explorer.locator("figcaption")).not_to_have_text(before[1])
    after = state(explorer)
    assert all(one != other for one, other in zip(before, after, strict=True))
    assert after[3].endswith(after[1])
    assert explorer.locator("input").first.get_attribute("aria-valuetext") == after[0]
    move(explorer, "ArrowLeft")
    expect(explorer.locator("figcaption")).to_have_text(before[1])
    assert state(explorer)[::3] == before[::3]


def test_sliders_of_an_explorer_are_reached_by_tab(page):
    sliders = page.locator(".sl-explore").first.locator("input")
    sliders.nth(0).focus()
    page.keyboard.press("Tab")
    expect(sliders.nth(1)).to_be_focused()


def test_explorer_shows_the_frame_of_each_slider(page):
    """The caption names the values of both sliders, at every place of the second."""
    explorer = page.locator(".sl-explore").first
    second = explorer.locator("input").nth(1)
    second.focus()
    page.keyboard.press("Home")
    for _ in range(int(second.get_attribute("max"))):
        page.keyboard.press("ArrowRight")
        round_trip, work = explorer.locator("output").all_inner_texts()
        caption = explorer.locator("figcaption")
        expect(caption).to_contain_text(f"Round trip {round_trip}, query work {work}:")


def test_frames_come_when_the_explorer_is_near(visit):
    assert visit.frames() == []  # the first is a screen away
    explorer = visit.page.locator(".sl-explore").first
    with visit.page.expect_request("**/_frames/*"):
        explorer.scroll_into_view_if_needed()
    visit.page.wait_for_load_state("networkidle")
    assert len(set(visit.frames())) == 1


def test_chapter_is_light(visit):
    visit.page.wait_for_load_state("networkidle")
    assert 50_000 < visit.bytes < 2_000_000


def question(page, name):
    return page.locator(f'.sl-question[data-name="{name}"]')


def said(form):
    return form.get_by_role("status").inner_text()


def answer(form, right):
    """Choose the first option that is right, or wrong, and ask."""
    options = form.evaluate("form => JSON.parse(form.dataset.options)")
    place = next(i for i, option in enumerate(options) if option["right"] == right)
    form.locator("input").nth(place).focus()
    form.page.keyboard.press("Space")
    form.page.keyboard.press("Enter")
    return form.page.evaluate(
        "html => new DOMParser().parseFromString(html, 'text/html').body.innerText",
        options[place]["text"],
    )


def test_choice_by_keyboard(page):
    form = question(page, "storm")
    told = answer(form, right=True)
    assert said(form) == f"Right. {told}"
    told = answer(form, right=False)
    assert said(form) == f"Not quite. {told}"


def test_quiz_keeps_its_keys_where_the_page_around_it_wants_them(page):
    page.evaluate("document.addEventListener('keydown', (event) => event.preventDefault())")
    form = question(page, "storm")
    form.locator("input").first.click()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert said(form).startswith(("Right.", "Not quite."))
    assert form.locator("input").nth(1).is_checked()


def test_choice_of_many_needs_all(page):
    form = question(page, "fleet")
    options = form.evaluate("form => JSON.parse(form.dataset.options)")
    first, second = (i for i, option in enumerate(options) if option["right"])
    form.locator("input").nth(first).check()
    form.locator("input").nth(first).press("Enter")
    assert said(form).startswith("Not quite.")
    assert said(form).endswith("Something is missing.")
    form.locator("input").nth(second).check()
    form.locator("input").nth(second).press("Enter")
    assert said(form).startswith("Right.")


def test_no_choice_is_no_answer(page):
    form = question(page, "storm")
    form.get_by_role("button", name="Check").focus()
    page.keyboard.press("Enter")
    assert "Choose an answer first." in said(form)


def variants(form):
    return form.evaluate("form => JSON.parse(form.dataset.variants)")


@pytest.mark.parametrize("name", ["far-gain", "size", "waiters"])
def test_numeric_answer_typed(page, name):
    form = question(page, name)
    variant = variants(form)[0]
    typed = form.locator("input")
    for value, start in [(variant["answer"], "Right."), (12.3456e6, "Not quite.")]:
        typed.fill(str(value))
        typed.press("Enter")
        assert said(form).startswith(start)
    trap = variant["traps"][0]
    typed.fill(str(trap["value"]))
    typed.press("Enter")
    shown = page.evaluate(
        "html => new DOMParser().parseFromString(html, 'text/html').body.innerText",
        trap["feedback"],
    )
    assert said(form) == f"Not quite. {shown}"
    typed.fill("many")
    typed.press("Enter")
    assert "Type a number" in said(form)


def test_other_numbers(page):
    form = question(page, "far-gain")
    first, second = variants(form)[:2]
    form.get_by_role("button", name="Other numbers").press("Enter")
    assert form.locator(".sl-prompt").inner_text() == second["prompt"] != first["prompt"]
    form.locator("input").fill(str(second["answer"]))
    form.locator("input").press("Enter")
    assert said(form).startswith("Right.")


def test_two_wrong_answers_open_a_way_out_and_are_remembered(page):
    form = question(page, "far-gain")
    how = form.get_by_role("button", name="Show how")
    expect(how).to_be_hidden()
    for value in ("12345678", "23456789"):
        form.locator("input").fill(value)
        form.locator("input").press("Enter")
    how.click()
    solution = page.evaluate(
        "html => new DOMParser().parseFromString(html, 'text/html').body.innerText",
        variants(form)[0]["solution"],
    )
    assert said(form) == solution
    page.reload()
    page.evaluate(OPEN)
    assert said(form) == "2 answers so far, the last one not right."
    score = page.locator(".sl-score")
    assert score.inner_text().startswith("1 of ")
    assert "Read again: " in score.inner_text()
    target = score.locator("a").first.get_attribute("href")
    assert page.locator(f"section{target}, {target}").count() >= 1
    page.get_by_role("button", name="Clear my answers").click()
    assert form.locator(".sl-feedback").text_content() == ""
    assert score.text_content() == ""


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("78,0 %", 78),
        ("78.0%", 78),
        ("1,234", 1234),
        ("1 234,5 ms", 1234.5),
        ("1,234.5", 1234.5),
        ("−3", -3),
        ("0,250", 0.25),
        ("12 requests", 12),
        ("1e3", 1000),
        ("many", None),
        ("", None),
    ],
)
def test_numbers_are_read_kindly(page, typed, value):
    assert page.evaluate("text => scalelab.parse(text)", typed) == value


# Predict before you see ---------------------------------------------------------------------

GUESS = "connection_pooling-gain-far"


def predict(page, guess, low="", high=""):
    form = page.locator(f'.sl-predict[data-name="{GUESS}"]')
    if low or high:
        form.locator("details").evaluate("details => (details.open = true)")
    for part, value in (("guess", guess), ("low", low), ("high", high)):
        if value:
            form.locator(f"input[data-part={part}]").fill(value)
    form.locator("input").first.press("Enter")
    return form


def status(form):
    return form.locator("[role=status]").inner_text()


def compared(page):
    return page.locator(f'.sl-compare[data-name="{GUESS}"]')


def test_no_answer_is_visible_before_the_guess(shut):
    forms = shut.locator(".sl-predict[data-name]")
    assert shut.locator(".sl-compare").count() == forms.count() > 0
    assert shut.locator(".sl-compare:visible").count() == 0
    assert shut.locator(".sl-gated:visible").count() == 0
    form = forms.first
    expect(form.get_by_role("button", name="Show me")).to_be_visible()
    expect(form.locator("input[data-part=low]")).to_be_hidden()  # one field first


def test_a_guess_opens_its_answer_alone_and_is_kept(shut):
    form = predict(shut, "9", "4", "12")
    assert "Kept on this device." in status(form)
    told = "your guess was 9, your range 4 to 12 held"
    assert told in compared(shut).inner_text()
    assert shut.locator(".sl-compare:visible").count() == 1
    shut.reload()
    assert told in compared(shut).inner_text()
    values = [field.input_value() for field in form.locator("input").all()]
    assert values == ["9", "4", "12"]


def test_a_guess_needs_no_range_and_a_second_does_not_count(shut):
    form = predict(shut, "17")
    assert compared(shut).inner_text().endswith("off by a factor of 3.67.")
    expect(form.locator("input").first).to_be_disabled()


def test_who_asks_is_shown_and_counts_for_nothing(shut, address):
    form = shut.locator(f'.sl-predict[data-name="{GUESS}"]')
    form.get_by_role("button", name="Show me").press("Enter")
    assert compared(shut).inner_text() == "The run gives 4.636\u00a0×."
    assert "counts for nothing" in status(form)
    shut.goto(f"{address}/book/reference/estimates.html")
    assert "No guess is kept" in shut.locator(".sl-estimates [role=status]").inner_text()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (("",), "Type a number first"),
        (("x",), "Type a number first"),
        (("9", "", "12"), "two ends"),
        (("20", "4", "12"), "inside your range"),
    ],
)
def test_bad_prediction_is_refused(shut, values, message):
    form = predict(shut, *values)
    assert message in status(form)
    assert not compared(shut).is_visible()
    shut.reload()
    assert form.locator("input").first.input_value() == ""


def test_estimates_count_the_ranges_that_held(shut, address, tmp_path):
    predict(shut, "17", "15", "20")
    assert "your range 15 to 20 did not hold" in compared(shut).inner_text()
    shut.goto(f"{address}/book/reference/estimates.html")
    box = shut.locator(".sl-estimates")
    assert box.get_by_role("status").inner_text().startswith("Of your 1 ranges 0 held")
    assert box.locator("tbody tr").all_inner_texts()[1].split("\t")[:3] == [
        "Databases",
        "1",
        "0 of 1",
    ]
    cells = box.locator("tbody tr").first.locator("td")
    labels = cells.evaluate_all("cells => cells.map((cell) => cell.dataset.label)")
    assert labels == list(HEAD[1:])  # what a phone shows beside each value
    with shut.expect_download() as download:
        box.get_by_role("button", name="Save as a file").click()
    kept = tmp_path / "progress.json"
    download.value.save_as(kept)
    assert progress_file.read(kept)["predictions"][GUESS]["guess"] == 17
    box.get_by_role("button", name="Clear my guesses").click()
    assert "No guess is kept" in box.get_by_role("status").inner_text()
    box.locator("input[type=file]").set_input_files(kept)
    expect(box.get_by_role("status")).to_contain_text("1 came from the file")


def test_print_shows_all(shut):
    shut.emulate_media(media="print")
    assert shut.locator(".sl-gated:visible").count() == shut.locator(".sl-gated").count() > 0


# Code, cards, the ledger ----------------------------------------------------------------------


def test_one_switch_opens_all_code_and_is_remembered(page):
    folded = page.locator("details.hide.above-input")
    assert folded.count() > 5
    assert page.locator("details.hide.above-input[open]").count() == 0
    page.get_by_label("show all code").check()
    assert page.locator("details.hide.above-input[open]").count() == folded.count()
    page.reload()
    assert page.locator("details.hide.above-input[open]").count() == folded.count()


def test_a_term_opens_its_card_by_keyboard_and_escape_shuts_it(page):
    box = page.locator("p .sl-with-card:has(.sl-term)").first
    card = box.locator(".sl-card")
    expect(card).to_be_hidden()
    box.locator("a").focus()
    expect(card).to_be_visible()
    assert box.locator("a").get_attribute("aria-describedby") == card.get_attribute("id")
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()


def test_a_citation_shows_its_reference_by_keyboard(page):
    cited = page.locator('.sl-with-card:has(a[href*="bibliography"])')
    box = cited.filter(visible=True).first
    box.locator("a").focus()
    expect(box.locator(".sl-card")).to_be_visible()
    assert len(box.locator(".sl-card").inner_text()) > 20


def test_a_chapter_opens_what_misleads_and_folds_what_holds(page):
    ledger = page.locator(".sl-ledger")
    assert ledger.locator('li[id][data-verdict="misleading"]:visible').count() > 0
    assert ledger.locator('li[id][data-verdict="holds"]:visible').count() == 0
    ledger.locator("> details > summary").click()
    assert ledger.locator('li[id][data-verdict="holds"]:visible').count() > 0


def test_theme_toggle_changes_the_figures(page):
    root = page.locator("html")
    figure = page.locator(".sl-figure").first
    expect(root).to_have_attribute("data-theme", "light")
    ink = "text => getComputedStyle(text).fill"
    light = figure.locator(".sl-wide text").first.evaluate(ink)
    for _ in range(3):  # the button goes round auto, light, dark
        page.locator("button.theme-switch-button:visible").first.press("Enter")
        if root.get_attribute("data-theme") == "dark":
            break
    expect(root).to_have_attribute("data-theme", "dark")
    assert figure.locator(".sl-wide text").first.evaluate(ink) != light


def test_menus_of_the_ledger_narrow_it(context, address):
    page = context.new_page()
    page.goto(f"{address}/{LEDGER}")
    items = page.locator(".sl-ledger li[id]")
    everything = items.count()
    wrong = page.locator('.sl-ledger li[data-verdict="wrong"]').count()
    assert 0 < wrong < everything
    verdict = page.get_by_label("Verdict")
    verdict.select_option("wrong")
    assert page.locator(".sl-ledger li[id]:visible").count() == wrong
    assert page.locator(".sl-filters").get_by_role("status").inner_text() == (
        f"{wrong} of {everything} claims"
    )
    verdict.select_option("")
    assert page.locator(".sl-ledger li[id]:visible").count() == everything


def test_without_script_the_page_still_tells(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/{CHAPTER}")
    expect(page.locator("article h1")).to_be_visible()
    caption = page.locator(".sl-explore figcaption").first
    expect(caption).to_be_visible()
    expect(caption).to_have_text(re.compile(r"ms with one"))
    expect(page.locator(".sl-figure svg:visible").first).to_be_visible()
    said = page.locator("main").first.inner_text().replace("\u00a0", " ")
    assert "The run gives 4.636 ×" in said
    context.close()


def test_works_from_a_file(context, pages):
    page = context.new_page()
    page.goto((pages / CHAPTER).as_uri())
    page.evaluate(OPEN)
    explorer = page.locator(".sl-explore").first
    before = state(explorer)
    move(explorer)
    expect(explorer.locator("figcaption")).not_to_have_text(before[1])
    assert all(one != other for one, other in zip(before, state(explorer), strict=True))


# what JupyterLab says of lists in the output of a cell
JUPYTERLAB = """
.jp-RenderedHTMLCommon dl { display: block; width: 100%; }
.jp-RenderedHTMLCommon dt { float: left; width: 20%; }
.jp-RenderedHTMLCommon dd { float: left; width: 80%; }
"""


def test_a_verdict_keeps_its_columns_in_jupyterlab(context, monkeypatch):
    monkeypatch.delenv("SCALELAB_RENDER", raising=False)
    verdict = Verdict("any", "wrong", (("Expected", "1"), ("Why it matters", "Words. " * 80)))
    body = verdict._repr_mimebundle_()["text/html"]
    page = context.new_page()
    page.set_content(f'<style>{JUPYTERLAB}</style><div class="jp-RenderedHTMLCommon">{body}</div>')
    box = page.locator(".sl-verdict").bounding_box()
    labels = [label.bounding_box() for label in page.locator("dt").all()]
    texts = [text.bounding_box() for text in page.locator("dd").all()]
    assert len({text["x"] for text in texts}) == 1
    assert all(label["x"] + label["width"] < texts[0]["x"] for label in labels)
    assert all(label["y"] == text["y"] for label, text in zip(labels, texts, strict=True))
    assert texts[1]["x"] + texts[1]["width"] < box["x"] + box["width"] <= 1200
