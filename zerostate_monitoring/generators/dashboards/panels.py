"""All dashboards as they are declared, and what each asks; without what makes Grafana's JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from zerostate_monitoring.generators.dashboards import (
    economic,
    execution,
    logs,
    monitoring,
    nodes,
    overview,
    p2p,
    service,
    slo,
)
from zerostate_monitoring.generators.dashboards.values import (
    Dashboard,
    Panel,
    Query,
    Row,
    Source,
    Variable,
    VariableKind,
)

DASHBOARDS: Final[tuple[Dashboard, ...]] = (
    overview.DASHBOARD,
    nodes.DASHBOARD,
    p2p.DASHBOARD,
    execution.DASHBOARD,
    economic.DASHBOARD,
    slo.DASHBOARD,
    service.DASHBOARD,
    monitoring.DASHBOARD,
    logs.DASHBOARD,
)


class Asked(NamedTuple):
    """One query of a panel, where it stands, and whom it is put to."""

    dashboard: str
    panel: str
    expr: str
    legend: str
    source: Source = Source.PROMETHEUS


class Placed(NamedTuple):
    """A panel, and where it stands."""

    dashboard: Dashboard
    row: Row
    panel: Panel


def placed() -> Iterator[Placed]:
    """All panels of all dashboards, in their order."""
    for dashboard in DASHBOARDS:
        for row, panel in dashboard.panels:
            yield Placed(dashboard, row, panel)


def judged() -> Iterator[Placed]:
    """Panels that must have data in the example network, by our own query API and Prometheus.

    Not those of Loki, of families that nothing feeds yet, and of a Prometheus's own scrapes.
    """
    for one in placed():
        is_asked = any(query.source is Source.PROMETHEUS for query in one.panel.queries)
        if is_asked and not one.panel.planned and not one.panel.outside:
            yield one


def asked() -> Iterator[Asked]:
    """All queries of all panels, variables as they stand."""
    for dashboard, _, panel in placed():
        for query in panel.queries:
            yield Asked(dashboard.uid, panel.title, query.expr, query.legend, query.source)


def resolved(query: Query, dashboard: Dashboard) -> str:
    """The expression with each variable at "all", and texts empty, as Grafana would send it."""
    expr = query.expr
    for variable in sorted(dashboard.variables, key=lambda one: -len(one.name)):
        expr = expr.replace(f"${variable.name}", every(variable))
    return expr


def every(variable: Variable) -> str:
    """What a variable stands for where nothing was chosen.

    Loki wants one label at least that is there.
    """
    if variable.kind is VariableKind.TEXT:
        return ""
    is_service = variable.kind is VariableKind.LOG_LABEL and variable.label == "service"
    return ".+" if is_service else ".*"
