"""What a family is: one frozen declaration, from which everything else is made."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import compress, pairwise, product
from types import MappingProxyType
from typing import Final

from zerostate_monitoring.exceptions import DefinitionError
from zerostate_monitoring.frames.exemplar import Exemplar

OVERFLOW: Final = "other"
"""What an unbounded label becomes where a family is full."""

_NAME: Final = re.compile(r"[a-z_][a-z0-9_]*\Z")
_NOTHING: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({})


class Kind(StrEnum):
    """Metric types, in OpenMetrics' words."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"
    SUMMARY = "summary"


class Layer(StrEnum):
    """Which part of the network a family speaks of."""

    P2P = "p2p"
    EXECUTION = "execution"
    ECONOMIC = "economic"
    SERVICE = "service"
    MONITORING = "monitoring"


class Feed(StrEnum):
    """Which kind of producer gives a family its samples."""

    PLATFORM = "platform"
    NODE = "node"
    INSTRUMENT = "instrument"
    SELF = "self"
    """This app about itself; always there, never in competition."""


class Combine(StrEnum):
    """How the values of several nodes make one figure."""

    SUM = "sum"
    MAX = "max"
    """Nodes are views of one thing; adding them would count it many times."""


ACROSS: Final = frozenset({"all", "max", "min", "mostrecent", "sum"})
"""How the gauges of processes may combine; each leaves with its process."""


