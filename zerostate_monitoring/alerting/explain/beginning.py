"""What is known of a rule in its first half hour: what was seen, since when, and when more is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db.models import Count, Min
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zerostate_monitoring.alerting.explain.values import moment, span
from zerostate_monitoring.conf import conf
from zerostate_monitoring.models import Evaluation, Rule
from zerostate_monitoring.models.words import RuleKind
from zerostate_monitoring.rules.definitions import AlertingRule

YOUNG: Final = timedelta(minutes=30)


def beginning(
    row: Rule, rule: AlertingRule, at: datetime, width_ms: int, known_from_ms: int | None
) -> Iterator[str]:
    """Sentences about a rule whose group was first evaluated less than half an hour before."""
    if not (row.enabled and row.group.enabled and conf.EVALUATE):
        return
    rows = Evaluation.objects.filter(group=row.group, slot_ms__lte=_ms(at))
    seen = rows.aggregate(n=Count("pk"), first=Min("slot_ms"))
    every = {"group": row.group, "every": span(timedelta(milliseconds=width_ms))}
    if seen["first"] is None:
        yield _("Nothing was seen yet: group %(group)s has not been evaluated.") % every
        due = moment(_at((_ms(at) // width_ms + 1) * width_ms))
        yield _(
            "It is evaluated every %(every)s, next for %(due)s, once a worker and Celery's beat "
            "run; the doctor says whether they do."
        ) % {**every, "due": due}
    else:
        first = _at(seen["first"])
        if at - first >= YOUNG:
            return
        said = ngettext(
            "Seen so far: %(n)d evaluation since %(first)s, one every %(every)s. What was before "
            "is not known.",
            "Seen so far: %(n)d evaluations since %(first)s, one every %(every)s. What was before "
            "is not known.",
            seen["n"],
        )
        yield said % {**every, "n": seen["n"], "first": moment(first)}
        yield from _earliest(row, rule, first, at)
    if known_from_ms is not None:
        yield _("Its expression looks back: its values are known from %(at)s on.") % {
            "at": moment(_at(known_from_ms))
        }


def _earliest(row: Rule, rule: AlertingRule, first: datetime, at: datetime) -> Iterator[str]:
    """When an alert can fire that was true from the first evaluation on."""
    earliest = first + rule.for_
    if row.kind == RuleKind.ALERTING and earliest > at:
        yield _(
            "It must be true for %(length)s: nothing can fire by it before %(at)s, and until then "
            "an alert is pending at most."
        ) % {"length": span(rule.for_), "at": moment(earliest)}


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _at(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
