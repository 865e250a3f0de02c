"""Every public name has a user: a page, a lab, a claim, the command, or what these use.

``WAITING`` says which chapter still to be written a name waits for: a whole module, or single names
of one. A name that a chapter has come to, or that is gone, has to leave the table.
"""

from collections import defaultdict

import pytest
from support.reach import Name, public_names, reached
from support.tree import chapters

# Modules and names, without scalelab., by the chapter that they wait for.
WAITING_FOR: dict[str, str] = {}
WAITING = {name: chapter for chapter, names in WAITING_FOR.items() for name in names.split()}


def faults(public: set[Name], used: set[Name], waiting: dict[str, str]) -> list[str]:
    """What the table says wrongly, and which names have neither a user nor a place in it."""
    of_module: dict[str, set[Name]] = defaultdict(set)
    for name in public:
        of_module[name[0].removeprefix("scalelab.")].add(name)
    found, excused = [], set()
    for key in waiting:
        module, _, last = key.rpartition(".")
        names = of_module.get(key) or of_module[module] & {(f"scalelab.{module}", last)}
        if not names:
            found.append(f"{key} waits, and is not there")
        found += [f"{'.'.join(name)} waits, and has a user" for name in sorted(names & used)]
        excused |= names
    return found + [f"{'.'.join(name)} has no user" for name in sorted(public - used - excused)]


def test_every_public_name_has_a_user_or_a_chapter_to_come():
    public = set(public_names())
    assert len(public) > 500
    assert faults(public, reached(), WAITING) == []


def test_a_chapter_that_is_there_lets_nothing_wait():
    there = {f"{path.parent.name}/{path.stem}" for path in chapters()}
    assert "scaling/horizontal" in there
    assert sorted(there & set(WAITING_FOR)) == []
    assert len(WAITING) == sum(len(names.split()) for names in WAITING_FOR.values())


A, B, C = (f"scalelab.models.{name}" for name in "abc")
HOUSE = {(A, "used"), (A, "idle"), (B, "late"), (B, "later"), (C, "Used")}
USED = {(A, "used"), (C, "Used")}


@pytest.mark.parametrize(
    ("waiting", "fault"),
    [
        (
            ["models.a.idle"],
            ["scalelab.models.b.late has no user", f"{B}.later has no user"],
        ),
        (["models.b"], [f"{A}.idle has no user"]),
        (
            ["models.a.idle", "models.b", "models.c"],
            ["scalelab.models.c.Used waits, and has a user"],
        ),
        (["models.a", "models.b"], [f"{A}.used waits, and has a user"]),
        (["models.a.idle", "models.b", "models.a.gone"], ["models.a.gone waits, and is not there"]),
        (["models.a.idle", "models.b", "models.d"], ["models.d waits, and is not there"]),
        (["models.a.idle", "models.b"], []),
    ],
)
def test_a_wrong_table_is_noticed(waiting, fault):
    assert faults(HOUSE, USED, dict.fromkeys(waiting, "a/chapter")) == fault


def test_what_is_reached_is_followed_name_by_name(tmp_path, monkeypatch):
    """A made-up tree: a notebook uses one function, which uses one of another module."""
    from support import reach, tree

    package, lab = tmp_path / "scalelab" / "models", tmp_path / "labs" / "checks" / "one.py"
    for folder in (package, lab.parent):
        folder.mkdir(parents=True)
    (package / "a.py").write_text(
        "from scalelab.models.b import low\nfrom scalelab.models import c\n"
        "def high(like=1): return low() + c.lowest + like\ndef idle(): return high()\n"
        "def like(): return 1\n"  # an argument of the same name uses nothing
    )
    (package / "b.py").write_text("def low(): return 1\ndef alone(): return low()\n")
    (package / "c.py").write_text("lowest = 0\ndef deep(): return lowest\n")
    lab.write_text("from scalelab.models.a import high\nprint(high())\n")
    for module in (reach, tree):
        monkeypatch.setattr(module, "ROOT", tmp_path)
        monkeypatch.setattr(module, "PACKAGE", tmp_path / "scalelab")
    idle = {f"{module}.{name}" for module, name in set(public_names()) - reached()}
    assert idle == {f"scalelab.models.{name}" for name in ("a.idle", "a.like", "b.alone", "c.deep")}
