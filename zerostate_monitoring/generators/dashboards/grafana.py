"""Dashboards as Grafana's JSON, ready for its provisioning and for its API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any, Final

from zerostate_monitoring.generators.dashboards import records
from zerostate_monitoring.generators.dashboards.fields import field_config, link
from zerostate_monitoring.generators.dashboards.heads import TAG, head_links, marks, variables
from zerostate_monitoring.generators.dashboards.layout import (
    Box,
    PlacedRow,
    laid_out,
    panel_id,
)
from zerostate_monitoring.generators.dashboards.links import Links
from zerostate_monitoring.generators.dashboards.panels import DASHBOARDS
from zerostate_monitoring.generators.dashboards.records import Records
from zerostate_monitoring.generators.dashboards.sdk import JSONEncoder, dashboard
from zerostate_monitoring.generators.dashboards.shapes import options_of
from zerostate_monitoring.generators.dashboards.targets import source_of, targets_of
from zerostate_monitoring.generators.dashboards.thresholds import Thresholds, from_rows
from zerostate_monitoring.generators.dashboards.values import Dashboard, Kind, Panel, Row
from zerostate_monitoring.generators.options import ExportOptions

REFRESH: Final = "30s"
_TITLES: Final = {one.uid: one.title for one in DASHBOARDS}


def files(options: ExportOptions) -> dict[str, str]:
    """All dashboards, each a file of its own that Grafana's provisioning takes as it is."""
    thresholds = from_rows()
    found = records.NOTHING if options.raw_queries else records.from_rows()
    return {f"{one.uid}.json": Maker(one, options, thresholds, found).text() for one in DASHBOARDS}


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes one dashboard."""

    given: Dashboard
    options: ExportOptions
    thresholds: Thresholds
    records: Records = records.NOTHING

    def text(self) -> str:
        """Its JSON, the same for the same definitions."""
        return json.dumps(self.made(), cls=JSONEncoder, indent=2, ensure_ascii=False) + "\n"

    def made(self) -> dashboard.Dashboard:
        """The dashboard in the SDK's classes."""
        given = self.given
        return dashboard.Dashboard(
            uid=given.uid,
            title=given.title,
            description=given.question,
            tags=[TAG, *given.layers],
            editable=False,
            graph_tooltip=dashboard.DashboardCursorSync.CROSSHAIR,
            time=dashboard.DashboardDashboardTime(given.span, "now"),
            refresh=REFRESH,
            templating=dashboard.DashboardDashboardTemplating(variables(given, self.options)),
            annotations=marks(given),
            links=head_links(self._links),
            panels=list(self._panels()),
        )

    @property
    def _links(self) -> Links:
        return Links(self.options)

    def _panels(self) -> Iterator[dashboard.Panel | dashboard.RowPanel]:
        for placed in laid_out(self.given):
            made = [self._panel(placed.row, panel, box) for panel, box in placed.panels]
            if placed.head is not None:
                yield self._row(placed, placed.head, made if placed.is_folded else [])
            if not placed.is_folded:
                yield from made

    def _row(
        self, placed: PlacedRow, head: Box, inside: list[dashboard.Panel]
    ) -> dashboard.RowPanel:
        return dashboard.RowPanel(
            collapsed=placed.is_folded,
            title=placed.row.title,
            grid_pos=_grid(head),
            id_val=panel_id(self.given, placed.row),
            panels=inside,
            repeat=placed.row.repeat or None,
        )

    def _panel(self, row: Row, panel: Panel, box: Box) -> dashboard.Panel:
        return dashboard.Panel(
            type_val=panel.kind,
            id_val=panel_id(self.given, row, panel),
            title=panel.title,
            description=panel.description,
            datasource=source_of(panel, self.options),
            grid_pos=_grid(box),
            targets=[*targets_of(panel, self.options, self.records)],
            options=options_of(panel),
            field_config=field_config(panel, self.thresholds, self._links),
            links=[link(one) for one in self._links.of(panel, _TITLES)],
            transformations=_transformations(panel),
            time_from=panel.span or None,
            interval="15s",
        )


def _grid(box: Box) -> dashboard.GridPos:
    return dashboard.GridPos(x=box.x, y=box.y, w=box.width, h=box.height)


def _transformations(panel: Panel) -> list[dashboard.DataTransformerConfig] | None:
    """Columns that nobody reads are left out; values have names."""
    if panel.kind is not Kind.TABLE:
        return None
    several = len(panel.queries) > 1
    letters = ascii_uppercase[: len(panel.queries)]
    values = [f"Value #{letter}" for letter in letters] if several else ["Value"]
    names = dict(zip(values, [query.legend for query in panel.queries], strict=True))
    # Each answer brings its time; joined, they are numbered.
    times = [f"Time {place}" for place in range(1, len(letters) + 1)] if several else []
    shown = {name: text for name, text in names.items() if name not in panel.hidden}
    found = {text: name for name, text in shown.items()}
    organized = _transformer(
        "organize",
        excludeByName=dict.fromkeys((*panel.hidden, *times), True),
        indexByName={found.get(name, name): place for place, name in enumerate(panel.columns)},
        renameByName={
            **{name: name.replace("_", " ") for name in panel.columns if "_" in name},
            **shown,
        },
    )
    joined = _transformer("joinByField", byField=panel.by, mode="outer")
    return [joined, organized] if several else [organized]


def _transformer(name: str, **options: Any) -> dashboard.DataTransformerConfig:
    return dashboard.DataTransformerConfig(id_val=name, options=options)
