"""What the rows say, as values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
from typing import Any, Final

from zerostate_monitoring.exceptions import ConfigurationError

_VERSION: Final = re.compile(r"(\d{1,4})\.(\d{1,4})(\.\d{1,4})?\Z")


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """Of an Alertmanager."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"

    @classmethod
    def parse(cls, text: str) -> Version:
        """``0.25`` or ``0.25.0``.

        Raises:
            ConfigurationError: it is neither.
        """
        found = _VERSION.match(text)
        if found is None:
            raise ConfigurationError(f"alertmanager_version is such as 0.25, not {text!r}.")
        return cls(int(found[1]), int(found[2]))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverValue:
    """A receiver. ``secrets`` are names of those it has; ``fault`` is why it cannot send."""

    pk: int
    name: str
    kind: str
    config: Mapping[str, Any] = field(default_factory=dict)
    secrets: frozenset[str] = frozenset()
    send_resolved: bool = True
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteValue:
    """A route that is enabled. ``steps`` are primary keys of its enabled receivers, in order."""

    name: str
    matchers: str = ""
    is_continued: bool = False
    steps: tuple[int, ...] = ()
    group_by: tuple[str, ...] = ()
    group_wait_seconds: float = 30
    group_interval_seconds: float = 300
    repeat_interval_seconds: float = 4 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class InhibitionValue:
    """An inhibition that is enabled."""

    name: str
    source: str
    target: str
    equal: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowValue:
    """A maintenance window that is enabled; ``fault`` is why it holds nothing back.

    One that comes once has ``once``, its beginning and end as Alertmanager's tool takes them.
    """

    name: str
    matchers: str
    zone: str = "UTC"
    weekdays: tuple[int, ...] = ()
    start: time | None = None
    end: time | None = None
    once: tuple[str, str] | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """How this project sends mail."""

    host: str = ""
    port: int = 25
    sender: str = ""
    username: str = ""
    has_password: bool = False
    starts_tls: bool = False
    is_tls: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Definitions:
    """All that one file is made of."""

    receivers: Mapping[int, ReceiverValue] = field(default_factory=dict)
    routes: Sequence[RouteValue] = ()
    inhibitions: Sequence[InhibitionValue] = ()
    windows: Sequence[WindowValue] = ()
    mail: Mail = field(default_factory=Mail)
    webhook_url: str = ""
    """Where this app takes what Alertmanager tells; empty where that is not known."""
    evaluates: bool = False
    """Whether this app evaluates itself, so that its webhook is closed."""
    has_heartbeat: bool = False
