"""From the items of one run to one frame: pure, and one bad family never costs the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from prometheus_client import Metric

from zerostate_monitoring.catalogue.definition import Combine, Definition, Reading
from zerostate_monitoring.collectors.carry import Carried, Memory, carry, purged
from zerostate_monitoring.collectors.items import Absent, Item, Refused
from zerostate_monitoring.exceptions import DefinitionError
from zerostate_monitoring.frames.builder import FrameBuilder
from zerostate_monitoring.frames.families import add_family
from zerostate_monitoring.frames.frame import Frame

Refusal = Callable[[Definition], str]
"""Why a catalogued family is not this collector's to give; empty if it is."""
Find = Callable[[str], Definition | None]

OVERFLOW = "other"


@dataclass(slots=True)
class Gathered:
    """The items of one run, sorted by what they are."""

    readings: dict[str, list[Reading]] = field(default_factory=lambda: defaultdict(list))
    families: list[Metric] = field(default_factory=list)
    absent: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    definitions: dict[str, Definition] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Assembled:
    """What a run gives: the frame, what it lacks and why, and what to remember.

    ``overflow`` counts, by family, the series that were folded into ``other``;
    ``catalogued`` names the catalogued families that have samples.
    """

    frame: Frame
    absent: Mapping[str, str]
    refused: Mapping[str, str]
    carried: Mapping[str, Carried]
    overflow: Mapping[str, int]
    catalogued: frozenset[str]


def assemble(
    items: Iterable[Item], *, at: float, previous: Memory, refusal: Refusal, find: Find
) -> Assembled:
    """Make one frame of what a collector yields.

    Args:
        items: readings, prometheus_client families and absences, in any order.
        at: the frame's time in unix seconds.
        previous: what the last run remembered of counted rows.
        refusal: the policy for catalogued families.
        find: looks a name of the page up in the catalogue.
    """
    gathered = gather(items, refusal, find)
    unread = {*gathered.absent, *gathered.refused, *_refused_memory(previous, refusal, find)}
    carried = _carry(gathered, previous, unread, find)
    builder = FrameBuilder()
    overflow = _add_readings(builder, gathered)
    _add_families(builder, gathered)
    frame = builder.build(at)
    catalogued = frozenset(n for n in gathered.readings if n not in gathered.refused)
    return Assembled(frame, gathered.absent, gathered.refused, carried, overflow, catalogued)


def gather(items: Iterable[Item], refusal: Refusal, find: Find) -> Gathered:
    """Sort the items of one run; catalogued families are asked for at ``refusal``."""
    gathered = Gathered()
    for item in items:
        if isinstance(item, Absent):
            gathered.absent[item.family] = item.reason
        elif isinstance(item, Refused):
            gathered.refused[item.family] = item.reason
        elif isinstance(item, Reading):
            _take_reading(gathered, item, refusal)
        else:
            _take_family(gathered, item, refusal, find)
    return gathered


def _take_reading(gathered: Gathered, reading: Reading, refusal: Refusal) -> None:
    name = reading.definition.name
    if name not in gathered.definitions:
        gathered.definitions[name] = reading.definition
        if reason := refusal(reading.definition):
            gathered.refused[name] = reason
    if name not in gathered.refused:
        gathered.readings[name].append(reading)


def _take_family(gathered: Gathered, family: Metric, refusal: Refusal, find: Find) -> None:
    reason = _family_refusal(family, refusal, find)
    if reason:
        gathered.refused[family.name] = reason
    else:
        gathered.families.append(family)


def _family_refusal(family: Metric, refusal: Refusal, find: Find) -> str:
    if ":" in family.name:
        return "colons are for recording rules"
    definition = find(family.name) or find(f"{family.name}_total")
    if definition is None:
        taken = [found.name for sample in family.samples if (found := find(sample.name))]
        return f"{taken[0]} is the catalogue's; choose another name" if taken else ""
    if definition.kind.value != family.type:
        return f"the catalogue has it as {definition.kind.value}, not {family.type}"
    return refusal(definition)


