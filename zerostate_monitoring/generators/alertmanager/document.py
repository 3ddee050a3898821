"""The file as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from zerostate_monitoring.conf import PREFIX
from zerostate_monitoring.generators.alertmanager.integrations import (
    Integration,
    Place,
    integration,
)
from zerostate_monitoring.generators.alertmanager.muting import muted
from zerostate_monitoring.generators.alertmanager.routing import Routed, inhibit_rules, routed
from zerostate_monitoring.generators.alertmanager.values import (
    Definitions,
    ReceiverValue,
    Version,
)
from zerostate_monitoring.generators.comments import comment, warnings
from zerostate_monitoring.generators.options import ExportOptions
from zerostate_monitoring.rules.files.writing import dump

FILE: Final = "alertmanager.yml"
APP: Final = "zerostate"
"""The receiver by which this app is told of every alert."""
NOBODY: Final = "nobody"
"""The receiver of what no route takes."""

_MADE: Final = (
    "Made by manage.py monitoring_export alertmanager; change receivers and routes in admin, not "
    "here."
)
_FILES: Final = "Secrets stand in files that you put there, readable for Alertmanager alone:"
_SLUG: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Document:
    """``alertmanager.yml`` as values, what is to be said of it, and what its files hold."""

    values: Mapping[str, Any]
    said: tuple[str, ...]
    files: Mapping[str, str]


def written(found: Definitions, options: ExportOptions) -> str:
    """The text of ``alertmanager.yml``.

    Raises:
        ConfigurationError: an option cannot be.
    """
    made = document_of(found, options)
    listed = (f"{path}: {holds}" for path, holds in made.files.items())
    files = comment(_FILES, *listed) if made.files else ""
    return comment(_MADE) + warnings(made.said) + files + dump(dict(made.values))


def document_of(found: Definitions, options: ExportOptions) -> Document:
    """What stands in ``alertmanager.yml``.

    Raises:
        ConfigurationError: an option cannot be.
    """
    version = Version.parse(options.alertmanager_version)
    made = _integrations(found, options, version)
    names = _names(found.receivers)
    windows, unheld = muted(found.windows)
    sends = {pk: bool(each.config) for pk, each in made.items()}
    routes = routed(found.routes, names, sends, windows)
    rules, unsaid = inhibit_rules(found.inhibitions)
    app, nobody = _free(APP, names.values()), _free(NOBODY, names.values())
    document = {
        "route": _root(found, routes, names, app, nobody),
        "inhibit_rules": list(rules),
        "time_intervals": [
            {"name": each.name, "time_intervals": list(each.intervals)} for each in windows
        ],
        "receivers": [
            {"name": nobody},
            *_app(found, options, app),
            *(_receiver(names[pk], found.receivers[pk], each) for pk, each in made.items()),
        ],
    }
    said = [*_warnings(found, made), *routes.warnings, *unheld, *unsaid]
    kept = {key: value for key, value in document.items() if value}
    return Document(kept, tuple(said), _files(found, options, made))


def _integrations(
    found: Definitions, options: ExportOptions, version: Version
) -> dict[int, Integration]:
    slugs: set[str] = set()
    made = {}
    for pk, receiver in found.receivers.items():
        slug = _free(_SLUG.sub("-", receiver.name.lower()).strip("-") or "receiver", slugs)
        slugs.add(slug)
        place = Place(
            version=version,
            mail=found.mail,
            slug=slug,
            directory=options.secrets_directory.rstrip("/"),
            has_heartbeat=found.has_heartbeat,
        )
        made[pk] = integration(receiver, place)
    return made


def _root(
    found: Definitions, routes: Routed, names: Mapping[int, str], app: str, nobody: str
) -> dict[str, Any]:
    """All alerts to this app, one in a message; then to people, by their routes."""
    last = nobody if routes.last is None else names[routes.last]
    beneath = {"routes": list(routes.routes)} if routes.routes else {}
    if not found.webhook_url:
        return {"receiver": last, **beneath}
    to_app = {
        "receiver": app,
        "continue": True,
        "group_by": ["..."],
        "group_wait": "0s",
        "group_interval": "15s",
        "repeat_interval": "1h",
    }
    return {"receiver": nobody, "routes": [to_app, {"receiver": last, **beneath}]}


def _app(found: Definitions, options: ExportOptions, name: str) -> Iterator[dict[str, Any]]:
    if found.webhook_url:
        token = {"type": "Bearer", "credentials_file": options.webhook_token_file}
        config = {
            "url": found.webhook_url,
            "send_resolved": True,
            "http_config": {"authorization": token, "follow_redirects": False},
        }
        yield {"name": name, "webhook_configs": [config]}


def _receiver(name: str, receiver: ReceiverValue, made: Integration) -> dict[str, Any]:
    if not made.config:
        return {"name": name}
    return {"name": name, made.key: [{"send_resolved": receiver.send_resolved, **made.config}]}


def _names(receivers: Mapping[int, ReceiverValue]) -> dict[int, str]:
    """What receivers are called there: a name that is empty there is none."""
    names: dict[int, str] = {}
    for pk, each in receivers.items():
        names[pk] = _free(each.name or "receiver", names.values())
    return names


def _warnings(found: Definitions, made: Mapping[int, Integration]) -> Iterator[str]:
    if found.webhook_url and found.evaluates:
        yield (
            f"This app evaluates itself, so it answers 409 to what Alertmanager tells it: set "
            f"{PREFIX}EVALUATE = False when Prometheus takes over."
        )
    if not found.webhook_url:
        yield "This app's addresses are not mounted, so Alertmanager cannot tell it of alerts."
    for pk, each in made.items():
        nobody = "" if each.config else " Nobody is told by it."
        for said in each.warnings:
            yield f"The receiver {found.receivers[pk].name}: {said}{nobody}"


def _files(
    found: Definitions, options: ExportOptions, made: Mapping[int, Integration]
) -> dict[str, str]:
    files: dict[str, str] = {}
    if found.webhook_url:
        files[options.webhook_token_file] = f"{PREFIX}WEBHOOK_TOKEN"
    for pk, each in made.items():
        for path, holds in each.files.items():
            files.setdefault(path, holds.replace("its ", f"{found.receivers[pk].name}: its ", 1))
    return files


def _free(name: str, taken: Iterable[str]) -> str:
    """``name``, or one like it that nobody has."""
    known = set(taken)
    number = 1
    free = name
    while free in known:
        number += 1
        free = f"{name}-{number}"
    return free
