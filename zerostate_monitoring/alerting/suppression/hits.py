"""What matchers hit among the alerts that live now: for previews, reminders, and ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zerostate_monitoring.alerting.suppression.deciding import inhibitor_of
from zerostate_monitoring.alerting.suppression.inhibiting import Source
from zerostate_monitoring.alerting.suppression.reasons import labels_of
from zerostate_monitoring.models import Alert, Inhibition
from zerostate_monitoring.models.words import LIVE, AlertState, in_words
from zerostate_monitoring.rules.matchers import compile_text


@dataclass(frozen=True)
class Hits:
    """Live alerts that meet matchers, of how many; ``fault`` says why it cannot be known."""

    alerts: Sequence[Alert] = ()
    live: int = 0
    fault: str = ""
    note: str = ""
    """What else is to be said."""

    @cached_property
    def firing(self) -> list[Alert]:
        """Those that fire."""
        return [alert for alert in self.alerts if alert.state == AlertState.FIRING]

    @cached_property
    def pending(self) -> list[Alert]:
        """Those that are pending."""
        return [alert for alert in self.alerts if alert.state == AlertState.PENDING]

    @cached_property
    def rules(self) -> Sequence[tuple[str, int]]:
        """Names of their rules with how many alerts each has, most first."""
        return Counter(alert.rule_name for alert in self.alerts).most_common()

    @property
    def is_all(self) -> bool:
        """Whether nothing that lives is left out, where there is more than one."""
        return self.live > 1 and len(self.alerts) == self.live

    def sentence(self) -> str:
        """How much is hit, in words."""
        if self.fault:
            return _("What it hits cannot be said: %s") % in_words(self.fault)
        return _("It hits %s.") % self.counts() if self.alerts else _("It hits no alert now.")

    def counts(self) -> str:
        """How many of how many."""
        said = ngettext(
            "%(firing)d firing and %(pending)d pending of %(live)d live alert",
            "%(firing)d firing and %(pending)d pending of %(live)d live alerts",
            self.live,
        )
        counts = {"firing": len(self.firing), "pending": len(self.pending)}
        return said % {**counts, "live": self.live}


def live_alerts() -> list[Alert]:
    """All alerts that are pending or firing, firing ones first."""
    fields = ("rule_name", "labels", "state", "severity", "started_at", "fired_at")
    watched = Q(rule__observing_until__gt=timezone.now()) | Q(rule=None, observed=True)
    rows = Alert.objects.filter(state__in=LIVE).only(*fields)
    rows = rows.annotate(is_watched=ExpressionWrapper(watched, BooleanField()))
    return list(rows.order_by("state", "-started_at", "-pk"))


def is_watched(alert: Alert) -> bool:
    """Whether an alert of ``live_alerts`` is only observed: then it holds no other one back."""
    return bool(getattr(alert, "is_watched", False))


_LABELS: Final = "_zerostate_monitoring_labels"


def _labels(alert: Alert) -> Mapping[str, str]:
    """Its labels, worked out once: a list puts the same alerts to many matchers."""
    found: Mapping[str, str] | None = alert.__dict__.get(_LABELS)
    if found is None:
        found = alert.__dict__[_LABELS] = labels_of(alert)
    return found


def hits_among(matchers: str, alerts: Sequence[Alert]) -> Hits:
    """Those of ``alerts`` that meet the text ``matchers``. Never raises."""
    try:
        test = compile_text(matchers).test
        found = [alert for alert in alerts if test(_labels(alert))]
    except Exception as error:  # noqa: BLE001 - a preview of what is broken says that it is
        return Hits(live=len(alerts), fault=str(error))
    return Hits(found, len(alerts))


def sources_among(alerts: Sequence[Alert]) -> list[Source]:
    """Those of ``alerts`` that fire, as sources of inhibitions; as live, none that is observed."""
    firing = (one for one in alerts if one.state == AlertState.FIRING and not is_watched(one))
    return [Source(alert.pk, alert.rule_name, _labels(alert)) for alert in firing]


def holding_back(row: Inhibition, alerts: Sequence[Alert]) -> Hits:
    """Those of ``alerts`` that hold others back by ``row``. Never raises."""
    firing = [alert for alert in alerts if alert.state == AlertState.FIRING]
    found = hits_among(row.source_matchers, firing)
    watched = sum(map(is_watched, found.alerts))
    note = _("Not counted: %d of rules that are only observed.") % watched if watched else ""
    counted = [alert for alert in found.alerts if not is_watched(alert)]
    return replace(found, alerts=counted, live=len(alerts), note=note)


def inhibited_by(row: Inhibition, alerts: Sequence[Alert]) -> Hits:
    """Those of ``alerts`` that ``row`` would hold back. Never raises."""
    try:
        inhibitor = inhibitor_of(row, sources_among(alerts))
        found = [alert for alert in alerts if inhibitor.source_for(_labels(alert))]
    except Exception as error:  # noqa: BLE001 - a preview of what is broken says that it is
        return Hits(live=len(alerts), fault=str(error))
    return Hits(found, len(alerts))
