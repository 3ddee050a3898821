"""What this installation keeps of nodes' pages, and under which names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from zerostate_monitoring.catalogue.definition import Definition, Kind


@dataclass(frozen=True, slots=True)
class Rules:
    """What this installation keeps of nodes' pages.

    ``names`` maps every name under which a family may stand on a page to its
    definition; ``refused`` maps definitions that something else feeds to the reason;
    ``patterns`` are shell-style, for uncatalogued families. Compared by identity: make
    one object and use it until something changes.
    """

    names: Mapping[str, Definition]
    refused: Mapping[str, str] = field(default_factory=dict)
    patterns: tuple[str, ...] = ()


def rules_of(
    definitions: Iterable[Definition],
    allowed: Callable[[Definition], str],
    patterns: Iterable[str] = (),
) -> Rules:
    """Rules for ``definitions``; ``allowed`` gives the reason against one, or nothing.

    A family's own name goes before another one's alias.
    """
    known = list(definitions)
    aliases = {alias: d for d in known for name in d.aliases for alias in spellings(name, d)}
    own = {name: d for d in known for name in spellings(d.name, d)}
    refused = {d.name: reason for d in known if (reason := allowed(d))}
    return Rules({**aliases, **own}, refused, tuple(patterns))


def spellings(name: str, definition: Definition) -> set[str]:
    """A counter stands on a page with ``_total`` or, as OpenMetrics has it, without."""
    return {name, name.removesuffix("_total")} if definition.kind is Kind.COUNTER else {name}
