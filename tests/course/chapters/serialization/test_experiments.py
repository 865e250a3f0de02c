"""Experiments of the chapter on serialization."""

import pytest

from scalelab.course.chapters.serialization import experiments
from scalelab.plotting import canvas
from scalelab.real.codecs import codecs, sizes_bytes


def test_the_session_is_the_same_for_a_seed_and_differs_between_seeds():
    assert experiments.session_object(1) == experiments.session_object(1)
    assert experiments.session_object(1) != experiments.session_object(2)
    assert experiments.lint_session(experiments.session_object(5)) == []


def test_the_lint_names_each_fault():
    session = {"profile": [{"Email": "x"}], "pad": "y" * 5_000}
    faults = experiments.lint_session(session)
    assert [fault.split(":")[0].split(" ")[0] for fault in faults] == ["5,040", "no", "Email"]


def test_an_old_program_that_rebuilds_loses_the_coupon():
    text = experiments.survives_old_reader().text
    assert "rebuilt from known fields | lost" in text
    assert text.count("SPRING") == 2


def test_only_pickle_calls_a_function():
    text = experiments.bytes_that_act().text
    assert text.count("ran") == 1
    assert "pickle | our process id" in text


@pytest.mark.parametrize("payload", experiments.payloads())
@pytest.mark.parametrize("packed", [False, True])
def test_the_explorer_of_sizes_says_its_numbers(payload, packed):
    _, ax = canvas()
    text = experiments.draw_sizes(ax, payload, packed)
    value, schema = experiments.payloads()[payload]
    size = sizes_bytes(value, codecs(schema))["json"][int(packed)]
    assert f"json {size:,}" in text
    assert payload in text


def test_the_explorer_of_numbers_says_its_bytes():
    _, ax = canvas()
    text = experiments.draw_fields(ax, 9)
    assert text == "The number 10^9: JSON text 10 bytes, MessagePack 5 bytes, varint 5 bytes"


def test_tables_of_sizes_and_times():
    assert "json | 49 | 1.000 |" in experiments.size_table("the guide's three fields").text
    assert "orjson" in experiments.time_table(seconds=0.001).text
    assert len(experiments.flow_picture().axes) == 1


def test_on_valkey_tells_memory_or_how_to_get_a_server():
    text = experiments.on_valkey(sessions=3).text
    assert "held by the server" in text or "install" in text
