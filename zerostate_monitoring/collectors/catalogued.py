"""A catalogued family in prometheus_client's form, held to its definition. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from prometheus_client import Metric
from prometheus_client import samples as prometheus

from zerostate_monitoring.catalogue.definition import Definition, Kind, Reading
from zerostate_monitoring.exceptions import DefinitionError
from zerostate_monitoring.frames.builder import NewSample
from zerostate_monitoring.frames.families import CREATED, exemplar_of

BOUNDS: Final = {Kind.HISTOGRAM: "le", Kind.SUMMARY: "quantile"}
"""The label that tells the samples of one histogram or summary apart."""

_BOUNDED: Final = {Kind.HISTOGRAM: "_bucket", Kind.SUMMARY: ""}
_PLAIN: Final = frozenset({"_sum", "_count"})


@dataclass(frozen=True, slots=True)
class Distribution:
    """One histogram or summary of a family: its label values, and all its samples."""

    labels: tuple[str, ...]
    samples: tuple[NewSample, ...]

    @property
    def count(self) -> float:
        """How many observations it has."""
        return sum(sample.value for sample in self.samples if sample.suffix == "_count")


def readings_of(definition: Definition, family: Metric) -> list[Reading]:
    """The samples of a catalogued counter or gauge.

    Raises:
        DefinitionError: one is no sample of it, or has other labels.
    """
    return [
        Reading(
            definition, definition.values_of(labels), value, exemplar=exemplar_of(sample.exemplar)
        )
        for sample, suffix, labels, value in _parts(family)
        if _is_right(definition, sample, suffix == definition.suffix)
    ]


def check_labels(definition: Definition, family: Metric) -> None:
    """Look whether an info family has the labels of its definition; it may have others.

    Raises:
        DefinitionError: a sample is none of it, or lacks one.
    """
    for sample, suffix, labels, _ in _parts(family):
        own = {name: labels[name] for name in definition.labels if name in labels}
        _is_right(definition, sample, suffix == definition.suffix)
        definition.values_of(own)


def distributions_of(definition: Definition, family: Metric) -> list[Distribution]:
    """The histograms or summaries of a catalogued family, one for each label set.

    Raises:
        DefinitionError: a sample is none of it, or has other labels or bounds.
    """
    found: dict[tuple[str, ...], list[NewSample]] = defaultdict(list)
    bound, bounded = BOUNDS[definition.kind], _BOUNDED[definition.kind]
    for sample, suffix, labels, value in _parts(family):
        own = {name: text for name, text in labels.items() if name != bound}
        is_bounded = len(own) < len(labels)
        _is_right(definition, sample, suffix == bounded if is_bounded else suffix in _PLAIN)
        new = NewSample(suffix, labels, value, exemplar_of(sample.exemplar))
        found[definition.values_of(own)].append(new)
    if definition.kind is Kind.HISTOGRAM:
        for samples in found.values():
            _check_bounds(definition, samples)
    return [Distribution(labels, tuple(samples)) for labels, samples in found.items()]


def capped_distributions(
    definition: Definition, found: Iterable[Distribution]
) -> list[Distribution]:
    """At most ``max_series`` of them: those with most observations stay, the rest are added up."""
    kept = list(found)
    if len(kept) <= definition.max_series or not definition.unbounded:
        return kept
    kept.sort(key=lambda one: (-one.count, one.labels))
    keep = definition.max_series - 1
    together: dict[tuple[str, ...], list[Distribution]] = defaultdict(list)
    for one in kept[keep:]:
        together[definition.folded(one.labels)].append(one)
    return [*kept[:keep], *(_added(definition, *group) for group in together.items())]


def _parts(family: Metric) -> Iterable[tuple[prometheus.Sample, str, dict[str, str], float]]:
    """Each sample with its suffix, its labels as text and its value; but ``_created``."""
    for sample in family.samples:
        suffix = sample.name.removeprefix(family.name)
        if suffix != CREATED:
            labels = {str(name): str(value) for name, value in sample.labels.items()}
            yield sample, suffix, labels, float(sample.value)


def _is_right(definition: Definition, sample: prometheus.Sample, right: object) -> bool:
    if not right:
        message = f"{sample.name}{dict(sample.labels)} is no sample of {definition.name}"
        raise DefinitionError(message)
    return True


def _check_bounds(definition: Definition, samples: Iterable[NewSample]) -> None:
    texts = [sample.labels["le"] for sample in samples if sample.suffix == "_bucket"]
    try:
        bounds = sorted(map(float, texts))
    except ValueError as error:
        raise DefinitionError(f"{definition.name}: a bucket's bound is no number") from error
    if bounds != [*definition.buckets, math.inf]:
        wanted = [f"{bound:g}" for bound in definition.buckets]
        message = f"{definition.name} has the buckets {', '.join(wanted)} and +Inf, not {texts}"
        raise DefinitionError(message)


def _added(
    definition: Definition, labels: tuple[str, ...], group: Iterable[Distribution]
) -> Distribution:
    """Several as one. Quantiles cannot be added, so a summary keeps its sum and its count."""
    own = dict(zip(definition.labels, labels, strict=True))
    sums: dict[tuple[str, str], float] = defaultdict(float)
    for one in group:
        for sample in one.samples:
            if "quantile" not in sample.labels:
                sums[sample.suffix, sample.labels.get("le", "")] += sample.value
    return Distribution(
        labels,
        tuple(
            NewSample(suffix, {**own, **({"le": bound} if bound else {})}, value)
            for (suffix, bound), value in sums.items()
        ),
    )
