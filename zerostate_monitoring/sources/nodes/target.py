"""A node as a scrape needs it: addresses, limits, and secrets that are resolved."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final, NamedTuple

from zerostate_monitoring.catalogue.nodes import OWN_LABELS
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.models import Node
from zerostate_monitoring.models.node import METRICS_PATH
from zerostate_monitoring.sources.nodes.references import Secrets, current_secrets

_NO_LABELS: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One node to scrape; its page is at ``base_url`` + ``metrics_path``.

    ``ca``, ``client_certificate`` and ``client_key`` are PEM texts, empty for none.
    ``timeout`` is in seconds, from connecting to the last byte; ``max_bytes`` counts
    after decompression; ``refused`` are networks that the address may not lie in.
    """

    name: str
    role: str
    base_url: str
    metrics_path: str = METRICS_PATH
    labels: Mapping[str, str] = field(default_factory=lambda: _NO_LABELS, hash=False)
    token: str = field(default="", repr=False)
    ca: str = field(default="", repr=False)
    client_certificate: str = field(default="", repr=False)
    client_key: str = field(default="", repr=False)
    timeout: float = 5.0
    max_bytes: int = 16 * 1024 * 1024
    max_series: int = 50_000
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """What holds for every node; see ``Target`` for units."""

    timeout: float
    max_bytes: int
    max_series: int
    refused: tuple[str, ...]
    secrets: Secrets


def current_limits() -> Limits:
    """The limits as the settings are now; read once for a chunk of nodes."""
    return Limits(
        timeout=conf.NODE_TIMEOUT_SECONDS,
        max_bytes=conf.NODE_MAX_BYTES,
        max_series=conf.NODE_MAX_SERIES,
        refused=tuple(conf.NODE_REFUSED_NETWORKS),
        secrets=current_secrets(),
    )


class NodeRow(NamedTuple):
    """The columns of a node that a scrape needs; half as dear to read as a model."""

    pk: int
    name: str
    role: str
    base_url: str
    metrics_path: str
    labels: Mapping[str, str]
    ephemeral: bool
    token: str
    ca_certificate: str
    client_certificate: str
    client_key: str
    created_at: datetime
    last_up_at: datetime | None


def enabled_rows(node_ids: Collection[int]) -> list[NodeRow]:
    """The rows of those nodes that are enabled; one query."""
    nodes = Node.objects.filter(pk__in=node_ids, enabled=True).order_by()
    return [NodeRow(*values) for values in nodes.values_list(*NodeRow._fields)]


def target_of(node: Node | NodeRow, limits: Limits) -> Target:
    """The target of a row.

    Raises:
        ConfigurationError: a secret's reference leads nowhere, or where it may not, or
            the token is none. The message names the field, never the value.
    """
    resolve = limits.secrets.resolve
    return Target(
        name=node.name,
        role=node.role,
        base_url=node.base_url.rstrip("/"),
        metrics_path=node.metrics_path or METRICS_PATH,
        labels=MappingProxyType(dict(node.labels)),
        token=checked_token(resolve(node.token)),
        ca=resolve(node.ca_certificate),
        client_certificate=resolve(node.client_certificate),
        client_key=resolve(node.client_key),
        timeout=limits.timeout,
        max_bytes=limits.max_bytes,
        max_series=limits.max_series,
        refused=limits.refused,
    )


def checked_token(text: str) -> str:
    """``text`` if a header can carry it.

    Raises:
        ConfigurationError: it cannot; the message does not repeat it.
    """
    if not all("!" <= character <= "~" for character in text):
        message = "the bearer token holds blanks or characters that no header can carry"
        raise ConfigurationError(message)
    return text


def constant_labels(target: Target, shown: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The labels on every series of a node: ``node``, ``node_role``, and those ``shown``.

    Those that families made here have of their own are left out: they would stand twice.
    """
    chosen = {
        name: target.labels[name]
        for name in shown
        if name in target.labels and name not in OWN_LABELS
    }
    return tuple(sorted({**chosen, "node": target.name, "node_role": target.role}.items()))
