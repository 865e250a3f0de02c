"""What is recorded says what the lab's page says."""

from scalelab.course.chapters.capstone._record import turned
from scalelab.course.chapters.capstone.contract import LEAST_KEPT
from scalelab.course.chapters.capstone.recorded import recorded
from scalelab.course.chapters.capstone.rivals import BUDGET_USD, naive_plans


def test_all_that_the_page_names_is_there():
    assert [plan.name for plan in recorded("naive")] == list(naive_plans())
    assert [plan.name for plan in recorded("turned")] == list(turned())
    assert len(recorded("searched")) >= 30


def test_no_naive_plan_keeps_the_contract_within_the_budget():
    (best,) = recorded("best")
    assert best.kept >= LEAST_KEPT
    assert best.usd < BUDGET_USD
    good = [plan for plan in recorded("naive") if plan.kept >= LEAST_KEPT]
    assert good  # it can be kept for more
    assert all(plan.usd > 1.2 * BUDGET_USD for plan in good)


def test_the_inherited_system_is_dear_and_breaks_the_contract_in_every_week():
    inherited = recorded("naive")[0]
    assert inherited.kept == 0
    assert inherited.usd > 10 * BUDGET_USD


def test_no_switch_of_the_best_plan_is_free():
    """Turned, each breaks the contract in more weeks, or costs more."""
    (best,) = recorded("best")
    for plan in recorded("turned"):
        assert plan.kept < best.kept or plan.usd > best.usd + 1, plan.name
