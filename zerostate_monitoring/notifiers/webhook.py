"""Webhooks: what Alertmanager posts, version 4, key by key.

Source of the shape: ``notify/webhook/webhook.go`` and ``template/template.go`` of Alertmanager.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

import orjson
from django.utils.translation import gettext_lazy as _

from zerostate_monitoring.notifiers.addresses import current_policy, url_problem
from zerostate_monitoring.notifiers.answers import judged
from zerostate_monitoring.notifiers.base import AlertView, Answer, Batch, Composed, Fault, Target
from zerostate_monitoring.notifiers.fields import Field, FieldsMixin, Text, secret_names
from zerostate_monitoring.notifiers.freezing import frozen
from zerostate_monitoring.notifiers.http import line
from zerostate_monitoring.notifiers.subjects import subject

KEY_HEADER: Final = "Idempotency-Key"
TIME_HEADER: Final = "X-Zerostate-Timestamp"
SIGNATURE_HEADER: Final = "X-Zerostate-Signature"
_NEVER: Final = "0001-01-01T00:00:00Z"
"""Go's zero time: the end of what still fires."""

_FIELDS: Final = (
    Field("url", _("Address"), _("Such as https://hooks.example/alerts."), is_address=True),
    Field(
        "secret_url",
        _("Secret address"),
        _("Instead of the address, where knowing it is enough to post."),
        is_secret=True,
        is_address=True,
    ),
    Field(
        "signing_secret",
        _("Signing secret"),
        _("Signs each message with HMAC-SHA256, so that the receiver knows who sent it."),
        is_secret=True,
    ),
    Field("token", _("Bearer token"), is_secret=True, is_sent=True),
    Field("username", _("User name"), _("For basic authentication.")),
    Field("password", _("Password"), is_secret=True, is_sent=True),
)


class WebhookNotifier(FieldsMixin):
    """POST of Alertmanager's JSON."""

    kind: ClassVar[str] = "webhook"
    title: ClassVar[Any] = _("Webhook")
    blurb: ClassVar[Text] = _("JSON as Alertmanager posts it, signed if you wish, to any address.")
    fields: ClassVar[Sequence[Field]] = _FIELDS
    secrets: ClassVar[frozenset[str]] = secret_names(_FIELDS)
    tells_past: ClassVar[bool] = False

    def faults(self, target: Target) -> Sequence[Fault]:
        """See ``Notifier``."""
        return [*self.shape_faults(target), *_address_faults(target), *_login_faults(target)]

    def compose(self, batch: Batch, target: Target) -> Composed:
        """See ``Notifier``. The payload is the body."""
        return Composed(subject(batch), frozen(_body(batch)))

    def send(self, composed: Composed, target: Target, *, key: str, timeout: float) -> Answer:
        """See ``Notifier``."""
        body = orjson.dumps(composed.payload, option=orjson.OPT_SORT_KEYS)
        headers = {KEY_HEADER: key, **_authorization(target), **_signed(target, body)}
        with line(_url(target), current_policy(), timeout, target.secrets.values()) as to:
            response = to.post(body, headers)
        return judged(response, datetime.now(UTC))


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What stands in the header of the signature: over the time, a full stop, and the body."""
    signed = timestamp.encode() + b"." + body
    return "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def fingerprint(labels: Mapping[str, str]) -> str:
    """Alertmanager's fingerprint of a label set: FNV-1a, 64 bits, over its sorted pairs."""
    found = 0xCBF29CE484222325
    for name, value in sorted((k.encode(), v.encode()) for k, v in labels.items()):
        for byte in name + b"\xff" + value + b"\xff":
            found = (found ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{found:016x}"


def instant(at: datetime | None) -> str:
    """An instant as Go writes it; its zero time for none."""
    if at is None:
        return _NEVER
    text = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"
    fraction = f".{at.microsecond:06}".rstrip("0") if at.microsecond else ""
    return f"{text}{fraction}Z"


def _body(batch: Batch) -> dict[str, Any]:
    alerts = _one_of_each(batch.alerts)
    is_firing = any(alert.is_firing for alert in alerts)
    return {
        "version": "4",
        "groupKey": batch.group_key,
        "truncatedAlerts": batch.truncated,
        "status": _status(is_firing=is_firing),
        "receiver": batch.receiver,
        "groupLabels": dict(batch.group_labels),
        "commonLabels": _common([alert.labels for alert in alerts]),
        "commonAnnotations": _common([alert.annotations for alert in alerts]),
        "externalURL": batch.external_url,
        "alerts": [_alert(alert) for alert in alerts],
    }


def _one_of_each(alerts: Sequence[AlertView]) -> Sequence[AlertView]:
    """Without the ends of alerts that fire anew: in this format labels name an alert.

    Alertmanager tells of such an alert that it fires; whoever read both would take the end last.
    """
    firing = {alert.fingerprint for alert in alerts if alert.is_firing}
    return [alert for alert in alerts if alert.is_firing or alert.fingerprint not in firing]


def _alert(alert: AlertView) -> dict[str, Any]:
    return {
        "status": _status(is_firing=alert.is_firing),
        "labels": dict(alert.labels),
        "annotations": dict(alert.annotations),
        "startsAt": instant(alert.starts_at),
        "endsAt": instant(None if alert.is_firing else alert.ends_at),
        "generatorURL": alert.url,
        "fingerprint": fingerprint(frozen(alert.labels)),
    }


def _status(*, is_firing: bool) -> str:
    return "firing" if is_firing else "resolved"


def _common(sets: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The pairs that all have."""
    if not sets:
        return {}
    first, *others = sets
    return {k: v for k, v in first.items() if all(one.get(k, "") == v for one in others)}


def _url(target: Target) -> str:
    return str(target.secrets.get("secret_url") or target.config.get("url", ""))


def _authorization(target: Target) -> dict[str, str]:
    if token := target.secrets.get("token"):
        return {"Authorization": f"Bearer {token}"}
    if user := target.config.get("username"):
        login = f"{user}:{target.secrets.get('password', '')}".encode()
        return {"Authorization": f"Basic {base64.b64encode(login).decode()}"}
    return {}


def _signed(target: Target, body: bytes) -> dict[str, str]:
    secret = target.secrets.get("signing_secret")
    if not secret:
        return {}
    now = str(int(time.time()))
    return {TIME_HEADER: now, SIGNATURE_HEADER: signature(secret, now, body)}


def _address_faults(target: Target) -> Iterator[Fault]:
    url, secret = target.config.get("url"), target.secrets.get("secret_url")
    if url and secret:
        yield Fault("secret_url", "There are two addresses; one of them must go.")
    if not url and not secret:
        yield Fault("url", "There is no address.")
    for name, value in (("url", url), ("secret_url", secret)):
        if isinstance(value, str) and value and (why := url_problem(value, current_policy())):
            yield Fault(name, why)


def _login_faults(target: Target) -> Iterator[Fault]:
    token, user = target.secrets.get("token", ""), target.config.get("username", "")
    if not all("!" <= character <= "~" for character in token):
        yield Fault("token", "It holds blanks or characters that no header can carry.")
    if token and user:
        yield Fault("username", "A bearer token is set, too; one of them must go.")
    if target.secrets.get("password") and not user:
        yield Fault("username", "A password is set; whose is it?")
    if isinstance(user, str) and ":" in user:
        yield Fault("username", "A user name holds no colon.")
