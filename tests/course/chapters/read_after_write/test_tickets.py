import pytest

from scalelab.course.chapters.read_after_write import tickets
from scalelab.plotting import canvas


def test_the_picture_has_a_lane_for_each_ticket():
    _, ax = canvas()
    tickets.plot_tickets(ax)
    words = [text.get_text() for text in ax.texts]
    assert [word for word in words if ":" in word] == list(tickets.TICKETS)
    assert words.count("saved") == 3
    assert words[1:6] == ["saved", "", "not there", "5\u00a0ms later", "there"]


@pytest.mark.parametrize("ticket", tickets.TICKETS.values())
def test_each_ticket_is_missed_first_and_seen_last(ticket):
    write, *reads = ticket()
    assert write.is_write
    assert reads[0].value in (None, "old")
    assert reads[-1].value == write.value
