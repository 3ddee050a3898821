"""All families together: one declaration per name, found by any name it is known by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from zerostate_monitoring.catalogue.definition import Definition, Feed, Kind, Layer
from zerostate_monitoring.exceptions import DefinitionError

SAMPLE_SUFFIXES: Final[Mapping[Kind, tuple[str, ...]]] = MappingProxyType(
    {
        Kind.COUNTER: ("", "_total", "_created"),
        Kind.GAUGE: ("",),
        Kind.HISTOGRAM: ("", "_bucket", "_sum", "_count", "_created"),
        Kind.SUMMARY: ("", "_sum", "_count", "_created"),
    }
)
"""What may follow a family's OpenMetrics name, by type."""

_COMPARED: Final = ("kind", "labels", "buckets")


def sample_names(definition: Definition) -> Iterator[str]:
    """Every name under which a family or one of its samples can stand on a page."""
    suffixes = SAMPLE_SUFFIXES[definition.kind]
    for name in (definition.name, *definition.aliases):
        stem = name.removesuffix("_total") if definition.kind is Kind.COUNTER else name
        yield from (stem + suffix for suffix in suffixes)


class Catalogue:
    """Definitions by name. Iteration gives definitions, in the order of declaration.

    Built from modules' names and what they declare. Immutable.

    Raises:
        DefinitionError: a name is declared twice, or two families would share the name
            of a sample or an alias; the message names both places.
    """

    def __init__(self, modules: Mapping[str, Iterable[Definition]]) -> None:
        by_name: dict[str, Definition] = {}
        places: dict[str, str] = {}
        for place, definitions in modules.items():
            for definition in definitions:
                if known := by_name.get(definition.name):
                    raise DefinitionError(_twice(known, places[known.name], definition, place))
                by_name[definition.name] = definition
                places[definition.name] = place
        self._by_name: Final[Mapping[str, Definition]] = MappingProxyType(by_name)
        self._places: Final[Mapping[str, str]] = MappingProxyType(places)
        self._by_any_name: Final[Mapping[str, Definition]] = MappingProxyType(self._index())

    def _index(self) -> dict[str, Definition]:
        index: dict[str, Definition] = {}
        for definition in self:
            for name in sample_names(definition):
                known = index.setdefault(name, definition)
                if known is not definition:
                    raise DefinitionError(self._clash(name, known, definition))
        return index

    def _clash(self, name: str, first: Definition, second: Definition) -> str:
        return (
            f"{name} would belong to {first.name} (declared in {self._places[first.name]})"
            f" and to {second.name} (declared in {self._places[second.name]})"
        )

    def __getitem__(self, name: str) -> Definition:
        """The family with this page name.

        Raises:
            KeyError: no family has it.
        """
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __iter__(self) -> Iterator[Definition]:
        return iter(self._by_name.values())

    def __len__(self) -> int:
        return len(self._by_name)

    def __repr__(self) -> str:
        return f"<Catalogue: {len(self)} families>"

    def find(self, name: str) -> Definition | None:
        """The family that ``name`` means: its page name, a sample's name, or an alias."""
        return self._by_any_name.get(name)

    def place(self, name: str) -> str:
        """The module that declares the family with this page name.

        Raises:
            KeyError: no family has it.
        """
        return self._places[name]

    def by_layer(self, layer: Layer) -> tuple[Definition, ...]:
        """All families of one layer."""
        return tuple(definition for definition in self if definition.layer is layer)

    def fed_by(self, *feeds: Feed) -> tuple[Definition, ...]:
        """All families that one of these kinds of producer can feed now, planned ones not."""
        return tuple(d for d in self if not d.planned and not set(feeds).isdisjoint(d.feeds))

    @property
    def collected(self) -> tuple[Definition, ...]:
        """All families that a collector or a node can feed now."""
        return self.fed_by(Feed.PLATFORM, Feed.NODE)


def _twice(first: Definition, place: str, second: Definition, other: str) -> str:
    differences = [
        f"{part} {_shown(getattr(first, part))} and {_shown(getattr(second, part))}"
        for part in _COMPARED
        if getattr(first, part) != getattr(second, part)
    ]
    message = f"{first.name} is declared in {place} and in {other}"
    return f"{message}: {', '.join(differences)}" if differences else message


def _shown(value: object) -> str:
    return str(list(value)) if isinstance(value, tuple) else str(value)
