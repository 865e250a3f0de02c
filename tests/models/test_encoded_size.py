"""Sizes of numbers, against the libraries that write them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.models.encoded_size import decimal_bytes, msgpack_integer_bytes, varint_bytes

EDGES = [0, 31, 127, 128, 255, 256, 65_535, 65_536, 2**32 - 1, 2**32, 2**63, 2**64 - 1]
NEGATIVE = [-1, -32, -33, -128, -129, -32_768, -32_769, -(2**31), -(2**31) - 1, -(2**63)]
NUMBERS = st.one_of(st.sampled_from(EDGES + NEGATIVE), st.integers(-(2**63), 2**64 - 1))


@given(NUMBERS)
def test_text(value):
    assert decimal_bytes(value) == len(json.dumps(value))


@given(NUMBERS)
def test_msgpack(value):
    msgpack = pytest.importorskip("msgpack")
    assert msgpack_integer_bytes(value) == len(msgpack.packb(value))


@given(st.integers(-(2**63), 2**63 - 1))
def test_varint(value):
    """An Int64Value is one field: a tag of one byte, and the varint; zero is left out."""
    wrappers = pytest.importorskip("google.protobuf.wrappers_pb2")
    written = len(wrappers.Int64Value(value=value).SerializeToString())
    assert written == (1 + varint_bytes(value) if value else 0)


@given(st.integers(0, 2**64 - 1))
def test_unsigned_varint(value):
    wrappers = pytest.importorskip("google.protobuf.wrappers_pb2")
    written = len(wrappers.UInt64Value(value=value).SerializeToString())
    assert written == (1 + varint_bytes(value) if value else 0)


@pytest.mark.parametrize("digits", [1, 15, 300, 301, 4_299, 4_300, 4_301, 10_000])
def test_numbers_of_many_digits(digits):
    """Python itself refuses to print more than 4,300."""
    assert decimal_bytes(10 ** (digits - 1)) == digits
    assert decimal_bytes(10**digits - 1) == digits
    assert decimal_bytes(-(10**digits) + 1) == digits + 1
