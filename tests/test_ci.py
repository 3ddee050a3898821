"""What ``.ci/run`` makes of the machine it is on; nothing is really built or tested here."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.packages import ROOT

TOOLS = ("bash", "cat", "dirname", "env", "id", "mkdir", "timeout")
MAKE = """#!/usr/bin/env bash
echo "make $* [${PYTHONDEVMODE-unset}]" >>calls
venv=.venv django=$(cat django-of-python3)
for word in "$@"; do
  case $word in
    VENV=*) venv=${word#VENV=} ;;
    PYTHON=*) django=6.0 ;;
    OVER_LOCK=*'<6') django=5.2 ;;
  esac
done
mkdir -p "$venv/bin"
printf '#!/usr/bin/env bash\\necho %s\\n' "$django" >"$venv/bin/python"
chmod +x "$venv/bin/python"
"""
# Of a version: says yes or no to whether it is 3.12 or newer, and its name.
PYTHON = """#!/usr/bin/env bash
case $1 in
  -V) echo Python {version} ;;
  *) exit {older} ;;
esac
"""
BROKEN_SHIM = "#!/usr/bin/env bash\necho command not found >&2; exit 127\n"
PYENV = """#!/usr/bin/env bash
case $1 in
  versions) echo 3.11.7; echo 3.13.0 ;;
  prefix) echo "$PWD/pyenv/$2" ;;
esac
"""


class Machine:
    """A directory with a copy of ``.ci/run``, and the programs that it finds."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.programs = directory / "programs"
        for name in (*TOOLS, "chmod"):
            self.programs.mkdir(exist_ok=True)
            (self.programs / name).symlink_to(str(shutil.which(name)))
        (directory / ".ci").mkdir()
        shutil.copy(ROOT / ".ci" / "run", directory / ".ci" / "run")
        self.add("make", MAKE)

    def add(self, name: str, text: str) -> None:
        """Put a program on the path, or elsewhere."""
        path = self.programs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def python3(self, version: str) -> None:
        """Let python3 be of this version; the lock gives it its Django."""
        newer = version >= "3.12"
        self.add("python3", PYTHON.format(version=version, older=0 if newer else 1))
        (self.directory / "django-of-python3").write_text("6.0" if newer else "5.2")

    def run(self, **environment: str) -> tuple[int, str, str]:
        """Exit status of ``.ci/run``, what it said, and what it asked make for."""
        done = subprocess.run(
            ["bash", ".ci/run"],
            cwd=self.directory,
            env={"PATH": str(self.programs), "HOME": str(self.directory), **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr, (self.directory / "calls").read_text()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """One without any Python."""
    return Machine(tmp_path)


def test_run__needs_both_versions_of_django(machine):
    """Where no Python runs Django 6.0 the run fails, if nobody has said that this will do."""
    machine.python3("3.11.2")
    status, said, _ = machine.run()
    assert (status, "NOT TESTED: Django 6.0" in said) == (1, True)
    status, said, _ = machine.run(CI_ALLOW_ONE_DJANGO="yes")
    assert (status, "NOT TESTED: Django 6.0" in said) == (0, True)


def test_run__on_an_old_python_finds_a_newer_one(machine):
    """On the path, or where pyenv keeps it; a shim that does not work is passed over."""
    machine.python3("3.11.2")
    machine.add("python3.12", BROKEN_SHIM)
    machine.add("pyenv", PYENV)
    machine.add("../pyenv/3.11.7/bin/python", PYTHON.format(version="3.11.7", older=1))
    machine.add("../pyenv/3.13.0/bin/python", PYTHON.format(version="3.13.0", older=0))
    status, said, calls = machine.run()
    assert (status, "NOT TESTED" in said) == (0, False), said
    found = machine.directory / "pyenv" / "3.13.0" / "bin" / "python"
    assert f"make test VENV=.venv-newer PYTHON={found} " in calls


def test_run__on_a_new_python_tests_the_old_django_too(machine):
    """In an environment of its own, over the same lock."""
    machine.python3("3.12.1")
    status, said, calls = machine.run()
    assert (status, "NOT TESTED" in said) == (0, False), said
    assert "make test VENV=.venv-django52 OVER_LOCK=django>=5.2,<6 " in calls


def test_run__forbids_skips_and_leaves_development_mode_off(machine):
    """Whatever the caller's environment says."""
    machine.python3("3.12.1")
    _, _, calls = machine.run(PYTHONDEVMODE="1")
    tests = [line for line in calls.splitlines() if line.startswith("make test")]
    assert len(tests) == 3
    assert all("PYTEST_ARGS=-p tests.no_skips" in line for line in tests)
    assert all(line.endswith("[unset]") for line in calls.splitlines())


def test_run__needs_prometheus_3(machine):
    """What was not compared with it fails the run, if nobody has said that this will do."""
    machine.python3("3.12.1")
    _, _, calls = machine.run()
    assert "make test-real PYTEST_ARGS=-p tests.no_skips -p tests.all_compared " in calls
    (machine.directory / "calls").unlink()
    _, _, calls = machine.run(CI_ALLOW_NO_PROMETHEUS3="yes")
    assert "make test-real PYTEST_ARGS=-p tests.no_skips " in calls
    assert "tests.all_compared" not in calls


def test_run__needs_a_jaeger(machine):
    """Traces that nobody has seen in one fail the run, if nobody has said that this will do."""
    machine.python3("3.12.1")
    _, _, calls = machine.run()
    (real,) = [line for line in calls.splitlines() if "test-real" in line]
    assert " -p tests.jaeger_seen" in real
    (machine.directory / "calls").unlink()
    _, _, calls = machine.run(CI_ALLOW_NO_JAEGER="yes")
    assert "tests.jaeger_seen" not in calls
