"""Scenes in a real browser: what is counted below the picture, and what keys and media do."""

import html
import json
import re

import pytest
from playwright.sync_api import expect

from scalelab.course.chapters.horizontal import scenes
from scalelab.course.page import STATIC
from scalelab.course.scene import scene
from scalelab.course.stage import Place, Stage

CHAPTER = "book/scaling/horizontal.html"
RUNS = {"none": 0, "one": 1}
UNTIL_S = 13.0


@pytest.fixture
def shown(monkeypatch):
    """A page with one scene, whole in itself."""
    monkeypatch.setenv("SCALELAB_RENDER", "page")
    return page_of(
        scene(scenes.one_dies, RUNS, choose="second tries", until_s=UNTIL_S, alt="A server dies.")
    )


def page_of(made):
    style, script = (
        "".join((STATIC / name).read_text(encoding="utf-8") for name in names)
        for names in (("scalelab.css", "scene.css"), ("scene_run.js", "scene.js"))
    )
    return (
        f"<!doctype html><html lang='en'><title>A scene</title><style>{style}</style>"
        f"<main>{made.body}</main><script>{script}</script></html>"
    )


@pytest.fixture
def open_page(browser, shown):
    """Open the page in a context of one's own; a complaint of it is a fault."""
    contexts = []

    def opened(**settings):
        context = browser.new_context(**settings)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        page.set_content(shown)
        return page

    yield opened
    for context in contexts:
        context.close()


def trace_of(value):
    stage = Stage()
    scenes.one_dies(stage, value)
    return stage.run(UNTIL_S)


def to_time(page, ms):
    page.locator(".sl-bar input").evaluate(
        "(slider, ms) => { slider.step = 1; slider.value = ms;"
        " slider.dispatchEvent(new Event('input')); }",
        ms,
    )


def test_the_numbers_below_the_picture_are_the_traces(open_page):
    page = open_page()
    checked = 0
    for i, value in enumerate(RUNS.values()):
        trace = trace_of(value)
        page.locator(".sl-choice input").nth(i).check(force=True)
        for ms in range(0, trace.end_ms + 1, 650):
            to_time(page, ms)
            said = page.locator(".sl-numbers").nth(i).inner_text()
            for counter in trace.counters:
                name = counter.replace(" ", "\u00a0")
                assert f"{name}\u00a0{trace.count(counter, ms)}" in said
                checked += 1
    assert checked > 100


def test_it_plays_by_keyboard_and_reads_aloud_at_a_pause(open_page):
    page = open_page()
    page.get_by_role("button", name="Restart").press("Enter")
    assert page.locator(".sl-time").inner_text() == "0.0\u00a0s"
    page.get_by_role("button", name="Next sentence").press("Enter")
    assert page.locator(".sl-time").inner_text() == "4.3\u00a0s"
    assert "web-2" in page.locator(".sl-live").text_content()
    page.locator(".sl-bar select").select_option("4")
    page.get_by_role("button", name="Play").press("Space")
    silent = page.locator(".sl-live").text_content()
    page.wait_for_timeout(400)
    assert page.locator(".sl-live").text_content() == silent
    page.get_by_role("button", name="Pause").press("Space")
    assert page.locator(".sl-live").text_content() != silent
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_it_fits_one_screen_of_a_phone(open_page):
    page = open_page(viewport={"width": 390, "height": 844})
    box = page.locator(".sl-scene").bounding_box()
    assert box["height"] <= 640
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    sizes = page.locator(".sl-scene .sl-picture svg text:visible").evaluate_all(
        "texts => texts.map((text) => parseFloat(getComputedStyle(text).fontSize) *"
        " text.ownerSVGElement.clientWidth / 400)"
    )
    assert min(sizes) >= 11


@pytest.mark.parametrize(("width", "beside"), [(1400, True), (768, True), (390, False)])
def test_the_words_stand_beside_the_picture_where_there_is_room(open_page, width, beside):
    page = open_page(viewport={"width": width, "height": 900})
    places = [page.locator(name).first.bounding_box() for name in (".sl-picture", ".sl-told")]
    picture, words = places
    assert (words["x"] >= picture["x"] + picture["width"]) == beside
    assert (words["y"] >= picture["y"] + picture["height"]) != beside


def test_without_motion_it_steps(open_page):
    page = open_page(reduced_motion="reduce")
    page.evaluate(
        "() => { window.drawn = 0; const clear = CanvasRenderingContext2D.prototype.clearRect;"
        " CanvasRenderingContext2D.prototype.clearRect = function (...box) {"
        " window.drawn++; return clear.apply(this, box); } }"
    )
    page.get_by_role("button", name="Play").click()
    page.wait_for_timeout(2_500)
    assert 1 <= page.evaluate("window.drawn") <= 5


def test_without_scripts_it_is_a_picture_with_words(open_page):
    page = open_page(java_script_enabled=False)
    assert page.locator(".sl-tokens path").count() > 0
    assert "answered" in page.locator(".sl-numbers").inner_text()
    page.locator(".sl-script summary").click()
    assert "web-2 crashes." in page.locator(".sl-script").inner_text()


def test_paper_shows_where_the_reader_was(open_page):
    page = open_page()
    to_time(page, 2_000)
    dots = page.locator(".sl-tokens").first.locator("path")
    assert dots.count() == 0
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert dots.count() > 0


def crowd(stage, number):
    """So many tokens under way at once, for ten seconds."""
    line = Place(name="from", x=20, y=20, dx=14, dy=16, columns=25, most=250)
    tokens = [stage.token(stage.place(line)) for _ in range(number)]
    there = stage.place(Place(name="to", x=380, y=200, keep="out", counter="there"))

    def arrive():
        for token in tokens:
            stage.move(token, there, since_s=0.0)

    stage.clock.schedule_at(10.0, arrive)


def test_a_frame_of_250_moving_requests_takes_half_its_time_at_most(browser, monkeypatch):
    """A frame is 16.7 ms; the script's part of it, the median of many, on a machine with others."""
    monkeypatch.setenv("SCALELAB_RENDER", "page")
    context = browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2)
    page = context.new_page()
    page.set_content(page_of(scene(crowd, {"all": 250}, until_s=10.0, alt="A crowd moves.")))
    spent_ms = page.locator(".sl-bar input").evaluate(
        """(slider) => {
            slider.step = 1;
            return Array.from({ length: 200 }, (_, i) => {
                slider.value = 100 + 40 * i;
                const before = performance.now();
                slider.dispatchEvent(new Event("input"));
                return performance.now() - before;
            });
        }"""
    )
    context.close()
    assert sorted(spent_ms)[100] < 8


def test_every_scene_of_the_book_is_small(pages):
    """At most 40 kB of JSON a scene."""
    sizes = {}
    for path in (pages / "book").glob("*/*.html"):
        for i, data in enumerate(re.findall(r"data-trace='([^']*)'", path.read_text("utf-8"))):
            sizes[f"{path.stem} {i}"] = len(html.unescape(data).encode())
            assert json.loads(html.unescape(data))["runs"]
    assert len(sizes) >= 10
    assert {name: size for name, size in sizes.items() if size > 40_000} == {}
