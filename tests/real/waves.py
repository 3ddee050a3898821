"""Rules whose answers depend on the time alone, so that anybody can say afterwards what is right.

Run as a module it writes them, and a receiver for all alerts, into the project's database.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final, NamedTuple

import django

ROUTE: Final = "all"


class Wave(NamedTuple):
    """An alerting rule: its group's interval, its expression, ``for`` and ``keep_firing_for``."""

    group: str
    seconds: int
    name: str
    expr: str
    for_seconds: int = 0
    keep_seconds: int = 0


_NAMED: Final = 'label_replace(vector(time()) % {0} {1}, "of", "{0}", "", "")'
WAVES: Final = (
    Wave("fast", 1, "Slow", "vector(time()) % 20 < 11", 3),
    Wave("fast", 1, "Sudden", "vector(time()) % 7 < 3"),
    Wave("fast", 1, "Kept", "vector(time()) % 12 < 2", 0, 4),
    Wave("fast", 1, "Brief", "vector(time()) % 9 < 4", 6),
    Wave("fast", 1, "Two", f"{_NAMED.format(10, '> 4')} or {_NAMED.format(16, '> 9')}", 2, 2),
    Wave("other", 1, "Again", "vector(time()) % 11 < 6", 2),
    Wave("other", 1, "Short", "vector(time()) % 5 < 2", 0, 1),
    Wave("slower", 2, "Square", "vector(time()) % 16 >= 8", 4),
    Wave("slower", 2, "Always", "vector(1)"),
)


def write() -> None:
    """Make the rows."""
    from zerostate_monitoring.models import (
        Receiver,
        Route,
        RouteStep,
        Rule,
        RuleGroup,
    )

    receiver = Receiver.objects.create(name=ROUTE, kind="webhook", config={})
    route = Route.objects.create(name=ROUTE, group_by=["alertname"])
    RouteStep.objects.create(route=route, receiver=receiver)
    for wave in WAVES:
        group, _ = RuleGroup.objects.get_or_create(
            name=wave.group, defaults={"interval_seconds": wave.seconds}
        )
        Rule.objects.create(
            group=group,
            name=wave.name,
            expr=wave.expr,
            for_duration=timedelta(seconds=wave.for_seconds),
            keep_firing_for=timedelta(seconds=wave.keep_seconds),
        )


if __name__ == "__main__":
    django.setup()
    write()
