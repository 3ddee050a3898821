"""Nodes from a CSV file or a Prometheus discovery document. Parsing is pure; all or nothing.

CSV has a header with ``name,role,base_url`` and, as wanted, ``metrics_path``,
``ephemeral`` and ``labels`` (``site=fra1;rack=2``). ``file_sd`` and ``http_sd``
exchange JSON, or YAML: a list of groups of ``targets`` with common ``labels``, where
``__scheme__``, ``__metrics_path__``, ``node``, ``node_role`` (or ``role``) and
``ephemeral`` are read and other names with two underscores are left out.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import transaction

from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.models import Node
from zerostate_monitoring.models.node import METRICS_PATH
from zerostate_monitoring.sources.nodes.documents import read_groups

_COLUMNS: Final = frozenset({"name", "role", "base_url", "metrics_path", "ephemeral", "labels"})
_REQUIRED: Final = ("name", "role", "base_url")
_TRUE: Final = frozenset({"1", "true", "yes"})
_FALSE: Final = frozenset({"", "0", "false", "no"})
_OURS: Final = frozenset({"node", "node_role", "role", "ephemeral", "job", "instance"})
_NO_NAME: Final = re.compile(r"[^A-Za-z0-9._-]+")
# NUL and lone surrogates: databases refuse them.
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_MAX_ERRORS: Final = 20
_SECRETS: Final = ("token", "client_certificate", "client_key")
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Discovered:
    """A node as a document names it; ``place`` says where, for messages."""

    name: str
    role: str
    base_url: str
    labels: Mapping[str, str] = field(default_factory=dict)
    ephemeral: bool = False
    metrics_path: str = METRICS_PATH
    place: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Changes:
    """Names of the rows that an import has added, changed and removed.

    ``cleared`` are those changed rows that have lost their secrets to a new address.
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    cleared: tuple[str, ...] = ()


def parse_csv(text: str) -> list[Discovered]:
    """Nodes of a CSV file.

    Raises:
        ConfigurationError: names every row and field that is wrong.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        columns = set(reader.fieldnames or ())
    except csv.Error as error:
        raise ConfigurationError(f"the header: {error}") from error
    missing = [name for name in _REQUIRED if name not in columns]
    if missing:
        raise ConfigurationError(f"the header lacks {missing}; columns are {sorted(_COLUMNS)}")
    if unknown := sorted(columns - _COLUMNS):
        raise ConfigurationError(
            f"the header has unknown {unknown}; columns are {sorted(_COLUMNS)}"
        )
    return _checked(_csv_rows(reader))


def _csv_rows(reader: csv.DictReader[str]) -> Iterator[Callable[[], Discovered]]:
    try:
        for row in reader:
            place = f"row {reader.line_num}"
            yield lambda row=row, place=place: _csv_node(row, place)  # type: ignore[misc]
    except csv.Error as error:
        raise ConfigurationError(f"row {reader.line_num}: {error}") from error


def _csv_node(row: dict[str, Any], place: str) -> Discovered:
    if None in row or None in row.values():
        raise ConfigurationError(f"{place}: not as many fields as the header has")
    fields = {name: value.strip() for name, value in row.items()}
    return Discovered(
        name=fields["name"],
        role=fields["role"],
        base_url=fields["base_url"],
        labels=_csv_labels(fields.get("labels", ""), place),
        ephemeral=_flag(fields.get("ephemeral", ""), place),
        metrics_path=fields.get("metrics_path") or METRICS_PATH,
        place=place,
    )


def _csv_labels(text: str, place: str) -> dict[str, str]:
    labels = {}
    for pair in filter(None, text.split(";")):
        name, equals, value = pair.partition("=")
        if not equals:
            raise ConfigurationError(f"{place}, labels: {pair!r} is not name=value")
        labels[name.strip()] = value.strip()
    return labels


def _flag(text: str, place: str) -> bool:
    if text.lower() not in _TRUE | _FALSE:
        raise ConfigurationError(f"{place}, ephemeral: {text!r} is neither true nor false")
    return text.lower() in _TRUE


def parse_targets(text: str) -> list[Discovered]:
    """Nodes of a ``file_sd`` or ``http_sd`` document.

    Raises:
        ConfigurationError: names every group, target and field that is wrong.
    """
    groups = read_groups(text)
    if not isinstance(groups, list):
        raise ConfigurationError("not a list of groups with targets and labels")
    return _checked(_target_rows(groups))


def _target_rows(groups: list[Any]) -> Iterator[Callable[[], Discovered]]:
    for number, group in enumerate(groups, 1):
        targets, labels = _group(group, f"group {number}")
        for target in targets:
            place = f"group {number}, target {target!r}"
            alone = len(targets) == 1
            yield lambda t=target, n=labels, p=place, a=alone: _target_node(t, n, p, alone=a)  # type: ignore[misc]


def _group(group: Any, place: str) -> tuple[list[str], dict[str, str]]:
    if not isinstance(group, dict):
        raise ConfigurationError(f"{place}: not an object")
    targets, labels = group.get("targets"), group.get("labels") or {}
    if not isinstance(targets, list) or not all(isinstance(t, str) and t for t in targets):
        raise ConfigurationError(f"{place}, targets: not a list of host:port")
    if not isinstance(labels, dict) or not all(isinstance(v, str) for v in labels.values()):
        raise ConfigurationError(f"{place}, labels: not an object of text values")
    return targets, labels


def _target_node(target: str, labels: dict[str, str], place: str, *, alone: bool) -> Discovered:
    name = labels.get("node", "") if alone else ""
    return Discovered(
        name=name or _NO_NAME.sub("-", target).strip("-"),
        role=labels.get("node_role") or labels.get("role") or "edge",
        base_url=f"{labels.get('__scheme__', 'http')}://{target}",
        labels={k: v for k, v in labels.items() if k not in _OURS and not k.startswith("__")},
        ephemeral=_flag(labels.get("ephemeral", ""), place),
        metrics_path=labels.get("__metrics_path__") or METRICS_PATH,
        place=place,
    )


def _checked(rows: Iterable[Callable[[], Discovered]]) -> list[Discovered]:
    """All nodes, or one error that names whatever is wrong with any."""
    nodes: dict[str, Discovered] = {}
    errors: list[str] = []
    for row in rows:
        try:
            node = row()
        except ConfigurationError as error:
            errors.append(str(error))
            continue
        if node.name in nodes:
            errors.append(f"{node.place}, name: {node.name} stands in {nodes[node.name].place}")
        errors += _faults(node)
        nodes[node.name] = node
    if errors:
        more = [f"and {len(errors) - _MAX_ERRORS} more"] if len(errors) > _MAX_ERRORS else []
        raise ConfigurationError("\n".join(errors[:_MAX_ERRORS] + more))
    return list(nodes.values())


def _faults(node: Discovered) -> list[str]:
    """What the row's own validators say against a node."""
    texts = (node.base_url, node.metrics_path, *node.labels, *node.labels.values())
    if any(map(_UNSTORABLE.search, texts)):
        return [f"{node.place}: address or labels hold characters that no text can hold"]
    try:
        _assign(Node(name=node.name), node).clean_fields()
    except ValidationError as error:
        return [
            f"{node.place}, {name}: {' '.join(said)}" for name, said in error.message_dict.items()
        ]
    return []


