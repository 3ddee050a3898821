"""What is wrong with the options of an export, field by field. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any, Final
from urllib.parse import urlsplit

from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.generators.options import ExportOptions, NodesBy

Problem = str | None

_ADDRESS: Final = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})\Z")
_PATH: Final = re.compile(r"/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*\Z")
_UID: Final = re.compile(r"[A-Za-z0-9_-]{1,40}\Z")
_NAMESPACE: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
_VERSION: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){0,2}\Z")
_LONGEST: Final = 500
_LAST_PORT: Final = 65_535
_LONGEST_INTERVAL: Final = 300.0


def faults(options: ExportOptions) -> dict[str, str]:
    """Sentences without their subject, by the name of the field; empty if all is well."""
    return dict(_faults(options))


def check(options: ExportOptions) -> None:
    """Let options pass that can work.

    Raises:
        ConfigurationError: some cannot; all of them are named.
    """
    if found := faults(options):
        sentences = (f"{field} {fault}" for field, fault in found.items())
        raise ConfigurationError("\n".join(sentences))


def _faults(options: ExportOptions) -> Iterator[tuple[str, str]]:
    for field in fields(options):
        value = getattr(options, field.name)
        problem = next((fault for text in _texts(value) if (fault := _text(text))), None)
        check_one = _CHECKS.get(field.name)
        if problem is None and check_one is not None:
            problem = check_one(value)
        if problem is not None:
            yield field.name, problem


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)


def _text(value: str) -> Problem:
    if len(value) > _LONGEST:
        return f"is longer than {_LONGEST} characters."
    is_plain = value.isprintable() and value == value.strip()
    return None if is_plain else "has blanks around it, or characters that cannot be seen."


def _job(value: str) -> Problem:
    return None if value else "is empty: it is the label by which the page is found."


def _address(value: str) -> Problem:
    found = _ADDRESS.match(value)
    if found and 0 < int(found[1]) <= _LAST_PORT:
        return None
    return f"is host:port, such as monitoring.example:8000, not {value!r}."


def _addresses(values: Iterable[str]) -> Problem:
    return next((fault for value in values if (fault := _address(value))), None)


def _exporters(values: Iterable[tuple[str, str]]) -> Problem:
    return _addresses(address for _, address in values)


def _scheme(value: str) -> Problem:
    return None if value in {"http", "https"} else f"is http or https, not {value!r}."


def _path(value: str) -> Problem:
    return None if _PATH.match(value) else f"is a path such as /metrics, not {value!r}."


def _file(value: str) -> Problem:
    is_file = not value.endswith("/")
    return None if is_file else "is a directory: name the file with the token in it."


def _directory(value: str) -> Problem:
    return None if value else "is empty: name the directory of the secrets' files."


def _version(value: str) -> Problem:
    return None if _VERSION.match(value) else f"is a version such as 2.42, not {value!r}."


def _url(value: str) -> Problem:
    if not value:
        return None
    try:
        parts = urlsplit(value)
        is_whole = parts.scheme in {"http", "https"} and bool(parts.hostname)
        has_secret = parts.username is not None or parts.password is not None
    except ValueError:
        is_whole = has_secret = False
    if not is_whole or " " in value:
        return f"is an address such as https://monitoring.example, not {value!r}."
    return "holds a password: no secret may stand in a file." if has_secret else None


def _interval(value: float) -> Problem:
    is_well = 1.0 <= value <= _LONGEST_INTERVAL
    return None if is_well else f"is from 1 to {_LONGEST_INTERVAL:g} seconds, not {value:g}."


def _nodes(value: str) -> Problem:
    return None if value in set(NodesBy) else f"is app or prometheus, not {value!r}."


def _uid(value: str) -> Problem:
    fault = "has 1 to 40 letters, digits, - or _, as Grafana's uids have."
    return None if _UID.match(value) else fault


def _namespace(value: str) -> Problem:
    fault = "has up to 63 small letters, digits and -, as Kubernetes' names have."
    return None if _NAMESPACE.match(value) else fault


_CHECKS: Final[Mapping[str, Callable[[Any], Problem]]] = {
    "job": _job,
    "address": _address,
    "scheme": _scheme,
    "metrics_path": _path,
    "token_file": _file,
    "base_url": _url,
    "scrape_interval_seconds": _interval,
    "nodes": _nodes,
    "prometheus_uid": _uid,
    "loki_uid": _uid,
    "jaeger_uid": _uid,
    "namespace": _namespace,
    "remote_write_url": _url,
    "api_token_file": _file,
    "webhook_token_file": _file,
    "exporters": _exporters,
    "alertmanagers": _addresses,
    "prometheus_version": _version,
    "alertmanager_version": _version,
    "secrets_directory": _directory,
}
