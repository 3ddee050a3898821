"""Rules as an object of Kubernetes: ``PrometheusRule`` of the Prometheus operator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from zerostate_monitoring.exceptions import RuleFileError
from zerostate_monitoring.rules.definitions import Group
from zerostate_monitoring.rules.files.nodes import Fields, Reading
from zerostate_monitoring.rules.files.reading import groups_of
from zerostate_monitoring.rules.files.targets import Target
from zerostate_monitoring.rules.files.writing import Written, document_of, dump, prepared

_API_VERSION: Final = "monitoring.coreos.com/v1"
_KIND: Final = "PrometheusRule"
# Written by the cluster, not by people.
_OF_THE_CLUSTER: Final = (
    *("creationTimestamp", "generation", "managedFields", "ownerReferences"),
    *("resourceVersion", "selfLink", "uid"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrometheusRule:
    """A named object that holds groups."""

    name: str
    groups: tuple[Group, ...]
    namespace: str = ""
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)
    annotations: Mapping[str, str] = field(default_factory=dict, hash=False)


def read_prometheus_rule(text: str) -> PrometheusRule:
    """The object in a file; what a cluster adds to it is left aside.

    Raises:
        RuleFileError: it is none, or a rule in it cannot work.
    """
    reading = Reading(text)
    document = reading.document()
    if document is None:
        raise RuleFileError(["The file is empty."])
    fields = Fields(reading, document, "")
    for key, expected in (("apiVersion", _API_VERSION), ("kind", _KIND)):
        if fields.text(key) != expected:
            fields.fault(key, f"“{expected}” is expected here.")
    fields.drop("status")
    nothing: _Metadata = ("", "", {}, {})
    name, namespace, labels, annotations = fields.take("metadata", _metadata, nothing)
    no_groups: tuple[Group, ...] = ()
    groups = fields.take("spec", _spec, no_groups)
    if not name:
        fields.fault("metadata", "The name is missing.")
    fields.done()
    reading.done()
    return PrometheusRule(
        name=name, groups=groups, namespace=namespace, labels=labels, annotations=annotations
    )


_Metadata = tuple[str, str, Mapping[str, str], Mapping[str, str]]


def _metadata(reading: Reading, node: Any, where: str) -> _Metadata:
    fields = Fields(reading, node, where)
    for key in _OF_THE_CLUSTER:
        fields.drop(key)
    found = (
        fields.text("name"),
        fields.text("namespace"),
        fields.texts("labels"),
        fields.texts("annotations"),
    )
    fields.done()
    return found


def _spec(reading: Reading, node: Any, where: str) -> tuple[Group, ...]:
    fields = Fields(reading, node, where)
    groups = groups_of(fields)
    fields.done()
    return groups


def write_prometheus_rule(rule: PrometheusRule, target: Target = Target.CURRENT) -> Written:
    """The file that holds the object.

    Raises:
        RuleFileError: as ``write_rules``.
    """
    groups, notes = prepared(rule.groups, target)
    metadata = {
        "name": rule.name,
        "namespace": rule.namespace,
        "labels": dict(rule.labels),
        "annotations": dict(rule.annotations),
    }
    document = {
        "apiVersion": _API_VERSION,
        "kind": _KIND,
        "metadata": {key: value for key, value in metadata.items() if value},
        "spec": {"groups": [document_of(group) for group in groups]},
    }
    return Written(dump(document, notes), notes)
