import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.workloads.oracle_general import read_oracle_general
from scalelab.workloads.traces import (
    TraceFormatError,
    read_csv_trace,
    read_text_trace,
    renumber_keys,
)


def in_order_of_appearance(keys):
    seen = {}
    return [seen.setdefault(key, len(seen)) for key in keys]


@given(keys=st.lists(st.integers(-50, 50), min_size=1, max_size=200))
def test_numbers_are_renumbered_as_by_a_dictionary(keys):
    assert renumber_keys(np.array(keys)).tolist() == in_order_of_appearance(keys)
    assert renumber_keys(keys).tolist() == in_order_of_appearance(keys)


@given(keys=st.lists(st.text(max_size=3), min_size=1, max_size=50))
def test_text_is_renumbered(keys):
    assert renumber_keys(keys).tolist() == in_order_of_appearance(keys)


def test_far_apart_and_over_many_chunks(rng):
    keys = rng.integers(0, 2**63, 1_000, dtype=np.uint64)
    assert renumber_keys(keys).tolist() == list(range(1_000))
    long = rng.integers(10**12, 10**12 + 5_000, 2_200_000)
    numbers = renumber_keys(long)
    assert np.array_equal(numbers[:3_000], in_order_of_appearance(long[:3_000].tolist()))
    where = np.full(5_000, -1)
    where[long - 10**12] = numbers  # one number for each key, wherever it stands
    assert np.array_equal(where[long - 10**12], numbers)


def test_renumbering_needs_little_memory():
    keys = np.arange(3_000_000, dtype=np.int64) % 1_000
    tracemalloc.start()
    numbers = renumber_keys(keys)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < numbers.nbytes + 40e6  # the result, and chunks that do not grow


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int64, ">i2", np.uint8, np.uint64])
def test_small_types_do_not_overflow(dtype):
    """In eight bits 100 - (-100) is -56; the keys then fell together."""
    info = np.iinfo(dtype)
    keys = np.array([info.min, info.max, info.min + 3, info.max], dtype)
    if info.max - info.min > 2**20:
        keys = np.array([info.max - 2_000, info.max, info.max - 3, info.max], dtype)
    assert renumber_keys(keys).tolist() == [0, 1, 2, 1]
    shorts = np.arange(-20_000, 20_001).astype(np.int16)
    assert renumber_keys(shorts).tolist() == list(range(40_001))


def test_text_file(tmp_path):
    file = tmp_path / "keys.txt"
    file.write_text("home\n basket \n\nhome\n", encoding="utf-8")
    trace = read_text_trace(file)
    assert trace.key.tolist() == [0, 1, 0]
    assert trace.keys == 2
    assert trace.time_s is None


def test_csv_by_name_and_by_position(tmp_path):
    file = tmp_path / "trace.csv"
    file.write_text("t;what;size\n0.5;a;10\n1;b;20\n2;a;10\n", encoding="utf-8")
    trace = read_csv_trace(file, key="what", time_s="t", size_bytes=2, delimiter=";")
    assert trace.key.tolist() == [0, 1, 0]
    assert trace.time_s.tolist() == [0.5, 1.0, 2.0]
    assert trace.size_bytes.tolist() == [10, 20, 10]
    assert read_csv_trace(file, key=1, delimiter=";").key.tolist() == [0, 1, 2, 1]  # no header


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("t,key\n0,a\nsoon,b\n", r"got line 3: 'soon' instead of a number"),
        ("t,key\n0,a\n1\n", r"got line 3: 1 columns"),
        ("t,key\nnan,a\n", r"got line 2: 'nan' instead of a finite number >= 0"),
        ("t,key\n-1,a\n", r"got line 2: '-1' instead of a finite number"),
        ("t,key\n", r"must hold a request, got 0"),
        ("t,key\n5,a\n3,b\n4,c\n", r"got line 3: time 3 after 5"),
        ('t,key\n1,a\n2,"b\n3,c\n4,d\n', r"got line 5: unexpected end of data"),
        ("", r"key must be one of the columns \[\], got 'key'"),
        ("t,name\n0,a\n", r"key must be one of the columns \['t', 'name'\]"),
    ],
)
def test_bad_csv_is_named_with_its_line(tmp_path, content, words):
    file = tmp_path / "trace.csv"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(TraceFormatError, match=rf"^read_csv_trace: .*{words}"):
        read_csv_trace(file, key="key", time_s="t")


def test_files_that_are_no_text(tmp_path):
    file = tmp_path / "trace"
    file.write_bytes(b"\xff\xfe\x00a\n")
    with pytest.raises(TraceFormatError, match=r"read_text_trace: .* must be text in UTF-8, got"):
        read_text_trace(file)
    with pytest.raises(TraceFormatError, match=r"read_csv_trace: .* must be a table .*, got line"):
        read_csv_trace(file, key=0)


@pytest.mark.parametrize("read", [read_text_trace, read_oracle_general])
def test_paths(tmp_path, read):
    for bad in (None, 3, "", True):
        with pytest.raises(ValueError, match=rf"{read.__name__}: path must be a path, got"):
            read(bad)
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "nothing")


@pytest.mark.parametrize(
    ("cell", "words"),
    [("0.9", "instead of a whole number of bytes"), ("1e40", "number"), ("-1", "number >= 0")],
)
def test_a_size_that_is_not_whole_is_named(tmp_path, cell, words):
    file = tmp_path / "trace.csv"
    file.write_text(f"a,5\nb,{cell}\n", encoding="utf-8")
    with pytest.raises(TraceFormatError, match=rf"got line 2: '{cell}' .*{words}"):
        read_csv_trace(file, key=0, size_bytes=1)


def test_large_sizes_are_exact(tmp_path):
    file = tmp_path / "trace.csv"
    file.write_text(f"a,{2**53 + 1}\nb,4096.0\nc, 7\n", encoding="utf-8")
    trace = read_csv_trace(file, key=np.int64(0), size_bytes=np.int8(1))
    assert trace.size_bytes.tolist() == [2**53 + 1, 4_096, 7]


def test_a_byte_order_mark_is_no_part_of_a_key(tmp_path):
    file = tmp_path / "trace"
    file.write_bytes(b"\xef\xbb\xbfkey,n\na,1\nb,2\na,3\n")
    assert read_csv_trace(file, key="key").key.tolist() == [0, 1, 0]
    file.write_bytes(b"\xef\xbb\xbfa\nb\na\n")
    assert read_text_trace(file).key.tolist() == [0, 1, 0]
    assert read_csv_trace(file, key=0).key.tolist() == [0, 1, 0]


def test_a_file_packed_by_zstd_is_opened_or_named(tmp_path):
    file = tmp_path / "trace"
    file.write_bytes(b"\x28\xb5\x2f\xfd" + bytes(20))  # as long as a record
    with pytest.raises(TraceFormatError, match="zstd file"):
        read_oracle_general(file)
