import importlib.metadata

import pytest
from packaging.requirements import Requirement

from scalelab import extras
from scalelab.extras import MissingExtraError, how_to_get, missing, require, requirements


def test_what_is_there_is_imported():
    assert require("json.decoder", "real").JSONDecoder


def test_what_is_missing_is_named_with_its_extra():
    words = r"^the module no_such_thing is missing: pip install -e '\.\[real\]' in the clone"
    with pytest.raises(MissingExtraError, match=words):
        require("no_such_thing", "real")
    with pytest.raises(LookupError, match=r"^a thing is missing: "):
        require("no_such_thing", "real", LookupError, "a thing")


def test_the_extras_are_those_of_the_project(project):
    assert set(requirements()) == set(project["optional-dependencies"])
    assert "numba" in {line.name for line in requirements()["fast"]}


def test_an_extra_names_what_this_machine_needs_only(monkeypatch):
    lines = {
        "Provides-Extra": ["real"],
        "Requires-Dist": [
            "numpy",
            'here; extra == "real"',
            'nowhere; extra == "real" and sys_platform == "amiga"',
        ],
    }

    class Metadata:
        get_all = lines.get

    monkeypatch.setattr(importlib.metadata, "metadata", lambda name: Metadata)
    assert [line.name for line in requirements()["real"]] == ["here"]


def test_a_package_that_is_not_installed_is_a_sentence(monkeypatch):
    def unknown(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "metadata", unknown)
    with pytest.raises(MissingExtraError, match="the package is not installed"):
        requirements()


def test_a_version_out_of_range_is_missing():
    assert missing([Requirement("pytest"), Requirement("pytest<1")]) == ["pytest<1"]


@pytest.mark.parametrize("extra", ["real", "labs"])
def test_no_remedy_names_an_index(extra):
    """No index has the package: whoever took the name there would get the reader's install."""
    assert "scalelab" not in how_to_get(extra)
    assert extras.__file__
