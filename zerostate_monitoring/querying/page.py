"""What stands on the page now, as the lint of rules wants to know it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from zerostate_monitoring.exceptions import ConfigurationError, FrameError, StoreError
from zerostate_monitoring.promql.querier import Metadata
from zerostate_monitoring.querying.engines import described
from zerostate_monitoring.rules.schema import Metric, Metrics, MetricType

_PARTS: Final[Mapping[str, tuple[tuple[str, MetricType], ...]]] = {
    "counter": (("", MetricType.COUNTER),),
    "gauge": (("", MetricType.GAUGE),),
    "histogram": (
        ("_bucket", MetricType.BUCKET),
        ("_sum", MetricType.COUNTER),
        ("_count", MetricType.COUNTER),
    ),
    "summary": (
        ("", MetricType.GAUGE),
        ("_sum", MetricType.COUNTER),
        ("_count", MetricType.COUNTER),
    ),
}


def page_metrics() -> Metrics | None:
    """Metrics of the page, with any labels; ``None`` where the store does not answer."""
    try:
        known = described()
    except (ConfigurationError, StoreError, FrameError):
        return None
    if known.warnings:
        return None
    return Metrics(
        metric for name, found in known.families.items() for metric in _metrics(name, found)
    )


def answer_page(sender: object, **kwargs: Any) -> Metrics | None:
    """Receiver of ``page_requested``."""
    return page_metrics()


def _metrics(name: str, found: tuple[Metadata, ...]) -> Iterator[Metric]:
    kind = found[0].type if found else ""
    for suffix, type_ in _PARTS.get(kind, (("", MetricType.UNKNOWN),)):
        yield Metric(name=name + suffix, type=type_)
