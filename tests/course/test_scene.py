"""Scenes: what is counted on the picture is what the fakes and the simulators counted."""

import html
import importlib
import json
import math
import pkgutil
import re
import shutil
import subprocess

import pytest
from support.tree import PACKAGE

from scalelab.course import chapters
from scalelab.course.chapters.horizontal import scenes as horizontal
from scalelab.course.chapters.landing import scenes as landing
from scalelab.course.page import STATIC
from scalelab.course.scene import MOST_EVENTS, SHAPES, scene
from scalelab.course.shows.servers import show_balancer
from scalelab.course.stage import LOOKS, Stage
from scalelab.fakes.balancing.load_balancer import LoadBalancer


def drop(*_):
    pass


def record(run, value, until_s):
    stage = Stage()
    run(stage, value)
    return stage.run(until_s), stage


def scenes_of_all_chapters():
    """Every run of every chapter: the function, its value, and until when it is shown."""
    for info in pkgutil.iter_modules(chapters.__path__):
        if not (PACKAGE / "course" / "chapters" / info.name / "scenes.py").exists():
            continue
        module = importlib.import_module(f"scalelab.course.chapters.{info.name}.scenes")
        for run, runs, until_s in module.SCENES:
            for name, value in runs.items():
                yield pytest.param(run, value, until_s, id=f"{run.__name__}, {name}")


EVERY = list(scenes_of_all_chapters())


@pytest.mark.parametrize(("run", "value", "until_s"), EVERY)
def test_the_picture_counts_what_the_fakes_count(run, value, until_s):
    trace, stage = record(run, value, until_s)
    wrong = [
        (ms, name, number, trace.count(name, ms))
        for ms, numbers in dict(stage.books).items()  # the last entry of each millisecond
        for name, number in numbers.items()
        if trace.count(name, ms) != number
    ]
    assert wrong == []


@pytest.mark.parametrize(("run", "value", "until_s"), EVERY)
def test_a_run_is_small_and_the_same_twice(run, value, until_s):
    trace = record(run, value, until_s)[0]
    assert trace.packed() == record(run, value, until_s)[0].packed()
    assert 0 < trace.events <= MOST_EVENTS
    assert trace.end_ms == round(1000 * until_s)


@pytest.mark.parametrize(("run", "value", "until_s"), EVERY)
def test_what_is_to_be_read_is_within_the_picture(run, value, until_s):
    picture = record(run, value, until_s)[0].picture
    for box in picture.boxes:
        assert box.x >= 0
        assert box.x + box.width <= 400
        assert box.y - 14 >= 0
        assert box.y + box.height <= picture.height
    assert picture.height <= 260  # a scene fits one screen of a phone


def data_of(shown):
    return html.unescape(re.search('data-trace="([^"]*)"', shown.body)[1])


def test_a_scene_says_in_words_what_it_shows():
    shown = scene(
        horizontal.one_dies,
        {"none": 0, "one": 1},
        choose="second tries",
        until_s=13.0,
        alt="Four servers behind a balancer; web-2 crashes.",
    )
    assert "web-2 is out of service" in shown.text
    assert "second tries: one" in shown.body
    assert len(data_of(shown).encode()) <= 40_000
    assert [run["name"] for run in json.loads(data_of(shown))["runs"]] == ["none", "one"]


def too_much(stage, times):
    for _ in range(times):
        landing.line_at(stage, 0.9)


def test_a_scene_refuses_what_it_cannot_show():
    with pytest.raises(ValueError, match=r"^scene: runs must hold at least one run, got \{\}"):
        scene(horizontal.one_dies, {}, until_s=1.0, alt="nothing")
    with pytest.raises(ValueError, match="at most 1,000 events, got"):
        scene(too_much, {"a": 3}, until_s=20.0, alt="three times as much")
    with pytest.raises(ValueError, match="show the same picture whatever its value"):
        scene(
            lambda stage, names: show_balancer(stage, LoadBalancer(stage.clock, names)),
            {"one": ["a"], "two": ["a", "b"]},
            until_s=1.0,
            alt="two pictures",
        )
    with pytest.raises(ValueError, match=r"^Stage\.run: stage must show something"):
        Stage().run(1.0)


def test_each_look_has_a_shape_of_its_own():
    assert set(SHAPES) == set(LOOKS)
    assert len(set(SHAPES.values())) == len(LOOKS)


# The player ---------------------------------------------------------------------------------

PLAYER = ["scene_run.js", "scene.js"]


def test_the_player_is_small():
    assert sum((STATIC / name).stat().st_size for name in PLAYER) <= 20_000


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
@pytest.mark.parametrize(("run", "value", "until_s"), EVERY)
def test_the_player_counts_what_python_counts(run, value, until_s, tmp_path):
    trace, _ = record(run, value, until_s)
    shown = json.loads(data_of(scene(run, {"a": value}, until_s=until_s, alt="a run of a scene")))
    times = [int(until_s * 1000 * i / 40) for i in range(41)]
    script = (STATIC / "scene_run.js").read_text(encoding="utf-8") + (
        f"const shown = {json.dumps(shown)}; const run = scalelabRun.prepare(shown, shown.runs[0]);"
        f"console.log(JSON.stringify({times}.map((t) => scalelabRun.numbers(shown, run, t))));"
    )
    path = tmp_path / "count.js"
    path.write_text(script, encoding="utf-8")
    done = subprocess.run(["node", path], capture_output=True, text=True, check=True, timeout=60)
    for ms, said in zip(times, json.loads(done.stdout), strict=True):
        ours = [f"{counter} {trace.count(counter, ms)}" for counter in trace.counters]
        ours = [part.replace(" ", "\u00a0") for part in ours]  # a line ends between two
        left = sorted(
            steps[-1][0] + steps[-1][2] - steps[0][0]
            for steps in trace.steps
            if trace.picture.places[steps[-1][1]].counter == shown["p99"]
            and steps[-1][0] + steps[-1][2] <= ms
        )
        if shown["p99"]:
            rank = math.ceil(0.99 * len(left)) - 1
            p99 = f"{left[rank] / 1000:.2f}" if left else "–"
            # JavaScript rounds a half up, Python to even
            parts = said.split("\u00a0· ")
            assert parts[:-1] == ours
            if left:
                assert abs(float(parts[-1].split("\u00a0")[-2]) - float(p99)) < 0.0101
        else:
            assert said.split("\u00a0· ") == ours
