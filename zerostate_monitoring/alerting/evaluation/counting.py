"""How many expressions evaluation asks for, counted as they are asked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from zerostate_monitoring.alerting.evaluation.asking import Answer, Asker, Bounds
from zerostate_monitoring.alerting.evaluation.overlay import Samples
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.instrumentation.families import counts

_queries: Final = counts("zerostate_monitoring_evaluation_queries_total")


class Counted:
    """An asker whose questions are counted; what templates ask is no rule's."""

    def __init__(self, asker: Asker) -> None:
        self._asker: Final = asker

    def ask(self, texts: Sequence[str], bounds: Bounds) -> list[Answer]:
        """See ``Asker``."""
        answers = self._asker.ask(texts, bounds)
        failed = sum(bool(answer.error) for answer in answers)
        _queries["answered"](len(answers) - failed)
        _queries["failed"](failed)
        return answers

    def add(self, samples: Samples, rewritten: Collection[str], ended: Iterable[Labels]) -> None:
        """See ``Asker``."""
        self._asker.add(samples, rewritten, ended)

    def query(self, text: str) -> Iterable[tuple[Mapping[str, str], float]]:
        """See ``Asker``."""
        return self._asker.query(text)
