"""The ``scalelab`` command, as a user calls it."""

import dataclasses
import json
import os
import platform
import re
import shlex
import subprocess
import sys

import pytest
from packaging.requirements import Requirement
from support.tree import ROOT

from scalelab import __main__ as command
from scalelab import __version__, extras
from scalelab.course import ledger, progress, progress_file
from scalelab.planner.plan_file import PARTS
from scalelab.real import servers


@pytest.fixture
def run(capsys):
    def call(*arguments):
        code = command.main(arguments)
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def test_python_m_scalelab():
    made = subprocess.run(
        [sys.executable, "-m", "scalelab", "claims", "--json", "--chapter", "vertical"],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"SCALELAB_PROGRESS": "off"},
    )
    assert json.loads(made.stdout) == ledger.as_records(ledger.load("vertical"))


def test_without_a_command_it_says_which_there_are(run):
    code, out, _ = run()
    assert code == 0
    assert "doctor" in out


BASE_ONLY = [sys.executable, str(ROOT / "tests" / "support" / "base_only.py")]


def with_base_only(*arguments):
    """Call the command with no extra installed."""
    return subprocess.run([*BASE_ONLY, *arguments], capture_output=True, text=True, timeout=600)


class TestWithoutExtras:
    def test_the_doctor_names_every_extra_with_a_remedy(self, project):
        made = with_base_only("doctor")
        assert made.returncode == 0
        for extra in project["optional-dependencies"]:
            assert re.search(
                rf"extra {extra} +missing .*: pip install -e '\.\[{extra}\]'", made.stdout
            )
        assert servers.how_to_get_one() in made.stdout or "valkey-server" in made.stdout

    def test_a_claim_that_needs_one_ends_in_a_sentence(self):
        made = with_base_only("claims", "--chapter", "serialization")
        assert made.returncode == 2
        words = r"scalelab claims: the claim ser-\S+ cannot be computed: "
        assert re.match(rf"{words}the module \S+ is missing: ", made.stderr), made.stderr
        assert "'.[formats]'" in made.stderr
        assert made.stderr.count("\n") == 1

    def test_a_claim_that_needs_none_is_computed(self):
        made = with_base_only("claims", "--chapter", "connection_pooling")
        assert (made.returncode, made.stderr) == (0, "")


@pytest.mark.skipif(sys.platform == "win32", reason="has no head")
def test_who_has_read_enough_may_go():
    command = f"{shlex.quote(sys.executable)} -m scalelab claims --chapter vertical"
    made = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{command} | head -1"], capture_output=True, text=True
    )
    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout.count("\n") == 1


class TestDoctor:
    def test_it_names_python_and_every_extra(self, run, project):
        code, out, _ = run("doctor")
        assert code == 0
        assert f"scalelab {__version__}, Python {platform.python_version()}" in out
        for extra in project["optional-dependencies"]:
            assert f"extra {extra}" in out

    def test_what_is_missing_comes_with_a_remedy(self, run, monkeypatch):
        wanted = {"fast": [Requirement("numba-of-dreams>=1"), Requirement("numpy>=99")]}
        monkeypatch.setattr(extras, "requirements", lambda: wanted)
        _, out, _ = run("doctor")
        assert "missing numba-of-dreams, numpy>=99: pip install -e '.[fast]' in the clone" in out

    def test_a_server_that_is_found_is_shown(self, run, monkeypatch, tmp_path):
        from scalelab.real import servers

        found = servers.find_servers()
        if not found:
            pytest.skip("no Redis or Valkey here")
        _, out, _ = run("doctor")
        assert all(str(server.path) in out for server in found)

    def test_where_none_is_found_it_says_how_to_get_one(self, run, monkeypatch):
        from scalelab.real import postgres_tools, servers

        monkeypatch.setattr(servers, "find_servers", lambda: [])
        monkeypatch.setattr(postgres_tools, "find_postgres", lambda *_: None)
        monkeypatch.delenv(postgres_tools.DSN_VARIABLE, raising=False)
        code, out, _ = run("doctor")
        assert code == 0
        assert servers.how_to_get_one() in out
        assert postgres_tools.how_to_get_postgres() in out

    def test_it_shows_no_password(self, run, monkeypatch):
        from scalelab.real import postgres_tools

        monkeypatch.setenv(postgres_tools.DSN_VARIABLE, "postgresql://me:secret@127.0.0.1/db")
        _, out, _ = run("doctor")
        assert postgres_tools.DSN_VARIABLE in out
        assert "secret" not in out


