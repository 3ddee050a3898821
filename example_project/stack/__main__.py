"""``python -m example_project.stack``: the processes of the compose file without containers."""

from __future__ import annotations

import os
import sys

from example_project.demo.__main__ import say
from example_project.demo.control import hold_lock
from example_project.demo.options import DemoError
from example_project.stack.options import read
from example_project.stack.supervisor import Supervisor


def main() -> int:
    """Run a stack; give 0 when it was asked to end, 1 when it failed, 2 when it cannot start."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_project.settings")
    try:
        options = read()
        with hold_lock(options.data):
            return _run(Supervisor(options, say))
    except DemoError as error:
        sys.stderr.write(f"{error}\n")
        return 2


def _run(supervisor: Supervisor) -> int:
    try:
        supervisor.run()
    except DemoError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
