"""What is told of an alert that is told again: the newest value, and texts filled in with it.

Rows keep what was true at the last transition: an evaluation that changes nothing writes none.
The value of each alert at the newest slot stands with its group, and the labels that templates
see with the alert: so its texts are made here, for those alone that are told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Final

from zerostate_monitoring.alerting.evaluation.asking import ask_for_template
from zerostate_monitoring.alerting.identity import Surroundings, texts_of
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import QueryTimeoutError
from zerostate_monitoring.models import Alert, GroupState
from zerostate_monitoring.models.rule_checks import labelled
from zerostate_monitoring.promql.querier import Options
from zerostate_monitoring.querying import querier
from zerostate_monitoring.rules.definitions import AlertingRule

SECONDS: Final = 2.0
"""What the queries in templates may cost all messages of a flush: then texts stay as they were."""

Answer = Iterable[tuple[Mapping[str, str], float]]


@dataclass(frozen=True, slots=True)
class Newest:
    """What is true of an alert at the newest slot of its group."""

    value: float
    annotations: Mapping[str, str]


@dataclass(slots=True)
class Retelling:
    """Fills in the texts of alerts that are told again, as long as there is time for queries."""

    clock: Callable[[], float] = monotonic
    left: float = SECONDS

    def newest(self, alert: Alert) -> Newest | None:
        """The newest value and texts; ``None`` where none are known since it fired."""
        state = state_of(alert)
        try:
            value = float(state.values[str(alert.pk)]) if state else None
        except (KeyError, TypeError, ValueError):
            return None
        if state is None or value is None:
            return None
        return Newest(value, self._texts(alert, value, state.last_slot_ms) or alert.annotations)

    def _texts(self, alert: Alert, value: float, at_ms: int) -> Mapping[str, str] | None:
        """``None`` where they cannot be filled in whole: then those of before say more."""
        rule = labelled(alert.rule) if alert.rule else None
        if not isinstance(rule, AlertingRule) or alert.series is None:
            return None
        faults: list[str] = []
        around = Surroundings(
            at_ms,
            conf.EXTERNAL_LABELS,
            conf.BASE_URL,
            lambda text: self._answer(text, at_ms),
            faults.append,
        )
        texts = texts_of(rule, alert.series, value, around)
        return None if faults else texts

    def _answer(self, text: str, at_ms: int) -> Answer:
        if self.left <= 0:
            raise QueryTimeoutError("messages wait for no more of them")
        began = self.clock()
        try:
            return ask_for_template(querier, text, at_ms, Options(self.left))
        finally:
            self.left -= self.clock() - began


def state_of(alert: Alert) -> GroupState | None:
    """Where the evaluation of an alert's group stands."""
    return getattr(alert.rule.group, "state", None) if alert.rule else None
