"""Nodes as targets of a Prometheus: what its ``http_sd`` and ``file_sd`` read.

A Prometheus has credentials for a job, not for a target. So nodes with the same credentials are
one list with a key; those without any are the list without one. Keys are made with Django's
``SECRET_KEY``: they tell nothing of what they stand for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from django.utils.crypto import salted_hmac

from zerostate_monitoring.conf import conf
from zerostate_monitoring.generators.node_series import EPHEMERAL, NODES_JOB
from zerostate_monitoring.models import Node
from zerostate_monitoring.models.node import METRICS_PATH
from zerostate_monitoring.sources.nodes.target import Target, constant_labels

_SALT: Final = "zerostate_monitoring.generators.node_targets"
_KEY_LENGTH: Final = 8
_PORTS: Final = {"http": 80, "https": 443}
_SECRETS: Final = ("token", "ca_certificate", "client_certificate", "client_key")
_PAIR: Final = frozenset({"client_certificate", "client_key"})


@dataclass(frozen=True, slots=True)
class NodeList:
    """Nodes that want the same credentials, in the order of their names.

    ``wanted`` names the credentials' fields; ``key`` is empty where there are none.
    """

    key: str
    wanted: tuple[str, ...]
    nodes: tuple[Node, ...]

    @property
    def job(self) -> str:
        """What their job is called in ``prometheus.yml``."""
        return f"{NODES_JOB}-{self.key}" if self.key else NODES_JOB


def node_lists(nodes: Iterable[Node]) -> tuple[NodeList, ...]:
    """``nodes`` by their credentials; the list without any is first, and is there if empty."""
    lists: dict[str, list[Node]] = {"": []}
    for node in sorted(nodes, key=lambda node: node.name):
        lists.setdefault(_key(node), []).append(node)
    return tuple(
        NodeList(key, _wanted(found), tuple(found)) for key, found in sorted(lists.items())
    )


def nodes_of(key: str) -> list[Node]:
    """Enabled nodes of the list with this key; one query."""
    return [node for node in enabled_nodes() if _key(node) == key]


def enabled_nodes() -> Sequence[Node]:
    """All nodes that are to be scraped, in the order of their names; one query."""
    return list(Node.objects.filter(enabled=True).order_by("name"))


def targets(nodes: Iterable[Node], shown: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Target groups, one for each node; ``shown`` are labels of rows that become labels.

    Label names and values are those that this app gives to the series of the node.
    """
    names = conf.NODE_LABELS if shown is None else shown
    return [_group(node, names) for node in nodes]


def _group(node: Node, shown: Sequence[str]) -> dict[str, Any]:
    parts = urlsplit(node.base_url.rstrip("/"))
    path, _, query = (node.metrics_path or METRICS_PATH).partition("?")
    own = node.labels if isinstance(node.labels, dict) else {}
    target = Target(name=node.name, role=node.role, base_url=node.base_url, labels=own)
    labels = dict(constant_labels(target, shown))
    # Of a parameter that comes twice Prometheus can be told one value only.
    asked = {f"__param_{name}": value for name, value in parse_qsl(query, keep_blank_values=True)}
    labels |= {"__scheme__": parts.scheme, "__metrics_path__": parts.path + path, **asked}
    if node.ephemeral:
        labels[EPHEMERAL] = "true"
    return {"targets": [_address(node.base_url)], "labels": labels}


def _address(base_url: str) -> str:
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return f"{host}:{parts.port or _PORTS.get(parts.scheme, 80)}"


def _key(node: Node) -> str:
    values = [getattr(node, name) for name in _SECRETS]
    if not any(values):
        return ""
    return salted_hmac(_SALT, "\x00".join(values), algorithm="sha256").hexdigest()[:_KEY_LENGTH]


def _wanted(nodes: Sequence[Node]) -> tuple[str, ...]:
    """Fields that hold a credential; half a client certificate is none."""
    held = [name for name in _SECRETS if nodes and getattr(nodes[0], name)]
    if len(_PAIR.intersection(held)) == 1:
        held = [name for name in held if name not in _PAIR]
    return tuple(held)
