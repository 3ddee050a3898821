"""From the items of one run to one frame: pure, and one bad family never costs the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from prometheus_client import Metric

from zerostate_monitoring.catalogue.definition import Combine, Definition, Reading
from zerostate_monitoring.collectors.carry import Carried, Memory, carry, purged
from zerostate_monitoring.collectors.catalogued import (
    BOUNDS,
    Distribution,
    capped_distributions,
    check_labels,
    distributions_of,
    readings_of,
)
from zerostate_monitoring.collectors.items import Absent, Item, Refused, Shortfall
from zerostate_monitoring.exceptions import DefinitionError
from zerostate_monitoring.frames.builder import FrameBuilder, NewSample
from zerostate_monitoring.frames.families import add_family
from zerostate_monitoring.frames.frame import Frame

Refusal = Callable[[Definition], str]
"""Why a catalogued family is not this collector's to give; empty if it is."""
Find = Callable[[str], Definition | None]


@dataclass(slots=True)
class Gathered:
    """The items of one run, sorted by what they are.

    ``families`` are those in prometheus_client's form that stand as they come. ``refused``
    also tells what others had refused; ``barred`` names this collector's own families
    that may not stand. ``given`` are the catalogued families that have samples.
    """

    readings: dict[str, list[Reading]] = field(default_factory=lambda: defaultdict(list))
    distributions: dict[str, list[Distribution]] = field(default_factory=lambda: defaultdict(list))
    families: list[Metric] = field(default_factory=list)
    absent: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    barred: set[str] = field(default_factory=set)
    given: set[str] = field(default_factory=set)
    definitions: dict[str, Definition] = field(default_factory=dict)
    shortfall: Shortfall | None = None
    asked: set[str] = field(default_factory=set)

    def bar(self, name: str, reason: str) -> None:
        """Refuse one family of this run, whole."""
        self.refused[name] = reason
        self.barred.add(name)


@dataclass(frozen=True, slots=True)
class Assembled:
    """What a run gives: the frame, what it lacks and why, and what to remember.

    ``overflow`` counts, by family, the series that were folded into ``other``;
    ``catalogued`` names the catalogued families that have samples; a ``shortfall`` makes
    the run a failure.
    """

    frame: Frame
    absent: Mapping[str, str]
    refused: Mapping[str, str]
    carried: Mapping[str, Carried]
    overflow: Mapping[str, int]
    catalogued: frozenset[str]
    shortfall: Shortfall | None = None


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
    overflow = {**_add_readings(builder, gathered), **_add_distributions(builder, gathered)}
    _add_families(builder, gathered, find)
    frame, given = builder.build(at), frozenset(gathered.given)
    return Assembled(
        frame,
        gathered.absent,
        gathered.refused,
        carried,
        overflow,
        given,
        gathered.shortfall,
    )


def gather(items: Iterable[Item], refusal: Refusal, find: Find) -> Gathered:
    """Sort the items of one run; catalogued families are asked for at ``refusal``."""
    gathered = Gathered()
    for item in items:
        if isinstance(item, Absent):
            gathered.absent[item.family] = item.reason
        elif isinstance(item, Refused):
            gathered.refused[item.family] = item.reason
        elif isinstance(item, Shortfall):
            gathered.shortfall = item
        elif isinstance(item, Reading):
            _take_reading(gathered, item, refusal, find)
        else:
            _take_family(gathered, item, refusal, find)
    return gathered


def _take_reading(gathered: Gathered, reading: Reading, refusal: Refusal, find: Find) -> None:
    if _may(gathered, reading.definition, refusal, find):
        gathered.readings[reading.definition.name].append(reading)


def _may(gathered: Gathered, definition: Definition, refusal: Refusal, find: Find) -> bool:
    """Whether the family is this collector's to give; asked once for each."""
    name = definition.name
    known = gathered.definitions.setdefault(name, find(name) or definition)
    if known is not definition and known != definition:
        gathered.bar(name, f"{name} is declared otherwise")
    elif name not in gathered.asked:
        gathered.asked.add(name)
        if reason := refusal(definition):
            gathered.bar(name, reason)
    return name not in gathered.barred


def _take_family(gathered: Gathered, family: Metric, refusal: Refusal, find: Find) -> None:
    definition = find(family.name) or find(f"{family.name}_total")
    if reason := _stranger_refusal(family, definition, find):
        gathered.bar(definition.name if definition else family.name, reason)
    elif definition is None:
        gathered.families.append(family)
    elif _may(gathered, definition, refusal, find):
        try:
            _take_catalogued(gathered, family, definition)
        except DefinitionError as error:
            gathered.bar(definition.name, str(error))


