"""One environment in four files: pyproject.toml, environment.yml and the two locks agree."""

import copy
import re
import tomllib
from collections import defaultdict

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from support.tree import ROOT

CONDA_NAMES = {"redis": "redis-py"}  # where conda-forge calls a package otherwise
NOT_PYTHON_PACKAGES = {"python", "pip"}
ONLY_FOR_BENCHMARKS = "peers"


def whole_project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def project() -> dict:
    """The project without what only its benchmarks need."""
    described = whole_project()
    del described["optional-dependencies"][ONLY_FOR_BENCHMARKS]
    return described


def environment() -> dict:
    return yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))


def lock(name: str = "requirements.lock") -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def requirements(described: dict) -> list[Requirement]:
    """Every requirement of the project, of its core and of its extras."""
    extras = described["optional-dependencies"].values()
    lines = [*described["dependencies"], *(line for extra in extras for line in extra)]
    return [Requirement(line) for line in lines]


def split(entry: str) -> tuple[str, str]:
    """Name and range of a line of environment.yml."""
    name, rest = re.fullmatch(r"([A-Za-z0-9_.-]+?)\s*([=<>!~].*)?", entry).groups(default="")
    return name, rest


def environment_faults(env: dict, described: dict) -> list[str]:
    """Where environment.yml says something else than pyproject.toml."""
    conda = dict(split(entry) for entry in env["dependencies"] if isinstance(entry, str))
    pip = [
        line for entry in env["dependencies"] if isinstance(entry, dict) for line in entry["pip"]
    ]
    faults = _channel_faults(env["channels"]) + _pip_faults(pip, described)
    if "pip" not in conda:
        faults.append("pip must be a dependency of conda's")
    python = conda.get("python", "").removeprefix("=")
    if not re.fullmatch(r"3\.\d+", python) or f"{python}.0" not in SpecifierSet(
        described["requires-python"]
    ):
        faults.append(f"python must be one minor version within requires-python, got {python!r}")

    ranges = {
        CONDA_NAMES.get(requirement.name, requirement.name): requirement.specifier
        for requirement in requirements(described)
    }
    core = {Requirement(line).name for line in described["dependencies"]}
    faults += [f"{name} is missing" for name in sorted(core - set(conda))]
    for name, found in conda.items():
        if name in NOT_PYTHON_PACKAGES:
            continue
        if name not in ranges:
            faults.append(f"{name} is not in pyproject.toml, or has another name at conda-forge")
        elif SpecifierSet(found) != ranges[name]:
            faults.append(f"{name} must be {ranges[name]}, got {found}")
    return faults


def _channel_faults(channels: list[str]) -> list[str]:
    if channels == ["conda-forge", "nodefaults"]:
        return []
    return [f"channels must be conda-forge and nodefaults, got {channels}"]


def _pip_faults(pip: list[str], described: dict) -> list[str]:
    editable = [re.fullmatch(r"-e \.\[([a-z,]+)\]", line) for line in pip]
    if len(pip) != 1 or not editable[0]:
        return [f"pip must install the project itself with its extras, got {pip}"]
    wanted, there = set(editable[0][1].split(",")), set(described["optional-dependencies"])
    return [f"extra {name} is not in both" for name in sorted(wanted ^ there)]


def locked(text: str) -> dict[str, list[str]]:
    """The versions of each package of the lock file; more than one where markers part them."""
    versions = defaultdict(list)
    for name, version in re.findall(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)", text, re.MULTILINE):
        versions[canonicalize_name(name)].append(version)
    return versions


def lock_faults(text: str, described: dict) -> list[str]:
    """Requirements that the lock file does not meet, entries without hashes, foreign addresses."""
    versions = locked(text)
    faults = []
    for requirement in requirements(described):
        found = versions.get(canonicalize_name(requirement.name), [])
        if not found or any(version not in requirement.specifier for version in found):
            faults.append(f"{requirement} is not met by {found}")
    for entry in re.split(r"\n(?=\S)", text.strip()):
        if entry.startswith("#"):
            continue
        if not re.match(r"[A-Za-z0-9_.-]+==\S+", entry):
            faults.append(f"not a pinned package: {entry.splitlines()[0]}")
        elif not re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry):
            faults.append(f"no hash: {entry.splitlines()[0]}")
    if re.search(r"://|^\s*(-i|-f|--index-url|--extra-index-url|--find-links)\b", text, re.M):
        faults.append("the lock file names an address")
    return faults


