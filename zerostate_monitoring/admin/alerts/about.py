"""Everything that is known with one label: alerts, silences, series, and where else to look."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote as quote_url

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.db.models.fields.json import KeyTransform
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _

from zerostate_monitoring.admin import words
from zerostate_monitoring.admin.alerts.doing import form_of
from zerostate_monitoring.admin.alerts.grouped import row_of
from zerostate_monitoring.admin.alerts.series import series_with
from zerostate_monitoring.admin.node_state import last_scrape, node_notes
from zerostate_monitoring.admin.rows import ReadOnlyAdmin
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import RuleError
from zerostate_monitoring.models import Alert, Node, Silence
from zerostate_monitoring.models.words import LIVE
from zerostate_monitoring.promql.quoting import quote
from zerostate_monitoring.rules.matchers import compile_matchers, compile_text
from zerostate_monitoring.tracing.names import CHANNEL_ID, GUILD_ID, PEER_ID

if TYPE_CHECKING:
    _Base = ReadOnlyAdmin[Alert]
else:
    _Base = object

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,199}\Z")
_LONGEST: Final = 1_000
_PLACE: Final = re.compile(r"\{(?:label|value)\}")
_LIVE: Final = 100
_PAST: Final = 20
_SEARCHED: Final = 20_000
"""No index finds a value within labels: so many of the newest alerts are looked through."""
_SILENCES: Final = 20
LOG_KEYS: Final = {"node": "node", "guild_id": "guild", "channel_id": "channel"}
"""How lines of log name what a label names; others are looked for in the text."""
SPAN_ATTRIBUTES: Final = {"guild_id": GUILD_ID, "channel_id": CHANNEL_ID, "peer_id": PEER_ID}
"""How spans name it."""
OFFERED: Final = ("node", "agent_id", "channel_id", "guild_id", "site", "alertname", "severity")


class AboutPage(_Base):
    """A page of alerts: everything about an agent, a channel, a node."""

    def about_urls(self) -> list[URLPattern]:
        """Before Django's own, which take everything else for a key."""
        view, name = self.admin_site.admin_view, "zerostate_monitoring_about"
        return [path("about/", view(self.about_view), name=name)]

    def about_view(self, request: HttpRequest) -> HttpResponse:
        """What there is with the label that stands in the address."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        label = request.GET.get("label", "").strip()
        value = request.GET.get("value", "").strip()
        fault = fault_of(label, value)
        found = {} if fault or not label else about(request, label, value, timezone.now())
        context = {"label": label, "value": value, "fault": fault, "offered": OFFERED, **found}
        title = _("Everything about %(label)s %(value)s") % {"label": label, "value": value}
        named = title[:200] if found else _("Everything about…")
        allowed = self.may(request)  # type: ignore[attr-defined]
        return self.page(request, "alert/about.html", named, {**context, **allowed})


def fault_of(label: str, value: str) -> str:
    """Why there can be nothing with this label; empty if there can."""
    if not label and not value:
        return ""
    if not _NAME.match(label):
        return _("A label's name has letters, digits and _, and does not begin with a digit.")
    if not value:
        return _("Enter the value of the label, too.")
    if len(value) > _LONGEST or "\x00" in value:
        return _("No label has such a value: it has at most %d characters.") % _LONGEST
    return ""


def about(request: HttpRequest, label: str, value: str, now: datetime) -> dict[str, Any]:
    """All that is shown; of what one may not see there is nothing."""
    may = _views(request)
    live = list(with_label(Alert.objects.filter(state__in=LIVE), label, value)[:_LIVE])
    past = list(with_label(recent(), label, value).exclude(state__in=LIVE)[:_PAST])
    return {
        "found": True,
        "live_rows": [row_of(one, request, now) for one in live],
        "acting": [form_of(one) for one in live],
        "past_rows": [row_of(one, request, now) for one in past],
        "node": _node(value) if label == "node" and may("node") else None,
        "sees_silences": may("silence"),
        "silences": list(silences_of(label, value, now)) if may("silence") else [],
        "series": series_with(label, value) if may("metric") else None,
        "asked": asked(label, value),
        "links": links(label, value),
        "asked_matcher": f"{label}={quote(value)}",
    }


def _views(request: HttpRequest) -> Any:
    return lambda model: request.user.has_perm(f"zerostate_monitoring.view_{model}")


# -- alerts -----------------------------------------------------------------------


def recent() -> QuerySet[Alert]:
    """The newest alerts: as many as can be looked through in a moment."""
    newest = Alert.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    return Alert.objects.filter(pk__gt=newest - _SEARCHED)


def with_label(rows: QuerySet[Alert], label: str, value: str) -> QuerySet[Alert]:
    """Those that have the label with this value, the newest first. A rule's name is one, too."""
    rows = words.with_expr(rows.select_related("acknowledged_by")).order_by("-pk")
    if label == "alertname":
        return rows.filter(rule_name=value)
    return rows.annotate(asked_for=KeyTransform(label, "labels")).filter(asked_for=value)


# -- the node, and what is silenced --------------------------------------------------


def _node(name: str) -> dict[str, Any] | None:
    row = Node.objects.filter(name=name).first()
    if row is None:
        return None
    return {"row": row, "lines": last_scrape(row, node_notes([name]).get(name))}


def silences_of(label: str, value: str, now: datetime) -> Iterator[dict[str, Any]]:
    """Silences that last, or are to come, and ask for this label with this value."""
    rows = Silence.objects.filter(ends_at__gt=now).order_by("ends_at")
    hit = (row for row in rows if hits(row.matchers, label, value))
    for _place, row in zip(range(_SILENCES), hit, strict=False):
        yield {
            "pk": row.pk,
            "what": str(row),
            "matchers": row.matchers.splitlines(),
            "author": row.author,
            "active": row.starts_at <= now,
            "begins": words.ago(row.starts_at, now),
            "ends": words.ago(row.ends_at, now),
        }


def hits(matchers: str, label: str, value: str) -> bool:
    """Whether matchers ask for the label, and this value is what they ask for. Pure."""
    try:
        mine = [one for one in compile_text(matchers).matchers if one.name == label]
        return bool(mine) and compile_matchers(mine)({label: value})
    except RuleError:
        return False


# -- elsewhere ----------------------------------------------------------------------


def links(label: str, value: str) -> list[dict[str, str]]:
    """Pages elsewhere that this installation knows: logs, traces, whatever it names."""
    places = {"{label}": quote_url(label, safe=""), "{value}": quote_url(value, safe="")}
    # In one pass: a value may hold what looks like a place.
    return [
        {"title": title, "url": _PLACE.sub(lambda found: places[found[0]], address)}
        for title, address in conf.LINKS.items()
    ]


def asked(label: str, value: str) -> list[tuple[str, str]]:
    """The same question for metrics, logs and traces, to be copied: name and text."""
    text, key = quote(value), LOG_KEYS.get(label)
    logs = f"| {key}={text}" if key else f"|= {text}"
    found = [
        (_("Metrics (PromQL)"), f"{{{label}={text}}}"),
        (_("Logs (LogQL)"), '{service=~".+"} ' + logs),
    ]
    attribute = SPAN_ATTRIBUTES.get(label)
    if attribute:
        found.append((_("Traces (TraceQL)"), f"{{ span.{attribute} = {text} }}"))
    return found
