"""A process that evaluates a thousand rules on PostgreSQL: what ``benchmarks.alerts`` starts."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.children import obey, set_up
from benchmarks.postgresql import postgresql

GROUPS = 20


def main(url: str, port: int, size: int, rules: int, rounds: int) -> None:
    """Answer ``set up`` and ``tick``."""
    set_up(url, DATABASES=postgresql(port))
    from django.core.management import call_command  # noqa: PLC0415 - after Django is set up
    from django.db import connection  # noqa: PLC0415 - as above
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 - as above

    from benchmarks.alerts import COLUMNS, Moving, prometheus_fields  # noqa: PLC0415 - as above
    from benchmarks.network_series import expressions  # noqa: PLC0415 - as above
    from benchmarks.promql import recorder, slots_of  # noqa: PLC0415 - as above
    from zerostate_monitoring.alerting.evaluation.ticking import tick  # noqa: PLC0415 - as above
    from zerostate_monitoring.models import (  # noqa: PLC0415 - as above
        Alert,
        AlertEvent,
        OutboxEntry,
        Receiver,
        Route,
        RouteStep,
        Rule,
        RuleGroup,
    )

    network = Moving(size)
    samples = network.samples(COLUMNS + rounds + 1)
    slots = slots_of(len(samples))
    place = COLUMNS

    def prepare() -> None:
        call_command("migrate", verbosity=0)
        record = recorder(network)
        for slot, row in zip(slots[:COLUMNS], samples, strict=False):
            record(slot, row)
        receiver = Receiver.objects.create(name="all", kind="webhook", config={})
        route = Route.objects.create(name="all", position=1, group_by=["alertname"])
        RouteStep.objects.create(route=route, receiver=receiver)
        groups = [
            RuleGroup(name=f"bench {number}", interval_seconds=15) for number in range(GROUPS)
        ]
        RuleGroup.objects.bulk_create(groups)
        Rule.objects.bulk_create(
            Rule(
                group=groups[number % GROUPS],
                name=f"Rule{number:04d}",
                expr=text,
                position=number,
                severity="warning",
                layer="p2p",
                for_duration=timedelta(seconds=30 * (number % 2)),
                annotations=prometheus_fields(number)["annotations"],
            )
            for number, text in enumerate(expressions()[:rules])
        )
        appended.append(record)

    appended: list[Any] = []

    def one() -> dict[str, float]:
        nonlocal place
        appended[0](slots[place], samples[place])
        before = AlertEvent.objects.count(), OutboxEntry.objects.count()
        now = datetime.fromtimestamp(slots[place] / 1000 + 0.5, UTC)
        place += 1
        began = time.perf_counter()
        tick(now)
        seconds = time.perf_counter() - began
        return {
            "seconds": seconds,
            "events": AlertEvent.objects.count() - before[0],
            "entries": OutboxEntry.objects.count() - before[1],
            "live": Alert.objects.filter(state__in=("pending", "firing")).count(),
            "queries": 0,
        }

    def counted() -> dict[str, float]:
        if place < len(slots) - 1:
            return one()
        with CaptureQueriesContext(connection) as context:
            found = one()
        return {**found, "queries": len(context)}

    obey({"set up": prepare, "tick": counted})


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
