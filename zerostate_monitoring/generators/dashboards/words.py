"""Short words in which dashboards are declared."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Final

from zerostate_monitoring.generators.dashboards.values import (
    Colour,
    Kind,
    Panel,
    Query,
    Source,
    Unit,
    Variable,
    VariableKind,
)


def q(
    expr: str,
    legend: str,
    colour: Colour | None = None,
    *,
    exemplars: bool = False,
    quiet: bool = False,
) -> Query:
    """A question over the time that is shown."""
    return Query(expr=expr, legend=legend, colour=colour, exemplars=exemplars, quiet=quiet)


def now(expr: str, legend: str, colour: Colour | None = None) -> Query:
    """A question about this moment."""
    return Query(expr=expr, legend=legend, colour=colour, instant=True)


def lines_of_log(expr: str, legend: str, colour: Colour | None = None) -> Query:
    """A question to Loki."""
    return Query(expr=expr, legend=legend, colour=colour, source=Source.LOKI)


def tile(
    title: str,
    expr: str,
    unit: Unit,
    description: str,
    *,
    legend: str = "",
    spark: bool = False,
    **more: object,
) -> Panel:
    """One figure of the first row, or one for each series."""
    question = q(expr, legend or title) if spark else now(expr, legend or title)
    return Panel(
        title=title,
        kind=Kind.STAT,
        unit=unit,
        description=description,
        queries=(question,),
        spark=spark,
        **more,  # type: ignore[arg-type]
    )


def top(title: str, expr: str, legend: str, unit: Unit, description: str, **more: object) -> Panel:
    """The largest of many, as bars."""
    return Panel(
        title=title,
        kind=Kind.BARS,
        unit=unit,
        description=description,
        queries=(now(expr, legend),),
        **more,  # type: ignore[arg-type]
    )


def _panel(
    kind: Kind, title: str, unit: Unit, description: str, *queries: Query, **more: object
) -> Panel:
    return Panel(
        title=title,
        kind=kind,
        unit=unit,
        description=description,
        queries=queries,
        **more,  # type: ignore[arg-type]
    )


lines = partial(_panel, Kind.LINES)
bars = partial(_panel, Kind.BARS)
table = partial(_panel, Kind.TABLE)
heatmap = partial(_panel, Kind.HEATMAP)
timeline = partial(_panel, Kind.TIMELINE)
logs = partial(_panel, Kind.LOGS)


def quantiles(
    family: str,
    matchers: str = "",
    *,
    by: str = "",
    window: str = "5m",
    of: Iterable[float] = (0.5, 0.95, 0.99),
    what: str = "",
) -> tuple[Query, ...]:
    """Quantiles of a histogram; traces stand beside the highest."""
    chosen = f"{{{matchers}}}" if matchers else ""
    labels = f"le, {by}" if by else "le"
    named = f"{{{{{by}}}}}" if by else ""
    *low, high = of
    return tuple(
        q(
            f"histogram_quantile({share}, sum by ({labels}) "
            f"(rate({family}_bucket{chosen}[{window}])))",
            " ".join(filter(None, (what, named, f"p{share * 100:.4g}"))),
            exemplars=share == high,
        )
        for share in (*low, high)
    )


def label(name: str, title: str, metric: str, text: str, *, label_name: str = "") -> Variable:
    """A variable whose choices are the values of a label."""
    return Variable(
        name=name,
        title=title,
        kind=VariableKind.LABEL,
        label=label_name or name,
        metric=metric,
        help=text,
    )


DATA_SOURCE: Final = Variable(
    name="datasource",
    title="Data source",
    kind=VariableKind.SOURCE,
    help="The Prometheus that is asked, or this app's own query API.",
)
FILTERS: Final = Variable(
    name="filters",
    title="Filters",
    kind=VariableKind.FILTERS,
    help="Added to every query: an environment, an instance, a job.",
)
SITE: Final = label("site", "Site", "zerostate_node_up", "Where nodes stand.")
NODE_ROLE: Final = label(
    "node_role", "Role", 'zerostate_node_up{site=~"$site"}', "What nodes are for."
)
NODE: Final = label(
    "node",
    "Node",
    'zerostate_node_up{site=~"$site", node_role=~"$node_role"}',
    "One node, or several.",
)
