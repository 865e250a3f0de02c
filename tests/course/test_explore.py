import html
import importlib
import json
import re
import sys

import pytest
from support.tree import ROOT, cells, notebooks

from scalelab.course.contents import CHAPTERS
from scalelab.course.controls import Quantity, Selector, Switch
from scalelab.course.explore import MOST_FRAMES, Task, explore
from scalelab.quantities import percent


def draw_busy(ax, load, servers):
    ax.plot([0, 0.5, 1], [0, 0, load * servers])
    return f"{servers} servers at {load:g}: {load * servers:.2f} busy."


TASK = Task("Find 3 busy ones.", lambda load, servers: load * servers > 3, "0.9 × 4 = 3.6.")
CONTROLS = {
    "load": Quantity("load", [0.5, 0.7, 0.9], start=0.7, shown=percent),
    "servers": Quantity("how many", [1, 4], unit="servers"),
}


def explored(task=TASK, **controls):
    return explore(draw_busy, alt="Busy servers.", task=task, **(controls or CONTROLS))


@pytest.fixture(scope="module")
def body(page_of):
    return page_of(explored)


def frames_of(body):
    return json.loads(re.search(r'<script [^>]*class="sl-frames">(.*?)</script>', body)[1])


def frames_in(body):
    return re.search(r'<script [^>]*class="sl-frames">.*?</script>', body)[0]


def plain(text):
    return text.replace("\u00a0", " ")


class TestFrames:
    def test_one_for_each_point_of_the_grid_the_last_control_fastest(self, body):
        assert [plain(text) for text in frames_of(body)["texts"]] == [
            "1 servers at 0.5: 0.50 busy.",
            "4 servers at 0.5: 2.00 busy.",
            "1 servers at 0.7: 0.70 busy.",
            "4 servers at 0.7: 2.80 busy.",
            "1 servers at 0.9: 0.90 busy.",
            "4 servers at 0.9: 3.60 busy.",
        ]

    def test_each_has_a_picture_of_its_own_wide_and_for_a_phone(self, body):
        data = frames_of(body)
        pictures = ["".join(data["parts"][i] for i in frame) for frame in data["frames"]]
        assert len(set(pictures)) == 6
        assert all(re.findall(r"sl-(wide|narrow)", p) == ["wide", "narrow"] for p in pictures)

    def test_frames_share_what_is_alike(self, body):
        data = frames_of(body)
        assert len(data["parts"]) < 0.6 * sum(map(len, data["frames"]))

    def test_the_page_shows_the_frame_of_the_start(self, body):
        data = frames_of(body)
        start = "".join(data["parts"][i] for i in data["frames"][2])
        assert f'<div class="sl-frame">{start}</div>' in body
        assert 'aria-label="Busy servers. 1\u00a0servers at 0.7: 0.70 busy."' in start
        assert "1\u00a0servers at 0.7: 0.70 busy.</figcaption>" in body

    def test_a_slider_shows_value_and_unit(self, body):
        sliders = re.findall(
            r'<label class="sl-quantity"[^>]*><span>([^<]*)</span><input ([^>]*)>', body
        )
        assert [label for label, _ in sliders] == ["load", "how many"]
        load, servers = (plain(html.unescape(attributes)) for _, attributes in sliders)
        assert 'max="2"' in load
        assert 'value="1"' in load
        assert '["50 %", "70 %", "90 %"]' in load
        assert 'aria-valuetext="70 %"' in load
        assert '["1 servers", "4 servers"]' in servers

    def test_a_choice_has_segments_and_a_switch_a_box(self, page):
        def draw_any(ax, code, packed):
            ax.plot([1, 2, 3])
            return f"{code} {packed}"

        task = Task("Find p.", lambda code, packed: code == "p", "p.")
        controls = {
            "code": Selector("code", {"JSON": "j", "pickle": "p"}),
            "packed": Switch("gzip"),
        }
        body = explore(draw_any, alt="Any.", task=task, **controls)._repr_mimebundle_()["text/html"]
        assert 'type="range"' not in body
        assert re.findall(r'<input type="radio" [^>]*><span>(\w+)<', body) == ["JSON", "pickle"]
        assert '<fieldset class="sl-choice" data-control="code"><legend>code</legend>' in body
        assert '<input type="checkbox"><span>gzip</span>' in body
        assert frames_of(body)["texts"] == ["j False", "j True", "p False", "p True"]

    def test_the_task_knows_the_frames_that_are_right(self, body):
        assert 'data-right="5"' in body
        assert 'data-told="0.9\u00a0×\u00a04 =\u00a03.6."' in body

    def test_curves_leave_a_ghost_and_lines_across_none(self, page):
        def draw_two(ax, n):
            ax.plot([1, 2, n])
            ax.axhline(1)
            ax.bar([0, 1], [n, n])
            return str(n)

        task = Task("Find 2.", lambda n: n == 2, "2.")
        shown = explore(draw_two, alt="Two.", task=task, n=Quantity("n", [1, 2]))
        data = frames_of(shown._repr_mimebundle_()["text/html"])
        picture = "".join(data["parts"][i] for i in data["frames"][0])
        assert picture.count('class="sl-main" data-panel="0"') == 2 * 3  # a curve and two bars

    def test_two_runs_draw_the_same(self, body, page):
        assert explored()._repr_mimebundle_()["text/html"] == body

    def test_texts_are_escaped(self, page):
        def draw_sly(ax, load):
            return '<script>alert("x")</script>'

        task = Task("Find <b>.", lambda load: load == 2, "</script>")
        shown = explore(draw_sly, alt="Sly.", task=task, load=Quantity("l", [1, 2]))
        body = shown._repr_mimebundle_()["text/html"]
        assert "<script>alert" not in body.replace(frames_in(body), "")
        assert body.count("</script>") == 1


