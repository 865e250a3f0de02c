"""Formats that are installed, on real objects."""

import pytest

from scalelab.course.chapters.serialization import formats
from scalelab.real.codecs import Field, codecs, json_text, message_class, times_s


def test_every_format_gives_back_what_it_was_given():
    for value, schema in formats.payloads().values():
        for codec in codecs(schema).values():
            assert codec.decode(codec.encode(value)) == value


def test_bad_schemas_and_bad_times_are_named():
    twice = (Field(name="a", number=1, kind="int64"), Field(name="b", number=1, kind="string"))
    with pytest.raises(ValueError, match="message_class: fields must have names and numbers of"):
        message_class("Twice", twice)
    with pytest.raises(ValueError, match="message_class: kind of a must be one of"):
        message_class("Odd", (Field(name="a", number=1, kind="float128"),))
    with pytest.raises(ValueError, match="times_s: seconds must be finite and > 0, got 0"):
        times_s({}, codecs(), seconds=0)


def test_json_for_people_has_blanks():
    assert len(json_text(formats.TINY, indent=2)) > len(json_text(formats.TINY))
