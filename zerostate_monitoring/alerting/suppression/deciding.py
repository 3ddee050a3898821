"""Whether an alert is held back, from what was loaded. Nothing in here asks the database.

Reasons are kept, so they are English; ``in_words`` tells them in the language of who reads them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from zerostate_monitoring.alerting.suppression.faults import Faults
from zerostate_monitoring.alerting.suppression.indexing import Index
from zerostate_monitoring.alerting.suppression.inhibiting import Inhibitor, Shares, Source
from zerostate_monitoring.alerting.suppression.reasons import Fault, Reason, labels_of
from zerostate_monitoring.exceptions import RuleError
from zerostate_monitoring.models import Alert, Inhibition, MaintenanceWindow, Silence
from zerostate_monitoring.models.words import AlertState
from zerostate_monitoring.rules.matchers import (
    Compiled,
    Matcher,
    Remembering,
    Test,
    compile_text,
)

HoldKind = Literal["silence", "window"]


@dataclass(frozen=True, slots=True)
class Hold:
    """A silence, or a window that is open: what holds back whatever its matchers fit."""

    kind: HoldKind
    pk: int
    name: str
    matchers: Sequence[Matcher]
    test: Test
    text: str

    def reason(self) -> Reason:
        """What is said of an alert that it holds back."""
        return Reason(self.kind, self.pk, self.text)


@dataclass(frozen=True)
class Loaded:
    """Rows that count at ``now``."""

    now: datetime
    silences: Iterable[Silence] = ()
    windows: Iterable[tuple[MaintenanceWindow, datetime]] = ()
    """Those that are open, and until when."""
    inhibitions: Iterable[Inhibition] = ()
    firing: Sequence[Source] = ()
    observing: Mapping[int, datetime] = field(default_factory=dict)
    """Rules that are observed: until when."""


class Suppressions:
    """What holds alerts back at one moment."""

    def __init__(self, loaded: Loaded, faults: Faults | None = None) -> None:
        self._now = loaded.now
        self._observing = loaded.observing
        self._faults = faults or Faults()
        self._remembering = Remembering()
        self._holds = self._indexed(loaded)
        self._inhibitors = self._inhibiting(loaded)

    @property
    def faults(self) -> Sequence[Fault]:
        """Rows that are broken, and so far have held nothing back."""
        return tuple(self._faults.found.values())

    def reason_for(self, alert: Alert) -> Reason | None:
        """Why ``alert`` is not to be sent now; ``None``: it is. Never raises.

        In this order: its rule is observed, a silence, a window, an inhibition, somebody has
        acknowledged it. Only an alert that fires counts as acknowledged.
        """
        return self._faults.attempt("alert", alert.pk, alert.rule_name, self._reason_for, alert)

    def _reason_for(self, alert: Alert) -> Reason | None:
        observed = self._observed(alert)
        if observed is not None:
            return observed
        labels = labels_of(alert)
        return self._held(labels) or self._inhibited(labels) or self._acknowledged(alert)

    def _observed(self, alert: Alert) -> Reason | None:
        if alert.rule_id is None:
            return Reason("observing", 0, "Its rule was observed.") if alert.observed else None
        until = self._observing.get(alert.rule_id)
        if until is None:
            return None
        said = f"Its rule is observed until {_told(until)}."
        return Reason("observing", alert.rule_id, said)

    def _held(self, labels: Mapping[str, str]) -> Reason | None:
        holds = self._holds.candidates
        try:
            found = next((hold for hold in holds(labels) if hold.test(labels)), None)
        except Exception:  # noqa: BLE001 - one by one, so that the broken one is known; seldom
            found = next((hold for hold in holds(labels) if self._holds_back(hold, labels)), None)
        return None if found is None else found.reason()

    def _holds_back(self, hold: Hold, labels: Mapping[str, str]) -> bool:
        return bool(self._faults.attempt(hold.kind, hold.pk, hold.name, hold.test, labels))

    def _inhibited(self, labels: Mapping[str, str]) -> Reason | None:
        rows = self._inhibitors.candidates
        try:
            found = _first((row, one.source_for(labels)) for row, one in rows(labels))
        except Exception:  # noqa: BLE001 - one by one, so that the broken one is known; seldom
            found = _first((row, self._source(row, one, labels)) for row, one in rows(labels))
        if found is None:
            return None
        row, source = found
        said = f"{source.name} (alert {source.pk}) fires: inhibition {row.name}."
        return Reason("inhibition", row.pk, said)

    def _source(
        self, row: Inhibition, inhibitor: Inhibitor, labels: Mapping[str, str]
    ) -> Source | None:
        attempt = self._faults.attempt
        return attempt("inhibition", row.pk, row.name, inhibitor.source_for, labels)

    def _acknowledged(self, alert: Alert) -> Reason | None:
        if not is_acknowledged(alert, self._now):
            return None
        until = alert.acknowledged_until
        by = alert.acknowledged_by_id or 0
        said = f"Acknowledged until {_told(until)}." if until else "Acknowledged."
        return Reason("acknowledged", by, f"{said} {alert.acknowledgement}".strip())

    def _indexed(self, loaded: Loaded) -> Index[Hold]:
        holds = [
            self._hold("silence", row.pk, str(row), row.matchers, silence_text(row))
            for row in loaded.silences
        ]
        for window, end in loaded.windows:
            text = f"Maintenance window {window.name} until {_told(end)}."
            holds.append(self._hold("window", window.pk, window.name, window.matchers, text))
        return Index((hold.matchers, hold) for hold in holds if hold is not None)

    def _hold(self, kind: HoldKind, pk: int, name: str, matchers: str, text: str) -> Hold | None:
        compiled = self._faults.attempt(kind, pk, name, _not_empty, matchers)
        if compiled is None:
            return None
        test = self._remembering.compile(compiled.matchers)
        return Hold(kind, pk, name, compiled.matchers, test, text)

    def _inhibiting(self, loaded: Loaded) -> Index[tuple[Inhibition, Inhibitor]]:
        shares = Shares(loaded.firing)
        found = []
        for row in loaded.inhibitions:
            inhibitor = self._faults.attempt(
                "inhibition", row.pk, row.name, self._inhibitor, row, shares
            )
            if inhibitor is not None:
                found.append((compile_text(row.target_matchers).matchers, (row, inhibitor)))
        return Index(found)

    def _inhibitor(self, row: Inhibition, shares: Shares) -> Inhibitor:
        firing = shares.of(compile_text(row.source_matchers).matchers)
        return inhibitor_of(row, firing, self._remembering)


def _first(found: Iterable[tuple[Inhibition, Source | None]]) -> tuple[Inhibition, Source] | None:
    return next(((row, source) for row, source in found if source is not None), None)


def is_acknowledged(alert: Alert, now: datetime) -> bool:
    """Whether somebody has taken ``alert`` on, it fires, and the time is not over."""
    until = alert.acknowledged_until
    taken = alert.acknowledged_at is not None and alert.state == AlertState.FIRING
    return taken and (until is None or until > now)


def inhibitor_of(
    row: Inhibition, firing: Iterable[Source], remembering: Remembering | None = None
) -> Inhibitor:
    """The inhibition ``row`` over the alerts that fire.

    Raises:
        RuleError: its matchers cannot be read, or it has none on a side.
    """
    if not isinstance(row.equal, list) or not all(isinstance(name, str) for name in row.equal):
        raise RuleError("Its equal labels are no list of names.")
    sides = (_not_empty(row.source_matchers), _not_empty(row.target_matchers))
    compiling = remembering or Remembering()
    source, target = (compiling.compile(side.matchers) for side in sides)
    return Inhibitor(source, target, tuple(row.equal), firing)


def silence_text(silence: Silence) -> str:
    """What is said of an alert that ``silence`` holds back."""
    end = _told(silence.ends_at)
    said = f"Silence {silence.pk} until {end}."
    if silence.author:
        said = f"Silence {silence.pk} by {silence.author} until {end}."
    return f"{said} {silence.comment}".strip()


def _not_empty(matchers: str) -> Compiled:
    compiled = compile_text(matchers)
    if not compiled.matchers:
        raise RuleError("It has no matchers: it would hold everything back.")
    return compiled


def _told(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
