"""The recorded plans are those of the chapter's statements."""

from scalelab.course.chapters.query_optimization.plans import STEPS
from scalelab.course.chapters.query_optimization.recorded import PLANS


def test_every_statement_with_a_name_has_its_plan_and_no_other():
    assert list(PLANS) == [name for name, _ in STEPS if name]
    assert all(plan.buffers > 0 and plan.found >= 0 for plan in PLANS.values())
