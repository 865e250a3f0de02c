"""The figures of the page on speed show what the benchmarks wrote."""

import pytest
from support.tree import ROOT

from scalelab.course.chapters.reference import speed
from scalelab.figure_layout import for_a_phone

RATES = """job,who,million,ratio
"M/M/8 queue, load 0.9","queue, numba",152,1
"M/M/8 queue, load 0.9","queue, plain",8.36,18.7
"M/M/8 queue, load 0.9",simpy,0.136,"1,148"
"M/M/8 queue, load 0.9",ciw,0.0752,"2,067"
"A day of 86,400 ticks, target tracking","run, numba","1,488",1
"LRU, 10,000 of 1,000,000 keys, Zipf 1.0","simulate, numba",100,1
"LRU, 10,000 of 1,000,000 keys, Zipf 1.0","simulate, plain",5,20
"LRU, 10,000 of 1,000,000 keys, Zipf 1.0",lru-dict,200,0.5
"""
COST = """simulator,n,ns,bytes,peak
"queue, 8 servers",1e+04,6.35,8.0,0.0
"queue, 8 servers",1e+06,26.09,8.0,0.0
"queue, 8 servers",1e+08,20.00,8.0,2.2
"lru cache, 10 % of the keys",1e+04,45.54,401.5,0.0
"""


@pytest.fixture
def rates(tmp_path):
    (tmp_path / "speed.csv").write_text(RATES)
    return speed.read_rates(tmp_path / "speed.csv")


def test_the_fastest_of_the_others_is_set_beside_ours(rates):
    assert rates["M/M/8 queue, load 0.9"] == {"ours": 152, "plain": 8.36, "other": 0.136}
    assert rates["A day of 86,400 ticks, target tracking"] == {"ours": 1488}
    assert speed.gains(rates.values()) == pytest.approx([152 / 0.136, 0.5])


def names(ax):
    return [text.get_text() for text in ax.get_yticklabels()]


def test_queues_and_caches_have_a_figure_each(rates):
    (ax,) = speed.rates_figure(rates).axes
    assert names(ax) == ["M/M/8 queue, load 0.9", "A day of 86,400 ticks"]
    assert list(ax.get_lines()[0].get_xdata()) == [152, 1488]
    (ax,) = speed.caches_figure(rates).axes
    assert (ax.get_title(loc="left"), names(ax)) == ("10,000 places", ["LRU"])


def test_a_long_name_takes_a_second_line_and_loses_no_word():
    job = "LRU at 48 sizes by Che's approximation, cold start counted"
    (ax,) = speed.rates_figure({job: {"ours": 1.0, "plain": 0.5, "other": 0.1}}).axes
    assert names(ax) == ["LRU at 48 sizes by\nChe's approximation"]


def test_jobs_that_begin_alike_have_a_row_each():
    jobs = [f"Every LRU size in one pass, beside one run at {size}" for size in ("10", "1,000")]
    (ax,) = speed.rates_figure(
        {job: {"ours": 2.0, "plain": 1.5, "other": 1.0} for job in jobs}
    ).axes
    assert names(ax) == [f"Every LRU size in one\npass, at {size}" for size in ("10", "1,000")]


@pytest.mark.parametrize("phone", [False, True], ids=["wide", "phone"])
def test_nothing_stands_outside_of_a_figure(phone):
    rates = speed.read_rates(ROOT / "book" / "reference" / "speed.csv")
    cost = speed.cost_figure(ROOT / "book" / "reference" / "cost.csv")
    for figure in (speed.rates_figure(rates), speed.caches_figure(rates), cost):
        figure = for_a_phone(figure) if phone else figure
        figure.draw_without_rendering()
        for ax in figure.axes:
            assert ax.get_window_extent().width > 0.25 * figure.bbox.width
            assert all(name.get_window_extent().x0 > 0 for name in ax.get_yticklabels())
            if legend := ax.get_legend():
                assert legend.get_window_extent().x1 < figure.bbox.x1


def test_cost_is_shown_for_the_ends_and_for_all_between(tmp_path):
    (tmp_path / "cost.csv").write_text(COST)
    (ax,) = speed.cost_figure(tmp_path / "cost.csv").axes
    assert names(ax) == ["queue, 8 servers", "lru cache"]
    first, last = (list(line.get_xdata()) for line in ax.get_lines())
    assert (first[0], last[0]) == (6.35, 20.0)
    assert [line.get_label() for line in ax.get_lines()] == ["10,000 items", "100,000,000 items"]
    (span, _) = (part.get_segments()[0] for part in ax.collections)
    assert span[:, 0].tolist() == [6.35, 26.09]


def test_compiling_has_a_bar_a_line(tmp_path):
    (tmp_path / "compile.csv").write_text("what,how,number,seconds,each\nall,anew,50,8.88,0.1\n")
    (ax,) = speed.compiling_figure(tmp_path / "compile.csv").axes
    assert [bar.get_width() for bar in ax.patches] == [8.88]
    assert ax.texts[0].get_text() == "8.88 s"
