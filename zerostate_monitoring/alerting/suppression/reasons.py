"""Why an alert is held back, and what cannot hold any back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from zerostate_monitoring.models import Alert

Kind = Literal["silence", "window", "inhibition", "observing", "acknowledged"]
FaultKind = Literal["silence", "window", "inhibition", "alert"]


@dataclass(frozen=True, slots=True)
class Reason:
    """What holds an alert back: the row of ``kind`` with the key ``pk``, in words."""

    kind: Kind
    pk: int
    text: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that holds nothing back because it is broken, or an alert that nothing can."""

    kind: FaultKind
    pk: int
    name: str
    reason: str


def labels_of(alert: Alert) -> Mapping[str, str]:
    """All labels of ``alert``, its name among them."""
    labels = {"alertname": alert.rule_name, **alert.labels}
    return {_text(name): _text(value) for name, value in labels.items()}


def _text(value: object) -> str:
    """Text that regular expressions can read: half a surrogate pair is none."""
    # Nearly all are; a thousand alerts against many matchers are many texts.
    if isinstance(value, str) and value.isascii():
        return value
    return str(value).encode(errors="replace").decode()
