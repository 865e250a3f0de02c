"""What is recorded says what the lab's page says."""

from scalelab.course.chapters.capstone._record import FURTHER, SEARCHED, indifferent, turned
from scalelab.course.chapters.capstone.contract import FRESH, LEAST_KEPT, SEEN
from scalelab.course.chapters.capstone.recorded import recorded, rows_of
from scalelab.course.chapters.capstone.rivals import BUDGET_USD, naive_plans
from scalelab.quantities import NBSP

GROUPS = ("naive", "turned", "indifferent", "searched")
SAME_USD = 5.0  # a month: what the servers of one week differ by


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


def test_the_best_keeps_the_contract_in_weeks_that_nobody_chose_it_by():
    (best,), (further,) = recorded("best"), recorded("further")
    assert not set(FURTHER) & {*SEARCHED, *SEEN, *FRESH}
    assert f"{len(FURTHER)} further weeks" in further.name
    assert further.kept >= LEAST_KEPT
    assert abs(further.usd - best.usd) < 0.01 * best.usd


def test_the_inherited_system_is_dear_and_breaks_the_contract_in_every_week():
    inherited = recorded("naive")[0]
    assert inherited.kept == 0
    assert inherited.usd > 10 * BUDGET_USD


def free_turns(best, turned):
    """Turns that keep the contract for no more money: what a switch without a price shows."""
    return [
        plan.name for plan in turned if plan.kept >= LEAST_KEPT and plan.usd <= best.usd + SAME_USD
    ]


def test_no_switch_of_the_best_plan_is_free():
    """Turned, each breaks the contract in more weeks than it may, or costs more."""
    (best,) = recorded("best")
    assert free_turns(best, recorded("turned")) == []


def test_a_switch_without_a_price_would_be_seen():
    """What the page says hardly matters is just that, and the other test would name it."""
    (best,) = recorded("best")
    names = [plan.name for plan in recorded("indifferent")]
    assert names == list(indifferent())
    assert free_turns(best, recorded("indifferent")) == names


def test_each_switch_turned_either_way_has_a_price():
    """No decision is best at its end: what costs nothing has rows on both of its sides."""
    turned_plans = {plan.name: plan for plan in recorded("turned")}
    for none, more in (
        ("no shedding", "shedding above 50 ms"),
        ("no retry", "two retries"),
        ("asynchronous", "both replicas must acknowledge"),
    ):
        assert turned_plans[none].kept < LEAST_KEPT, none
        assert turned_plans[more].kept < LEAST_KEPT, more


def dominating(plan, others):
    """Plans that keep the contract in as many weeks for less, or in more for as much."""
    return [
        other.name
        for other in others
        if (other.kept >= plan.kept and other.usd < plan.usd - SAME_USD)
        or (other.kept > plan.kept and other.usd <= plan.usd)
    ]


def test_no_recorded_plan_dominates_the_best_and_it_dominates_not_all():
    """Cheaper plans keep it in fewer weeks; plans that keep it are dearer."""
    (best,) = recorded("best")
    every = [plan for group in GROUPS for plan in recorded(group)]
    assert dominating(best, every) == []
    assert [plan for plan in every if plan.usd < best.usd - SAME_USD]
    dearer = next(plan for plan in every if plan.kept == best.kept and plan.usd > best.usd + 100)
    assert best.name in dominating(dearer, [best])  # the comparison can find something


def test_no_line_ends_between_a_promise_and_its_weeks():
    broken = next(row["broken in weeks"] for row in rows_of("naive") if row["plan"] == "inherited")
    assert broken == f"stale{NBSP}20×, lost{NBSP}9×"
