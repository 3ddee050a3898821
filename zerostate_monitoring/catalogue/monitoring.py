"""Families in which this app speaks of itself."""

from __future__ import annotations

from functools import partial
from typing import Final

from zerostate_monitoring.catalogue.definition import Definition, Feed, Kind, Layer, Measure
from zerostate_monitoring.exceptions import ERROR_KINDS

_PREFIX: Final = "zerostate_monitoring_"

_gauge = partial(Definition, kind=Kind.GAUGE, layer=Layer.MONITORING, feeds=(Feed.SELF,))
_counter = partial(
    Definition,
    kind=Kind.COUNTER,
    layer=Layer.MONITORING,
    feeds=(Feed.SELF,),
    measure=Measure.COUNTER,
)

_COLLECTORS: Final = (
    _gauge(
        name=_PREFIX + "collector_last_success_timestamp_seconds",
        help="When a collector last succeeded, in seconds since 1970; 0 until it first did.",
        unit="seconds",
        labels=("collector",),
    ),
    _gauge(
        name=_PREFIX + "collector_interval_seconds",
        help="How often a collector is to run.",
        unit="seconds",
        labels=("collector",),
    ),
    _gauge(
        name=_PREFIX + "collector_duration_seconds",
        help="How long the last run of a collector took.",
        unit="seconds",
        labels=("collector",),
    ),
    _gauge(
        name=_PREFIX + "collector_samples",
        help="Samples that the last successful run of a collector gave.",
        labels=("collector",),
    ),
    _counter(
        name=_PREFIX + "collector_errors_total",
        help="Errors in runs of a collector, by kind.",
        labels=("collector", "kind"),
        values={"kind": ERROR_KINDS},
    ),
)

_SOURCES: Final = (
    _gauge(
        name=_PREFIX + "source_up",
        help="Whether a source answered when it was last asked.",
        labels=("source",),
        note="No sample where the last run says nothing of it: it gave nothing, or the run broke"
        " off for another reason.",
    ),
    _gauge(
        name=_PREFIX + "families_absent",
        help="Families that a source should give and could not, in the last run.",
        labels=("source",),
    ),
    _gauge(
        name=_PREFIX + "families_refused",
        help="Families that a source gave and another producer feeds, in the last run.",
        labels=("source",),
    ),
)

_STORE_AND_PAGE: Final = (
    _gauge(
        name=_PREFIX + "store_up",
        help="Whether the store answered for this page.",
    ),
    _gauge(
        name=_PREFIX + "store_info",
        help="Always 1; the label names the store and is new after it was emptied.",
        labels=("store",),
    ),
    _gauge(
        name=_PREFIX + "external_labels",
        help="Always 1; its labels name this installation.",
        open_labels=True,
        note="Labels are those of ZEROSTATE_MONITORING_EXTERNAL_LABELS; the family has no others.",
    ),
    _gauge(
        name=_PREFIX + "page_series",
        help="Series on this page.",
    ),
    _gauge(
        name=_PREFIX + "page_refused_series",
        help="Series left off this page because another producer gives their family or them, "
        "or because it has no way to write a name of theirs.",
    ),
    _gauge(
        name=_PREFIX + "processes",
        help="Processes of this project that publish what they count.",
    ),
    _gauge(
        name=_PREFIX + "store_entries_skipped",
        help="Entries of the store that this version cannot read, such as a newer version's.",
    ),
    _counter(
        name=_PREFIX + "series_dropped_total",
        help="Series that were folded into others because their family is full, by family; "
        "one that comes again later may count again.",
        labels=("family",),
    ),
)

DEFINITIONS: Final[tuple[Definition, ...]] = (*_COLLECTORS, *_SOURCES, *_STORE_AND_PAGE)