def _stranger_refusal(family: Metric, definition: Definition | None, find: Find) -> str:
    """Why nobody may give a family of this name and type; empty if somebody may."""
    if ":" in family.name:
        return "colons are for recording rules"
    if definition is None:
        taken = [found.name for sample in family.samples if (found := find(sample.name))]
        return f"{taken[0]} is the catalogue's; choose another name" if taken else ""
    if definition.kind.value != family.type:
        return f"the catalogue has it as {definition.kind.value}, not {family.type}"
    return ""


def _take_catalogued(gathered: Gathered, family: Metric, definition: Definition) -> None:
    """Take a family that is held to its definition: its labels, its bounds, its limits.

    Raises:
        DefinitionError: it does not fit.
    """
    if definition.open_labels:
        check_labels(definition, family)
        gathered.families.append(family)
    elif definition.kind in BOUNDS:
        found = distributions_of(definition, family)
        gathered.distributions[definition.name] += found
    else:
        gathered.readings[definition.name] += readings_of(definition, family)


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
        if not readings or name in gathered.barred:
            continue
        definition = readings[0].definition
        bounded = capped(definition, readings)
        if len(bounded) < len(readings):
            overflow[name] = len(readings) - definition.max_series + 1
        samples = [_sample(reading) for reading in with_zeros(definition, bounded)]
        _try(gathered, builder, name, _adder(definition, samples))
    return overflow


def _add_distributions(builder: FrameBuilder, gathered: Gathered) -> dict[str, int]:
    overflow = {}
    for name, found in gathered.distributions.items():
        if not found or name in gathered.barred:
            continue
        definition = gathered.definitions[name]
        bounded = capped_distributions(definition, found)
        if len(bounded) < len(found):
            overflow[name] = len(found) - definition.max_series + 1
        samples = [sample for one in bounded for sample in one.samples]
        _try(gathered, builder, name, _adder(definition, samples))
    return overflow


def _add_families(builder: FrameBuilder, gathered: Gathered, find: Find) -> None:
    for family in gathered.families:
        definition = find(family.name)
        name = definition.name if definition else family.name
        _try(gathered, builder, name, partial(add_family, family=family))


def _try(
    gathered: Gathered, builder: FrameBuilder, name: str, add: Callable[[FrameBuilder], None]
) -> None:
    """Add one family if all of it can stand: first on a page of its own."""
    try:
        add(FrameBuilder())
        add(builder)
    except (DefinitionError, TypeError, ValueError) as error:
        gathered.bar(name, str(error))
    else:
        if name in gathered.definitions:
            gathered.given.add(name)


def _sample(reading: Reading) -> NewSample:
    definition = reading.definition
    labels = dict(zip(definition.labels, reading.labels, strict=True))
    return NewSample(definition.suffix, labels, reading.value, reading.exemplar)


def _adder(definition: Definition, samples: list[NewSample]) -> Callable[[FrameBuilder], None]:
    def add(builder: FrameBuilder) -> None:
        builder.declare(definition.family, definition.kind, definition.help, definition.om_unit)
        builder.add_all(definition.family, samples)

    return add


def with_zeros(definition: Definition, readings: list[Reading]) -> list[Reading]:
    """The readings, and 0 for each of the definition's known series that has none."""
    missing = definition.zeros({reading.labels for reading in readings})
    return [*readings, *(Reading(definition, labels, 0.0) for labels in missing)]


def capped(definition: Definition, readings: list[Reading]) -> list[Reading]:
    """At most ``max_series`` readings: the largest stay, the rest become ``other``.

    They combine as the values of several nodes do.
    """
    if len(readings) <= definition.max_series or not definition.unbounded:
        return readings
    ordered = sorted(readings, key=lambda reading: (-reading.value, reading.labels))
    keep = max(definition.max_series - 1, 0)
    return [*ordered[:keep], *_folded(definition, ordered[keep:])]


def _folded(definition: Definition, readings: list[Reading]) -> list[Reading]:
    together: dict[tuple[str, ...], list[Reading]] = defaultdict(list)
    for reading in readings:
        together[definition.folded(reading.labels)].append(reading)
    combine = max if definition.combine is Combine.MAX else sum
    return [
        Reading(definition, labels, float(combine(r.value for r in group)))
        for labels, group in together.items()
    ]
