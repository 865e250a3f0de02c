"""An emptied cache, a lost server, and what availability promises."""

import numpy as np
import pytest

from scalelab.course.chapters.principles import outages as o
from scalelab.plotting import canvas


def test_the_pictures_are_drawn():
    _, ax = canvas()
    for draw in (o.plot_cache_latency, o.plot_emptied, o.plot_lost_server):
        draw(ax)
    assert ax.get_xlim() == (0, o.WATCHED_S - 1)


def test_a_far_cache_is_slower_and_a_near_one_quicker():
    assert o.with_cache_ms() == pytest.approx(3 + 0.3 * 4)
    assert o.with_cache_ms(lookup_ms=0.5) == pytest.approx(0.5 + 0.3 * 4)
    assert o.with_cache_ms(0.75) == pytest.approx(o.QUERY_MS)


def test_an_emptied_cache_comes_back_only_if_reads_go_on_to_fill_it():
    dropped, filling = (o.emptied(keeps_filling=keeps) for keeps in (False, True))
    before = slice(5, int(o.EMPTIED_S))
    assert min(dropped[before].mean(), filling[before].mean()) > 0.98
    assert dropped[-20:].mean() < 0.1
    assert filling[-20:].mean() > 0.98
    assert "Its cache answers 72" in o.emptied_in_words()
    assert o.needed_without_cache() == pytest.approx(1_400 * 0.006 / 4)


def test_two_servers_that_need_each_other_are_no_spare():
    two, three = (o.lost_server(*fleet) for fleet in o.SPARES.values())
    gone = slice(int(o.GONE_S[0]) + 10, int(o.GONE_S[1]))
    assert two[gone].mean() < 0.01
    assert three[gone].mean() > 0.99
    rates = [o.spare_shop(*fleet).demand.rate_per_s for fleet in o.SPARES.values()]
    assert rates[0] == pytest.approx(rates[1])


def test_less_load_needs_no_third():
    """The same loss with two servers, of which one can carry all, is not seen either."""
    assert o.lost_server(2, 0.35)[int(o.GONE_S[0]) + 10 : int(o.GONE_S[1])].mean() > 0.95


def test_hours_without_any_part():
    hours = 365 * 24
    assert o.down_h(1) == pytest.approx(0.001 * hours)
    assert o.down_h(2) == pytest.approx(1e-6 * hours)
    assert o.down_h(2, 0.1) == pytest.approx((1e-4 + 0.9e-3**2) * hours, rel=1e-3)
    assert np.all(np.diff([o.down_h(2, share) for share in (0.0, 0.1, 0.5)]) > 0)
