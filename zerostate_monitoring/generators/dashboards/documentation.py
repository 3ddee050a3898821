"""The page of all panels: what each says, where its colours begin, when it is rightly empty."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from zerostate_monitoring.generators.dashboards.original import ORIGINAL
from zerostate_monitoring.generators.dashboards.panels import DASHBOARDS, Placed, placed
from zerostate_monitoring.generators.dashboards.thresholds import Thresholds
from zerostate_monitoring.generators.dashboards.today import waiting
from zerostate_monitoring.generators.dashboards.values import (
    Bound,
    Dashboard,
    Kind,
    Panel,
    Row,
    Rule,
    Setting,
    Source,
    Unit,
)
from zerostate_monitoring.generators.runbooks import table

_HEAD: Final = """\
# Panels

<!-- Generated from zerostate_monitoring/generators/dashboards by `manage.py monitoring_docs`; do \
not edit. -->

What each panel of the [dashboards](dashboards.md) says. Thresholds are those of the alert rules as
shipped, and of [settings](settings.md); what you change of either moves them at the next export.
"""
_SHOWN: Final = {
    Kind.STAT: "figure",
    Kind.LINES: "curves",
    Kind.BARS: "bars",
    Kind.TABLE: "table",
    Kind.HEATMAP: "heat map",
    Kind.TIMELINE: "state over time",
    Kind.LOGS: "log lines",
}
_UNITS: Final = {
    Unit.COUNT: "",
    Unit.RATIO: "%",
    Unit.SECONDS: "seconds",
    Unit.BYTES: "bytes",
    Unit.BYTES_PER_SECOND: "bytes/s",
    Unit.WHEN: "time",
    Unit.UP: "",
    Unit.REQUESTS_PER_SECOND: "requests/s",
    Unit.PER_SECOND: "a second",
    Unit.PER_MINUTE: "a minute",
}


@dataclass(frozen=True, slots=True)
class Sums:
    """Panels of a dashboard, or of all, by what can be said of them."""

    panels: int
    """All of them."""
    logs: int
    """Asked of Loki; the tests have a stand-in for it."""
    planned: int
    """Of families that nothing feeds yet."""
    quiet: int
    """Rightly empty while all is well."""

    @property
    def with_data(self) -> int:
        """Those that have data in the example network, well or broken, by the tests."""
        return self.panels - self.planned


def sums(found: Iterable[Placed]) -> Sums:
    """How many of what."""
    panels = [one.panel for one in found]
    return Sums(
        len(panels),
        sum(is_of_logs(panel) for panel in panels),
        sum(panel.planned for panel in panels),
        sum(panel.empty_when_well for panel in panels),
    )


def is_of_logs(panel: Panel) -> bool:
    """Whether Loki is asked."""
    return any(query.source is Source.LOKI for query in panel.queries)


def summary() -> str:
    """The table of dashboards, as docs/dashboards.md has it."""
    head = (
        "dashboard",
        "its question",
        "panels",
        "with data",
        "empty while well",
        "logs",
        "planned",
    )
    rows = [_sum_row(one.title, one.question, sums(_of(one))) for one in DASHBOARDS]
    rows.append(_sum_row("**all**", "", sums(placed())))
    return table(head, iter(rows))


def _sum_row(title: str, question: str, of: Sums) -> tuple[str, ...]:
    counts = (of.panels, of.with_data, of.quiet, of.logs, of.planned)
    return (title, question, *map(str, counts))


def _of(dashboard: Dashboard) -> list[Placed]:
    return [Placed(dashboard, row, panel) for row, panel in dashboard.panels]


def page() -> str:
    """The whole page in Markdown."""
    parts = [_HEAD.strip()]
    for dashboard in DASHBOARDS:
        parts += [f"## {dashboard.title}", f"`{dashboard.uid}`: {dashboard.question}"]
        for row in dashboard.rows:
            parts += [f"### {row.title or 'First row'}", _panels(row)]
    return "\n\n".join((*parts, *_empty(), *_needing(), *_waiting(), *_answered())) + "\n"


def _panels(row: Row) -> str:
    rows = (
        (
            panel.title,
            _cell(panel.description),
            " ".join(filter(None, (_SHOWN[panel.kind], _unit(panel.unit)))),
            _colours(panel),
        )
        for panel in row.panels
    )
    return table(("panel", "what it says", "shown as", "colours"), rows)


def _unit(unit: Unit) -> str:
    said = _UNITS.get(unit, unit.removeprefix("suffix:"))
    return f"({said})" if said else ""


def _colours(panel: Panel) -> str:
    if panel.limits is None:
        return "–"
    sign = "<" if panel.limits.below else "≥"
    pairs = (("amber", panel.limits.amber), ("red", panel.limits.red))
    return ", ".join(
        f"{name} {sign} {_bound(bound, panel.unit)}" for name, bound in pairs if bound is not None
    )


def _bound(bound: Bound, unit: Unit) -> str:
    if isinstance(bound, Setting):
        return _setting(bound)
    number = _number(Thresholds().value(bound), unit)
    if not isinstance(bound, Rule):
        return number
    return f"{number} ([{bound.name}](runbooks/{bound.name}.md))"


def _setting(bound: Setting) -> str:
    link = f"[`{bound.name}`](settings.md#zerostate_monitoring_{bound.name.lower()})"
    return link if bound.times == 1 else f"{bound.times * 100:.4g} % of {link}"


def _number(value: float, unit: Unit) -> str:
    if unit is Unit.RATIO:
        return f"{value * 100:.6g} %"
    if unit is Unit.BYTES:
        return f"{value / 1024 / 1024:.4g} MiB"
    return f"{value:.10g}"


def _empty() -> Iterator[str]:
    yield "## Empty while all is well"
    yield "They say “none”. The fault is the switch of the example network that fills them."
    rows = (
        (one.dashboard.title, one.panel.title, one.panel.fault)
        for one in placed()
        if one.panel.empty_when_well
    )
    yield table(("dashboard", "panel", "fault"), rows)


def _needing() -> Iterator[str]:
    yield "## What needs more than the app"
    rows = (
        (one.dashboard.title, one.panel.title, _needs(one.panel))
        for one in placed()
        if one.panel.needs or one.panel.planned or is_of_logs(one.panel)
    )
    yield table(("dashboard", "panel", "needs"), rows)


def _needs(panel: Panel) -> str:
    if is_of_logs(panel):
        return "Loki"
    return "a family that is planned: nothing feeds it yet" if panel.planned else panel.needs


def _waiting() -> Iterator[str]:
    yield "## Families that today's nodes do not expose"
    yield (
        "Panels are empty, or lack these curves, until nodes tell more or the project's own code"
        " counts it with the record functions."
    )
    rows = (
        (one.dashboard.title, one.panel.title, ", ".join(f"`{name}`" for name in families))
        for one, families in waiting()
    )
    yield table(("dashboard", "panel", "families"), rows)


def _answered() -> Iterator[str]:
    yield "## What the network's first dashboards meant to show"
    yield "Which panel shows now what each of the first 87 meant to."
    rows = (
        (one.dashboard, _cell(one.panel), "<br>".join(one.ours) or "–", _cell(one.why) or "–")
        for one in ORIGINAL
    )
    yield table(("first dashboard", "panel", "now", "remark"), rows)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
