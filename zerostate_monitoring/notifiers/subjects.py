"""The one line that says what is up. Pure but for the language, which is that of who composes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from zerostate_monitoring.notifiers.base import AlertView, Batch
from zerostate_monitoring.notifiers.facts import identifying, name_of, severity
from zerostate_monitoring.notifiers.numbers import duration

LONGEST: Final = 180
_MOST_LABELS: Final = 4
_MOST_VALUES: Final = 3
_MOST_NAMES: Final = 2
_LONGEST_VALUE: Final = 60
_PURPOSES: Final = {
    "alerts": "",
    "test": gettext_noop("TEST"),
    "reminder": gettext_noop("REMINDER"),
    "canary": gettext_noop("CANARY"),
}
_NOTICES: Final = (
    ("escalated", gettext_noop("ESCALATED")),
    ("fired", gettext_noop("FIRING")),
    ("repeated", gettext_noop("STILL FIRING")),
)


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
    return _(next((word for notice, word in _NOTICES if notice in notices), "FIRING"))


def ended_word(length: str) -> str:
    """What an alert is that ended after ``length``, if that is known; in capitals."""
    return _("RESOLVED after %(length)s") % {"length": length} if length else _("RESOLVED")


def _state(batch: Batch, firing: Sequence[AlertView]) -> str:
    word = _PURPOSES.get(batch.purpose, batch.purpose.upper())
    purpose = _(word) if word else ""
    if firing:
        return _joined(purpose, state_word(firing), severity(firing))
    ended = [alert for alert in batch.alerts if alert.ends_at is not None]
    if not ended:
        return purpose or ended_word("")
    longest = max((one.ends_at - one.starts_at).total_seconds() for one in ended if one.ends_at)
    return _joined(purpose, ended_word(duration(longest)))


def _joined(*words: str) -> str:
    return " ".join(word for word in words if word)


def _names(batch: Batch) -> list[str]:
    names = list(dict.fromkeys(name_of(alert) for alert in batch.alerts))
    more = len(names) - _MOST_NAMES
    shown = ", ".join(names[:_MOST_NAMES])
    if more > 0:
        said = ngettext("%(names)s and %(n)d more", "%(names)s and %(n)d more", more)
        shown = said % {"names": shown, "n": more}
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
        said = _("(%(firing)d firing, %(resolved)d resolved)")
        return said % {"firing": len(firing), "resolved": resolved}
    total = alerts + batch.truncated
    if total <= 1:
        return ""
    return ngettext("(%(n)d alert)", "(%(n)d alerts)", total) % {"n": total}
