"""The catalogue as a page: ``docs/metrics.md`` is what ``render`` gives."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Final

from zerostate_monitoring.catalogue import CATALOGUE, buckets
from zerostate_monitoring.catalogue.definition import Definition, Feed, Layer
from zerostate_monitoring.catalogue.registry import Catalogue

_TITLES: Final = {
    Layer.P2P: "Peer to peer",
    Layer.EXECUTION: "Execution",
    Layer.ECONOMIC: "Economy",
    Layer.SERVICE: "Control plane",
    Layer.MONITORING: "Monitoring itself",
}
_COLUMNS: Final = (
    "Family",
    "What it says",
    "Type",
    "Unit",
    "Labels",
    "Fed by",
    "Nodes combine",
    "Measure",
)
_NOTHING: Final = "-"
_INTRODUCTION: Final = """\
# Metrics

<!-- Generated from zerostate_monitoring/catalogue by `manage.py monitoring_docs`; do not edit. -->

{count} families are declared in the catalogue. Each is declared once; admin rows, help
texts, instruments and this page come from the same declaration.

- **Family**: the name on `/metrics`. Where nodes use another name, it stands below; the
  app renames it on the way in.
- **Type**: as in OpenMetrics. The boundaries of histograms are listed under
  [buckets](#buckets); a node's own boundaries are kept as they come.
- **Labels**: with the values that are known beforehand. A counter starts at 0 for each of
  them, so that `increase` sees the first event; beside labels whose values are not known, for
  each value that is there. Labels marked *unbounded* can grow without
  end: a producer keeps the given number of label sets, the rest become `other`. Labels that
  nodes have and the page has not are marked *dropped*: they are summed away.
- **Fed by**: which kinds of producer can feed the family. In one installation only one of
  them does, the first that is there in the order of `ZEROSTATE_MONITORING_FEED_ORDER`, or
  the one chosen in admin. `platform` is the network's database, `node` a scraped node,
  `instrument` the project's own code, `self` this app about itself.
- **Nodes combine**: how the values of several nodes make one figure. `sum` adds them;
  `max` takes the largest, because nodes are views of one thing.
- **Measure**: `state` is what is now, `counter` what has happened since counting began,
  `window` what happened within the time that the label `window` names, counted by the
  database.

Samples that come from a node carry `node`, `node_role` and the labels that
`ZEROSTATE_MONITORING_NODE_LABELS` names, beside those listed here. A family marked
*planned* is declared so that rules can name it; nothing feeds it yet.
"""


def render(catalogue: Catalogue = CATALOGUE) -> str:
    """The page in Markdown: an introduction, a table per layer, the bucket sets."""
    parts = [_INTRODUCTION.format(count=len(catalogue))]
    for layer in Layer:
        if definitions := catalogue.by_layer(layer):
            rows = [_row(d) for d in sorted(definitions, key=lambda d: d.name)]
            parts.append(f"## {_TITLES[layer]}\n\n{_table(_COLUMNS, rows)}")
    parts.append(f"## Buckets\n\n{_table(('Set', 'Upper bounds'), _bucket_rows(catalogue))}")
    return "\n".join(parts)


def _row(definition: Definition) -> tuple[str, ...]:
    return (
        _family(definition),
        _meaning(definition),
        _type(definition),
        definition.unit or _NOTHING,
        _labels(definition),
        "<br>".join(definition.feeds),
        _combination(definition),
        definition.measure,
    )


def _family(definition: Definition) -> str:
    aliases = (f"on nodes: `{alias}`" for alias in definition.aliases)
    return "<br>".join((f"`{definition.name}`", *aliases))


def _meaning(definition: Definition) -> str:
    planned = f"*Planned: fed by {definition.planned}.*" if definition.planned else ""
    return " ".join(filter(None, (definition.help, definition.note, planned)))


def _type(definition: Definition) -> str:
    name = buckets.name_of(definition.buckets)
    return f"{definition.kind}, [{name}](#buckets)" if name else str(definition.kind)


def _labels(definition: Definition) -> str:
    return "<br>".join(_label_lines(definition)) or _NOTHING


def _label_lines(definition: Definition) -> Iterator[str]:
    for label in definition.labels:
        known = ", ".join(definition.values.get(label, ()))
        yield f"`{label}`: {known}" if known else f"`{label}`"
    if definition.unbounded:
        yield f"*unbounded: {', '.join(definition.unbounded)}; {definition.max_series} label sets*"
    if definition.dropped:
        yield f"*dropped: {', '.join(definition.dropped)}*"


def _combination(definition: Definition) -> str:
    return definition.combine.value if Feed.NODE in definition.feeds else _NOTHING


def _bucket_rows(catalogue: Catalogue) -> list[tuple[str, ...]]:
    used = {definition.buckets for definition in catalogue}
    return [
        (f"`{name}`", ", ".join(f"{bound:.15g}" for bound in bounds))
        for name, bounds in buckets.SETS.items()
        if bounds in used
    ]


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(_escaped(cell) for cell in line)} |\n" for line in lines)


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(render())
