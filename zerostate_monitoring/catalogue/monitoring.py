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
        name=_PREFIX + "store_memory_bytes",
        help="Memory that the store's server uses.",
        unit="bytes",
        note="Of one node of a cluster; all that the server holds, not this app's keys alone.",
    ),
    _gauge(
        name=_PREFIX + "store_memory_limit_bytes",
        help="Memory that the store's server may use.",
        unit="bytes",
        note="maxmemory; absent where it has no limit.",
    ),
    _gauge(
        name=_PREFIX + "store_round_trip_seconds",
        help="How long the store took to answer the shortest of a few questions.",
        unit="seconds",
        note="From a worker; a question is a PING.",
    ),
    _gauge(
        name=_PREFIX + "store_frames",
        help="Frames that the store holds: one for each collector and node.",
    ),
    _gauge(
        name=_PREFIX + "store_frames_bytes",
        help="What the values of these frames take, eight bytes each.",
        unit="bytes",
        note="Names and labels are held once for all frames that have the same.",
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

_HISTORY: Final = (
    _gauge(
        name=_PREFIX + "producer_up",
        help="Whether a producer was present when a column of history was made; "
        "0 for a collector that is known and gave nothing.",
        labels=("producer",),
        note="Stands in history alone, not on the page.",
    ),
    _gauge(
        name=_PREFIX + "history_bytes",
        help="Memory of the store that history takes, columns and series together.",
        unit="bytes",
    ),
    _gauge(
        name=_PREFIX + "history_columns",
        help="Columns of history that the store holds: pages as they stood at one slot each.",
    ),
    _gauge(
        name=_PREFIX + "history_span_seconds",
        help="How far the columns of history reach, from the oldest to the newest.",
        unit="seconds",
        note="Less than ZEROSTATE_MONITORING_HISTORY while history is young, and where"
        " ZEROSTATE_MONITORING_HISTORY_MAX_BYTES cuts it short.",
    ),
    _gauge(
        name=_PREFIX + "history_last_slot_timestamp_seconds",
        help="The slot of the newest column of history, in seconds since 1970.",
        unit="seconds",
    ),
    _counter(
        name=_PREFIX + "history_missed_slots_total",
        help="Slots at which no column of history was made, though some were before and after.",
    ),
    _counter(
        name=_PREFIX + "history_blocks_cut_total",
        help="Blocks of history that were let go of before their time, for lack of room.",
    ),
)

_HEALTH: Final = (
    _gauge(
        name=_PREFIX + "health_status",
        help="Whether a component is in a status: 1 for the one it is in, 0 for the others.",
        labels=("component", "status"),
        values={"status": ("healthy", "degraded", "unhealthy", "unknown")},
        note="As a worker finds it; docs/health.md says what each component is.",
    ),
    _gauge(
        name=_PREFIX + "health_duration_seconds",
        help="How long finding out about a component took, or has taken so far.",
        unit="seconds",
        labels=("component",),
    ),
    _gauge(
        name=_PREFIX + "health_last_change_timestamp_seconds",
        help="When the status of a component last changed, in seconds since 1970.",
        unit="seconds",
        labels=("component",),
    ),
)

DEFINITIONS: Final[tuple[Definition, ...]] = (
    *_COLLECTORS,
    *_SOURCES,
    *_STORE_AND_PAGE,
    *_HISTORY,
    *_HEALTH,
)