def test_environment_yml_says_the_same_as_pyproject():
    assert environment_faults(environment(), project()) == []


def test_the_lock_file_meets_every_range_with_hashes_and_without_addresses():
    assert lock_faults(lock(), project()) == []


def test_the_lock_of_the_benchmarks_adds_to_the_other_and_changes_nothing():
    larger, smaller = locked(lock("requirements-bench.lock")), locked(lock())
    assert lock_faults(lock("requirements-bench.lock"), whole_project()) == []
    assert smaller.items() <= larger.items()
    peers = whole_project()["optional-dependencies"][ONLY_FOR_BENCHMARKS]
    assert {Requirement(line).name for line in peers} & smaller.keys() == set()


def test_the_lock_file_has_what_the_build_needs():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (needed,) = tomllib.loads(text)["build-system"]["requires"]
    requirement = Requirement(needed)
    assert all(v in requirement.specifier for v in locked(lock())[requirement.name])


def replaced(env: dict, old: str, new: str | None) -> dict:
    changed = copy.deepcopy(env)
    at = changed["dependencies"].index(old)
    changed["dependencies"][at : at + 1] = [] if new is None else [new]
    return changed


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("numpy>=2.0,<3", "numpy>=1.26,<3", "numpy must be"),
        ("numpy>=2.0,<3", "numpy", "numpy must be"),
        ("numpy>=2.0,<3", None, "numpy is missing"),
        ("pip", None, "pip must be"),
        ("python=3.12", "python=3.10", "python must be one minor version"),
        ("python=3.12", "python>=3.12", "python must be one minor version"),
        ("python=3.12", None, "python must be one minor version"),
        ("pip", "redis>=5.3,<9", "redis is not in pyproject.toml"),
        ("pip", "valkey", "valkey is not in pyproject.toml"),
    ],
)
def test_another_dependency_is_noticed(old, new, fault):
    faults = environment_faults(replaced(environment(), old, new), project())
    assert any(fault in found for found in faults)


@pytest.mark.parametrize(
    "channels", [["conda-forge"], ["conda-forge", "defaults"], ["defaults", "conda-forge"], []]
)
def test_another_channel_is_noticed(channels):
    faults = environment_faults(environment() | {"channels": channels}, project())
    assert len(faults) == 1
    assert "channels must be" in faults[0]


@pytest.mark.parametrize(
    "pip", [[], ["-e ."], ["-e ..[book,labs]"], ["scalelab"], ["-e .[book,labs,real,fast,magic]"]]
)
def test_another_install_of_the_project_is_noticed(pip):
    changed = copy.deepcopy(environment())
    changed["dependencies"][-1]["pip"] = pip
    assert environment_faults(changed, project()) != []


def test_a_new_extra_must_be_in_the_environment():
    described = copy.deepcopy(project())
    described["optional-dependencies"]["magic"] = []
    assert environment_faults(environment(), described) == ["extra magic is not in both"]


@pytest.mark.parametrize(
    ("pattern", "new", "fault"),
    [
        (r"^numpy==[\d.]+", "numpy==1.26.4", "numpy<3,>=2.0 is not met by ['1.26.4'"),
        (r"^simpy==(.*\n)+?(?=\w)", "", "simpy<5,>=4.1 is not met by []"),
        (r"^(simpy==[\d.]+).*\n( +--hash.*\n)+", r"\1\n", "no hash: simpy"),
        (r"^(simpy)==[\d.]+", r"\1>=4", "not a pinned package: simpy>=4"),
        (r"\A", "--index-url https://example.org/simple\n", "names an address"),
        (r"\A", "--find-links wheels\n", "names an address"),
        (r"^simpy==[\d.]+", "simpy @ https://example.org/simpy.whl", "names an address"),
    ],
)
def test_a_worse_lock_file_is_noticed(pattern, new, fault):
    changed = re.sub(pattern, new, lock(), count=1, flags=re.MULTILINE)
    assert changed != lock()
    assert any(fault in found for found in lock_faults(changed, project()))
