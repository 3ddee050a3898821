"""``manage.py monitoring_explain``: why a rule's alert is pending, fires, or does not."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser

from zerostate_monitoring.alerting.explain import explain
from zerostate_monitoring.charts.text import printable
from zerostate_monitoring.management.commands.monitoring_query import joined
from zerostate_monitoring.management.rows import RowsCommand
from zerostate_monitoring.models import Rule
from zerostate_monitoring.querying.times import instant_ms


class Command(RowsCommand):
    """Print an explanation in sections."""

    help = "Tells why a rule's alert is pending, fires or does not, and who was told of it."
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the rule, when, and of which series."""
        parser.add_argument("rule", help="The rule's name, or its number.")
        parser.add_argument("--at", metavar="TIME", help="The instant; default: now.")
        parser.add_argument("--group", default="", help="Its group, where two have the name.")
        parser.add_argument(
            "--labels", nargs="*", default=[], metavar="NAME=VALUE", help="Of the series wanted."
        )

    def run_from_argv(self, argv: list[str]) -> None:
        """Take ``--at -1h`` as it is meant: not as two options."""
        super().run_from_argv(joined(argv))

    def handle(self, *args: Any, **options: Any) -> None:
        """Gather and print."""
        found = explain(
            _rule(options["rule"], options["group"]), _at(options["at"]), _labels(options["labels"])
        )
        for section in found.sections:
            self.stdout.write(self.style.MIGRATE_HEADING(printable(section.title)))
            for line in section.lines:
                self.stdout.write(f"  {printable(line)}")


def _rule(text: str, group: str) -> Rule:
    rows = Rule.objects.select_related("group", "state")
    rows = rows.filter(pk=int(text)) if text.isdecimal() else rows.filter(name=text)
    found = list(rows.filter(group__name=group) if group else rows)
    if not found:
        raise CommandError(f"There is no rule {text}{f' in group {group}' if group else ''}.")
    if len(found) > 1:
        known = ", ".join(f"{row.pk} (group {row.group})" for row in found)
        raise CommandError(f"There are {len(found)} rules {text}: name one by its number: {known}.")
    return found[0]


def _at(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at_ms = instant_ms(text, time.time_ns() // 1_000_000)
        return datetime.fromtimestamp(at_ms / 1000, UTC)
    except (ValueError, OverflowError) as error:
        raise CommandError(str(error)) from error


def _labels(texts: Sequence[str]) -> dict[str, str]:
    found = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise CommandError(f"{text} is no label: write NAME=VALUE.")
        found[name] = value.strip('"')
    return found
