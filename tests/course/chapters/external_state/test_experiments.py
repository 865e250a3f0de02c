"""Experiments of the chapter on external state."""

import pytest

from scalelab.course.chapters.external_state import experiments
from scalelab.plotting import canvas


@pytest.mark.parametrize(("write", "trips"), [("always", 2), ("changed", 1), ("after", 1)])
def test_a_request_waits_for_its_journeys(write, trips):
    assert experiments.request_time_s(0.004, 0.010, write) == pytest.approx(trips * 0.004 + 0.010)


def test_only_a_renewal_on_reading_keeps_a_reader():
    assert (
        experiments.logged_out_after_s("save", ttl_s=1_000) == 1_200
    )  # found out at the next page
    assert experiments.logged_out_after_s("access", ttl_s=1_000) == float("inf")
    assert experiments.logged_out_after_s("access", ttl_s=200) == 300


def test_requests_apart_lose_nothing_and_requests_together_do():
    apart, together = {"a": 0.0, "b": 0.2, "c": 0.4}, {"a": 0.0, "b": 0.02, "c": 0.04}
    assert experiments.cart_after(apart, guarded=False) == ["a", "b", "c"]
    assert experiments.cart_after(together, guarded=False) == ["c"]
    assert experiments.cart_after(together, guarded=True) == ["a", "b", "c"]


def test_a_store_without_a_replica_comes_back_empty():
    assert experiments.surviving_sessions(durable=False, sessions=20) == 0
    assert experiments.surviving_sessions(durable=True, sessions=20) == 20


def test_the_explorers_say_what_they_draw():
    _, ax = canvas()
    text = experiments.draw_request(ax, 5.0, 5.0)
    assert "15 ms with load and save, 10 ms with a load only, 5 ms in memory" in text
    assert "67 % of the first" in text
    _, ax = canvas()
    text = experiments.draw_memory(ax, 30, 640)
    assert "24,000 sessions, 15.4 MB, 75 % of them idle" in text


def test_the_real_server_answers_or_says_how_to_get_one():
    text = experiments.on_valkey(0.002, requests=3).text
    assert "round trips" in text or "install" in text
    tabs = experiments.tabs_on_valkey().text
    assert "with a version | book, pen" in tabs or "install" in tabs


def test_the_pictures_have_their_parts():
    assert len(experiments.store_picture().axes) == 1
    _, ax = canvas()
    experiments.plot_reads(ax)
    assert sorted(len(line.get_xdata()) for line in ax.lines) == [0, 5, 7, 12]


def test_a_replica_is_as_good_as_its_switch_over():
    server, store, switched, paper = experiments.minutes_away(0.999).values()
    assert server == store > switched > paper
    assert switched == pytest.approx(24)
