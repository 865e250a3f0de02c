"""The site of the labs for the browser: which files it takes, and when a page leads to it."""

import hashlib

import pytest
from support.tree import ROOT

from lite import __main__ as lite
from lite import wheels

LOCK = {
    "packages": {
        "numpy": {"name": "numpy", "depends": []},
        "python-dateutil": {"name": "python_dateutil", "depends": ["six"]},
        "pandas": {"name": "pandas", "depends": ["numpy", "python-dateutil"]},
        "six": {"name": "six", "depends": []},
        "black": {"name": "black", "depends": []},
    }
}


def test_what_is_needed_is_followed_and_nothing_else():
    assert wheels.closure(LOCK, ("Pandas",)) == ["numpy", "pandas", "python-dateutil", "six"]


def test_a_file_is_taken_by_its_sum_and_never_by_its_name(tmp_path, monkeypatch):
    good, bad = b"the wheel", b"another wheel"
    entry = {
        "name": "numpy",
        "version": "2",
        "depends": [],
        "file_name": "numpy-2-wasm.whl",
        "sha256": hashlib.sha256(good).hexdigest(),
    }
    monkeypatch.setattr(wheels, "runtime", lambda *_: {"packages": {"numpy": entry}})
    monkeypatch.setattr(wheels, "PURE", {})
    monkeypatch.setattr(wheels, "NEEDED", ("numpy",))
    monkeypatch.setattr(wheels, "closure", lambda lock: ["numpy"])
    name = entry["file_name"]
    monkeypatch.setattr(wheels, "sources", lambda _: [(name, lambda: bad), (name, lambda: good)])
    wheels.collect(tmp_path, tmp_path)
    assert (tmp_path / name).read_bytes() == good
    wasm = tmp_path / "numpy-2-cp314-wasm32.whl"
    wasm.write_bytes(bad)
    monkeypatch.setattr(wheels, "sources", lambda _: [(name, lambda: bad)])
    monkeypatch.setattr(wheels, "download", lambda *_: wasm)
    with pytest.raises(SystemExit, match=r"no source has numpy-2-wasm\.whl"):
        wheels.collect(tmp_path, tmp_path)


def test_the_page_of_a_lab_leads_to_the_site_only_where_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr(lite, "BOOK", tmp_path)
    (tmp_path / "labs").mkdir()
    page = tmp_path / "labs" / "vertical.html"
    page.write_text('<p class="sl-lite" hidden>Run</p>', encoding="utf-8")
    assert lite.open_links() == 1
    assert page.read_text("utf-8") == '<p class="sl-lite">Run</p>'
    assert lite.open_links() == 0


def test_the_site_has_every_lab_and_its_checks(tmp_path):
    lite.contents(tmp_path)
    labs = {path.name for path in (ROOT / "labs").glob("*.ipynb")}
    assert {path.name for path in tmp_path.glob("*.ipynb")} == labs
    assert (tmp_path / "checks" / "vertical.py").exists()
    assert list(tmp_path.rglob("__pycache__")) == []
