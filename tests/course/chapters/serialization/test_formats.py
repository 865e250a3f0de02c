"""Bytes and times of the chapter on serialization."""

import pytest

from scalelab.course.chapters.serialization import formats
from scalelab.plotting import canvas
from scalelab.real.codecs import codecs, sizes_bytes


@pytest.mark.parametrize("payload", formats.payloads())
@pytest.mark.parametrize("packed", [False, True])
def test_the_explorer_of_sizes_says_its_numbers(payload, packed):
    _, ax = canvas()
    text = formats.draw_sizes(ax, payload, packed)
    value, schema = formats.payloads()[payload]
    size = sizes_bytes(value, codecs(schema))["json"][int(packed)]
    assert f"json {size:,}" in text
    assert payload in text


def test_the_explorer_of_numbers_says_its_bytes():
    _, ax = canvas()
    text = formats.draw_fields(ax, 9)
    assert text == "The number 10⁹: JSON text 10 bytes, MessagePack 5 bytes, varint 5 bytes"


def test_times_go_from_dictionary_to_dictionary_and_one_keeps_its_message():
    times = formats.measured_times_s(seconds=0.001)
    assert sum(times[formats.KEPT]) < sum(times["protobuf"])
    text = formats.time_table(times).text
    assert "orjson" in text
    assert formats.KEPT in text
    _, ax = canvas()
    formats.plot_times(ax, times)
    assert {label.get_text() for label in ax.texts} == set(times)


def test_prices_by_counting():
    found = formats.price_sizes()
    assert found["MessagePack"] - found["MessagePack, 32-bit floats"] == 4 * 1_000
    assert found["MessagePack, 32-bit floats"] < found["json"] < found["protobuf"]
    assert formats.cents_survive()
