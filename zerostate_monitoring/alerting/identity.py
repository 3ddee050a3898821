"""Who an alert is: the labels of a series with its rule's own, and what is told of it.

Source of the rules: ``Eval`` of ``rules/alerting.go`` in Prometheus 3.14.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

from zerostate_monitoring.alerting.states import Present
from zerostate_monitoring.exceptions import TemplateError
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.frames.text import keepable
from zerostate_monitoring.promql.data import NAME, Sample
from zerostate_monitoring.rules.definitions import AlertingRule
from zerostate_monitoring.rules.templates import Context, Template
from zerostate_monitoring.rules.templates.values import Query

ALERTNAME: Final = "alertname"

_BYTES: Final = 8
_OPENING: Final = "{{"


def _silent(text: str) -> None:
    """For those who do not want to know."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What templates know beside the series: this installation, the instant, who answers.

    ``warn`` is told, in a sentence, of each template that could not be filled in.
    """

    at_ms: int
    external_labels: Mapping[str, str] = field(default_factory=dict)
    external_url: str = ""
    query: Query | None = None
    warn: Callable[[str], None] = _silent


def fingerprint(labels: Iterable[tuple[str, str]]) -> str:
    """16 hex digits that stand for a label set, in whatever order it is given."""
    parts = [part for pair in sorted(labels) for part in pair]
    # Lengths come first, so that no two label sets are the same text.
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_BYTES).hexdigest()


def present(rule: AlertingRule, samples: Sequence[Sample], around: Surroundings) -> list[Present]:
    """The alerts that ``samples`` are, in their order.

    A database does not keep every text that a label may hold, and what it refuses is the whole
    group: such characters are replaced. Series that differ in these alone are two alerts still.

    Annotations are filled in when they are looked at: most are not, for an alert whose state
    does not change keeps those that it has. Those of the first alert are looked at at once,
    so that ``around.warn`` is told of what is wrong with them.
    """
    label_texts = [(name, rule.labels[name]) for name in sorted(rule.labels)]
    found = []
    for sample in samples:
        filling = _Filling(rule.name, dict(sample.labels), sample.value, around)
        labels = _labels(rule.name, filling, label_texts)
        annotations = Annotations(rule.annotations, filling)
        kept = tuple([(name, keepable(text)) for name, text in labels])
        found.append(Present(fingerprint(labels), kept, annotations, sample.value))
    if found:
        dict(found[0].annotations)
    return found


def texts_of(
    rule: AlertingRule, labels: Mapping[str, str], value: float, around: Surroundings
) -> dict[str, str]:
    """The annotations of the alert that a series with ``labels`` is, at this value."""
    return dict(Annotations(rule.annotations, _Filling(rule.name, dict(labels), value, around)))


def _labels(name: str, filling: _Filling, texts: Sequence[tuple[str, str]]) -> Labels:
    labels = dict(filling.labels)
    labels.pop(NAME, None)
    for own, text in texts:
        filled = filling.fill("label", own, text)
        if filled:
            labels[own] = filled
        else:
            labels.pop(own, None)
    labels[ALERTNAME] = name
    return tuple(sorted(labels.items()))


class Annotations(Mapping[str, str]):
    """The annotations of one alert that is found now, filled in when first looked at."""

    __slots__ = ("_filled", "_filling", "_texts")

    def __init__(self, texts: Mapping[str, str], filling: _Filling) -> None:
        self._texts = texts
        self._filling = filling
        self._filled: dict[str, str] | None = None

    @property
    def series(self) -> Mapping[str, str]:
        """The labels that its templates see: those of the series, without the rule's own."""
        return {name: keepable(text) for name, text in self._filling.labels.items()}

    def _all(self) -> dict[str, str]:
        if self._filled is None:
            fill, texts = self._filling.fill, self._texts
            filled = ((name, fill("annotation", name, text)) for name, text in texts.items())
            self._filled = {name: keepable(text) for name, text in filled}
        return self._filled

    def __getitem__(self, name: str) -> str:
        return self._all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def __repr__(self) -> str:
        return f"<Annotations {dict(self)}>"


@dataclass(frozen=True, slots=True)
class _Filling:
    """Fills in the templates of one alert."""

    rule: str
    labels: dict[str, str]
    value: float
    around: Surroundings

    def fill(self, kind: str, name: str, text: str) -> str:
        """The text that a template makes, or Prometheus's text for one that makes none."""
        if _OPENING not in text:
            return text
        try:
            return Template.parse(text).render(self._context())
        except TemplateError as error:
            self.around.warn(f"The template of the {kind} “{name}” fails: {error.message}")
            return f"<error expanding template: {error.message}>"

    def _context(self) -> Context:
        around = self.around
        return Context(
            labels=self.labels,
            value=self.value,
            external_labels=around.external_labels,
            external_url=around.external_url,
            now=around.at_ms / 1000,
            query=around.query,
        )
