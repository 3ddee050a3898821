"""PagerDuty, Events API v2: one event for each alert.

The key of an incident is fixed when its alert fires, and the same when it resolves. An event
that is sent twice changes nothing, so a message that broke off in the middle is sent whole. More
alerts than one message holds are further messages, for each must have its event.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

import orjson
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zerostate_monitoring.notifiers.addresses import current_policy, url_problem
from zerostate_monitoring.notifiers.answers import Response, judged, shown
from zerostate_monitoring.notifiers.base import (
    AlertView,
    Answer,
    Batch,
    Composed,
    DeliveryError,
    Fault,
    Target,
)
from zerostate_monitoring.notifiers.facts import worth_telling
from zerostate_monitoring.notifiers.fields import Field, FieldsMixin, Text, secret_names, value_of
from zerostate_monitoring.notifiers.freezing import frozen
from zerostate_monitoring.notifiers.http import Line, line
from zerostate_monitoring.notifiers.subjects import cut, one_line, subject
from zerostate_monitoring.notifiers.telling import Telling, followed, opening, telling
from zerostate_monitoring.notifiers.webhook import instant

_SEVERITIES: Final = {
    "critical": "critical",
    "error": "error",
    "high": "error",
    "warning": "warning",
    "info": "info",
    "none": "info",
}
_OTHER_SEVERITY: Final = "error"
_LONGEST_SUMMARY: Final = 1_024
_LONGEST_KEY: Final = 255
_CLIENT: Final = "zerostate_monitoring"

_URL: Final = Field(
    "url",
    _("Address"),
    _("For an account in Europe: https://events.eu.pagerduty.com/v2/enqueue"),
    is_address=True,
    default="https://events.pagerduty.com/v2/enqueue",
)
_FIELDS: Final = (
    Field(
        "routing_key",
        _("Integration key"),
        _("Of an Events API v2 integration; 32 characters."),
        is_required=True,
        is_secret=True,
        is_sent=True,
    ),
    _URL,
)


class PagerDutyNotifier(FieldsMixin):
    """Trigger when an alert fires, resolve when it ends."""

    kind: ClassVar[str] = "pagerduty"
    title: ClassVar[Any] = _("PagerDuty")
    blurb: ClassVar[Text] = _("An incident for each alert, closed when the alert ends.")
    fields: ClassVar[Sequence[Field]] = _FIELDS
    secrets: ClassVar[frozenset[str]] = secret_names(_FIELDS)
    max_alerts: ClassVar[int] = 20
    tells_each: ClassVar[bool] = True

    def faults(self, target: Target) -> Sequence[Fault]:
        """See ``Notifier``."""
        return [*self.shape_faults(target), *_faults(target)]

    def compose(self, batch: Batch, target: Target) -> Composed:
        """See ``Notifier``. The payload is ``{"events": […]}``, without the integration key."""
        events = [_event(alert, batch) for alert in batch.alerts]
        if batch.purpose == "test":
            # Nobody is to close by hand what a test has opened.
            events += [_resolving(event) for event in events if event["event_action"] == "trigger"]
        return Composed(subject(batch), frozen({"events": events}))

    def send(self, composed: Composed, target: Target, *, key: str, timeout: float) -> Answer:
        """See ``Notifier``. Events go in their order over one connection."""
        url = str(value_of(_URL, target))
        with line(url, current_policy(), timeout, target.secrets.values()) as to:
            return _sent_all(to, composed.payload["events"], target.secrets.get("routing_key", ""))


def _sent_all(to: Line, events: Sequence[Mapping[str, Any]], routing_key: str) -> Answer:
    """The last answer. One event that is refused for good does not hold back those after it."""
    answer, refused = Answer("There was no event to send."), None
    for event in events:
        response = to.post(orjson.dumps({**event, "routing_key": routing_key}))
        try:
            answer = judged(response, datetime.now(UTC), _said(response))
        except DeliveryError as error:
            if not error.is_permanent:
                raise
            refused = error
    if refused is not None:
        raise refused
    return answer


def _event(alert: AlertView, batch: Batch) -> dict[str, Any]:
    told = telling(alert)
    event: dict[str, Any] = {
        "event_action": "trigger" if alert.is_firing else "resolve",
        "dedup_key": cut(alert.incident or alert.fingerprint, _LONGEST_KEY),
        "payload": {
            "summary": cut(one_line(_summary(told, batch)), _LONGEST_SUMMARY),
            "source": _source(alert),
            "severity": _SEVERITIES.get(alert.labels.get("severity", ""), _OTHER_SEVERITY),
            "timestamp": instant(alert.starts_at if alert.is_firing else _end(alert)),
            "class": told.name,
            "component": alert.labels.get("layer", ""),
            "custom_details": _details(told),
        },
        "client": _CLIENT,
        "links": list(_links(told)),
    }
    if address := told.url or followed(batch.external_url):
        event["client_url"] = address
    return event


def _end(alert: AlertView) -> datetime:
    return alert.ends_at or alert.starts_at


def _resolving(event: dict[str, Any]) -> dict[str, Any]:
    return {**event, "event_action": "resolve"}


def _summary(told: Telling, batch: Batch) -> str:
    labels = " ".join(f"{k}={v}" for k, v in worth_telling(told.alert.labels).items())
    parts = [opening(batch), f"{told.name} {labels}".strip()]
    return ": ".join(part for part in (*parts, told.summary) if part)


def _source(alert: AlertView) -> str:
    """What is affected: the node, else the first label that says which alert it is."""
    labels = worth_telling(alert.labels)
    found = labels.get("node") or labels.get("instance") or next(iter(labels.values()), "")
    return one_line(found) or _CLIENT


def _details(told: Telling) -> dict[str, str]:
    """Labels, annotations, and what the rows of a mail say; named in English, for its rules."""
    details = {row.name: row.text for row in told.rows}
    if told.description:
        details["Description"] = told.description
    return details


def _links(told: Telling) -> Iterator[dict[str, str]]:
    for text, address in ((gettext("What to do"), told.runbook), (gettext("Details"), told.url)):
        if address:
            yield {"href": address, "text": text}


def _said(response: Response) -> str:
    """Message and faults out of an answer; empty where it is none of PagerDuty's."""
    try:
        document = orjson.loads(response.body)
    except orjson.JSONDecodeError:
        return ""
    if not isinstance(document, dict):
        return ""
    errors = document.get("errors")
    faults = [str(one) for one in errors] if isinstance(errors, list) else []
    return shown(": ".join([str(document.get("message", "")), *faults]).strip(": "))


def _faults(target: Target) -> Iterator[Fault]:
    key = target.secrets.get("routing_key", "")
    if key and not (len(key) == 32 and key.isascii() and key.isalnum()):
        yield Fault("routing_key", "An integration key has 32 letters and digits.")
    url = value_of(_URL, target)
    if isinstance(url, str) and (why := url_problem(url, current_policy())):
        yield Fault("url", why)
