"""What a setting may hold: small pure functions that say what is wrong, or None."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from django.db import connections

from zerostate_monitoring.catalogue.definition import Feed
from zerostate_monitoring.catalogue.nodes import OWN_LABELS
from zerostate_monitoring.conf import PREFIX
from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.models.validators import RESERVED_LABELS
from zerostate_monitoring.storage.connection import validate_options, validate_url

Problem = str | None

_LABEL: Final = re.compile(r"(?!__)[a-zA-Z_][a-zA-Z0-9_]*\Z")
_KEY_PREFIX: Final = re.compile(r"[^\s{}]+\Z")
_ENV_PREFIX: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)?\Z")
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


def count(value: Any) -> Problem:
    """Say what is wrong with a value that must be a whole number above 0."""
    if isinstance(value, bool) or not isinstance(value, int):
        return "is not a whole number"
    return None if value > 0 else "is not above 0"


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
