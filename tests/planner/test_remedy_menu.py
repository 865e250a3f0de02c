"""What may be on a menu of remedies."""

import pytest

from scalelab.planner.remedy_menu import RemedyMenu, check_menu


def test_the_usual_menu_is_taken_for_none():
    assert check_menu("f", None) == RemedyMenu()
    mine = RemedyMenu(sizes=(4, 8))
    assert check_menu("f", mine) is mine
    with pytest.raises(ValueError, match="f: menu must be of the class RemedyMenu"):
        check_menu("f", 3)


@pytest.mark.parametrize("sizes", [(), (4, 2), (2, 2), [2, 4]])
def test_sizes_go_up(sizes):
    with pytest.raises(ValueError, match="RemedyMenu: sizes must"):
        RemedyMenu(sizes=sizes)


def test_nothing_can_save_all_the_work():
    with pytest.raises(ValueError, match="RemedyMenu: app_saved must"):
        RemedyMenu(app_saved=1.0)
    assert RemedyMenu(cacheable_share=1.0).cacheable_share == 1
