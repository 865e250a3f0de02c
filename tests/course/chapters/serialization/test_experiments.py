"""Experiments of the chapter on serialization."""

import pytest

from scalelab.course.chapters.serialization import experiments
from scalelab.plotting import canvas
from scalelab.real.codecs import Field, codecs, json_text, message_class, sizes_bytes, times_s


def test_every_format_gives_back_what_it_was_given():
    for value, schema in experiments.payloads().values():
        for name, codec in codecs(schema).items():
            back = codec.decode(codec.encode(value))
            if name == "protobuf":
                assert back.SerializeToString() == codec.encode(value)
            else:
                assert back == value


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


@pytest.mark.parametrize("payload", range(4))
@pytest.mark.parametrize("packed", [False, True])
def test_the_explorer_of_sizes_says_its_numbers(payload, packed):
    _, ax = canvas()
    text = experiments.draw_sizes(ax, payload, packed)
    name, (value, schema) = list(experiments.payloads().items())[payload]
    size = sizes_bytes(value, codecs(schema))["json"][int(packed)]
    assert f"json {size:,}" in text
    assert name in text


def test_the_explorer_of_numbers_says_its_bytes():
    _, ax = canvas()
    text = experiments.draw_fields(ax, 9)
    assert text == "The number 10^9: JSON text 10 bytes, MessagePack 5 bytes, varint 5 bytes"


def test_tables_of_sizes_and_times():
    assert "json | 49 | 1 |" in experiments.size_table("the guide's three fields").text
    assert "orjson" in experiments.time_table(seconds=0.001).text
    assert len(experiments.flow_picture().axes) == 1


def test_on_valkey_tells_memory_or_how_to_get_a_server():
    text = experiments.on_valkey(sessions=3).text
    assert "held by the server" in text or "install" in text


def test_bad_schemas_and_bad_times_are_named():
    twice = (Field(name="a", number=1, kind="int64"), Field(name="b", number=1, kind="string"))
    with pytest.raises(ValueError, match="message_class: fields must have names and numbers of"):
        message_class("Twice", twice)
    with pytest.raises(ValueError, match="message_class: kind of a must be one of"):
        message_class("Odd", (Field(name="a", number=1, kind="float128"),))
    with pytest.raises(ValueError, match="times_s: seconds must be finite and > 0, got 0"):
        times_s({}, codecs(), seconds=0)


def test_json_for_people_has_blanks():
    assert len(json_text(experiments.TINY, indent=2)) > len(json_text(experiments.TINY))
