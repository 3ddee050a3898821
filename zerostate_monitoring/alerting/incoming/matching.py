"""Which of our rules an alert from outside is of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from zerostate_monitoring.models import Rule
from zerostate_monitoring.models.rule_checks import labelled
from zerostate_monitoring.models.words import RuleKind


@dataclass(frozen=True, slots=True)
class Candidate:
    """A rule with the labels that it gives to each of its alerts."""

    row: Rule
    labels: Mapping[str, str]

    def fits(self, labels: Mapping[str, str]) -> bool:
        """Whether an alert has them all."""
        return all(labels.get(name) == text for name, text in self.labels.items())


def load(names: Iterable[str]) -> Mapping[str, Sequence[Candidate]]:
    """Alerting rules of these names, enabled ones first. One query."""
    rows = Rule.objects.filter(name__in=set(names), kind=RuleKind.ALERTING)
    found: dict[str, list[Candidate]] = {}
    for row in rows.select_related("group").order_by("-enabled", "pk"):
        found.setdefault(row.name, []).append(Candidate(row, _fixed(labelled(row).labels)))
    return found


def rule_of(labels: Mapping[str, str], candidates: Sequence[Candidate]) -> Rule | None:
    """The rule with the most labels that the alert has, too; where none fits, the only one."""
    fitting = [one for one in candidates if one.fits(labels)]
    if fitting:
        return max(fitting, key=lambda one: len(one.labels)).row
    return candidates[0].row if len(candidates) == 1 else None


def _fixed(labels: Mapping[str, str]) -> dict[str, str]:
    """Without templates, whose texts only the evaluation knows, and what takes labels away."""
    return {name: text for name, text in labels.items() if text and "{{" not in text}
