"""Fill the platform with a day of a small network's life: ``python -m tests.real.fill``."""

from __future__ import annotations

import time

import django


def main() -> None:
    """Make the tables and write the rows."""
    django.setup()
    from django.db import connections

    from example_project.network import tables
    from example_project.network.simulation.config import Config
    from example_project.network.simulation.network import Network

    connection = connections["platform"]
    tables.recreate(connection)
    network = Network(Config(agents=12, users=6, nodes=3), time.time())
    tables.write(connection, network.take_batch())


if __name__ == "__main__":
    main()
