"""What there is to find with the explorers of the chapter on serialization."""

from __future__ import annotations

from scalelab.course.chapters.serialization.formats import payloads
from scalelab.course.explore import Task
from scalelab.models.encoded_size import decimal_bytes, varint_bytes
from scalelab.real.codecs import codecs, sizes_bytes

FIELDS = Task(
    "Find the smallest of these numbers whose text takes twice the bytes of its varint, or more.",
    lambda magnitude: decimal_bytes(10**magnitude) >= 2 * varint_bytes(10**magnitude),
    "A digit of text is a byte that could hold 256 values and holds ten; a byte of a varint "
    "holds 128.",
    smallest="magnitude",
)


def _json_is_smaller(payload: str, packed: bool) -> bool:
    value, schema = payloads()[payload]
    sizes = sizes_bytes(value, codecs(schema))
    return sizes["json"][packed] < sizes.get("MessagePack", sizes["pickle"])[packed]


SIZES = Task(
    "Find an object that takes fewer bytes in JSON than in MessagePack.",
    _json_is_smaller,
    "A price as text has about six bytes, a float of 64 bits has nine in MessagePack, whatever "
    "it holds.",
)
