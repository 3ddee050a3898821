"""The border with prometheus_client: its families become frames, and back for comparison."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client import Metric
from prometheus_client import samples as prometheus

from zerostate_monitoring.exceptions import DefinitionError
from zerostate_monitoring.frames.builder import FrameBuilder, NewSample
from zerostate_monitoring.frames.exemplar import Exemplar
from zerostate_monitoring.frames.frame import Frame

CREATED = "_created"


def frame_of(families: Iterable[Metric], at: float) -> Frame:
    """Turn prometheus_client families into a frame.

    ``_created`` samples are left out, as everywhere in this app: they say when a
    process began to count, which means nothing for a total over processes.

    Raises:
        DefinitionError: a family has two types, or a series stands twice.
    """
    builder = FrameBuilder()
    for family in families:
        add_family(builder, family)
    return builder.build(at)


def add_family(builder: FrameBuilder, family: Metric) -> None:
    """Add all samples of ``family`` but ``_created`` to ``builder``, or none.

    Raises:
        DefinitionError: the family does not fit what is there, or itself.
    """
    samples = [_sample(family.name, sample) for sample in family.samples]
    builder.declare(family.name, family.type, family.documentation, family.unit)
    builder.add_all(family.name, [sample for sample in samples if sample.suffix != CREATED])


def _sample(family: str, sample: prometheus.Sample) -> NewSample:
    if not sample.name.startswith(family):
        raise DefinitionError(f"{sample.name} is no sample of the family {family}")
    suffix = sample.name[len(family) :]
    return NewSample(suffix, sample.labels, sample.value, exemplar_of(sample.exemplar))


def exemplar_of(exemplar: prometheus.Exemplar | None) -> Exemplar | None:
    """The exemplar of a sample of prometheus_client, as frames hold it."""
    if exemplar is None:
        return None
    timestamp = None if exemplar.timestamp is None else float(exemplar.timestamp)
    return Exemplar(tuple(sorted(exemplar.labels.items())), exemplar.value, timestamp)


def families_of(frame: Frame) -> Iterator[Metric]:
    """Turn a frame into prometheus_client families, in the frame's order."""
    values = iter(frame.values.tolist())
    index = 0
    for schema in frame.schema.families:
        family = Metric(schema.name, schema.help, schema.type, schema.unit)
        for key in schema.samples:
            labels = {**dict(key.labels), **dict(frame.labels)}
            found = frame.exemplars.get(index)
            exemplar = found and prometheus.Exemplar(
                dict(found.labels), found.value, found.timestamp
            )
            family.add_sample(schema.name + key.suffix, labels, next(values), None, exemplar)
            index += 1
        yield family
