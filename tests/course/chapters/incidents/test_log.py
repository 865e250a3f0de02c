"""The log names symptoms, in the order of time, and never a cause."""

import re

import pytest

from scalelab.course.chapters.incidents.log import log_of
from scalelab.course.chapters.incidents.recorded import CAUSES, recorded_runs
from scalelab.quantities import NBSP


@pytest.mark.parametrize("name", CAUSES)
def test_the_log_of_an_incident(name):
    lines = log_of(recorded_runs()[name][0])
    seconds = [int(line.split(" s")[0]) for line in lines]
    assert seconds == sorted(seconds)
    assert lines
    assert not any(name in line for line in lines)


def test_a_share_is_written_as_in_the_text():
    said = "".join("".join(log_of(runs[0])) for runs in recorded_runs().values())
    assert f"100{NBSP}% in use" in said
    assert not re.search(r"\d%", said)
