"""Prometheus's state machine as it is written down, to be held against ours.

Source: ``Eval`` of ``rules/alerting.go`` in Prometheus 3.14, in seconds and changed in place, as
it is there. ``limit`` is ours: what stands is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field

PENDING, FIRING, INACTIVE = "pending", "firing", "inactive"
RETENTION = 15 * 60


class Refused(Exception):  # noqa: N818 -- the reference's own word for an error of a rule.
    """The whole evaluation is an error."""


@dataclass
class Alert:
    """One alert of the reference."""

    active_at: float
    state: str = PENDING
    fired_at: float | None = None
    resolved_at: float | None = None
    keep_since: float | None = None


@dataclass
class Reference:
    """One rule; ``hold``, ``keep`` and ``limit`` may be edited between evaluations."""

    hold: float = 0
    keep: float = 0
    limit: int = 0
    active: dict[str, Alert] = field(default_factory=dict)

    def evaluate(self, at: float, found: list[str]) -> dict[str, tuple[str, float, float | None]]:
        """State, active since, fired at of what is live after ``found`` was given."""
        if len(set(found)) < len(found):
            raise Refused
        before = {key: Alert(**vars(alert)) for key, alert in self.active.items()}
        for key in found:
            if key not in self.active or self.active[key].state == INACTIVE:
                self.active[key] = Alert(at)
        live = {}
        for key, alert in list(self.active.items()):
            if self._lives(key, alert, at, present=key in found):
                self._move(alert, at)
                live[key] = (alert.state, alert.active_at, alert.fired_at)
        if self.limit and len(live) > self.limit:
            self.active = before
            raise Refused
        return live

    def _lives(self, key: str, alert: Alert, at: float, *, present: bool) -> bool:
        if present:
            alert.keep_since = None
            return True
        keeps = False
        if alert.state == FIRING and self.keep > 0:
            if alert.keep_since is None:
                alert.keep_since = at
            keeps = at - alert.keep_since < self.keep
        old = alert.resolved_at is not None and at - alert.resolved_at > RETENTION
        if alert.state == PENDING or old:
            del self.active[key]
        if alert.state != INACTIVE and not keeps:
            alert.state, alert.resolved_at = INACTIVE, at
        return keeps

    def _move(self, alert: Alert, at: float) -> None:
        if alert.state == PENDING and at - alert.active_at >= self.hold:
            alert.state, alert.fired_at = FIRING, at
        if alert.state == FIRING and at - alert.active_at < self.hold:
            alert.state, alert.fired_at, alert.keep_since = PENDING, None, None