class TestTask:
    def test_only_the_smallest_may_answer(self, page):
        task = Task("Find.", lambda load, servers: servers == 4, "So.", smallest="load")
        assert 'data-right="1"' in explored(task)._repr_mimebundle_()["text/html"]
        task = Task("Find.", lambda load, servers: servers == 4, "So.", largest="load")
        assert 'data-right="5"' in explored(task)._repr_mimebundle_()["text/html"]

    @pytest.mark.parametrize(
        ("right", "count"),
        [
            (lambda load, servers: False, 0),
            (lambda load, servers: True, 6),
            (lambda load, servers: load == 0.7, 2),
        ],
    )
    def test_a_task_that_asks_for_nothing_is_refused(self, page, right, count):
        with pytest.raises(ValueError, match=f"explore: task must be right .* got {count} of 6"):
            explored(Task("Find.", right, "So."))


@pytest.mark.filterwarnings("ignore::DeprecationWarning:ipywidgets")
class TestWidgets:
    @pytest.fixture
    def box(self, notebook):
        pytest.importorskip("ipywidgets")
        return explored()

    def test_it_starts_where_the_controls_say(self, box):
        _, line, load, servers, *_ = box.children
        assert (load.value, servers.value) == (0.7, 1)
        assert "<p>1 servers at 0.7: 0.70 busy.</p>" in plain(line.value)
        assert (load.description, servers.description) == ("load", "how many")

    def test_moving_a_slider_redraws(self, box):
        image, line, load, *_ = box.children
        before = image.value
        load.value = 0.9
        assert "<p>1 servers at 0.9: 0.90 busy.</p>" in plain(line.value)
        assert image.value != before
        assert 'aria-label="Busy servers. 1 servers at 0.9: 0.90 busy."' in plain(image.value)
        load.value = 0.7
        assert image.value == before

    def test_the_task_is_checked(self, box):
        _, _, load, servers, question, button, answer, _ = box.children
        assert "Find 3 busy ones." in plain(question.value)
        button.click()
        assert "Not yet." in answer.value
        load.value, servers.value = 0.9, 4
        assert answer.value == ""
        button.click()
        assert "Right. 0.9 × 4 = 3.6." in plain(answer.value)

    def test_a_choice_and_a_switch_are_what_they_are(self, notebook):
        widgets = pytest.importorskip("ipywidgets")

        def draw_any(ax, code, packed):
            return f"{code} {packed}"

        task = Task("Find p, packed.", lambda code, packed: code == "p" and packed, "p.")
        controls = {
            "code": Selector("code", {"JSON": "j", "pickle": "p"}),
            "packed": Switch("gzip"),
        }
        _, line, code, packed, _, button, answer, _ = explore(
            draw_any, alt="Any.", task=task, **controls
        ).children
        assert isinstance(code, widgets.ToggleButtons)
        assert isinstance(packed, widgets.Checkbox)
        code.value, packed.value = "p", True
        assert "<p>p True</p>" in line.value
        button.click()
        assert "Right." in answer.value

    def test_without_ipywidgets_the_figure_stands_still_and_says_how_to_move_it(
        self, notebook, monkeypatch
    ):
        monkeypatch.setitem(sys.modules, "ipywidgets", None)
        body = explored()._repr_mimebundle_()["text/html"]
        assert "1 servers at 0.7: 0.70 busy." in plain(body)
        assert "pip install -e &#x27;.[labs]&#x27;" in body


class TestBadInput:
    def test_no_control(self):
        with pytest.raises(ValueError, match=r"explore: controls must hold .* got none"):
            explore(draw_busy, alt="Busy servers.", task=TASK)

    def test_too_many_frames_are_refused_before_any_is_drawn(self, page):
        def never(ax, **values):
            raise AssertionError("drawn")

        wide = Quantity("n", range(15))
        with pytest.raises(ValueError, match=f"at most {MOST_FRAMES} frames, got 225; give a"):
            explore(never, alt="Busy servers.", task=TASK, a=wide, b=wide)


def explorers():
    """Each explorer of the book: its notebook and its cell."""
    return [
        (path, cell["source"])
        for path in notebooks()
        if ROOT / "book" in path.parents
        for cell in cells(path, "code")
        if re.search(r"^explore\(", cell["source"], re.M)
    ]


def test_each_explorer_of_the_book_has_a_task_and_each_task_an_explorer():
    asked = {
        (path.stem if path.stem != "index" else "landing", name)
        for path, source in explorers()
        for name in re.findall(r"task=tasks\.(\w+)", source)
    }
    assert len(asked) == len(explorers()) > 20
    there = {}
    for chapter in {*CHAPTERS, "landing"}:
        try:
            module = importlib.import_module(f"scalelab.course.chapters.{chapter}.tasks")
        except ModuleNotFoundError:
            continue
        there |= {(chapter, n): t for n, t in vars(module).items() if isinstance(t, Task)}
    assert set(there) == asked
    assert all("find" in task.question.lower() for task in there.values())
    assert all(task.told.endswith(".") for task in there.values())
    assert len({task.question for task in there.values()}) == len(there)


def test_explorers_of_a_page_have_names_of_their_own():
    names = [(path, re.search(r"explore\(\s*(\w+)", source)[1]) for path, source in explorers()]
    assert len(set(names)) == len(names)
