"""The comparison of what the course says on several processors can fail."""

import json

import pytest
from support import processors
from support.processors import differing, kinds, negative_zeros, said_by


@pytest.mark.parametrize(
    ("flags", "found"),
    [
        ({"sse4_2"}, ["Nehalem"]),
        ({"sse4_2", "avx2", "fma"}, ["Nehalem", "Haswell"]),
        ({"sse4_2", "avx2", "fma", "avx512f", "avx512bw"}, ["Nehalem", "Haswell", "SkylakeX"]),
        ({"neon"}, []),
    ],
)
def test_only_what_this_processor_can_run_is_tried(flags, found):
    assert kinds(flags) == found


def test_another_word_is_found_in_its_cell():
    here = {"vertical": ["κ = 0.1", "no peak"], "landing": ["x"]}
    assert differing(here, here) == set()
    assert differing(here, here | {"vertical": ["κ = 0.1", "a peak"]}) == {("vertical", 1)}


@pytest.mark.parametrize("text", ["κ = -0.000000, no peak", "a change of −0", "[-0.0, 1]", "-0 %"])
def test_a_negative_zero_is_found(text):
    assert len(negative_zeros({"vertical": ["fine", text]})) == 1


@pytest.mark.parametrize("text", ["-0.5", "10-0", "-0.001", "2026-01-05", "-05", "-0.00001", "0"])
def test_what_is_none_is_let_be(text):
    assert negative_zeros({"vertical": [text]}) == []


def test_a_notebook_says_what_it_prints_and_what_its_cells_end_in(tmp_path):
    cells = [
        {"cell_type": "markdown", "source": ["print('no')"]},
        {"cell_type": "code", "source": ["x = 2\n", "print('two')\n", "x + 1"]},
        {"cell_type": "code", "source": ["x"]},
    ]
    notebook = tmp_path / "n.ipynb"
    notebook.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    assert said_by(notebook) == ["two\n3", "2"]


def test_every_chapter_is_read():
    assert len(processors.chapters()) > 5