def apply(discovered: Iterable[Discovered], origin: str) -> Changes:
    """Make the rows of ``origin`` those that were discovered, in one transaction.

    Rows of another origin are not removed, and whether a row is enabled, its secrets
    and those of its fields that no document has stay as they are. But a row whose scheme,
    host or port changes loses token, client certificate and key: who writes the document
    may not know them, and must not have them sent to a place of their choice.

    Raises:
        ConfigurationError: a name belongs to a row of another origin.
    """
    wanted = {node.name: node for node in discovered}
    with transaction.atomic():
        rows = {row.name: row for row in Node.objects.select_for_update().order_by("pk")}
        _refuse_taken(wanted, rows, origin)
        added = [_assign(Node(name=n, origin=origin), wanted[n]) for n in wanted if n not in rows]
        changed = [rows[n] for n, node in wanted.items() if n in rows and _differs(rows[n], node)]
        cleared = [row for row in changed if _clear(row, wanted[row.name])]
        removed = [row for row in rows.values() if row.origin == origin and row.name not in wanted]
        for row in changed:
            _assign(row, wanted[row.name])
        # One by one: signals tell the rest of the app.
        for row in (*added, *changed):
            row.save()
        for row in removed:
            row.delete()
    return Changes(_names(added), _names(changed), _names(removed), _names(cleared))


def _refuse_taken(wanted: Mapping[str, Discovered], rows: Mapping[str, Node], origin: str) -> None:
    taken = sorted(n for n in wanted if n in rows and rows[n].origin != origin)
    if taken:
        listed = ", ".join(f"{name} (from {rows[name].origin})" for name in taken[:_MAX_ERRORS])
        raise ConfigurationError(f"these nodes belong to another origin: {listed}")


def _assign(row: Node, node: Discovered) -> Node:
    row.role, row.base_url, row.metrics_path = node.role, node.base_url, node.metrics_path
    row.labels, row.ephemeral = dict(node.labels), node.ephemeral
    return row


def _clear(row: Node, node: Discovered) -> bool:
    """Take a row's secrets away if they would go elsewhere; whether there were any."""
    held = any(getattr(row, name) for name in _SECRETS)
    if not held or _origin(row.base_url) == _origin(node.base_url):
        return False
    for name in _SECRETS:
        setattr(row, name, "")
    return True


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)


def _differs(row: Node, node: Discovered) -> bool:
    before = (row.role, row.base_url, row.metrics_path, row.labels, row.ephemeral)
    after = (node.role, node.base_url, node.metrics_path, dict(node.labels), node.ephemeral)
    return before != after


def _names(rows: Iterable[Node]) -> tuple[str, ...]:
    return tuple(sorted(row.name for row in rows))
