"""What stands at the head of a dashboard: variables, annotations, links."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from zerostate_monitoring.generators.dashboards.links import Links
from zerostate_monitoring.generators.dashboards.panels import every
from zerostate_monitoring.generators.dashboards.sdk import common, dashboard, prometheus
from zerostate_monitoring.generators.dashboards.targets import PROMETHEUS, loki_source
from zerostate_monitoring.generators.dashboards.values import Dashboard, Variable, VariableKind
from zerostate_monitoring.generators.options import ExportOptions

TAG: Final = "zerostate"
_GRAFANA: Final = common.DataSourceRef(type_val="grafana", uid="-- Grafana --")


def variables(given: Dashboard, options: ExportOptions) -> list[dashboard.VariableModel]:
    """The choices, each at "all"."""
    return [_variable(one, options) for one in given.variables]


def _variable(given: Variable, options: ExportOptions) -> dashboard.VariableModel:
    made = dashboard.VariableModel(
        name=given.name,
        label=given.title,
        description=given.help,
        hide=dashboard.VariableHide.DONT_HIDE,
    )
    match given.kind:
        case VariableKind.SOURCE:
            made.type_val = dashboard.VariableType.DATASOURCE
            made.query = "prometheus"
            made.current = _choice(options.prometheus_uid, options.prometheus_uid)
        case VariableKind.LABEL:
            query = f"label_values({given.metric}, {given.label})"
            _asked(made, {"query": query, "refId": f"var-{given.name}"}, every(given))
            made.definition = query
            made.datasource = PROMETHEUS
        case VariableKind.LOG_LABEL:
            asked = {"label": given.label, "refId": f"var-{given.name}", "stream": "", "type": 1}
            _asked(made, asked, every(given))
            made.datasource = loki_source(options)
        case VariableKind.TEXT:
            made.type_val = dashboard.VariableType.TEXTBOX
            made.query = ""
            made.current = _choice("", "")
        case VariableKind.FILTERS:
            made.type_val = dashboard.VariableType.ADHOC
            made.datasource = PROMETHEUS
    return made


def _asked(made: dashboard.VariableModel, query: dict[str, object], every: str) -> None:
    """Let the choices be asked of the data source, whenever the time changes."""
    made.type_val = dashboard.VariableType.QUERY
    made.query = query
    made.multi = True
    made.include_all = True
    made.all_value = every
    made.current = _choice("All", "$__all")
    made.refresh = dashboard.VariableRefresh.ON_TIME_RANGE_CHANGED
    made.sort = dashboard.VariableSort.ALPHABETICAL_ASC


def _choice(text: str, value: str) -> dashboard.VariableOption:
    return dashboard.VariableOption(selected=True, text=text, value=value)


def marks(given: Dashboard) -> dashboard.AnnotationContainer:
    """Alerts that fire, starts of nodes, edits, and marks that people or deployments have set."""
    return dashboard.AnnotationContainer(list(_marked(given)))


def _marked(given: Dashboard) -> Iterator[dashboard.AnnotationQuery]:
    layers = f', layer=~"{"|".join(given.layers)}"' if given.layers else ""
    yield _asked_of_prometheus(
        "Alerts that fire",
        f'ALERTS{{alertstate="firing", severity!="none"{layers}}}',
        "red",
        title="{{alertname}}",
        text="{{severity}}: {{node}}{{kind}}{{type}}",
        tags="severity,layer",
    )
    yield _asked_of_prometheus(
        "Starts of nodes",
        'sum by (node) (changes(process_start_time_seconds{node!=""}[2m])) > 0',
        "orange",
        title="{{node}} was started",
        text="",
        tags="node",
    )
    changed = _asked_of_prometheus(
        "Changed rules and silences",
        "zerostate_monitoring_definitions_changed_timestamp_seconds * 1000",
        "purple",
        title="{{kind}} were changed",
        text="Who and what: in admin.",
        tags="kind",
    )
    changed.use_value_for_time = True
    yield changed
    yield dashboard.AnnotationQuery(
        name="Deployments and other marks",
        datasource=_GRAFANA,
        icon_color="blue",
        target=_tagged(),
    )


def _asked_of_prometheus(
    name: str, expr: str, colour: str, *, title: str, text: str, tags: str
) -> dashboard.AnnotationQuery:
    return dashboard.AnnotationQuery(
        name=name,
        datasource=PROMETHEUS,
        icon_color=colour,
        expr=expr,
        step="30s",
        title_format=title,
        text_format=text,
        tag_keys=tags,
        target=prometheus.Dataquery(expr=expr, ref_id="Anno", range_val=True, instant=False),
    )


class _Tagged(prometheus.Dataquery):
    """Annotations of Grafana itself, by their tag; the SDK knows them only without a letter."""

    def to_json(self) -> dict[str, object]:
        return {"limit": 100, "matchAny": True, "tags": [TAG], "type": "tags", "refId": "Anno"}


def _tagged() -> prometheus.Dataquery:
    return _Tagged()


def head_links(links: Links) -> list[dashboard.DashboardLink]:
    """To the other dashboards, and to where things are done."""
    others = dashboard.DashboardLink(
        title="Dashboards",
        type_val=dashboard.DashboardLinkType.DASHBOARDS,
        tags=[TAG],
        as_dropdown=True,
        keep_time=True,
        include_vars=False,
    )
    apps = [
        dashboard.DashboardLink(
            title=one.title,
            url=one.url,
            type_val=dashboard.DashboardLinkType.LINK,
            icon="external link",
            target_blank=True,
        )
        for one in links.of_dashboard()
    ]
    return [others, *apps]
