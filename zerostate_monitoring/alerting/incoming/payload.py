"""Alertmanager's webhook, version 4, as values.

Source: ``notify/webhook`` and ``template.Data`` of Alertmanager 0.34. Fields that are not named
here are Alertmanager's own business and are not looked at. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from zerostate_monitoring.alerting.identity import ALERTNAME, fingerprint
from zerostate_monitoring.exceptions import MonitoringError

VERSION: Final = "4"
MOST_LABELS: Final = 100
"""Of one alert; Prometheus's own have a dozen."""
LONGEST_NAME: Final = 200

_TIME: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_NEVER: Final = 1
"""Go's zero time is in the year 1."""


class PayloadError(MonitoringError):
    """A body that is no notification; the message names the field."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of one alert. ``ended_at`` is ``None`` while it fires."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    started_at: datetime
    ended_at: datetime | None = None
    url: str = ""

    @property
    def name(self) -> str:
        """The alert's name."""
        return self.labels[ALERTNAME]

    @property
    def fingerprint(self) -> str:
        """Of all labels."""
        return fingerprint(self.labels.items())


@dataclass(frozen=True, slots=True)
class Notification:
    """One message: the alerts that it tells of, and how many it leaves out."""

    alerts: tuple[Told, ...]
    receiver: str = ""
    truncated: int = 0


def read(body: bytes) -> Notification:
    """The notification that ``body`` is.

    Raises:
        PayloadError: it is none; the message names the field and what it should hold.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise PayloadError(f"the body is no JSON: {error}") from error
    if not isinstance(document, dict):
        raise PayloadError("the body is no JSON object")
    if document.get("version") != VERSION:
        given = orjson.dumps(document.get("version")).decode()[:40]
        raise PayloadError(f'version: this is {given}; version "4" of the webhook is understood')
    alerts = document.get("alerts")
    if not isinstance(alerts, list):
        raise PayloadError("alerts: a list is missing")
    truncated = document.get("truncatedAlerts", 0)
    if isinstance(truncated, bool) or not isinstance(truncated, int) or truncated < 0:
        raise PayloadError("truncatedAlerts: this is no number")
    told = tuple(_told(one, f"alerts[{place}]") for place, one in enumerate(alerts))
    return Notification(told, _text(document, "receiver"), truncated)


def _told(given: Any, place: str) -> Told:
    if not isinstance(given, dict):
        raise PayloadError(f"{place}: this is no object")
    labels = _texts(given, "labels", place)
    name = labels.get(ALERTNAME, "")
    if not name or len(name) > LONGEST_NAME:
        reason = f"a name of at most {LONGEST_NAME} characters is missing"
        raise PayloadError(f"{place}.labels.alertname: {reason}")
    status = given.get("status")
    if status not in ("firing", "resolved"):
        raise PayloadError(f'{place}.status: this is neither "firing" nor "resolved"')
    started = _time(given, "startsAt", place)
    if started is None:
        raise PayloadError(f"{place}.startsAt: the time is missing")
    ended = _time(given, "endsAt", place) if status == "resolved" else None
    if status == "resolved" and ended is None:
        raise PayloadError(f"{place}.endsAt: the time is missing, and the alert is resolved")
    if ended is not None:
        ended = max(started, ended)
    annotations = _texts(given, "annotations", place)
    return Told(labels, annotations, started, ended, _text(given, "generatorURL"))


def _text(given: Mapping[str, Any], field: str) -> str:
    """What is only shown: anything but a text is nothing."""
    found = given.get(field)
    return _kept(found) if isinstance(found, str) else ""


def _kept(text: str) -> str:
    """PostgreSQL keeps no text with a zero in it."""
    return text.replace("\0", "")


def _texts(given: Mapping[str, Any], field: str, place: str) -> dict[str, str]:
    found = given.get(field)
    if found is None and field == "annotations":
        return {}
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise PayloadError(f"{place}.{field}: an object of texts is missing")
    if len(found) > MOST_LABELS:
        raise PayloadError(f"{place}.{field}: {len(found)} are more than {MOST_LABELS}")
    return {_kept(name): _kept(text) for name, text in found.items()}


def _time(given: Mapping[str, Any], field: str, place: str) -> datetime | None:
    """An instant; ``None`` where Go's zero time says that there is none."""
    text = given.get(field)
    if text is None:
        return None
    match = _TIME.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise PayloadError(f"{place}.{field}: this is no time as RFC 3339 writes it")
    day, clock, rest, zone = match.groups()
    micros = f"{rest or '0':0<6}"[:6]
    try:
        at = datetime.fromisoformat(f"{day}T{clock}.{micros}{zone.upper().replace('Z', '+00:00')}")
        return None if at.year == _NEVER else at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise PayloadError(f"{place}.{field}: there is no such time") from error
