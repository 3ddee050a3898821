"""What a setting may hold: small pure functions that say what is wrong, or None."""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from django.db import connections

from zerostate_monitoring.catalogue.definition import Feed
from zerostate_monitoring.catalogue.nodes import OWN_LABELS
from zerostate_monitoring.conf import PREFIX
from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.models.validators import RESERVED_LABELS
from zerostate_monitoring.storage.connection import validate_options, validate_url

Problem = str | None

_KEY_BYTES: Final = 32
_LABEL: Final = re.compile(r"(?!__)[a-zA-Z_][a-zA-Z0-9_]*\Z")
_KEY_PREFIX: Final = re.compile(r"[^\s{}]+\Z")
_ENV_PREFIX: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)?\Z")
_URL_PREFIX: Final = re.compile(r"([A-Za-z0-9._~-]+/)*\Z")
_PLACE: Final = re.compile(r"\{(.*?)\}")
_QUEUE: Final = re.compile(r"[A-Za-z0-9_.:-]+\Z")


def boolean(value: Any) -> Problem:
    """Say what is wrong with a value that must be True or False."""
    return None if isinstance(value, bool) else "is neither True nor False"


def positive(value: Any) -> Problem:
    """Say what is wrong with a value that must be a number above 0."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "is not a number"
    # Written so that NaN fails, too.
    return None if 0 < value < float("inf") else "is not above 0"


def not_negative(value: Any) -> Problem:
    """Say what is wrong with a value that must be a number, 0 or above."""
    return None if value == 0 and not isinstance(value, bool) else positive(value)


def count(value: Any) -> Problem:
    """Say what is wrong with a value that must be a whole number above 0."""
    if isinstance(value, bool) or not isinstance(value, int):
        return "is not a whole number"
    return None if value > 0 else "is not above 0"


LEAST_HISTORY_BYTES: Final = 1024 * 1024
"""Below this the columns that are not closed yet would not find room."""


def history(value: Any) -> Problem:
    """Say what is wrong with how long the page's past is kept."""
    seconds = value.total_seconds() if isinstance(value, timedelta) else value
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return "is neither a number of seconds nor a timedelta"
    return None if 0 <= seconds < float("inf") else "is below 0"


def history_bytes(value: Any) -> Problem:
    """Say what is wrong with the most that history may take."""
    least = f"is below {LEAST_HISTORY_BYTES}, the least that can be set"
    return count(value) or (least if value < LEAST_HISTORY_BYTES else None)


def text(value: Any) -> Problem:
    """Say what is wrong with a value that must be text."""
    return None if isinstance(value, str) else "is not text"


def texts(value: Any) -> Problem:
    """Say what is wrong with a value that must be a list of texts."""
    if isinstance(value, str) or not isinstance(value, Sequence | Collection):
        return "is not a list"
    return None if all(isinstance(item, str) for item in value) else "holds more than texts"


def networks(value: Any) -> Problem:
    """Say what is wrong with a value that must be a list of networks in CIDR notation."""
    if problem := texts(value):
        return problem
    for network in value:
        try:
            ipaddress.ip_network(network)
        except ValueError as error:
            return f"holds {network!r}: {error}"
    return None


def token(value: Any) -> Problem:
    """Say what is wrong with a bearer token."""
    if problem := text(value):
        return problem
    printable = all("!" <= character <= "~" for character in value)
    return None if printable else "holds blanks or characters that no header can carry"


def queue(value: Any) -> Problem:
    """Say what is wrong with the name of a queue."""
    return text(value) or (None if _QUEUE.match(value) else "is no name of a queue")


def key_prefix(value: Any) -> Problem:
    """Say what is wrong with the first part of the store's keys."""
    if problem := text(value):
        return problem
    return None if _KEY_PREFIX.match(value) else "is empty or holds blanks or braces"


def redis_url(value: Any) -> Problem:
    """Say what is wrong with the store's address; nobody is asked whether it answers."""
    if problem := text(value):
        return problem
    try:
        validate_url(value)
    except ConfigurationError as error:
        return str(error).removeprefix(f"{PREFIX}REDIS_URL").strip(" :.")
    return None


def options(value: Any) -> Problem:
    """Say what is wrong with keyword arguments."""
    if not isinstance(value, Mapping):
        return "is not a dict"
    return None if all(isinstance(key, str) for key in value) else "has keys that are not text"


def redis_options(value: Any) -> Problem:
    """Say what is wrong with the options of the store's connections."""
    if problem := options(value):
        return problem
    if not isinstance(value.get("sentinel_kwargs") or {}, Mapping):
        return "has sentinel_kwargs that are not a dict"
    try:
        validate_options(value)
    except ConfigurationError as error:
        return f"cannot be used: {error}".replace(f"{PREFIX}REDIS_OPTIONS: ", "")
    return None


