"""Make or refresh a virtual environment from requirements.lock, with this project in it.

Usage: python3 .ci/environment.py DIRECTORY [REQUIREMENT]
       python3 .ci/environment.py --empty DIRECTORY
       python3 .ci/environment.py --programs DIRECTORY LOCK

The second makes one with pip and nothing else, for whoever wants to be a stranger. The third
makes one from another lock, without this project: for programs that are run beside it.
REQUIREMENT is installed over the lock, such as another version of Django. Uses uv where it
works, else venv and pip. Needs the standard library alone.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

Command = tuple[str | Path, ...]

LOCK = "requirements.lock"
PROJECT = ["--no-deps", "--no-build-isolation", "-e", "."]
NO_PIP = """\
This python3 can make no virtual environment: its module ensurepip is missing.
Install it (on Debian and Ubuntu: apt-get install python3-venv), or install uv."""


def main(directory: str, *over_lock: str) -> None:
    """Leave a complete environment in ``directory``, and a stamp that says so.

    An environment that works is only ever added to: somebody may be using it.
    """
    environment = Path(directory)
    installer = made(environment, LOCK)
    if over_lock:
        run(*installer, *over_lock)
    run(*installer, *PROJECT)
    (environment / ".synced").touch()


def programs(directory: str, lock: str) -> None:
    """Leave an environment in ``directory`` that has what is in ``lock``, and a stamp."""
    environment = Path(directory)
    made(environment, lock)
    (environment / ".synced").touch()


def made(environment: Path, lock: str) -> Command:
    """Install what is in ``lock``, and say with what more can be installed."""
    python = environment / "bin" / "python"
    if not works(python):
        shutil.rmtree(environment, ignore_errors=True)
    return with_uv(environment, python, lock) or with_pip(environment, python, lock)


def works(program: str | Path) -> bool:
    """Whether ``program --version`` can be run; a shim may be there and not work."""
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, check=False)
    except OSError:
        return False
    return answer.returncode == 0


def with_uv(environment: Path, python: Path, lock: str) -> Command | None:
    """Install the lock with uv; None if it could not (it does not read pip's configuration)."""
    if not works("uv"):
        return None
    installer = ("uv", "pip", "install", "--quiet", "--python", python)
    try:
        if not python.exists():
            run("uv", "venv", "--quiet", "--python", sys.executable, environment)
        run(*installer, "--require-hashes", "-r", lock)
    except subprocess.CalledProcessError:
        print("uv could not install; trying venv and pip.", file=sys.stderr)
        return None
    return installer


def with_pip(environment: Path, python: Path, lock: str) -> Command:
    """Install the lock with venv and pip."""
    installer = made_with_venv(environment, python)
    if installer is None:
        sys.exit(NO_PIP)
    run(*installer, "--require-hashes", "-r", lock)
    return installer


def made_with_venv(environment: Path, python: Path) -> Command | None:
    """Make an environment, and say what installs into it: the system's pip if venv brings none.

    None where there is neither.
    """
    own = importlib.util.find_spec("ensurepip") is not None
    if not own and importlib.util.find_spec("pip") is None:
        return None
    run(sys.executable, "-m", "venv", *([] if own else ["--without-pip"]), environment)
    pip = (python, "-m", "pip") if own else (sys.executable, "-m", "pip", "--python", python)
    return (*pip, "install", "--quiet", "--disable-pip-version-check")


def empty(directory: str) -> None:
    """Leave an environment in ``directory`` that has pip and nothing else."""
    environment = Path(directory)
    python = environment / "bin" / "python"
    installer = made_with_venv(environment, python)
    if installer is None and works("uv"):
        run("uv", "venv", "--quiet", "--seed", "--python", sys.executable, environment)
    elif installer is None:
        sys.exit(NO_PIP)
    elif not (environment / "bin" / "pip").exists():
        run(*installer, "pip")


def run(*command: str | Path) -> None:
    """Run ``command``, shown first; its failure is ours."""
    print("+", *command, file=sys.stderr, flush=True)
    subprocess.run(command, check=True)


if __name__ == "__main__":
    try:
        if sys.argv[1] == "--empty":
            empty(sys.argv[2])
        elif sys.argv[1] == "--programs":
            programs(*sys.argv[2:])
        else:
            main(*sys.argv[1:])
    except subprocess.CalledProcessError as error:
        sys.exit(f"{error.cmd[0]} ended with {error.returncode}; see above.")
