"""How long a newcomer waits: from ``make demo`` to the first network family on /metrics.

Begins in a fresh copy of the working tree, without environment or data; packages come
from the installer's cache, which a first, uncounted run fills.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import urllib3

from benchmarks.measuring import headline
from tests.servers import free_port

RUNS: Final = 2
LONGEST_SECONDS: Final = 300
FAMILY: Final = b"\nzerostate_node_up{"
_NOT_THEIRS: Final = ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
"""What the environment of whoever measures has, and a newcomer's has not."""
_ROOT: Final = Path(__file__).resolve().parent.parent


def figures() -> Iterator[tuple[str, object]]:
    """What ``python -m benchmarks`` collects."""
    run()
    runs = [run() for _ in range(RUNS)]
    medians = {name: statistics.median([r[name] for r in runs]) for name in runs[0]}
    yield from headline("first_sample_s", medians, "seconds")


def run() -> dict[str, float]:
    """Seconds from ``make demo`` to the first family, and to the finished environment.

    Raises:
        TimeoutError: no family came within five minutes.
    """
    with tempfile.TemporaryDirectory(prefix="zs-first-") as name:
        tree = Path(name) / "tree"
        copy_tree(tree)
        port, began = free_port(), time.monotonic()
        with demo(tree, port):
            _wait_for((tree / ".venv" / ".synced").exists, began)
            environment = time.monotonic() - began
            _wait_for(lambda: _has_family(port), began)
            return {"seconds": time.monotonic() - began, "environment_s": environment}


def copy_tree(target: Path) -> None:
    """Copy the files that git knows, or would know, to ``target``."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=_ROOT, check=True, stdout=subprocess.PIPE).stdout
    for name in filter(None, listed.decode().split("\0")):
        source, copy = _ROOT / name, target / name
        if source.is_file():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, copy)


@contextlib.contextmanager
def demo(tree: Path, port: int) -> Iterator[None]:
    """``make demo`` in ``tree``, ended as Ctrl-C ends it."""
    environment = {name: value for name, value in os.environ.items() if name not in _NOT_THEIRS}
    environment |= {"DEMO_PORT": str(port), "DEMO_SECONDS": str(LONGEST_SECONDS)}
    base = Path(sys.base_prefix) / "bin" / "python3"
    process = subprocess.Popen(
        ["make", "demo", f"PYTHON={base}"],
        cwd=tree,
        env=environment,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _has_family(port: int) -> bool:
    try:
        answer = urllib3.request(
            "GET", f"http://127.0.0.1:{port}/metrics", timeout=5.0, retries=False
        )
    except urllib3.exceptions.HTTPError:
        return False
    return FAMILY in answer.data


def _wait_for(condition: Callable[[], bool], began: float) -> None:
    while not condition():
        if time.monotonic() - began > LONGEST_SECONDS:
            raise TimeoutError("make demo showed no network family")
        time.sleep(0.05)
