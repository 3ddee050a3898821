"""A receiver's kind, as one of Alertmanager's: what it is called there, and what it takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from zerostate_monitoring.generators.alertmanager.values import Mail, ReceiverValue, Version

Config = dict[str, Any]

URL_FILE_SINCE: Final = Version(0, 26)
"""Before it a webhook's address cannot stand in a file of its own."""
SLACK_API: Final = "https://slack.com/api/chat.postMessage"
_PAGERDUTY: Final = "https://events.pagerduty.com/v2/enqueue"
_TLS_PORT: Final = 465
# What Go's parser of addresses and ours agree on.
_URL: Final = re.compile(
    r"https?://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?"
    r"([/?]([A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?\Z"
)


@dataclass(frozen=True, slots=True)
class Place:
    """For whom a file is written: version, mail, and where files with secrets are.

    ``beside`` is the directory beside Alertmanager's own file, which it looks up for HTTP;
    ``directory`` is for the other secrets, which it looks up where it was started.
    """

    version: Version
    mail: Mail
    slug: str
    directory: str
    beside: str = "secrets"
    has_heartbeat: bool = False

    def http_file(self, name: str) -> str:
        """Where a secret of HTTP is."""
        return f"{self.beside}/{self.slug}.{name}"

    def file(self, name: str) -> str:
        """Where another secret is."""
        return f"{self.directory}/{self.slug}.{name}"


@dataclass(frozen=True, slots=True)
class Integration:
    """What stands under ``receivers``; without ``config`` nobody is told. ``files`` are to be put
    there, each with what it holds.
    """

    key: str = ""
    config: Config = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)


def integration(receiver: ReceiverValue, place: Place) -> Integration:
    """The integration of a receiver; without one, the reason stands in ``warnings``."""
    make = _KINDS.get(receiver.kind)
    if make is None:
        return _none(f"Alertmanager has no such kind as {receiver.kind}.")
    if receiver.fault:
        return _none(receiver.fault)
    return make(receiver, place)


def literal(text: str) -> str:
    """``text`` where Alertmanager reads a template: braces stand for themselves."""
    return text.replace("{{", '{{ "{{" }}')


def _none(*warnings: str) -> Integration:
    return Integration(warnings=warnings)


def _email(receiver: ReceiverValue, place: Place) -> Integration:
    mail = place.mail
    if not mail.host or not 0 < mail.port < 65536:
        return _none("Django's settings name no SMTP server (EMAIL_BACKEND, EMAIL_HOST).")
    if mail.is_tls and mail.port != _TLS_PORT:
        return _none("Alertmanager speaks TLS from the first byte on port 465 alone.")
    recipients = receiver.config.get("recipients")
    if not isinstance(recipients, list) or not any(recipients):
        return _none("It has no recipients.")
    host = f"[{mail.host}]" if ":" in mail.host else mail.host
    config: Config = {
        "to": literal(", ".join(map(str, recipients))),
        "from": literal(str(receiver.config.get("sender") or mail.sender)),
        "smarthost": f"{host}:{mail.port}",
        "require_tls": mail.starts_tls,
    }
    files = {}
    if mail.username:
        config["auth_username"] = mail.username
    if mail.has_password:
        path = f"{place.directory}/smtp-password"
        config["auth_password_file"] = path
        files[path] = "EMAIL_HOST_PASSWORD of Django's settings"
    return Integration("email_configs", config, files=files)


def _webhook(receiver: ReceiverValue, place: Place) -> Integration:
    config: Config = {}
    files: dict[str, str] = {}
    warnings = []
    if "secret_url" in receiver.secrets:
        if place.version < URL_FILE_SINCE:
            return _none(_secret_address(place.version))
        config["url_file"] = path = place.file("url")
        files[path] = "its secret address"
    else:
        url = str(receiver.config.get("url", ""))
        if fault := url_fault(url):
            return _none(fault)
        config["url"] = url
    if "signing_secret" in receiver.secrets:
        warnings.append("Alertmanager signs no messages: whoever checks them refuses these.")
    config["http_config"] = {"follow_redirects": False, **_log_in(receiver, place, files)}
    return Integration("webhook_configs", config, tuple(warnings), files)


def _log_in(receiver: ReceiverValue, place: Place, files: dict[str, str]) -> Config:
    username = receiver.config.get("username")
    if "token" in receiver.secrets:
        path = place.http_file("token")
        files[path] = "its bearer token"
        return {"authorization": {"type": "Bearer", "credentials_file": path}}
    if not username:
        return {}
    login = {"username": str(username)}
    if "password" in receiver.secrets:
        path = place.http_file("password")
        login["password_file"] = path
        files[path] = "its password"
    return {"basic_auth": login}


def _slack(receiver: ReceiverValue, place: Place) -> Integration:
    if "token" not in receiver.secrets:
        path = place.file("url")
        return Integration("slack_configs", {"api_url_file": path}, (), {path: "its webhook"})
    url = str(receiver.config.get("api_url") or SLACK_API)
    if fault := url_fault(url):
        return _none(fault)
    path = place.http_file("token")
    config = {
        "api_url": url,
        "channel": literal(str(receiver.config.get("channel", ""))),
        "http_config": {"authorization": {"type": "Bearer", "credentials_file": path}},
    }
    return Integration("slack_configs", config, (), {path: "its bot's token"})


def _pagerduty(receiver: ReceiverValue, place: Place) -> Integration:
    url = str(receiver.config.get("url") or _PAGERDUTY)
    if fault := url_fault(url):
        return _none(fault)
    path = place.file("routing-key")
    config = {"routing_key_file": path, "url": url}
    return Integration("pagerduty_configs", config, (), {path: "its integration key"})


def _canary(receiver: ReceiverValue, place: Place) -> Integration:
    """The heartbeat goes to whoever misses it outside; here Alertmanager's own calls do that."""
    if not place.has_heartbeat:
        return _none("It notes inside this app that the watchdog came through.")
    if place.version < URL_FILE_SINCE:
        return _none(_secret_address(place.version))
    path = place.file("url")
    config = {"url_file": path, "http_config": {"follow_redirects": False}}
    return Integration("webhook_configs", config, (), {path: "ZEROSTATE_MONITORING_HEARTBEAT_URL"})


_KINDS: Final[Mapping[str, Callable[[ReceiverValue, Place], Integration]]] = {
    "email": _email,
    "webhook": _webhook,
    "slack": _slack,
    "pagerduty": _pagerduty,
    "canary": _canary,
}


def url_fault(url: str) -> str:
    """Why Alertmanager would refuse an address, or the whole file for it; empty if it does not."""
    if "@" in urlsplit(url).netloc:
        return "There is a password in its address: make it a secret of its own."
    if not _URL.match(url):
        return "Alertmanager cannot read its address: it has to be plain, with http or https."
    return ""


def _secret_address(version: Version) -> str:
    return (
        f"Its address is secret, and Alertmanager {version} cannot read it from a file: "
        f"{URL_FILE_SINCE} can."
    )