class Measure(StrEnum):
    """What a value is made of."""

    STATE = "state"
    COUNTER = "counter"
    WINDOW = "window"
    """Counted by the database from event times, over the label ``window``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One metric family.

    ``name`` is what stands on the page (a counter's ends in ``_total``). ``values`` are
    the known values of labels: a counter starts at 0 for each of them, so that
    ``increase`` sees the first event. ``unbounded`` names labels that a stranger or a
    growing network can fill without end; ``max_series`` bounds them. ``aliases`` are
    names under which nodes expose the family; ``dropped`` are labels of the node's
    family that are summed away on the way in. ``open_labels`` marks an info family: its
    samples may carry labels beside those declared. ``planned`` names the part that will
    feed the family where nothing does yet; it is empty for all others.

    Raises:
        DefinitionError: the parts contradict each other; the message names the family.
    """

    name: str
    kind: Kind
    help: str
    layer: Layer
    feeds: tuple[Feed, ...]
    unit: str = ""
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    values: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NOTHING, hash=False)
    unbounded: tuple[str, ...] = ()
    max_series: int = 1000
    combine: Combine = Combine.SUM
    measure: Measure = Measure.STATE
    aliases: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    across: str = "mostrecent"
    open_labels: bool = False
    note: str = ""
    planned: str = ""

    def __post_init__(self) -> None:
        for fault in (*_name_faults(self), *_label_faults(self), *_value_faults(self)):
            message = f"{self.name}: {fault}"
            raise DefinitionError(message)

    @property
    def family(self) -> str:
        """The OpenMetrics name of the family: a counter's without ``_total``."""
        return self.name.removesuffix("_total") if self.kind is Kind.COUNTER else self.name

    @property
    def suffix(self) -> str:
        """What the family's name lacks to be the sample's."""
        return "_total" if self.kind is Kind.COUNTER else ""

    @property
    def om_unit(self) -> str:
        """The unit as OpenMetrics' ``# UNIT`` allows it, else nothing.

        OpenMetrics wants the family's name to end in the unit; many of the network's
        established names do not.
        """
        return self.unit if self.unit and self.family.endswith(f"_{self.unit}") else ""

    @property
    def known_series(self) -> tuple[tuple[str, ...], ...]:
        """Label values, in the labels' order, of the series at which a counter starts.

        Every combination of the known values; none if a label's values are not known,
        or if the family is no counter.
        """
        if self.kind is not Kind.COUNTER or set(self.values) != set(self.labels):
            return ()
        return tuple(product(*(self.values[label] for label in self.labels)))

    def zeros(self, present: Collection[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
        """Label values of the series of a counter that stand at 0 beside ``present``.

        As ``known_series``; where a label's values are not known, the known values of the
        others with each value of it that is present: a peer of which a success was counted
        has failed 0 times. No more of them than ``max_series`` leaves room for.
        """
        if self.kind is not Kind.COUNTER:
            return
        room = self.max_series - len(present)
        opened = [label not in self.values for label in self.labels]
        beside = {tuple(compress(values, opened)) for values in present} if any(opened) else {()}
        for fixed in sorted(beside):
            given = iter(fixed)
            parts = [self.values.get(label) or (next(given),) for label in self.labels]
            missing = [values for values in product(*parts) if values not in present]
            if any(opened) and len(missing) > room:
                return
            room -= len(missing)
            yield from missing

    def reading(self, value: float, **labels: str) -> Reading:
        """One sample of this family.

        Raises:
            DefinitionError: the labels are not those of the definition.
        """
        return Reading(self, self.values_of(labels), value)

    def values_of(self, labels: Mapping[str, str]) -> tuple[str, ...]:
        """The values of a sample's labels, in the order of the definition's.

        Raises:
            DefinitionError: the labels are not those of the definition.
        """
        if set(labels) != set(self.labels):
            message = f"{self.name} has labels {list(self.labels)}, not {sorted(labels)}"
            raise DefinitionError(message)
        return tuple(labels[name] for name in self.labels)

    def folded(self, values: tuple[str, ...]) -> tuple[str, ...]:
        """Label values of the series that counts this one where the family is full.

        Only the labels that are declared as unbounded become ``other``.
        """
        pairs = zip(self.labels, values, strict=True)
        return tuple(OVERFLOW if name in self.unbounded else value for name, value in pairs)


def _name_faults(definition: Definition) -> Iterator[str]:
    for name in (definition.name, *definition.labels, *definition.aliases):
        if not _NAME.match(name):
            yield f"{name!r} is not a metric or label name"
    if definition.kind is Kind.COUNTER and not definition.name.endswith("_total"):
        yield "a counter's name ends in _total"
    if not definition.help.strip():
        yield "has no help text"
    if not definition.feeds:
        yield "nothing can feed it"


def _label_faults(definition: Definition) -> Iterator[str]:
    labels = set(definition.labels)
    if len(labels) < len(definition.labels):
        yield f"a label stands twice in {list(definition.labels)}"
    if unknown := {*definition.values, *definition.unbounded} - labels:
        yield f"{sorted(unknown)} are not among its labels"
    if kept := labels & set(definition.dropped):
        yield f"{sorted(kept)} cannot be kept and dropped"
    if reserved := labels & _reserved(definition.kind):
        yield f"{sorted(reserved)} belong to the samples of a {definition.kind}"
    for label, values in definition.values.items():
        if not values or len(set(values)) < len(values):
            yield f"the known values of {label} are empty or repeat themselves"


def _reserved(kind: Kind) -> set[str]:
    return {Kind.HISTOGRAM: {"le"}, Kind.SUMMARY: {"quantile"}}.get(kind, set())


def _value_faults(definition: Definition) -> Iterator[str]:
    buckets = definition.buckets
    if bool(buckets) is not (definition.kind is Kind.HISTOGRAM):
        yield "buckets belong to histograms, and to each of them"
    if not all(map(math.isfinite, buckets)):
        yield "buckets are finite; +Inf is implied"
    if any(low >= high for low, high in pairwise(buckets)):
        yield "buckets ascend"
    if definition.max_series < 1:
        yield "max_series is at least 1"
    if definition.across not in ACROSS:
        yield f"{definition.across!r} is no way to combine the gauges of processes"


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of one series: label values in the order of the definition's labels.

    ``counted`` marks the number of rows that a database holds now. Rows are purged, so
    the runner turns it into a total that never falls. ``newest`` is the time of the newest
    event in the rows' table, in unix seconds: it tells a purge from a copy that lags.
    ``exemplar`` is a trace that stands for it.
    """

    definition: Definition
    labels: tuple[str, ...]
    value: float
    counted: bool = False
    newest: float | None = None
    exemplar: Exemplar | None = None
