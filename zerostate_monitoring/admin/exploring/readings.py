"""How a metric is read: the rate of a counter, quantiles of a histogram; as PromQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerostate_monitoring.catalogue.definition import Combine, Kind, Measure
from zerostate_monitoring.models import Metric
from zerostate_monitoring.promql.quoting import is_plain_label
from zerostate_monitoring.rules.durations import format_duration

EVERY: Final = "*"
"""Every series for itself; a label's name splits by it; empty is all of them together."""
_HIDDEN: Final = frozenset({"le", "quantile"})
_TITLES: Final[dict[str, str | Promise]] = {
    "value": gettext_lazy("value"),
    "rate": gettext_lazy("rate (per second)"),
    "increase": gettext_lazy("growth in each step"),
    "quantiles": gettext_lazy("quantiles: 0.5, 0.9, 0.99"),
    "p99": gettext_lazy("quantile 0.99"),
    "p50": gettext_lazy("quantile 0.5"),
    "mean": gettext_lazy("mean"),
    "observations": gettext_lazy("observations per second"),
    "age": gettext_lazy("time since then"),
}
_OF_KINDS: Final[dict[str, tuple[str, ...]]] = {
    Kind.COUNTER: ("rate", "increase", "value"),
    Kind.HISTOGRAM: ("quantiles", "p99", "p50", "mean", "observations"),
    Kind.SUMMARY: ("mean", "observations"),
}
_QUANTILES: Final = {"quantiles": (0.5, 0.9, 0.99), "p99": (0.99,), "p50": (0.5,)}


@dataclass(frozen=True, slots=True)
class Reading:
    """Expressions by what each is called (empty for a single one), and their unit.

    ``key`` is how it is read; ``by`` is the label that splits it, ``EVERY`` or empty; ``put`` is
    the aggregation that puts series together where they are not all shown.
    """

    key: str
    by: str
    exprs: tuple[tuple[str, str], ...]
    unit: str
    put: str = "sum"

    @property
    def title(self) -> str:
        """What is shown, in words."""
        return str(_TITLES[self.key])


def ways_of(row: Metric) -> list[tuple[str, str]]:
    """How a metric of its kind may be read, the usual way first."""
    return [(key, str(_TITLES[key])) for key in _keys(row)]


def _keys(row: Metric) -> tuple[str, ...]:
    if row.kind in _OF_KINDS:
        return _OF_KINDS[row.kind]
    return ("age", "value") if row.name.endswith("_timestamp_seconds") else ("value",)


def splits_of(row: Metric, seen: Sequence[str]) -> list[tuple[str, str]]:
    """How its series may be put together: the labels that the catalogue and its series have."""
    names = dict.fromkeys([*row.labels, *sorted(seen)])
    labels = [name for name in names if name not in _HIDDEN and is_plain_label(name)]
    return [
        (EVERY, _("every series")),
        ("", _("all together (%s)") % _aggregation(row)),
        *((name, _("by %s") % name) for name in labels),
    ]


def reading(row: Metric, key: str, by: str, step_ms: int) -> Reading:
    """The metric as ``key`` reads it; another key is the usual one."""
    keys = _keys(row)
    key = key if key in keys else keys[0]
    put = {"value": _aggregation(row), "age": "max"}.get(key, "sum")
    return Reading(key, by, tuple(_exprs(row, key, by, step_ms)), _unit(row, key), put)


def _unit(row: Metric, key: str) -> str:
    if key in {"rate", "observations"}:
        unit = "" if row.kind in {Kind.HISTOGRAM, Kind.SUMMARY} else row.unit
        return f"{unit}/s"
    return "seconds" if key == "age" else row.unit


def _exprs(row: Metric, key: str, by: str, step_ms: int) -> Iterator[tuple[str, str]]:
    name = row.name
    # Two steps at least, so that no rise between two values is lost; and several collections.
    window = format_duration(timedelta(milliseconds=max(step_ms * 2, 120_000)))
    match key:
        case "quantiles" | "p99" | "p50":
            for q in _QUANTILES[key]:
                inner = _put("sum", f"rate({name}_bucket[{window}])", by, "le")
                yield (
                    f"{q:g}" if key == "quantiles" else "",
                    f"histogram_quantile({q:g}, {inner})",
                )
        case "mean":
            parts = [_put("sum", f"rate({name}_{end}[{window}])", by) for end in ("sum", "count")]
            yield "", " / ".join(parts)
        case "observations":
            yield "", _put("sum", f"rate({name}_count[{window}])", by)
        case "rate" | "increase":
            yield "", _put("sum", f"{key}({name}[{window}])", by)
        case "age":
            yield "", f"time() - {_put('max', name, by)}"
        case _:
            yield "", _put(_aggregation(row), name, by)


def _put(aggregation: str, expr: str, by: str, *always: str) -> str:
    """An expression put together by a label, or left as it is."""
    if by == EVERY:
        return expr
    names = ", ".join([*always, *([by] if by else [])])
    return f"{aggregation} by ({names}) ({expr})" if names else f"{aggregation}({expr})"


def _aggregation(row: Metric) -> str:
    """What says anything of all its series together."""
    if row.kind != Kind.GAUGE:
        return "sum"
    adds_up = row.unit != "ratio" and not row.name.endswith("_timestamp_seconds")
    if row.measure == Measure.WINDOW or row.combine == Combine.MAX or not adds_up:
        return "max"
    return "sum"
