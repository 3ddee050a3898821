"""``python -m example_project.demo``: the whole example from one command."""

from __future__ import annotations

import os
import sys

from example_project.demo.control import hold_lock
from example_project.demo.options import DemoError, check_port, read
from example_project.demo.supervisor import Supervisor


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """Run a demo; give 0 when it was asked to end, 1 when it failed, 2 when it cannot start."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_project.settings")
    try:
        options = read()
        with hold_lock(options.data):
            return _run(Supervisor(options, say), options.port)
    except DemoError as error:
        sys.stderr.write(f"{error}\n")
        return 2


def _run(supervisor: Supervisor, port: int) -> int:
    check_port(port)
    try:
        supervisor.run()
    except DemoError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
