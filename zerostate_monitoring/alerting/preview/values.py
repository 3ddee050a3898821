"""A preview as a value: plain numbers for whoever shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from zerostate_monitoring.frames.exemplar import Labels


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one preview may take; past it it says so and tells what it has until there."""

    steps: int = 11_000
    alerts: int = 1_000
    """How many incidents it may find."""
    samples: int = 200_000
    """How many series times slots the expression may give."""
    seconds: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One alert, from pending to its end. Times are slots in ms since 1970.

    ``fired_ms`` is ``None`` for one that never fired, ``ended_ms`` for one that still lasts at
    the end. ``highest`` is the highest value that it was seen with; ``None`` of NaN alone.
    """

    labels: Labels
    pending_ms: int
    fired_ms: int | None = None
    ended_ms: int | None = None
    highest: float | None = None

    @property
    def is_firing(self) -> bool:
        """Whether it still fires at the end."""
        return self.fired_ms is not None and self.ended_ms is None

    def firing_ms(self, end_ms: int) -> int:
        """How long it fired up to ``end_ms``."""
        if self.fired_ms is None:
            return 0
        return (end_ms if self.ended_ms is None else self.ended_ms) - self.fired_ms


@dataclass(frozen=True, slots=True)
class Told:
    """How many messages a receiver would have had."""

    receiver: str
    messages: int


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What a rule would have done at the slots from ``start_ms`` to ``end_ms``.

    ``problem`` says why there is no preview, or why it ends at ``end_ms`` already.
    Of ``steps`` slots ``evaluated`` ones were; before the first page, and where one is missing,
    none is. ``errors`` counts the slots at which the rule could not be evaluated, of which
    ``first_error`` tells the first; ``silent`` those at which there were no data, and why; at
    ``missed`` ones there was no page, and nothing was evaluated. ``begins_ms`` is where history
    begins, if that is later than the rule's first slot needs.
    """

    name: str
    start_ms: int
    end_ms: int
    step_ms: int
    steps: int = 0
    evaluated: int = 0
    incidents: tuple[Incident, ...] = ()
    problem: str = ""
    errors: int = 0
    first_error: str = ""
    missed: int = 0
    silent: int = 0
    first_silence: str = ""
    remarks: tuple[str, ...] = ()
    begins_ms: int | None = None
    told: tuple[Told, ...] = ()
    unrouted: int = 0
    """Alerts that fire and go to nobody."""
    suppressed: Mapping[str, int] = field(default_factory=dict)
    """Alerts that fire and are held back as things are now, by the kind of what does so."""

    @cached_property
    def fired(self) -> tuple[Incident, ...]:
        """Those that fired, in the order in which they did."""
        fired = [one for one in self.incidents if one.fired_ms is not None]
        return tuple(sorted(fired, key=lambda one: (one.fired_ms or 0, one.labels)))

    @property
    def is_blind(self) -> bool:
        """Whether it says nothing of the rule: nowhere was it evaluated on data."""
        return self.errors + self.silent == self.evaluated and not self.incidents

    @property
    def times_fired(self) -> int:
        """How often an alert fired."""
        return len(self.fired)

    @property
    def only_pending(self) -> int:
        """How many alerts ended, or still wait, without firing."""
        return len(self.incidents) - len(self.fired)

    @property
    def still_firing(self) -> int:
        """How many fire at the end."""
        return sum(one.is_firing for one in self.fired)

    @property
    def messages(self) -> int:
        """How many messages would have left, to all receivers together."""
        return sum(one.messages for one in self.told)