class TestClaims:
    def test_json(self, run):
        code, out, _ = run("claims", "--json")
        records = json.loads(out)
        assert code == 0
        assert [r["id"] for r in records] == [claim.id for claim in ledger.load()]
        assert {"id", "section", "verdict", "values"} <= set(records[0])
        guides_latency = next(r for r in records if r["id"] == "pool-85ms")
        assert guides_latency["values"] == {"ms": 85.0}

    def test_table_with_its_values_and_a_tally(self, run):
        code, out, _ = run("claims", "--chapter", "connection_pooling")
        *rows, last = out.splitlines()
        assert code == 0
        entries = ledger.load("connection_pooling")
        assert len(rows) == len(entries) + sum(len(entry.values()) for entry in entries)
        assert [row for row in rows if row.endswith(": 85\u00a0ms")] != []
        counts = ledger.tally(ledger.load("connection_pooling"))
        assert last == "  ".join(f"{ledger.VERDICTS[v]}: {n}" for v, n in counts.items())

    def test_a_claim_that_fails_is_named(self, run, monkeypatch):
        def broken(claim):
            raise ZeroDivisionError("division by zero")

        monkeypatch.setattr(ledger, "_computed", broken)
        code, _, err = run("claims", "--chapter", "vertical")
        first = ledger.load("vertical")[0].id
        assert code == 2
        assert err == f"scalelab claims: the claim {first} cannot be computed: division by zero\n"

    def test_a_terminal_sees_how_far_it_is(self, run, monkeypatch):
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
        _, _, err = run("claims", "--chapter", "vertical")
        assert "claim 1 of " in err

    def test_an_unknown_chapter_is_refused_with_exit_code_2(self, run):
        code, out, err = run("claims", "--chapter", "alchemy")
        assert (code, out) == (2, "")
        assert "chapter must be one of" in err


class TestProgress:
    def test_it_says_where_and_what(self, run, kept):
        kept.attempted("lab/task", False)
        kept.attempted("lab/task", True)
        kept.predicted("gain", 20.0, 5.0, 30.0, "×")
        kept.measured("gain", 10.0)
        code, out, _ = run("progress")
        assert code == 0
        assert str(kept.path) in out
        assert "lab/task: done, 2 attempts" in out
        assert "1 predictions compared: 1 of 1 ranges held" in out
        assert "factor of 2.00" in out

    def test_a_hostile_file_sends_nothing_to_the_terminal(self, run, kept):
        kept.path.write_text('{"version": 2, "exercises": {"\\u001b[2J": {}}}')
        with pytest.warns(progress.ProgressWarning, match="was kept as"):
            code, out, err = run("progress")
        assert code == 0
        assert all(line.isprintable() for line in (out + err).splitlines())

    def test_a_path_that_no_terminal_can_show(self, tmp_path):
        name = os.fsdecode(bytes(tmp_path) + b"/\xff.json")
        made = subprocess.run(
            [sys.executable, "-m", "scalelab", "progress"],
            capture_output=True,
            env=os.environ | {"SCALELAB_PROGRESS": name, "PYTHONIOENCODING": "ascii"},
        )
        assert (made.returncode, made.stderr) == (0, b"")
        assert b"udcff.json" in made.stdout

    def test_nothing_yet(self, run, kept):
        assert "no prediction compared yet" in run("progress")[1]

    def test_to_another_machine(self, run, kept, tmp_path):
        kept.attempted("lab/task", True)
        copy = tmp_path / "copy.json"
        assert run("progress", "--export", str(copy))[0] == 0
        kept.path.unlink()
        kept._memory = progress_file.empty()
        assert run("progress", "--import", str(copy))[0] == 0
        assert kept.exercise("lab/task")["passed"]

    def test_an_export_onto_a_file_is_refused(self, run, kept, tmp_path):
        code, _, err = run("progress", "--export", str(tmp_path))
        assert code == 2
        assert "scalelab progress:" in err

    def test_an_import_of_something_else_is_refused(self, run, kept, tmp_path):
        other = tmp_path / "other.json"
        other.write_text("[]")
        code, _, err = run("progress", "--import", str(other))
        assert code == 2
        assert "must be an exported progress file" in err


def test_the_doctor_ends_with_what_to_do_next(run, monkeypatch, tmp_path):
    assert "next: make book, and open _build/html/index.html" in run("doctor")[1].splitlines()[-1]
    monkeypatch.chdir(tmp_path)
    assert "next: get a clone of the course" in run("doctor")[1].splitlines()[-1]


def test_a_plan_is_answered_compared_and_remedied(run):
    small, large = (str(ROOT / "examples" / f"{size}.toml") for size in ("small", "large"))
    code, out, _ = run("plan", small)
    assert code == 0
    assert "first bottleneck: app" in out
    code, out, _ = run("plan", small, "--compare", large)
    assert code == 0
    assert out.count("\n") == 1
    assert out.startswith("large.toml instead of small.toml: $")
    code, out, _ = run("plan", small, "--remedies")
    assert code == 0
    assert "the cheapest is $" in out


def test_the_help_names_every_table_and_keys_that_there_are(run, capsys):
    with pytest.raises(SystemExit):
        run("plan", "--help")
    text = capsys.readouterr().out
    assert command.PLAN_KEYS in text
    for table in PARTS:
        assert re.search(rf"\b{table}\b", command.PLAN_KEYS)
    for table in ("autoscaler", "clients"):
        for field in dataclasses.fields(PARTS[table]):
            assert re.search(rf"\b{field.name}\b", command.PLAN_KEYS), field.name


def test_a_wrong_plan_is_told_with_its_line(run, tmp_path):
    plan = tmp_path / "plan.toml"
    plan.write_text("[demand]\nrate_per_s = 900\n\n[app]\nserver = 3\n", encoding="utf-8")
    code, out, err = run("plan", str(plan))
    assert (code, out) == (2, "")
    assert "plan.toml, line 5: [app] has no server; allowed are servers, cores" in err
    plan.write_text("[demand]\nrate_per_s = 90_000\n", encoding="utf-8")
    code, _, err = run("plan", str(plan))
    assert code == 2
    assert "primary must carry its load" in err or "app must carry its load" in err
    assert run("plan", str(tmp_path / "none.toml"))[0] == 2