def _refused_memory(previous: Memory, refusal: Refusal, find: Find) -> Iterator[str]:
    for name in {key.partition(" ")[0] for key in previous}:
        definition = find(name)
        if definition is None or refusal(definition):
            yield name


def _carry(
    gathered: Gathered, previous: Memory, unread: set[str], find: Find
) -> dict[str, Carried]:
    """Put totals in the place of counted readings; gives what to remember."""
    counted = [r for readings in gathered.readings.values() for r in readings if r.counted]
    if not counted and not previous:
        return {}
    totals, carried = carry(previous, counted)
    names = {key.partition(" ")[0] for key in carried} - unread
    definitions = {name: found for name in names if (found := find(name))}
    kept = {key: value for key, value in carried.items() if key.partition(" ")[0] in definitions}
    totals += purged(kept, totals, definitions)
    for name, readings in gathered.readings.items():
        gathered.readings[name] = [r for r in readings if not r.counted]
    for total in totals:
        gathered.readings[total.definition.name].append(total)
    return carried


def _add_readings(builder: FrameBuilder, gathered: Gathered) -> dict[str, int]:
    overflow = {}
    for name, readings in gathered.readings.items():
        if not readings:
            continue
        definition = readings[0].definition
        bounded = capped(definition, readings)
        if len(bounded) < len(readings):
            overflow[name] = len(readings) - len(bounded) + 1
        _try(gathered, builder, name, _reading_adder(definition, with_zeros(definition, bounded)))
    return overflow


def _add_families(builder: FrameBuilder, gathered: Gathered) -> None:
    for family in gathered.families:
        _try(gathered, builder, family.name, lambda b, f=family: add_family(b, f))  # type: ignore[misc]


def _try(
    gathered: Gathered, builder: FrameBuilder, name: str, add: Callable[[FrameBuilder], None]
) -> None:
    """Add one family if all of it can stand: first on a page of its own."""
    try:
        add(FrameBuilder())
        add(builder)
    except (DefinitionError, TypeError, ValueError) as error:
        gathered.refused[name] = str(error)


def _reading_adder(
    definition: Definition, readings: list[Reading]
) -> Callable[[FrameBuilder], None]:
    def add(builder: FrameBuilder) -> None:
        builder.declare(definition.family, definition.kind, definition.help, definition.om_unit)
        for reading in readings:
            labels = dict(zip(definition.labels, reading.labels, strict=True))
            builder.add(definition.family, labels, reading.value, suffix=definition.suffix)

    return add


def with_zeros(definition: Definition, readings: list[Reading]) -> list[Reading]:
    """The readings, and 0 for each of the definition's known series that has none."""
    missing = definition.zeros({reading.labels for reading in readings})
    return [*readings, *(Reading(definition, labels, 0.0) for labels in missing)]


def capped(definition: Definition, readings: list[Reading]) -> list[Reading]:
    """At most ``max_series`` readings: the largest stay, the rest become ``other``.

    Only the labels that are declared as unbounded become ``other``; the rest combine
    as the values of several nodes do.
    """
    if len(readings) <= definition.max_series or not definition.unbounded:
        return readings
    ordered = sorted(readings, key=lambda reading: (-reading.value, reading.labels))
    keep = max(definition.max_series - 1, 0)
    return [*ordered[:keep], *_folded(definition, ordered[keep:])]


def _folded(definition: Definition, readings: list[Reading]) -> list[Reading]:
    together: dict[tuple[str, ...], list[Reading]] = defaultdict(list)
    for reading in readings:
        labels = zip(definition.labels, reading.labels, strict=True)
        key = tuple(OVERFLOW if n in definition.unbounded else v for n, v in labels)
        together[key].append(reading)
    combine = max if definition.combine is Combine.MAX else sum
    return [
        replace(group[0], labels=labels, value=float(combine(r.value for r in group)))
        for labels, group in together.items()
    ]
