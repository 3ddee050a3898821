"""All other services, through the library apprise: best effort.

Apprise says that a message was taken or that it was not. There is no status, no ``Retry-After``
and no idempotency key, and it connects by itself: where its name leads is looked at before,
and may be another place by then.
"""

from __future__ import annotations

import importlib
import logging
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, Final

from django.utils.translation import gettext_lazy as _

from zerostate_monitoring.conf import PREFIX, conf
from zerostate_monitoring.notifiers.addresses import Policy, current_policy, host_problem
from zerostate_monitoring.notifiers.answers import redacted, shown
from zerostate_monitoring.notifiers.base import (
    Answer,
    Batch,
    Composed,
    DeliveryError,
    Fault,
    Target,
)
from zerostate_monitoring.notifiers.facts import severity
from zerostate_monitoring.notifiers.fields import Field, FieldsMixin, Text, secret_names
from zerostate_monitoring.notifiers.freezing import frozen
from zerostate_monitoring.notifiers.subjects import subject
from zerostate_monitoring.notifiers.texts import plain

_MISSING: Final = "The library is not installed: pip install 'zerostate-monitoring[apprise]'."
_TOO_OLD: Final = "This version of apprise follows redirects; install apprise 2.3 or newer."
_NO_ADDRESS: Final = (
    "Apprise makes no service of this address: something in it is missing or wrong."
)
_TYPES: Final = {"critical": "failure", "error": "failure", "info": "info"}

_FIELDS: Final = (
    Field(
        "url",
        _("Address"),
        _("As apprise writes it, such as ntfys://host/topic; see its documentation."),
        is_required=True,
        is_secret=True,
        is_address=True,
    ),
)


class AppriseNotifier(FieldsMixin):
    """Whatever apprise speaks and the settings allow."""

    kind: ClassVar[str] = "apprise"
    title: ClassVar[Any] = _("Other services (apprise)")
    blurb: ClassVar[Text] = _("Best effort: Matrix, ntfy, Telegram and others.")
    fields: ClassVar[Sequence[Field]] = _FIELDS
    secrets: ClassVar[frozenset[str]] = secret_names(_FIELDS)

    def faults(self, target: Target) -> Sequence[Fault]:
        """See ``Notifier``."""
        found = list(self.shape_faults(target))
        url = target.secrets.get("url", "")
        if not found and (reason := _fault(url, current_policy())):
            found.append(Fault("url", reason))
        return found

    def compose(self, batch: Batch, target: Target) -> Composed:
        """See ``Notifier``."""
        line = str(frozen(subject(batch)))
        return Composed(line, frozen({"body": plain(batch), "type": _type(batch)}))

    def send(self, composed: Composed, target: Target, *, key: str, timeout: float) -> Answer:
        """See ``Notifier``. Each wait of apprise's has half of ``timeout``."""
        url = target.secrets.get("url", "")
        if reason := _fault(url, current_policy()):
            raise DeliveryError(reason, is_permanent=True)
        service = _bounded(_service(url), timeout)
        _check_host(service, current_policy())
        with _heard() as words:
            taken = _notified(service, composed)
        if not taken:
            said = redacted("; ".join(words), [url, *_parts(service)]) or "It does not say why."
            raise DeliveryError(f"Apprise could not deliver it. {shown(said)}")
        return Answer("Apprise says that it was taken.")


def _notified(service: Any, composed: Composed) -> bool:
    try:
        taken = service.notify(
            body=composed.payload["body"],
            title=composed.subject,
            notify_type=composed.payload["type"],
        )
    except Exception as error:
        # Some hundred plug-ins raise what they like, with who knows what in the text.
        raise DeliveryError(f"Apprise failed: {type(error).__name__}.") from error
    return bool(taken)


def _fault(url: str, policy: Policy) -> str:
    """What is wrong with an address, without asking anybody; empty if nothing is."""
    scheme = url.partition("://")[0].lower()
    allowed = [one.lower() for one in conf.APPRISE_SCHEMES]
    if scheme not in allowed:
        known = ", ".join(allowed)
        return f"Such services are not allowed ({PREFIX}APPRISE_SCHEMES); these are: {known}."
    if _library() is None:
        return _MISSING
    service = _service(url)
    if service is None:
        return _NO_ADDRESS
    if not hasattr(service, "redirects"):
        return _TOO_OLD
    return host_problem(host, policy) if (host := _host(service)) else _hostless(policy)


def _hostless(policy: Policy) -> str:
    """Where it cannot be seen where a message goes, a list of allowed hosts forbids it."""
    setting = f"{PREFIX}DELIVERY_ALLOWED_HOSTS"
    if not policy.allowed:
        return ""
    return (
        f"Apprise does not say where it goes, so {setting} cannot be kept: empty it, or do without "
        "this service."
    )


def _library() -> Any:
    """The library, if it is installed; it is large, and most installations do without."""
    try:
        return importlib.import_module("apprise")
    except ModuleNotFoundError:
        return None


def _service(url: str) -> Any:
    with _heard():
        return _library().Apprise.instantiate(url, suppress_exceptions=True)


def _host(service: Any) -> str:
    """The host that an address names; of services that have their own it is some other word."""
    names_host = any("{host}" in str(one) for one in getattr(service, "templates", ()))
    # Apprise leaves the brackets around an IPv6 address.
    return str(getattr(service, "host", "") or "").strip("[]") if names_host else ""


def _bounded(service: Any, timeout: float) -> Any:
    service.redirects = False
    service.socket_connect_timeout = service.socket_read_timeout = timeout / 2
    service.overflow_mode = "truncate"
    return service


def _check_host(service: Any, policy: Policy) -> None:
    """Refuse a host that leads where nothing goes; what is no name is the service's own word."""
    host = _host(service)
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM) if host else []
    except (OSError, UnicodeError):
        return
    for address in {str(one[-1][0]) for one in found}:
        if problem := policy.problem_of(host, address):
            message = f"The host {host} has the address {address}. {problem}"
            raise DeliveryError(message, is_permanent=True)


def _parts(service: Any) -> list[str]:
    """What of an address a plug-in may repeat in its log."""
    named = ("password", "user", "token", "apikey", "access_token", "webhook_token", "bot_token")
    return [str(value) for name in named if (value := getattr(service, name, None))]


@contextmanager
def _heard() -> Iterator[list[str]]:
    """What apprise writes into its log meanwhile, in this thread; it reaches no other log."""
    thread, words = threading.get_ident(), []

    def take(record: logging.LogRecord) -> bool:
        if record.thread != thread:
            return True
        if record.levelno >= logging.WARNING:
            words.append(record.getMessage())
        # It may hold secrets.
        return False

    logger = logging.getLogger("apprise")
    logger.addFilter(take)
    try:
        yield words
    finally:
        logger.removeFilter(take)


def _type(batch: Batch) -> str:
    firing = [alert for alert in batch.alerts if alert.is_firing]
    if not firing:
        return "success" if batch.alerts else "info"
    return _TYPES.get(severity(firing), "warning")
