"""A rule that fires at once and a receiver that is told at once: ``… traced_alert URL``."""

from __future__ import annotations

import sys

import django


def write(url: str) -> None:
    """Make the rows."""
    from zerostate_monitoring.models import Receiver, Route, RouteStep, Rule, RuleGroup

    receiver = Receiver.objects.create(
        name="hook", kind="webhook", config={"url": f"{url}/hooks/s3cret-path"}
    )
    route = Route.objects.create(name="all", group_by=["alertname"], group_wait_seconds=0)
    RouteStep.objects.create(route=route, receiver=receiver)
    group = RuleGroup.objects.create(name="traced", interval_seconds=1)
    Rule.objects.create(group=group, name="Always", expr="vector(1)")


if __name__ == "__main__":
    django.setup()
    write(sys.argv[1])
