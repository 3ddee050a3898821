"""What each kind of panel is told beside its queries, its unit and its colours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from zerostate_monitoring.generators.dashboards.sdk import (
    bargauge,
    common,
    heatmap,
    logs,
    stat,
    statetimeline,
    table,
    timeseries,
)
from zerostate_monitoring.generators.dashboards.values import Kind, Panel

_LAST: Final = ["lastNotNull"]


def options_of(panel: Panel) -> object:
    """The options of its kind."""
    return _OPTIONS[panel.kind](panel)


def custom_of(panel: Panel) -> object:
    """What its fields are told that only its kind knows; ``None`` for nothing."""
    made = _CUSTOM.get(panel.kind)
    return made(panel) if made else None


def _reduced() -> common.ReduceDataOptions:
    return common.ReduceDataOptions(calcs=_LAST, fields="", values=False)


def _stat(panel: Panel) -> stat.Options:
    graph = common.BigValueGraphMode.AREA if panel.spark else common.BigValueGraphMode.NONE
    limits = (panel.limits, *panel.limits_of.values())
    is_plain = not any(limits)
    several = len(panel.queries) > 1 or "{{" in panel.queries[0].legend
    return stat.Options(
        graph_mode=graph,
        color_mode=common.BigValueColorMode.NONE if is_plain else common.BigValueColorMode.VALUE,
        justify_mode=common.BigValueJustifyMode.AUTO,
        text_mode=common.BigValueTextMode.VALUE_AND_NAME
        if several
        else common.BigValueTextMode.VALUE,
        reduce_options=_reduced(),
        orientation=common.VizOrientation.AUTO,
    )


def _lines(panel: Panel) -> timeseries.Options:
    return timeseries.Options(
        legend=common.VizLegendOptions(
            show_legend=True,
            display_mode=common.LegendDisplayMode.LIST,
            placement=common.LegendPlacement.BOTTOM,
            calcs=_LAST,
        ),
        tooltip=common.VizTooltipOptions(
            mode=common.TooltipDisplayMode.MULTI, sort=common.SortOrder.DESCENDING
        ),
    )


def _lines_custom(panel: Panel) -> timeseries.FieldConfig:
    mode = common.GraphThresholdsStyleMode
    stacking = common.StackingMode.NORMAL if panel.stacked else common.StackingMode.NONE
    return timeseries.FieldConfig(
        draw_style=common.GraphDrawStyle.LINE,
        line_width=1,
        fill_opacity=20 if panel.stacked else 5,
        show_points=common.VisibilityMode.NEVER,
        # A gap is a gap: what was not scraped is not drawn.
        span_nulls=False,
        axis_soft_min=0,
        stacking=common.StackingConfig(mode=stacking, group="A"),
        thresholds_style=common.GraphThresholdsStyleConfig(
            mode=mode.DASHED if panel.limits else mode.OFF
        ),
    )


def _bars(panel: Panel) -> bargauge.Options:
    return bargauge.Options(
        display_mode=common.BarGaugeDisplayMode.BASIC,
        orientation=common.VizOrientation.HORIZONTAL,
        value_mode=common.BarGaugeValueMode.COLOR,
        show_unfilled=True,
        reduce_options=_reduced(),
    )


def _table(panel: Panel) -> table.Options:
    sort = [common.TableSortByFieldState(panel.sort, desc=True)] if panel.sort else None
    return table.Options(show_header=True, cell_height=common.TableCellHeight.SM, sort_by=sort)


def _heatmap(panel: Panel) -> heatmap.Options:
    return heatmap.Options(
        calculate=False,
        color=heatmap.HeatmapColorOptions(
            mode=heatmap.HeatmapColorMode.SCHEME, scheme="Blues", steps=32
        ),
        y_axis=heatmap.YAxisConfig(unit=panel.unit),
        legend=heatmap.HeatmapLegend(show=True),
        exemplars=heatmap.ExemplarConfig(color="orange"),
        tooltip=heatmap.HeatmapTooltip(mode=common.TooltipDisplayMode.SINGLE, y_histogram=True),
    )


def _timeline(panel: Panel) -> statetimeline.Options:
    return statetimeline.Options(
        show_value=common.VisibilityMode.NEVER,
        merge_values=True,
        row_height=0.8,
        legend=common.VizLegendOptions(
            show_legend=True,
            display_mode=common.LegendDisplayMode.LIST,
            placement=common.LegendPlacement.BOTTOM,
            calcs=[],
        ),
        tooltip=common.VizTooltipOptions(
            mode=common.TooltipDisplayMode.SINGLE, sort=common.SortOrder.NONE
        ),
    )


def _logs(panel: Panel) -> logs.Options:
    return logs.Options(
        show_time=True,
        wrap_log_message=True,
        enable_log_details=True,
        show_log_context_toggle=True,
        sort_order=common.LogsSortOrder.DESCENDING,
        dedup_strategy=common.LogsDedupStrategy.NONE,
    )


_OPTIONS: Final[Mapping[Kind, Callable[[Panel], object]]] = {
    Kind.STAT: _stat,
    Kind.LINES: _lines,
    Kind.BARS: _bars,
    Kind.TABLE: _table,
    Kind.HEATMAP: _heatmap,
    Kind.TIMELINE: _timeline,
    Kind.LOGS: _logs,
}
_CUSTOM: Final[Mapping[Kind, Callable[[Panel], object]]] = {
    Kind.LINES: _lines_custom,
    Kind.TABLE: lambda _: table.FieldConfig(align=common.FieldTextAlignment.AUTO),
    Kind.HEATMAP: lambda _: heatmap.FieldConfig(),
    Kind.TIMELINE: lambda _: statetimeline.FieldConfig(fill_opacity=80, line_width=0),
}
