import bz2
import gzip
import lzma
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.workloads.oracle_general import read_oracle_general, write_oracle_general
from scalelab.workloads.traces import (
    TraceFormatError,
    read_csv_trace,
    read_text_trace,
)


def in_order_of_appearance(keys):
    seen = {}
    return [seen.setdefault(key, len(seen)) for key in keys]


def test_the_binary_format_is_that_of_the_specification(tmp_path):
    """Unpacked by hand: time, key, size, number of the next request for the key."""
    file = tmp_path / "trace.oracleGeneral"
    write_oracle_general(file, [2**40, 7, 2**40], time_s=[0, 1, 5], size_bytes=[9, 8, 9])
    records = list(struct.iter_unpack("<IQIq", file.read_bytes()))
    assert records == [(0, 2**40, 9, 3), (1, 7, 8, -1), (5, 2**40, 9, -1)]


def test_libcachesim_reads_what_we_write(tmp_path):
    libcachesim = pytest.importorskip("libcachesim", exc_type=ImportError)
    file = tmp_path / "trace.oracleGeneral"
    write_oracle_general(file, [3, 1, 3, 2], time_s=[0, 1, 2, 3])
    reader = libcachesim.TraceReader(str(file), libcachesim.TraceType.ORACLE_GENERAL_TRACE)
    assert [request.obj_id for request in reader] == [3, 1, 3, 2]


@given(
    requests=st.lists(
        st.tuples(st.integers(0, 2**63 - 1), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1)),
        min_size=1,
        max_size=30,
    )
)
def test_round_trip(tmp_path_factory, requests):
    file = tmp_path_factory.mktemp("trace") / "trace.oracleGeneral"
    keys, times, sizes = map(list, zip(*requests, strict=True))
    times.sort()
    write_oracle_general(file, keys, time_s=times, size_bytes=sizes)
    trace = read_oracle_general(file)
    assert trace.key.tolist() == in_order_of_appearance(keys)
    assert trace.time_s.tolist() == times
    assert trace.size_bytes.tolist() == sizes
    assert read_oracle_general(file, max_requests=1).key.tolist() == [0]


def test_a_truncated_file_is_named(tmp_path):
    file = tmp_path / "trace.oracleGeneral"
    write_oracle_general(file, [1, 2])
    file.write_bytes(file.read_bytes()[:-5])
    words = r"read_oracle_general: .* must consist of records of 24 bytes, got 19 bytes after"
    with pytest.raises(TraceFormatError, match=words):
        read_oracle_general(file)
    file.write_bytes(b"")
    with pytest.raises(TraceFormatError, match=r"must hold a request, got 0"):
        read_oracle_general(file)


PACKERS = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress}


@pytest.mark.parametrize("kind", PACKERS)
def test_packed_files_are_opened(tmp_path, kind):
    """Whatever their name, and also where their length is a multiple of a record's."""
    file = tmp_path / "trace"
    file.write_bytes(PACKERS[kind](b"a\nb\na\n"))
    assert read_text_trace(file).key.tolist() == [0, 1, 0]
    assert read_csv_trace(file, key=0).key.tolist() == [0, 1, 0]
    write_oracle_general(file, [7, 8, 7])
    packed = PACKERS[kind](file.read_bytes())
    file.write_bytes(packed)
    assert read_oracle_general(file).key.tolist() == [0, 1, 0]
    assert read_oracle_general(file, max_requests=2).key.tolist() == [0, 1]
    file.write_bytes(packed[:-9])
    with pytest.raises(TraceFormatError, match=rf"must be a whole {kind} file, got"):
        read_oracle_general(file)


def test_what_only_begins_like_a_packed_file_is_read(tmp_path):
    file = tmp_path / "trace"
    file.write_bytes(b"BZh\nb\n")
    assert read_text_trace(file).keys == 2
    write_oracle_general(file, [1, 2], time_s=[0x8B1F, 0x8B1F])  # gzip's first two bytes
    assert read_oracle_general(file).time_s.tolist() == [0x8B1F, 0x8B1F]


def test_the_binary_format_is_in_order_of_time(tmp_path):
    file = tmp_path / "trace"
    with pytest.raises(ValueError, match="time_s must be in order of time, got 3"):
        write_oracle_general(file, [1, 2, 3], time_s=[5, 3, 4])
    write_oracle_general(file, [1, 2], time_s=[3, 4])
    first, second = file.read_bytes()[:24], file.read_bytes()[24:]
    file.write_bytes(second + first)
    with pytest.raises(TraceFormatError, match="order of time, got request 2: time 3 after 4"):
        read_oracle_general(file)
