import base64
import html
import json
import re
import sys

import pytest

from scalelab.course.explore import MOST_FRAMES, Control, explore


def draw(ax, load, servers):
    ax.plot([0, 1], [0, load * servers])
    return f"{servers} servers at {load:g}: {load * servers:.2f} busy."


CONTROLS = {
    "load": Control("load", [0.5, 0.7, 0.9], start=1),
    "servers": Control("servers", [1, 4]),
}


def explored(**controls):
    return explore(draw, alt="Busy servers.", **(controls or CONTROLS))


@pytest.fixture(scope="module")
def body(page_of):
    return page_of(explored)


def frames_of(body):
    return json.loads(html.unescape(re.search(r'data-frames="([^"]*)"', body)[1]))


class TestFrames:
    def test_one_for_each_point_of_the_grid_the_last_control_fastest(self, body):
        assert frames_of(body)["texts"] == [
            "1 servers at 0.5: 0.50 busy.",
            "4 servers at 0.5: 2.00 busy.",
            "1 servers at 0.7: 0.70 busy.",
            "4 servers at 0.7: 2.80 busy.",
            "1 servers at 0.9: 0.90 busy.",
            "4 servers at 0.9: 3.60 busy.",
        ]

    def test_each_has_a_light_and_a_dark_image_of_its_own(self, body):
        images = frames_of(body)["images"]
        assert len(images) == 6
        assert all(len(pair) == 2 for pair in images)
        assert len({source for pair in images for source in pair}) == 12
        for source in images[0]:
            svg = base64.b64decode(source.partition("base64,")[2])
            assert svg.startswith(b"<svg")

    def test_the_page_shows_the_frame_of_the_start(self, body):
        assert "1 servers at 0.7: 0.70 busy.</figcaption>" in body
        shown = re.findall(r'<img [^>]*src="([^"]*)" alt="([^"]*)"', body)
        assert [source for source, _ in shown] == frames_of(body)["images"][2]
        assert all(alt == "Busy servers. 1 servers at 0.7: 0.70 busy." for _, alt in shown)

    def test_the_images_wait_until_they_are_looked_at(self, body):
        assert len(re.findall(r"<img [^>]*loading=\"lazy\"", body)) == 2

    def test_sliders_step_through_the_values_and_have_labels(self, body):
        sliders = re.findall(r"<label><span>([^<]*)</span><input ([^>]*)><output>([^<]*)<", body)
        assert [(label, shown) for label, _, shown in sliders] == [
            ("load", "0.7"),
            ("servers", "1"),
        ]
        load, servers = (html.unescape(attributes) for _, attributes, _ in sliders)
        assert 'max="2"' in load
        assert 'value="1"' in load
        assert '["0.5", "0.7", "0.9"]' in load
        assert 'max="1"' in servers
        assert 'value="0"' in servers

    def test_the_number_is_announced(self, body):
        assert 'aria-live="polite"' in body
        assert 'aria-valuetext="0.7"' in body

    def test_two_runs_draw_the_same(self, body, page):
        assert explored()._repr_mimebundle_()["text/html"] == body

    def test_several_panels(self, page):
        def two(axes, load):
            axes[0].plot([load])
            axes[1].plot([load])
            return f"{len(axes)} panels"

        shown = explore(two, alt="Two.", panels=2, load=Control("load", [1, 2]))
        assert "2 panels" in shown._repr_mimebundle_()["text/html"]

    def test_texts_are_escaped(self, page):
        def sly(ax, load):
            return '<script>alert("x")</script>'

        body = explore(sly, alt="Sly.", load=Control("l", [1]))._repr_mimebundle_()["text/html"]
        assert "<script>" not in body


@pytest.mark.filterwarnings("ignore::DeprecationWarning:ipywidgets")
class TestWidgets:
    @pytest.fixture
    def box(self, notebook):
        pytest.importorskip("ipywidgets")
        return explored()

    def test_it_starts_where_the_controls_say(self, box):
        _, line, load, servers = box.children
        assert (load.value, servers.value) == (0.7, 1)
        assert line.value == "<p>1 servers at 0.7: 0.70 busy.</p>"

    def test_moving_a_slider_redraws(self, box):
        image, line, load, _ = box.children
        before = image.value
        load.value = 0.9
        assert line.value == "<p>1 servers at 0.9: 0.90 busy.</p>"
        assert image.value != before
        assert 'alt="Busy servers. 1 servers at 0.9: 0.90 busy."' in image.value

    def test_moving_back_shows_the_same_image(self, box):
        image, _, load, _ = box.children
        before = image.value
        load.value = 0.5
        load.value = 0.7
        assert image.value == before

    def test_without_ipywidgets_the_figure_stands_still_and_says_how_to_move_it(
        self, notebook, monkeypatch
    ):
        monkeypatch.setitem(sys.modules, "ipywidgets", None)
        body = explored()._repr_mimebundle_()["text/html"]
        assert "1 servers at 0.7: 0.70 busy." in body
        assert "pip install -e &#x27;.[labs]&#x27;" in body


class TestBadInput:
    def test_no_control(self):
        with pytest.raises(ValueError, match=r"explore: controls must hold .* got none"):
            explore(draw, alt="Busy servers.")

    def test_too_many_frames_are_refused_before_any_is_drawn(self, page):
        def never(ax, **values):
            raise AssertionError("drawn")

        wide = Control("n", range(15))
        with pytest.raises(ValueError, match=f"at most {MOST_FRAMES} frames, got 225; give a"):
            explore(never, alt="Busy servers.", a=wide, b=wide)

    def test_as_many_as_are_allowed(self, page):
        drawn = []

        def count(ax, a):
            drawn.append(a)
            return str(a)

        with pytest.raises(ValueError, match="got 201"):
            explore(count, alt="Busy servers.", a=Control("a", range(MOST_FRAMES + 1)))
        assert drawn == []

    def test_a_control_without_values(self):
        with pytest.raises(ValueError, match="Control: values must not be empty"):
            Control("n", [])

    @pytest.mark.parametrize("start", [-1, 3])
    def test_a_start_that_is_no_index(self, start):
        with pytest.raises(ValueError, match=f"start must be an index of the 3 .* got {start}"):
            Control("n", [1, 2, 3], start=start)
