import pytest

from scalelab.course.chapters.read_after_write import tickets
from scalelab.plotting import drawn_for_a_phone


def test_the_picture_has_a_lane_for_each_ticket():
    figure = tickets.tickets_picture()
    words = [text.get_text() for text in figure.axes[0].texts]
    assert [word for word in words if ":" in word] == list(tickets.TICKETS)
    assert words.count("saved") == 3
    assert words[1:6] == ["saved", "", "not there", "5\u00a0ms later", "there"]


@pytest.mark.parametrize("ticket", tickets.TICKETS.values())
def test_each_ticket_is_missed_first_and_seen_last(ticket):
    write, *reads = ticket()
    assert write.is_write
    assert reads[0].value in (None, "old")
    assert reads[-1].value == write.value


def test_on_a_phone_it_has_the_same_events_in_fewer_words():
    figure = drawn_for_a_phone(tickets.tickets_picture())
    words = [text.get_text() for text in figure.axes[0].texts]
    assert words[1:6] == ["saved", "", "not there", "5\u00a0ms", "there"]
    assert [word.replace("\n", " ") for word in words if ":" in word] == list(tickets.TICKETS)
