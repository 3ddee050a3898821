"""How many messages each rule has made people read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from django.db.models import Count

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.collectors.items import Item
from zerostate_monitoring.collectors.tallies import Key, tally
from zerostate_monitoring.models import OutboxEntry, Rule
from zerostate_monitoring.models.outbox import MessageState
from zerostate_monitoring.models.words import RuleKind

_FAMILY: Final = "zerostate_monitoring_alert_messages_total"


def rule_messages(now: datetime) -> Iterator[Item]:
    """The family, from 0 on for each enabled rule."""
    totals = tally("rule_messages", now, _count)
    found = {(name,): 0.0 for name in alertnames()} | totals
    for (name,), value in found.items():
        yield CATALOGUE[_FAMILY].reading(value, alertname=name)


def alertnames() -> Iterator[str]:
    """Names of the alerts of all enabled rules: what is counted begins at 0 for each of them."""
    rules = Rule.objects.filter(kind=RuleKind.ALERTING, enabled=True, group__enabled=True)
    yield from rules.order_by("name").values_list("name", flat=True).distinct()


def _count(after: datetime | None, until: datetime) -> Mapping[Key, float]:
    """Messages that were sent in a span, once for each name of an alert in them."""
    told = OutboxEntry.objects.filter(
        message__state=MessageState.SENT, message__ended_at__lte=until
    )
    if after is not None:
        told = told.filter(message__ended_at__gt=after)
    rows = told.order_by().values_list("alert__rule_name")
    return Counter({(name,): n for name, n in rows.annotate(Count("message", distinct=True))})
