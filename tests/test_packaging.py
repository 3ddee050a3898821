"""What the wheel holds, and what it does not."""

from __future__ import annotations

import ast
import re
import tomllib
import zipfile
from pathlib import Path

import pytest

import zerostate_monitoring
from tests.packages import ROOT, build_wheel

PACKAGE = ROOT / "zerostate_monitoring"
BY_PRODUCTS = {"__pycache__"}


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Paths inside a wheel that was built just now."""
    with zipfile.ZipFile(build_wheel(tmp_path_factory.mktemp("wheel"))) as wheel:
        return set(wheel.namelist())


def tracked() -> set[str]:
    """Every file of the package in the checkout."""
    files = (path for path in PACKAGE.rglob("*") if path.is_file())
    return {str(f.relative_to(ROOT)) for f in files if not BY_PRODUCTS & {*f.parts}}


def test_wheel__holds_every_file_of_the_package(names):
    """Nothing that the package needs is left behind: scripts, templates, migrations, types."""
    assert tracked() <= names


@pytest.mark.parametrize("suffix", [".lua", "py.typed", ".html", "0001_initial.py"])
def test_wheel__holds_more_than_modules(names, suffix):
    """The files that builders forget are in the wheel."""
    assert any(name.endswith(suffix) for name in names)


def test_wheel__holds_nothing_else(names):
    """Beside the package there is only its metadata: no tests, example or benchmarks."""
    roots = {name.split("/", 1)[0] for name in names}
    version = zerostate_monitoring.__version__
    assert roots == {"zerostate_monitoring", f"zerostate_monitoring-{version}.dist-info"}


def test_wheel__carries_the_licence(names):
    """The licence travels with the code."""
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_version__is_the_same_everywhere():
    """pyproject.toml and the package agree."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == zerostate_monitoring.__version__


def test_changelog__has_one_heading_for_what_is_not_released():
    """That first, with what changed under it; after it only releases, each with its day."""
    text = (ROOT / "CHANGELOG.md").read_text()
    first, *released = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert first == "[Unreleased]"
    day = r"\[[\d.]+\] - \d{4}-\d\d-\d\d"
    assert all(re.fullmatch(day, heading) for heading in released)
    assert released or "\n- " in text


def test_lock__names_neither_hosts_nor_paths():
    """The lock can be used anywhere: by any registry, from any directory."""
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    bare = [line.split("--hash=")[0].split("#")[0] for line in lines]
    assert not [line for line in bare if "://" in line or "@" in line or line.startswith("/")]
    assert not [line for line in lines if line.startswith("-")]


def test_lock__pins_what_the_project_asks_for():
    """Every direct dependency of the project is in the lock."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {_name(requirement) for requirement in project["dependencies"]}
    locked = (ROOT / "requirements.lock").read_text().splitlines()
    assert wanted <= {line.split("==")[0] for line in locked if "==" in line}


def _name(requirement: str) -> str:
    stop = next((i for i, c in enumerate(requirement) if c in "[<>=~! "), len(requirement))
    return requirement[:stop].lower()


def python_files() -> list[Path]:
    """All modules of the package but the migrations."""
    return [path for path in PACKAGE.rglob("*.py") if path.parent.name != "migrations"]


def test_modules__stay_small():
    """No file has more than 300 lines, no function more than 50."""
    long_files = [path for path in python_files() if len(path.read_text().splitlines()) > 300]
    assert not long_files
    assert not [place for path in python_files() for place in _long_functions(path)]


def _long_functions(path: Path) -> list[str]:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, functions)]
    return [f"{path}:{n.lineno}" for n in nodes if (n.end_lineno or 0) - n.lineno >= 50]
