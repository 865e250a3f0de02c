"""The dashboard."""

from scalelab.course.chapters.incidents.metrics import NAMES
from scalelab.course.chapters.incidents.recorded import recorded_runs


def test_every_line_has_its_words_and_a_value_a_second():
    for runs in recorded_runs().values():
        for metrics in runs:
            assert list(metrics) == list(NAMES)
            assert {len(values) for values in metrics.values()} == {240}
