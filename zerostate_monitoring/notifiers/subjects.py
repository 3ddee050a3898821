"""The one line that says what is up. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from zerostate_monitoring.notifiers.base import AlertView, Batch
from zerostate_monitoring.notifiers.facts import identifying, name_of, severity
from zerostate_monitoring.notifiers.numbers import duration

LONGEST: Final = 180
_MOST_LABELS: Final = 4
_MOST_VALUES: Final = 3
_MOST_NAMES: Final = 2
_LONGEST_VALUE: Final = 60
_PURPOSES: Final = {"alerts": "", "test": "TEST ", "reminder": "REMINDER ", "canary": "CANARY "}
_NOTICES: Final = (("escalated", "ESCALATED"), ("fired", "FIRING"), ("repeated", "STILL FIRING"))


def subject(batch: Batch) -> str:
    """Such as ``[FIRING critical] NodeDown node=edge-3``; on one line, bounded."""
    firing = [alert for alert in batch.alerts if alert.is_firing]
    words = [f"[{_state(batch, firing)}]", *_names(batch), *_labels(batch), _count(batch, firing)]
    return cut(one_line(" ".join(word for word in words if word)), LONGEST)


def one_line(text: str) -> str:
    """``text`` with blanks for whatever is no visible character."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def cut(text: str, longest: int) -> str:
    """``text``, or its beginning with an ellipsis."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def state_word(alerts: Sequence[AlertView]) -> str:
    """What firing alerts are doing, in capitals."""
    notices = {alert.notice for alert in alerts}
    return next((word for notice, word in _NOTICES if notice in notices), "FIRING")


def _state(batch: Batch, firing: Sequence[AlertView]) -> str:
    purpose = _PURPOSES.get(batch.purpose, f"{batch.purpose.upper()} ")
    if firing:
        return f"{purpose}{state_word(firing)} {severity(firing)}".strip()
    ended = [alert for alert in batch.alerts if alert.ends_at is not None]
    if not ended:
        return purpose.strip() or "RESOLVED"
    longest = max((one.ends_at - one.starts_at).total_seconds() for one in ended if one.ends_at)
    return f"{purpose}RESOLVED after {duration(longest)}"


def _names(batch: Batch) -> list[str]:
    names = list(dict.fromkeys(name_of(alert) for alert in batch.alerts))
    more = len(names) - _MOST_NAMES
    shown = ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
    return [shown or batch.receiver]


def _labels(batch: Batch) -> list[str]:
    found = []
    for name, values in identifying(batch)[:_MOST_LABELS]:
        shown = ",".join(cut(value, _LONGEST_VALUE) for value in values[:_MOST_VALUES])
        more = len(values) - _MOST_VALUES
        found.append(f"{name}={shown}" + (f",+{more}" if more > 0 else ""))
    return found


def _count(batch: Batch, firing: Sequence[AlertView]) -> str:
    alerts, resolved = len(batch.alerts), len(batch.alerts) - len(firing)
    if firing and resolved:
        return f"({len(firing)} firing, {resolved} resolved)"
    total = alerts + batch.truncated
    return f"({total} alerts)" if total > 1 else ""
