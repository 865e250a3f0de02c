import pytest

from scalelab.course.chapters.write_sharding import transactions
from scalelab.plotting import canvas


@pytest.mark.parametrize(
    ("point", "until_back", "bob"),
    [
        ("before prepare", False, 0),
        ("after prepare", True, 0),
        ("before decision", True, 0),
        ("after decision", True, 30),
        ("after first send", True, 30),
        ("before end", False, 30),
    ],
)
@pytest.mark.parametrize("back_s", [2.0, 7.0])
def test_in_doubt_until_the_coordinator_is_back(point, until_back, bob, back_s):
    locked_s, balance = transactions.doubt_s(point, back_s)
    assert balance == bob
    if until_back:
        assert back_s - 0.1 < locked_s < back_s + 1.0
    else:
        assert locked_s < 0.05


def test_all_points_are_drawn_and_said():
    _, ax = canvas()
    assert transactions.plot_doubt(ax) is ax
    assert len(ax.get_yticks()) == len(transactions.POINTS) == 6
    assert transactions.doubts_in_words().count(";") == 5


def test_a_saga_is_seen_half_done_and_undone():
    assert transactions.saga_story() == (100, 70, 100)
