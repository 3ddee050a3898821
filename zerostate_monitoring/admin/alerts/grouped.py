"""What lives now, put together by a label, with what can be done about a whole group."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _

from zerostate_monitoring.admin import display, words
from zerostate_monitoring.admin.alerts.doing import doing_of, form_of
from zerostate_monitoring.admin.alerts.line import line_of
from zerostate_monitoring.admin.rows import ReadOnlyAdmin
from zerostate_monitoring.admin.words import GRAVE
from zerostate_monitoring.models import Alert
from zerostate_monitoring.models.words import LIVE, AlertState, Severity

if TYPE_CHECKING:
    _Base = ReadOnlyAdmin[Alert]
else:
    _Base = object

MOST: Final = 2_000
"""So many live alerts are looked at: the newest."""
_GROUPS: Final = 100
_LISTED: Final = 10
"""So many alerts of a group are listed; as many as a page has where one group is asked for."""
_ROWS: Final = 150
"""So many are listed on one page."""
_OPEN: Final = 3
"""So few groups are shown opened."""
_NAMES: Final = 12
BY: Final = "alertname"


class GroupedPage(_Base):
    """A page of alerts: those that live, by rule or by another label."""

    def grouped_urls(self) -> list[URLPattern]:
        """Before Django's own, which take everything else for a key."""
        view, name = self.admin_site.admin_view, "zerostate_monitoring_alert_grouped"
        return [path("grouped/", view(self.grouped_view), name=name)]

    def grouped_view(self, request: HttpRequest) -> HttpResponse:
        """Groups, the gravest first."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {**grouped_context(request, timezone.now()), **self.may(request)}  # type: ignore[attr-defined]
        return self.page(request, "alert/grouped.html", _("What fires now"), context)


@dataclass(frozen=True, slots=True)
class Group:
    """Live alerts with one value of a label."""

    value: str
    alerts: Sequence[Alert]

    @property
    def firing(self) -> int:
        """How many of them fire."""
        return sum(alert.state == AlertState.FIRING for alert in self.alerts)

    @property
    def open(self) -> int:
        """How many fire and nobody has taken on."""
        return sum(
            alert.state == AlertState.FIRING and alert.acknowledged_at is None
            for alert in self.alerts
        )

    @property
    def rank(self) -> tuple[int, int, int, str]:
        """The most urgent of them, how many are open, how many fire: what comes first is least."""
        return min(map(_urgency, self.alerts)), -self.open, -self.firing, self.value


def _urgency(alert: Alert) -> int:
    """Grave ones that fire and nobody has, grave ones that are to fire, then the others."""
    if alert.severity not in GRAVE:
        return 2 * len(GRAVE) + (alert.severity == Severity.NONE)
    is_open = alert.state == AlertState.FIRING and alert.acknowledged_at is None
    return GRAVE.index(Severity(alert.severity)) + (0 if is_open else len(GRAVE))


def grouped(alerts: Iterable[Alert], by: str) -> list[Group]:
    """Groups in order: what somebody must act on first. Pure."""
    found: dict[str, list[Alert]] = defaultdict(list)
    for alert in alerts:
        found[value_of(alert, by)].append(alert)
    return sorted((Group(value, rows) for value, rows in found.items()), key=lambda one: one.rank)


def value_of(alert: Alert, by: str) -> str:
    """The value of a label; an alert is always of a rule."""
    return alert.rule_name if by == BY else str(alert.labels.get(by, ""))


def choices(alerts: Iterable[Alert]) -> list[tuple[str, int]]:
    """Labels by which one may group, the most usual first, with how many alerts have them."""
    counts = Counter(name for alert in alerts for name in alert.labels if name != BY)
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:_NAMES]


def grouped_context(request: HttpRequest, now: datetime) -> dict[str, Any]:
    """The page: one query for the alerts, whatever they are put together by."""
    live = Alert.objects.filter(state__in=LIVE).select_related("acknowledged_by")
    rows = words.with_expr(live)
    alerts = list(rows.order_by("-pk")[:MOST])
    named = choices(alerts)
    by = request.GET.get("by", BY)
    only = request.GET.get("value")
    groups = [one for one in grouped(alerts, by) if only is None or one.value == only]
    return {
        "by": by,
        "choices": [(BY, _("rule"), by == BY)] + [(one, one, by == one) for one, _n in named],
        "groups": list(_all_shown(groups[:_GROUPS], by, request, now)),
        "only": only,
        "more": max(len(groups) - _GROUPS, 0),
        "total": len(alerts),
        "cut": len(alerts) == MOST,
    }


def _all_shown(
    groups: Sequence[Group], by: str, request: HttpRequest, now: datetime
) -> Iterator[dict[str, Any]]:
    """Each with its first alerts, as long as there is room on the page for them."""
    left = _ROWS
    for group in groups:
        listed = min(_ROWS if len(groups) == 1 else _LISTED, left)
        left -= min(listed, len(group.alerts))
        yield {
            **_shown(group, by, request, now, listed),
            "is_open": len(groups) <= _OPEN,
            "query": urlencode({"by": by, "value": group.value}),
        }


def _shown(
    group: Group, by: str, request: HttpRequest, now: datetime, listed: int
) -> dict[str, Any]:
    oldest = min((one.fired_at or one.started_at for one in group.alerts), default=None)
    order = sorted(group.alerts, key=lambda one: (one.state != AlertState.FIRING, -one.pk))
    severities = Counter(one.severity for one in group.alerts)
    return {
        "value": group.value or _("without it"),
        "key": group.value,
        "firing": group.firing,
        "open": group.open,
        "taken": group.firing - group.open,
        "pending": len(group.alerts) - group.firing,
        "severities": [words.severity_badge(one) for one, _n in severities.most_common(3)],
        "since": words.ago(oldest, now),
        "about": about_query(by, group.value) if by != BY and group.value else "",
        "alerts": [row_of(one, request, now) for one in order[:listed]],
        "forms": [form_of(one) for one in order[:listed]],
        "keys": [one.pk for one in order],
        "more": max(len(order) - listed, 0),
    }


def about_query(label: str, value: str) -> str:
    """What follows the address of the page about everything with a label."""
    return urlencode({"label": label, "value": value})


def row_of(alert: Alert, request: HttpRequest, now: datetime) -> dict[str, Any]:
    """A line of one alert, with what can be done to it."""
    return {
        **line_of(alert, now),
        "ended": words.ago(alert.ended_at, now) if not alert.is_live else "",
        "who": (alert.acknowledged_by or display.EMPTY) if alert.acknowledged_at else "",
        "doing": doing_of(alert, request),
    }
