"""The page of all routing: routes with what they take now, what nobody takes, and a dry run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerostate_monitoring.admin import display
from zerostate_monitoring.admin.holding.showing import (
    AlertLine,
    alert_lines,
    labels_line,
    matchers_line,
)
from zerostate_monitoring.admin.routing.guarding import uncaught_text
from zerostate_monitoring.alerting import routing
from zerostate_monitoring.alerting.routing import Entry, Look, Routing, Taken
from zerostate_monitoring.alerting.routing.guarding import uncaught
from zerostate_monitoring.alerting.suppression.hits import live_alerts
from zerostate_monitoring.alerting.suppression.reasons import labels_of
from zerostate_monitoring.exceptions import RuleError
from zerostate_monitoring.models import Alert
from zerostate_monitoring.models.words import LIVE
from zerostate_monitoring.rules.matchers import parse_matchers

_TONES: Final = {
    "takes": "good",
    "no match": "none",
    "not reached": "off",
    "no receiver": "warn",
    "broken": "bad",
    "last resort": "warn",
}
_MOST_CHOICES: Final = 200


class TrialForm(forms.Form):
    """Labels to try: written, or those of an alert that lives."""

    alert = forms.ModelChoiceField(
        label=gettext_lazy("Alert"),
        queryset=Alert.objects.none(),
        required=False,
        empty_label=gettext_lazy("the labels below"),
    )
    labels = forms.CharField(
        label=gettext_lazy("Labels"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
        help_text=gettext_lazy('One per line, such as severity="critical".'),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        field = self.fields["alert"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        field.queryset = Alert.objects.filter(state__in=LIVE)
        rows = field.queryset.order_by("-started_at")[:_MOST_CHOICES]
        named = [(row.pk, _named(row)) for row in rows]
        field.widget.choices = [("", field.empty_label), *named]

    def clean(self) -> dict[str, Any]:
        """Labels of the alert, or those that were written."""
        cleaned = super().clean() or self.cleaned_data
        alert = cleaned.get("alert")
        if alert is not None:
            cleaned["chosen"] = labels_of(alert)
        elif "labels" in cleaned:
            cleaned["chosen"] = self._written(cleaned["labels"])
        return cleaned

    def _written(self, text: str) -> Mapping[str, str]:
        try:
            pairs = parse_matchers(text)
        except RuleError as error:
            raise ValidationError({"labels": str(error)}) from error
        if any(pair.op != "=" for pair in pairs):
            raise ValidationError({"labels": _("A label has a value: write name=value.")})
        return {pair.name: pair.value for pair in pairs}


@dataclass(frozen=True, slots=True)
class RouteLine:
    """A route with what it does now."""

    pk: int
    name: str
    matchers: str
    receivers: str
    is_continued: bool
    count: int
    broken: SafeString | str


@dataclass(frozen=True, slots=True)
class TrialLine:
    """A route with what came of the labels that were tried."""

    look: Look
    badge: SafeString
    receivers: str


@dataclass(frozen=True, slots=True)
class RoutingPage:
    """What the page shows."""

    routes: Sequence[RouteLine]
    unrouted: Sequence[Alert]
    unrouted_lines: Sequence[AlertLine]
    no_route: SafeString | str
    uncaught: str = ""
    labels: Mapping[str, str] | None = None
    labels_line: str = ""
    trial: Sequence[TrialLine] = ()
    is_taken: bool = False


def page_of(form: TrialForm) -> RoutingPage:
    """Routing as it stands, with the trial that ``form`` asks for."""
    known = routing.load()
    counts, unrouted = _shared_out(known, live_alerts())
    labels = form.cleaned_data.get("chosen") if form.is_bound and form.is_valid() else None
    looks = () if labels is None else known.explain(labels)
    no_route = _("no route")
    return RoutingPage(
        routes=[_route_line(entry, known.faults(), counts) for entry in known.entries],
        unrouted=unrouted,
        unrouted_lines=alert_lines(unrouted, 50),
        no_route=display.badge("bad", no_route) if unrouted else no_route,
        uncaught=uncaught_text(uncaught(known)) if known.entries else "",
        labels=labels,
        labels_line="" if labels is None else _line_of(labels),
        trial=[_trial_line(look) for look in looks],
        is_taken=any(look.takes for look in looks),
    )


def _route_line(entry: Entry, faults: Mapping[int, str], counts: Mapping[int, int]) -> RouteLine:
    route = entry.taken.route
    fault = faults.get(route.pk, "")
    return RouteLine(
        pk=route.pk,
        name=route.name,
        matchers=matchers_line(entry.matchers),
        receivers=receivers_text(entry.taken),
        is_continued=entry.is_continued,
        count=counts.get(route.pk, 0),
        broken=display.badge("bad", _("broken"), fault) if fault else "",
    )


def _trial_line(look: Look) -> TrialLine:
    badge = display.badge(_TONES[look.verdict.value], _(look.verdict.value))
    return TrialLine(look, badge, receivers_text(look.taken) if look.takes else display.EMPTY)


def _line_of(labels: Mapping[str, str]) -> str:
    name = labels.get("alertname", "")
    return f"{name}{labels_line(labels)}"


def receivers_text(taken: Taken) -> str:
    """Receivers in order, with when each is told."""
    named: list[str] = []
    for step in taken.steps:
        after = step.after_seconds
        if not named:
            named.append(step.receiver_name)
        elif after:
            named.append(
                _("%(name)s after %(time)s")
                % {"name": step.receiver_name, "time": display.age(after)}
            )
        else:
            named.append(_("%s if that fails") % step.receiver_name)
    return " → ".join(named) or _("nobody")


def _shared_out(known: Routing, alerts: Sequence[Alert]) -> tuple[Mapping[int, int], list[Alert]]:
    """How many alerts each route takes, and those that none takes."""
    counts: dict[int, int] = defaultdict(int)
    unrouted = []
    for alert in alerts:
        takers = known.of(labels_of(alert))
        for taker in takers:
            counts[taker.route.pk] += 1
        if not takers:
            unrouted.append(alert)
    return counts, unrouted


def _named(alert: Alert) -> str:
    return _line_of(labels_of(alert))[:160]
