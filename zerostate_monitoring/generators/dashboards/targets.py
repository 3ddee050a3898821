"""Queries and data sources as Grafana has them."""

from __future__ import annotations

from string import ascii_uppercase
from typing import Final

from zerostate_monitoring.generators.dashboards.records import Records
from zerostate_monitoring.generators.dashboards.sdk import common, loki, prometheus
from zerostate_monitoring.generators.dashboards.values import Kind, Panel, Query, Source
from zerostate_monitoring.generators.options import ExportOptions

PROMETHEUS: Final = common.DataSourceRef(type_val="prometheus", uid="${datasource}")
"""Whatever is chosen at the head of the dashboard."""

_FORMATS: Final = {
    Kind.TABLE: prometheus.PromQueryFormat.TABLE,
    Kind.HEATMAP: prometheus.PromQueryFormat.HEATMAP,
}
_MOST_LINES: Final = 500


def loki_source(options: ExportOptions) -> common.DataSourceRef:
    """Where lines of log are."""
    return common.DataSourceRef(type_val="loki", uid=options.loki_uid)


def source_of(panel: Panel, options: ExportOptions) -> common.DataSourceRef:
    """Who answers the queries of a panel."""
    is_loki = any(query.source is Source.LOKI for query in panel.queries)
    return loki_source(options) if is_loki else PROMETHEUS


def targets_of(
    panel: Panel, options: ExportOptions, records: Records
) -> list[prometheus.Dataquery | loki.Dataquery]:
    """The queries of a panel, with the letters by which its fields know them."""
    return [
        _loki(query, letter, options)
        if query.source is Source.LOKI
        else _prometheus(query, letter, panel, records)
        for letter, query in zip(ascii_uppercase, panel.queries, strict=False)
    ]


def _prometheus(query: Query, letter: str, panel: Panel, records: Records) -> prometheus.Dataquery:
    return prometheus.Dataquery(
        ref_id=letter,
        expr=records.asked(query.expr),
        legend_format=query.legend,
        datasource=PROMETHEUS,
        format_val=_FORMATS.get(panel.kind, prometheus.PromQueryFormat.TIME_SERIES),
        instant=query.instant,
        range_val=not query.instant,
        exemplar=query.exemplars,
        editor_mode=prometheus.QueryEditorMode.CODE,
    )


def _loki(query: Query, letter: str, options: ExportOptions) -> loki.Dataquery:
    return loki.Dataquery(
        ref_id=letter,
        expr=query.expr,
        legend_format=query.legend,
        datasource=loki_source(options),
        query_type="instant" if query.instant else "range",
        editor_mode=loki.QueryEditorMode.CODE,
        max_lines=_MOST_LINES,
    )
