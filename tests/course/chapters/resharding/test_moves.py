"""Which order and which step left out spoils what, and how often."""

import numpy as np
import pytest

from scalelab.course.chapters.resharding import moves, tasks
from scalelab.plotting import canvas

WRONG = {  # by rule, what the client does, and tombstones
    ("overwrite", "a write", False): 1,
    ("overwrite", "a delete", False): 1,
    ("overwrite", "a delete", True): 1,
    ("if_absent", "a write", False): 0,
    ("if_absent", "a delete", False): 1,
    ("if_absent", "a delete", True): 0,
    ("versioned", "a write", True): 0,
    ("versioned", "a delete", False): 1,
    ("versioned", "a delete", True): 0,
}


@pytest.mark.parametrize("setting", WRONG)
def test_the_orders_that_end_wrong(setting):
    runs = moves.six_orders(*setting)
    wrong = [order for order, right in runs if not right]
    assert len(wrong) == WRONG[setting]
    for order in wrong:  # the copy reads first and writes last
        assert [who for who, _ in order.turns] == [1, 0, 0, 1]
    _, ax = canvas()
    assert f"{len(wrong)} of {len(runs)} orders" in moves.draw_orders(ax, *setting)


def test_the_task_has_one_answer():
    found = [s for s in WRONG if tasks.RISEN.right(rule=s[0], what=s[1], tombstones=s[2])]
    assert found == [("if_absent", "a delete", False)]


def test_each_thing_left_out_spoils_what_the_page_says():
    audits = {name: moves.skipped(name)[0] for name in moves.SKIPS}
    assert audits["nothing"].wrong == 0
    assert audits["the same, then repaired both ways"].wrong == 0
    assert audits["the double writes"].corrupted
    assert audits["the backfill"].missing
    assert not audits["the backfill"].corrupted
    plain, one_way = audits["versions and tombstones"], audits["the same, repaired one way"]
    assert plain.corrupted
    assert not one_way.corrupted
    assert one_way.resurrected == plain.resurrected != ()
    assert audits["nothing, and back after step 6"].wrong > 0


def test_a_wrong_row_is_named_and_a_right_move_names_none():
    audit, named = moves.skipped("versions and tombstones")
    assert named.startswith(f"{audit.corrupted[0]}: first, not")
    assert moves.skipped("nothing")[1] == "none"


@pytest.mark.parametrize(("rule", "part"), [("overwrite", 1.0), ("if_absent", moves.DELETES)])
def test_the_formula_is_what_the_fake_does(rule, part):
    share = 100 * part * moves.spoiled_share(moves.WRITES_PER_S, moves.COPY_S)
    runs = [moves.simulated_share(np.random.default_rng(i), rule) for i in range(8)]
    error = np.std(runs, ddof=1) / np.sqrt(len(runs))
    assert abs(np.mean(runs) - share) < 4 * error
    assert error < share / 4


def test_versions_with_tombstones_leave_nothing_wrong():
    assert moves.simulated_share(np.random.default_rng(1), "versioned", rows=1_000) == 0


def test_a_crash_is_found_from_both_sides_only():
    one_way, both, left = moves.after_a_crash()
    assert one_way == ("row 2",)
    assert both == ("row 2", "row 4")
    assert left == 0


def test_the_steps_are_verbs_of_the_fake():
    assert all(callable(getattr(moves.LiveResharding, verb)) for verb in moves.STEPS.values())
    assert moves.steps_table().text.count("\n") == 7


def test_what_is_shown():
    _, ax = canvas()
    assert moves.wrong_in_words().count(";") == len(moves.SKIPS) - 1
    assert moves.plot_skips(ax) is ax
    assert moves.skips_table().text.count("\n") == len(moves.SKIPS)
