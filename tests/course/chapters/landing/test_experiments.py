import pytest

from scalelab.course.chapters.landing.experiments import draw_slowdown
from scalelab.plotting import canvas


@pytest.mark.parametrize(
    ("busy", "workers", "says"),
    [
        (0.5, 1, "With 1 worker, busy 50 % of the time, a request takes 2.00 times as long"),
        (0.9, 1, "10.00 times as long"),
        (0.5, 2, "With 2 workers, busy 50 % of the time, a request takes 1.33 times"),
    ],
)
def test_the_figure_says_its_number(busy, workers, says):
    _, ax = canvas()
    assert says in draw_slowdown(ax, busy, workers)
    assert any("\u00a0×" in text.get_text() for text in ax.texts)


def test_the_worst_point_is_on_the_figure():
    _, ax = canvas()
    assert "20.00 times" in draw_slowdown(ax, 0.95, 1)
    (words,) = ax.texts
    assert words.xy[1] < ax.get_ylim()[1]