def external_labels(value: Any) -> Problem:
    """Say what is wrong with the labels of this installation."""
    if problem := options(value):
        return problem
    if not all(isinstance(label, str) for label in value.values()):
        return "has values that are not text"
    return _label_problem(value)


def node_labels(value: Any) -> Problem:
    """Say what is wrong with the list of a node's labels that stand on its series."""
    if problem := texts(value) or _label_problem(value):
        return problem
    taken = [name for name in value if name in OWN_LABELS]
    return f"holds {taken[0]!r}, which families about nodes have already" if taken else None


def _label_problem(names: Collection[str]) -> Problem:
    for name in names:
        if not _LABEL.match(name):
            return f"holds {name!r}, which is no label name"
        if name in RESERVED_LABELS:
            return f"holds {name!r}, which the app or Prometheus sets itself"
    return None


def env_prefix(value: Any) -> Problem:
    """Say what is wrong with the beginning of names of environment variables."""
    if problem := text(value):
        return problem
    return None if _ENV_PREFIX.match(value) else "cannot begin the name of a variable"


def directory(value: Any) -> Problem:
    """Say what is wrong with a directory; it is not looked for, another host may have it."""
    if problem := text(value):
        return problem
    return None if not value or Path(value).is_absolute() else "is no absolute path"


def file(value: Any) -> Problem:
    """Say what is wrong with a file; it is not looked for, another host may have it."""
    return directory(value)


def url_prefix(value: Any) -> Problem:
    """Say what is wrong with the beginning of the app's own addresses."""
    if problem := text(value):
        return problem
    return None if _URL_PREFIX.match(value) else "is no path that ends in a slash"


def share(value: Any) -> Problem:
    """Say what is wrong with a share of a whole; None leaves it to others."""
    if value is None:
        return None
    return not_negative(value) or ("is above 1" if value > 1 else None)


def otlp(value: Any) -> Problem:
    """Say what is wrong with the protocol of a collector of traces."""
    known = value in {"", "http/protobuf", "grpc"}
    return text(value) or (None if known else 'is neither "http/protobuf" nor "grpc"')


def server_url(value: Any) -> Problem:
    """Say what is wrong with a server's address; nobody is asked whether it answers."""
    if problem := text(value):
        return problem
    try:
        parts = urlsplit(value)
        known = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        known = False
    if value and not (known and value.isascii() and value.isprintable() and " " not in value):
        return "is no http:// or https:// address"
    if value and (parts.username is not None or parts.query or parts.fragment):
        return "holds more than scheme, host, port and path"
    return None


def call_url(value: Any) -> Problem:
    """Say what is wrong with an address that is called as it is, its query included."""
    if problem := text(value):
        return problem
    return server_url(value.partition("?")[0])


def runbook_url(value: Any) -> Problem:
    """Say what is wrong with the address of runbooks, in which the rule's name has a place."""
    if problem := text(value):
        return problem
    if value and value.replace("{name}", "").count("{") + value.count("}") != 1:
        return "has not one place for the rule, written {name}"
    return server_url(value.replace("{name}", "name"))


def links(value: Any) -> Problem:
    """Say what is wrong with addresses in which a label and its value have places."""
    if not isinstance(value, Mapping):
        return "is not a mapping of titles to addresses"
    for title, address in value.items():
        if not isinstance(title, str) or not title or not isinstance(address, str):
            return f"has {title!r}, which is not a title with an address"
        if not address.startswith(("https://", "http://")):
            return f"has at {title!r} an address that does not begin with http"
        if not {"label", "value"}.issuperset(_PLACE.findall(address)) or "{value}" not in address:
            return f"has at {title!r} other places than {{label}} and {{value}}, or no {{value}}"
    return None


def secret_keys(value: Any) -> Problem:
    """Say what is wrong with the keys that encrypt secrets; none of them is repeated here."""
    if problem := texts(value):
        return problem
    for place, key in enumerate(value):
        if not _is_key(key):
            return f"holds at place {place + 1} what is no key"
    return None


def _is_key(key: str) -> bool:
    """Whether Fernet takes it: 32 bytes in URL-safe base64."""
    try:
        return len(base64.urlsafe_b64decode(key)) == _KEY_BYTES
    except ValueError:
        return False


def feed_order(value: Any) -> Problem:
    """Say what is wrong with the order of feeding producers."""
    if problem := texts(value):
        return problem
    known = [feed.value for feed in Feed if feed is not Feed.SELF]
    unknown = [name for name in value if name not in known]
    if unknown:
        return f"holds {unknown[0]!r}; known are {', '.join(known)}"
    return "names one twice" if len(set(value)) < len(value) else None


def database_alias(value: Any) -> Problem:
    """Say what is wrong with the alias of the platform's database."""
    if problem := text(value):
        return problem
    known = list(connections)
    return None if not value or value in known else f"is not in DATABASES ({', '.join(known)})"
