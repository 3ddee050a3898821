"""What becomes of a node's series in a Prometheus: ``metric_relabel_configs``. Pure.

They do what this app does to a node's page, as far as relabelling goes: what is not catalogued,
or is fed by another producer, is left out; aliases become the names of the catalogue; labels of
targets that are not of the node go. What they cannot do is said in docs/prometheus.md.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from zerostate_monitoring.catalogue.definition import Definition, Kind
from zerostate_monitoring.catalogue.nodes import MADE_HERE
from zerostate_monitoring.exceptions import QueryError
from zerostate_monitoring.generators.node_series import EPHEMERAL
from zerostate_monitoring.promql.matchers import compile_regex
from zerostate_monitoring.sources.nodes.rules import Rules

Relabeling = dict[str, Any]

_NAME: Final = "__name__"
_MADE_HERE: Final = frozenset(definition.name for definition in MADE_HERE)
_SUFFIXES: Final[Mapping[Kind, str]] = {
    Kind.HISTOGRAM: "(_bucket|_count|_sum)",
    Kind.SUMMARY: "(|_count|_sum)",
}
_ANY_SUFFIX: Final = "(|_total|_bucket|_count|_sum)"
_GLOB: Final = re.compile(r"(?P<all>\*+)|(?P<one>\?)|\[(?P<not>!?)(?P<set>\]?[^\]]*)\]")

OWN_LABELS: Final[tuple[Relabeling, ...]] = (
    {"action": "labeldrop", "regex": f"job|instance|{EPHEMERAL}"},
    {"action": "labelmap", "regex": "exported_(job|instance)"},
    {"action": "labeldrop", "regex": "exported_(job|instance)"},
)
"""Take off what Prometheus adds to a series, and give back what it had of the same name.

Alerts have the same labels then, whoever evaluates: they are the same alerts.
"""


def relabelings(rules: Rules) -> tuple[Relabeling, ...]:
    """What a job of nodes does with their series under ``rules``."""
    kept = {d.name: d for d in rules.names.values() if _is_kept(d, rules)}
    refused = sorted(spelled for spelled, d in rules.names.items() if d.name not in kept)
    steps = [*_renamed(rules, kept), _keep(kept, rules.patterns)]
    if refused and rules.patterns:
        # A pattern is for what is not catalogued.
        regex = f"({'|'.join(refused)}){_ANY_SUFFIX}"
        steps.append({"source_labels": [_NAME], "regex": regex, "action": "drop"})
    return (*steps, *OWN_LABELS)


def regex_of(pattern: str) -> str:
    """RE2 for a shell-style pattern of names; colons are for recording rules.

    A pattern whose brackets make no class of characters stands for itself.
    """
    regex = _translated(pattern)
    try:
        compile_regex(regex)
    except QueryError:
        return re.escape(pattern)
    return regex


def _translated(pattern: str) -> str:
    out, at = "", 0
    for found in _GLOB.finditer(pattern):
        out += re.escape(pattern[at : found.start()])
        if found["all"]:
            out += "[^:]*"
        elif found["one"]:
            out += "[^:]"
        else:
            out += f"[{'^' * bool(found['not'])}{_class(found['set'])}]"
        at = found.end()
    return out + re.escape(pattern[at:])


def _class(characters: str) -> str:
    """What stands in brackets; a minus between two is a range there, too."""
    return re.sub(r"([\\\[\]^&~|])", r"\\\1", characters)


def _is_kept(definition: Definition, rules: Rules) -> bool:
    return definition.name not in rules.refused and definition.name not in _MADE_HERE


def _renamed(rules: Rules, kept: Mapping[str, Definition]) -> Iterator[Relabeling]:
    """Aliases, and counters that stand on a page without ``_total``, as some formats have it."""
    bare: set[str] = set()
    others: dict[str, set[str]] = defaultdict(set)
    for spelled, definition in rules.names.items():
        if definition.name not in kept or spelled == definition.name:
            continue
        base = spelled.removesuffix("_total") if definition.kind is Kind.COUNTER else spelled
        if base == definition.family:
            bare.add(base)
        else:
            others[definition.name].add(base)
    if bare:
        yield _rename(bare, "${1}_total")
    for name, spellings in sorted(others.items()):
        yield _alias(kept[name], spellings)


def _alias(definition: Definition, spellings: Collection[str]) -> Relabeling:
    if definition.kind is Kind.COUNTER:
        return _rename(spellings, definition.name, "(|_total)")
    suffix = _SUFFIXES.get(definition.kind, "")
    return _rename(spellings, f"{definition.name}{'${2}' * bool(suffix)}", suffix)


def _rename(names: Collection[str], replacement: str, suffix: str = "") -> Relabeling:
    return {
        "source_labels": [_NAME],
        "regex": f"({'|'.join(sorted(names))}){suffix}",
        "target_label": _NAME,
        "replacement": replacement,
    }


def _keep(kept: Mapping[str, Definition], patterns: tuple[str, ...]) -> Relabeling:
    """The names that stay, sorted, and those that the settings' patterns ask for."""
    named = [f"{name}{_SUFFIXES.get(d.kind, '')}" for name, d in sorted(kept.items())]
    asked = [regex_of(pattern) + _ANY_SUFFIX for pattern in patterns]
    return {"source_labels": [_NAME], "regex": "|".join([*named, *asked]), "action": "keep"}
