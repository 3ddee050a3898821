"""Which series there are, without their samples."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.storage.packing import ABSENT
from zerostate_monitoring.storage.runs import Segment, times_of
from zerostate_monitoring.storage.selecting import Check, Condition


def found(
    segments: Sequence[Segment], condition: Condition, span: tuple[int, int], check: Check
) -> set[Labels]:
    """The series that meet a condition and have a sample, or end, in the span (start, end].

    From the newest segment back: samples are looked at only where a segment has series that no
    newer one had, and are not kept.
    """
    series: set[Labels] = set()
    times = times_of(segments)
    first, last = times.searchsorted(span, side="right").tolist()
    if first >= last:
        return series
    # Who stands in the column before the span and not in its first one ends there.
    first, end = max(first - 1, 0), len(times)
    for segment in reversed(segments):
        begin = end - len(segment.times)
        low, high = max(first - begin, 0), min(last, end) - begin
        if low < high:
            for name in _names(segment, condition, check):
                check()
                series.update(_of_name(segment, name, condition, (low, high), series, check))
        end = begin
    return series


def _names(segment: Segment, condition: Condition, check: Check) -> Sequence[str]:
    if condition.name is not None:
        return [condition.name] if condition.name in segment.names else []
    return list(condition.named(segment.names, check))


def _of_name(
    segment: Segment,
    name: str,
    condition: Condition,
    rows: tuple[int, int],
    known: set[Labels],
    check: Check,
) -> Sequence[Labels]:
    labels = segment.labels(name)
    new = [place for place in condition.chosen(labels, check) if labels[place] not in known]
    if not new:
        return ()
    low, high = rows
    bits = segment.bits(name, low)[: high - low]
    seen = (bits[:, new] != ABSENT).any(axis=0)
    return [labels[new[place]] for place in np.flatnonzero(seen).tolist()]
