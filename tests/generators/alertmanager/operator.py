"""What the Prometheus operator's definition of an AlertmanagerConfig allows of what we write.

Names and forms of v1alpha1, as far as receivers, routes and windows of this app need them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

_DURATION: Final = re.compile(r"(?:\d+(?:y|w|d|h|m|s|ms))+|0")
_CLOCK: Final = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d|24:00")
_KEY: Final = re.compile(r"[-._a-zA-Z0-9]{1,253}")
_DAYS: Final = {
    *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
}

MATCHERS: Final = [{"name": "text", "matchType": "op", "value": str}]
SECRET: Final = {"name": "text", "key": "key"}
HTTP: Final = {
    "followRedirects": bool,
    "authorization": {"type": "text", "credentials": SECRET},
    "basicAuth": {"username": SECRET, "password": SECRET},
}
ROUTE: Final[dict[str, Any]] = {
    "receiver": "text",
    "matchers": MATCHERS,
    "continue": bool,
    "groupBy": [str],
    "groupWait": "duration",
    "groupInterval": "duration",
    "repeatInterval": "duration",
    "muteTimeIntervals": ["text"],
}
ROUTE["routes"] = [ROUTE]
SPEC: Final = {
    "route": ROUTE,
    "inhibitRules": [{"sourceMatch": MATCHERS, "targetMatch": MATCHERS, "equal": ["text"]}],
    "muteTimeIntervals": [
        {
            "name": "text",
            "timeIntervals": [
                {"times": [{"startTime": "clock", "endTime": "clock"}], "weekdays": ["day"]}
            ],
        }
    ],
    "receivers": [
        {
            "name": "text",
            "webhookConfigs": [
                {"url": "text", "urlSecret": SECRET, "sendResolved": bool, "httpConfig": HTTP}
            ],
            "emailConfigs": [
                {
                    **dict.fromkeys(("to", "from", "smarthost", "authUsername"), "text"),
                    **dict.fromkeys(("requireTLS", "sendResolved"), bool),
                    "authPassword": SECRET,
                }
            ],
            "slackConfigs": [
                {"apiURL": SECRET, "channel": "text", "sendResolved": bool, "httpConfig": HTTP}
            ],
            "pagerdutyConfigs": [{"routingKey": SECRET, "url": "text", "sendResolved": bool}],
        }
    ],
}
_FORMS: Final[dict[str, Callable[[str], object]]] = {
    "text": bool,
    "op": {"=", "!=", "=~", "!~"}.__contains__,
    "day": _DAYS.__contains__,
    "duration": _DURATION.fullmatch,
    "clock": _CLOCK.fullmatch,
    "key": _KEY.fullmatch,
}


def faults(given: Any, form: Any = SPEC, place: str = "spec") -> Iterator[str]:
    """What the operator would refuse, with its place."""
    if isinstance(form, dict):
        yield from (f"{place}.{name}" for name in given if name not in form)
        for name in form.keys() & given.keys():
            yield from faults(given[name], form[name], f"{place}.{name}")
    elif isinstance(form, list):
        for number, value in enumerate(given):
            yield from faults(value, form[0], f"{place}[{number}]")
    elif not _fits(given, form):
        yield f"{place}: {given!r}"


def _fits(given: Any, form: Any) -> bool:
    """Whether a value is of a type, or of a form that has a name here."""
    if isinstance(form, type):
        return type(given) is form
    return isinstance(given, str) and bool(_FORMS[form](given))
