"""Whether history is old enough for a question, and if not, when it will be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from zerostate_monitoring.exceptions import QueryError
from zerostate_monitoring.promql.data import NAME
from zerostate_monitoring.promql.durations import format_duration
from zerostate_monitoring.promql.nodes import Matcher
from zerostate_monitoring.promql.query import Query
from zerostate_monitoring.storage.head import Head
from zerostate_monitoring.storage.kept import DAYS, SLOT_MS
from zerostate_monitoring.storage.recorded import ALERTS, FOR_STATE

NOT_KEPT: Final = "no history is kept (ZEROSTATE_MONITORING_HISTORY is 0)"

_SLACK_MS: Final = 120_000
"""History that is full may be so much shorter than the setting says."""
_KEPT_MS: Final = DAYS * 86_400_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _never(matchers: Sequence[Matcher]) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Kept:
    """How much is kept: the timeline's length (ms), and what the long tier has.

    ``first`` gives the oldest sample (ms) of the series that some matchers choose there;
    ``recorded`` when series that they choose were first recorded, ``None`` for those of the page.
    """

    retention_ms: int
    first: Callable[[Sequence[Matcher]], int | None]
    recorded: Callable[[Sequence[Matcher]], int | None] = _never


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: at one instant if ``start_ms`` is ``end_ms``, or over a range."""

    query: Query
    start_ms: int
    end_ms: int
    lookback_ms: int

    @property
    def since_ms(self) -> int:
        """After what time it needs samples; of no question that has no answer anyway."""
        try:
            reach = self.query.reach(self.lookback_ms)
        except QueryError:
            return self.start_ms
        tied = reach.earliest_at_ms
        since = self.start_ms - reach.back_ms
        return since if tied is None else min(since, tied)


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether what a question reaches for is there.

    Else what it needs begins at ``needs_ms``, and history at ``begins_ms`` (``None`` where
    there is none yet). From ``at_ms`` on the same question can be answered; that is ``None``
    if it never can: it needs more than the ``most_ms`` that are kept, or a fixed time.
    """

    ready: bool
    needs_ms: int = 0
    begins_ms: int | None = None
    at_ms: int | None = None
    most_ms: int | None = None
    ranged: bool = False
    is_cut: bool = False
    """Whether history was cut short before, for lack of room: then it may come later."""
    is_kept: bool = True
    is_recorded: bool = False
    """Whether what rules record is too young, not the pages that were kept."""

    def forgotten_ms(self, now_ms: int) -> int | None:
        """Before when lies what was known once and is not now; None for all of it.

        0 where nothing was forgotten: history is as long as it gets, and only moves on.
        """
        if self.ready or self.is_cut:
            return 0
        if self.begins_ms is None:
            return None
        is_full = self.most_ms is not None and now_ms - self.begins_ms >= self.most_ms - _SLACK_MS
        return 0 if is_full else self.begins_ms

    def __str__(self) -> str:
        if self.ready:
            return "ready"
        if not self.is_kept:
            return NOT_KEPT
        text = f"needs history from {_told(self.needs_ms)} on, there is none"
        if self.begins_ms:
            begins = _told(self.begins_ms)
            text = f"needs history from {_told(self.needs_ms)} on, which begins at {begins}"
        if self.most_ms is not None:
            return f"{text}: no more than {format_duration(self.most_ms)} is kept"
        if self.at_ms is None:
            return text
        if self.ranged:
            text = (
                f"values before {_told(self.at_ms)} are incomplete: history begins at "
                f"{_told(self.begins_ms or 0)}, they need it from {_told(self.needs_ms)} on"
            )
        else:
            text = f"{text}: ready on {_told(self.at_ms)}"
        return f"{text}, if no more is cut" if self.is_cut else text


READY: Final = Readiness(ready=True)
NEVER: Final = Readiness(ready=False, is_kept=False)


def outlook(asked: Asked, head: Head, kept: Kept) -> Readiness:
    """Whether history, as ``head`` and ``kept`` tell of it, covers a question.

    An instant vector needs no more than its instant: every column is a whole page, so the
    lookback bridges gaps, and at the first column nothing is missing.
    """
    found = list(_lacking(asked, head, kept))
    if not found:
        return READY
    dates = [one.at_ms for one in found]
    worst = min(found, key=lambda one: one.needs_ms)
    never = next((one for one in found if one.at_ms is None), None)
    if never is not None:
        return never
    at_ms = max(date for date in dates if date is not None)
    is_cut = any(one.is_cut for one in found)
    is_recorded = any(one.is_recorded for one in found)
    return replace(worst, at_ms=at_ms, is_cut=is_cut, is_recorded=is_recorded)


def _lacking(asked: Asked, head: Head, kept: Kept) -> Iterator[Readiness]:
    ranged = asked.start_ms != asked.end_ms
    try:
        reaches = list(asked.query.reaches(0))
    except QueryError:
        return
    for selection, reach in reaches:
        tied = reach.earliest_at_ms
        needs = asked.start_ms - reach.back_ms if tied is None else tied
        first, interval = _begins(selection.selector.matchers, head, kept)
        # The first slot of what is needed lies up to one interval later.
        if first and first <= needs + interval:
            continue
        older = kept.first(selection.selector.matchers)
        if older is not None and older <= needs + max(interval, SLOT_MS):
            continue
        begins = min([one for one in (first, older) if one], default=None)
        most = kept.retention_ms if older is None else _KEPT_MS
        too_far = tied is None and reach.back_ms > most
        at = None if tied is not None or too_far or begins is None else begins + reach.back_ms
        is_cut = head.cut > 0 and older is None
        is_recorded = older is not None or _is_recorded(selection.selector.matchers, kept)
        yield Readiness(
            ready=False,
            needs_ms=needs,
            begins_ms=begins,
            at_ms=at,
            most_ms=most if too_far else None,
            ranged=ranged,
            is_cut=is_cut,
            is_recorded=is_recorded,
        )


def _begins(matchers: Sequence[Matcher], head: Head, kept: Kept) -> tuple[int, int]:
    """When what matchers choose begins, and its interval (ms): on the page, or as recorded."""
    recorded = kept.recorded(matchers)
    if recorded is None:
        return head.first, head.interval
    return recorded, max(head.interval, SLOT_MS)


def _is_recorded(matchers: Sequence[Matcher], kept: Kept) -> bool:
    """Whether rules record it; what is told of alerts themselves is as good as a page."""
    named = {one.value for one in matchers if one.name == NAME and one.op == "="}
    return named.isdisjoint({ALERTS, FOR_STATE}) and kept.recorded(matchers) is not None


def _told(at_ms: int) -> str:
    try:
        at = _EPOCH + timedelta(milliseconds=at_ms)
    except OverflowError:
        return f"{at_ms} ms"
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
