"""Each principle pays in its first case, and less in its second."""

import pytest

from scalelab.course.chapters.principles import checks as c


@pytest.mark.parametrize("check", c.checks(), ids=lambda check: check.principle)
def test_a_principle_pays_here_and_not_there(check):
    assert check.pays_here_only
    swapped = c.Check(
        check.principle, "", check.there, "", check.brings, check.words, check.is_price
    )
    assert not swapped.pays_here_only


def test_there_are_ten_in_the_guides_order():
    assert [check.principle.split(".")[0] for check in c.checks()] == [str(i) for i in range(1, 11)]


def test_a_quarter_of_the_sessions_goes_with_one_of_four_servers():
    assert c.sessions_lost(4) == pytest.approx(0.25, abs=0.01)
    assert "25" in c.state_in_words()


def test_gains_by_hand():
    assert c.optimising_usd(64) == pytest.approx(0.4 * 64 * 90 * 12 - 8 * 600)
    assert c.trip_share(0.010) == pytest.approx(0.07)
    assert c.doubled(0) == pytest.approx((4 / 1.06) / (2 / 1.02) - 1)
    assert c.at_night(1) == pytest.approx(1.0)
    assert c.at_night(0) == 0


def test_losses_and_nothing_are_written_so():
    text = c.checks_table().text
    assert "4 cores | −$3,072 a year" in text
    assert "20 users, other part | 0 % more" in text
    assert "by that list twice the cores cost 2.0 ×" in c.contradictions_table().text
    assert "by the modulo 50 % move to 6, and 75 % to 4" in c.contradictions_table().text
    assert "after 2 s 12 % of the reads are old" in c.contradictions_table().text
