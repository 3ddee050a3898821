"""What generated files ask of metrics that an operator has disabled. Pure.

The files themselves are read, so nothing is missed that another part has made of a rule or
a panel.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.generators.options import Files

_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|`[^`]*`')
_WORD: Final = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_NAMED: Final = re.compile(r'__name__\s*=\s*"([^"]*)"')


@dataclass(frozen=True, slots=True)
class Use:
    """A query in a file, and whose it is."""

    file: str
    owner: str
    """``panel Peers`` or ``rule NodeDown``."""

    expr: str
    record: str = ""
    """The series that it makes, where it makes one."""

    def __str__(self) -> str:
        return f"{self.file}: {self.owner}"


def warnings(
    files: Files, disabled: Collection[str], recorded: Iterable[tuple[str, str]] = ()
) -> list[str]:
    """A sentence for each panel and each rule that asks for one of these families.

    What a recording rule makes of a disabled family counts as disabled, too; ``recorded`` are
    names and queries of such rules that may stand in none of the files.
    """
    if not disabled:
        return []
    found = list(uses(files))
    made = [(use.record, use.expr) for use in found if use.record]
    gone = _with_recorded([*made, *recorded], disabled)
    sentences = []
    for use in found:
        for name in sorted(names_of(use.expr)):
            family = _family(name)
            if family in gone:
                what = _what(name, family, gone[family])
                sentences.append(f"{use} uses {what}, which is disabled.")
    return list(dict.fromkeys(sentences))


def uses(files: Files) -> Iterator[Use]:
    """Every query of every dashboard and every rule file."""
    for path, text in files.items():
        reader = _READERS.get(path.rpartition(".")[2])
        if reader is not None:
            yield from reader(path, text)


def names_of(expr: str) -> set[str]:
    """Words of a query that could be names of metrics."""
    plain = _STRING.sub(" ", expr)
    return {*_WORD.findall(plain), *_NAMED.findall(expr)}


def _with_recorded(
    recorded: Iterable[tuple[str, str]], disabled: Collection[str]
) -> Mapping[str, str]:
    """What is gone, with the disabled family that is to blame."""
    gone = {name: name for name in disabled}
    families = {name: sorted(map(_family, names_of(expr))) for name, expr in recorded}
    while True:
        more = {
            name: gone[family]
            for name, asked in families.items()
            for family in asked
            if name not in gone and family in gone
        }
        if not more:
            return gone
        gone |= more


def _what(name: str, family: str, blamed: str) -> str:
    if family != blamed:
        return f"{name}, which is made of {blamed}"
    return name if name == family else f"{name} of {family}"


def _family(name: str) -> str:
    definition = CATALOGUE.find(name)
    return definition.name if definition else name


# -- readers ---------------------------------------------------------------------


def _of_json(path: str, text: str) -> Iterator[Use]:
    yield from _of_dashboard(path, json.loads(text))


def _of_yaml(path: str, text: str) -> Iterator[Use]:
    for document in yaml.load_all(text, Loader=_LOADER):
        yield from _of_document(path, document)


def _of_document(path: str, document: Any) -> Iterator[Use]:
    if not isinstance(document, Mapping):
        return
    spec = document.get("spec")
    holder = spec if isinstance(spec, Mapping) else document
    for group in _mappings(holder.get("groups")):
        for rule in _mappings(group.get("rules")):
            record = str(rule.get("record", ""))
            owner = f"rule {rule.get('alert') or record}"
            yield Use(path, owner, str(rule.get("expr", "")), record)
    yield from _of_config_map(path, document.get("data"))


def _of_config_map(path: str, data: Any) -> Iterator[Use]:
    if isinstance(data, Mapping):
        for name, text in data.items():
            if str(name).endswith(".json"):
                yield from _of_json(f"{path} ({name})", str(text))


def _of_dashboard(path: str, dashboard: Any) -> Iterator[Use]:
    if not isinstance(dashboard, Mapping):
        return
    for panel in _panels(dashboard):
        for target in _mappings(panel.get("targets")):
            if expr := target.get("expr"):
                yield Use(path, f"panel {panel.get('title') or panel.get('id')}", str(expr))


def _panels(holder: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Panels, and those of rows that are folded."""
    for panel in _mappings(holder.get("panels")):
        yield panel
        yield from _panels(panel)


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    items = value if isinstance(value, list) else []
    return [item for item in items if isinstance(item, Mapping)]


# libyaml is ten times as fast, where it is there.
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_READERS: Final[Mapping[str, Callable[[str, str], Iterator[Use]]]] = {
    "json": _of_json,
    "yml": _of_yaml,
    "yaml": _of_yaml,
}
