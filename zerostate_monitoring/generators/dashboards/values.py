"""What a dashboard is, before it is Grafana's: frozen values that know nothing of its JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class Source(StrEnum):
    """Who answers a query."""

    PROMETHEUS = "prometheus"
    LOKI = "loki"


class Kind(StrEnum):
    """How a panel shows what it was answered; the names are those of Grafana's panels."""

    STAT = "stat"
    LINES = "timeseries"
    BARS = "bargauge"
    TABLE = "table"
    HEATMAP = "heatmap"
    TIMELINE = "state-timeline"
    LOGS = "logs"


class Unit(StrEnum):
    """Units by the names that Grafana has for them; its own words follow ``suffix:``."""

    COUNT = "short"
    RATIO = "percentunit"
    SECONDS = "s"
    MINUTES = "m"
    BYTES = "bytes"
    BYTES_PER_SECOND = "Bps"
    WHEN = "dateTimeFromNow"
    """Milliseconds since 1970, shown as how long ago."""
    UP = "bool_on_off"
    """1 or 0; the panel's words say what that means."""
    CORES = "suffix:cores"
    UNITS = "suffix:units"
    """The network's money has no currency."""
    UNITS_PER_SECOND = "suffix:units/s"
    PEERS = "suffix:peers"
    TASKS = "suffix:tasks"
    AGENTS = "suffix:agents"
    POINTS = "suffix:points"
    INTERVALS = "suffix:intervals"
    LINES = "suffix:lines"
    LINES_PER_SECOND = "suffix:lines/s"
    TASKS_PER_SECOND = "suffix:tasks/s"
    MESSAGES_PER_SECOND = "suffix:messages/s"
    PAYMENTS_PER_SECOND = "suffix:payments/s"
    REQUESTS_PER_SECOND = "reqps"
    PER_SECOND = "ops"
    PER_MINUTE = "opm"


class Colour(StrEnum):
    """Few colours, and each means the same everywhere."""

    GOOD = "green"
    AMBER = "orange"
    RED = "red"
    PLAIN = "blue"
    MUTED = "#8e8e8e"


@dataclass(frozen=True, slots=True)
class Rule:
    """A parameter of a built-in rule as a threshold: ``times`` it, or what it leaves of 1."""

    name: str
    parameter: str
    times: float = 1.0
    of_one: bool = False

    def value(self, number: float) -> float:
        """The threshold, where the parameter is ``number``."""
        found = number * self.times
        return round(1 - found if self.of_one else found, 9)


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of the app as a threshold, or a part of it: ``times`` what it is set to."""

    name: str
    times: float = 1.0


Bound = float | Rule | Setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """From where on a figure is amber, and red; ``below`` where small figures are the bad ones."""

    amber: Bound | None = None
    red: Bound | None = None
    below: bool = False

    @property
    def bounds(self) -> tuple[Bound, ...]:
        """Both, where they are set."""
        return tuple(bound for bound in (self.amber, self.red) if bound is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One question of a panel. ``legend`` names its series, with ``{{label}}`` for a label."""

    expr: str
    legend: str
    source: Source = Source.PROMETHEUS
    instant: bool = False
    exemplars: bool = False
    """Whether traces that stand for it are shown as points."""
    colour: Colour | None = None
    quiet: bool = False
    """Whether it has no series while all is well; a panel of such queries alone says it itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One picture.

    ``to`` is the dashboard that explains it, ``rules`` are the built-in rules whose runbooks it
    links to. ``empty_when_well`` marks one that has nothing to show while all is well; ``fault``
    is the switch of the example network with which it has, empty where any network has.
    ``outside`` marks series that only a Prometheus has which scrapes the page.
    """

    title: str
    kind: Kind
    unit: Unit
    description: str
    queries: tuple[Query, ...]
    limits: Limits | None = None
    limits_of: Mapping[str, Limits] = field(
        default_factory=lambda: MappingProxyType({}), hash=False
    )
    """Limits of single series, by their names."""
    words: Mapping[str, str] = field(default_factory=lambda: _NOTHING, hash=False)
    """What is shown in the place of a value, such as ``1`` for up."""
    hues: Mapping[str, Colour] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    """Colours of these words, by the same values; a value without one has that of its limit."""
    width: int = 0
    """In columns of 24; 0: an equal share of its row."""
    height: int = 0
    to: str = ""
    rules: tuple[str, ...] = ()
    empty_when_well: bool = False
    fault: str = ""
    outside: bool = False
    needs: str = ""
    """What an installation must have beside the app, for it to show anything."""
    planned: bool = False
    """Whether nothing feeds its family yet; the catalogue says what will."""
    stacked: bool = False
    spark: bool = False
    """Whether a tile shows how its figure came about."""
    traces: bool = False
    """Whether it links to the traces and the log lines of its time span."""
    hidden: tuple[str, ...] = ()
    """Columns of a table that nobody reads."""
    span: str = ""
    """How far back it reaches where that is not what the dashboard shows, such as ``24h``."""
    by: str = ""
    """The column that the answers of a table's queries have in common."""
    columns: tuple[str, ...] = ()
    """Columns of a table in their order: labels, and legends of its queries."""
    units: Mapping[str, Unit] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    """Units of columns that are not the panel's."""
    sort: str = ""
    """The column whose largest value stands at the top of a table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Panels with a heading; the first row of a dashboard has none."""

    title: str
    panels: tuple[Panel, ...]
    repeat: str = ""
    """The variable for each of whose chosen values the row stands there once, folded."""


class VariableKind(StrEnum):
    """What a variable's choices come from."""

    SOURCE = "datasource"
    LABEL = "query"
    TEXT = "textbox"
    FILTERS = "adhoc"
    LOG_LABEL = "loki"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A choice at the head of a dashboard. ``label`` and ``metric`` say where choices come from."""

    name: str
    title: str
    kind: VariableKind
    label: str = ""
    metric: str = ""
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """One dashboard. ``question`` is what its first row answers."""

    uid: str
    title: str
    question: str
    variables: tuple[Variable, ...]
    rows: tuple[Row, ...]
    layers: tuple[str, ...] = ()
    """Alerts of these layers are drawn into its curves; none: of all."""
    span: str = "now-1h"

    @property
    def panels(self) -> Iterator[tuple[Row, Panel]]:
        """All panels, from the top down."""
        for row in self.rows:
            for panel in row.panels:
                yield row, panel
