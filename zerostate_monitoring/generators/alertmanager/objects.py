"""``alertmanager.yml`` as an AlertmanagerConfig of the Prometheus operator.

The object says the same in other words: names in camel case, matchers in parts, and a key of a
Secret where the file names a file. What v1alpha1 cannot say is left out, and said.
Source: ``alertmanagerconfigs.monitoring.coreos.com``, v1alpha1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any, Final

from zerostate_monitoring.generators.alertmanager.definitions import defined
from zerostate_monitoring.generators.alertmanager.document import document_of
from zerostate_monitoring.generators.alertmanager.values import Definitions
from zerostate_monitoring.generators.kubernetes_names import object_name
from zerostate_monitoring.generators.options import ExportOptions
from zerostate_monitoring.rules.matchers import parse_matchers

SECRET: Final = "zerostate-alertmanager"  # noqa: S105 - a name.
"""The Secret in whose keys the secrets of all receivers stand."""

_NEWEST: Final = "9999.0"
"""The operator puts secrets into Alertmanager's file itself, whatever its version."""
_LETTER: Final = re.compile(r"_([a-z])")

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Config:
    """The object's ``spec``, what is to be said of it, and what the keys of its Secret hold."""

    spec: Mapping[str, Any]
    said: tuple[str, ...]
    keys: Mapping[str, str]


def config_object(options: ExportOptions) -> Config:
    """The object of the rows.

    Raises:
        ConfigurationError: an option cannot be.
    """
    return config_of(defined(options), options)


def config_of(found: Definitions, options: ExportOptions) -> Config:
    """The object of these definitions.

    Raises:
        ConfigurationError: an option cannot be.
    """
    made = document_of(found, replace(options, alertmanager_version=_NEWEST))
    keys = {_key(path): holds for path, holds in made.files.items()}
    intervals, unsaid = _intervals(made.values.get("time_intervals", ()))
    known = {each["name"] for each in intervals}
    receivers = [dict(_receiver(each, keys)) for each in made.values["receivers"]]
    spec = {
        "route": _route(made.values["route"], known),
        "inhibitRules": [_inhibition(each) for each in made.values.get("inhibit_rules", ())],
        "muteTimeIntervals": intervals,
        "receivers": receivers,
    }
    kept = {key: value for key, value in spec.items() if value}
    return Config(kept, (*made.said, *unsaid), keys)


def _route(route: Mapping[str, Any], windows: Iterable[str]) -> Values:
    made: Values = {}
    for name, value in route.items():
        match name:
            case "matchers":
                made["matchers"] = _matchers(value)
            case "routes":
                beneath = [one for each in value if (one := _beneath(each, windows))]
                made.update({"routes": beneath} if beneath else {})
            case "mute_time_intervals":
                made["muteTimeIntervals"] = [each for each in value if each in windows]
            case _:
                made[_camel(name)] = value
    return made


def _beneath(route: Mapping[str, Any], windows: Iterable[str]) -> Values | None:
    """A route beneath another; one that only mutes, by windows that are left out, is none."""
    made = _route(route, windows)
    return None if made.get("muteTimeIntervals") == [] else made


def _inhibition(rule: Mapping[str, Any]) -> Values:
    sides = {
        "sourceMatch": _matchers(rule["source_matchers"]),
        "targetMatch": _matchers(rule["target_matchers"]),
    }
    return {**sides, **({"equal": rule["equal"]} if "equal" in rule else {})}


def _matchers(texts: Sequence[str]) -> list[Values]:
    return [
        {"name": each.name, "matchType": each.op, "value": each.value}
        for text in texts
        for each in parse_matchers(text)
    ]


def _intervals(windows: Sequence[Mapping[str, Any]]) -> tuple[list[Values], tuple[str, ...]]:
    """Windows whose times are of UTC, and a sentence for each other one."""
    made, unsaid = [], []
    for window in windows:
        spans = window["time_intervals"]
        zones = {each["location"] for each in spans if "location" in each}
        if zones:
            unsaid.append(
                f"The window {window['name']} is left out: an AlertmanagerConfig knows UTC alone, "
                f"and this one is of {min(zones)}."
            )
        else:
            made.append({"name": window["name"], "timeIntervals": [_span(each) for each in spans]})
    return made, tuple(unsaid)


def _span(given: Mapping[str, Any]) -> Values:
    times = [{_camel(name): at for name, at in one.items()} for one in given["times"]]
    return {"times": times, "weekdays": given["weekdays"]}


# -- receivers -----------------------------------------------------------------------


def _receiver(receiver: Mapping[str, Any], keys: dict[str, str]) -> Iterator[tuple[str, Any]]:
    for name, value in receiver.items():
        if name == "name":
            yield name, value
        else:
            yield _camel(name), [_integration(each, keys) for each in value]


def _integration(config: Mapping[str, Any], keys: dict[str, str]) -> Values:
    made: Values = {}
    for name, value in config.items():
        if value == "":
            continue
        if name == "http_config":
            made["httpConfig"] = _http(value, keys)
        elif name == "api_url":
            # There it is a secret in any case; it stands beside the token.
            token = config["http_config"]["authorization"]["credentials_file"]
            stem = _key(token).removesuffix(".token")
            made["apiURL"] = _put(keys, f"{stem}.api-url", f"the address {value}")
        elif name in _OF_FILES:
            made[_OF_FILES[name]] = _reference(value)
        else:
            made[_NAMES.get(name, _camel(name))] = value
    return made


_OF_FILES: Final[Mapping[str, str]] = {
    "url_file": "urlSecret",
    "api_url_file": "apiURL",
    "routing_key_file": "routingKey",
    "auth_password_file": "authPassword",
}
_NAMES: Final[Mapping[str, str]] = {"require_tls": "requireTLS"}


def _http(config: Mapping[str, Any], keys: dict[str, str]) -> Values:
    return {_camel(name): _HTTP[name](value, keys) for name, value in config.items()}


def _authorization(given: Mapping[str, str], keys: dict[str, str]) -> Values:
    return {"type": given["type"], "credentials": _reference(given["credentials_file"])}


def _basic(given: Mapping[str, str], keys: dict[str, str]) -> Values:
    """There the user's name is a secret, too; it stands beside the password."""
    path = given.get("password_file", "")
    stem = _key(path).removesuffix(".password") if path else object_name("user", given["username"])
    made = {"username": _put(keys, f"{stem}.username", f"the name {given['username']}")}
    return {**made, **({"password": _reference(path)} if path else {})}


_HTTP: Final[Mapping[str, Callable[[Any, dict[str, str]], Any]]] = {
    "authorization": _authorization,
    "basic_auth": _basic,
    "follow_redirects": lambda value, _: value,
}


def _reference(path: str) -> Values:
    return {"name": SECRET, "key": _key(path)}


def _put(keys: dict[str, str], key: str, holds: str) -> Values:
    keys[key] = holds
    return {"name": SECRET, "key": key}


def _key(path: str) -> str:
    return PurePosixPath(path).name


def _camel(name: str) -> str:
    return _LETTER.sub(lambda found: found[1].upper(), name)
