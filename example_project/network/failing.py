"""A rule that ends in an error each time it is evaluated."""

from __future__ import annotations

from typing import Final

from zerostate_monitoring.models import Rule, RuleGroup
from zerostate_monitoring.models.words import RuleKind, RuleLayer, Severity

GROUP: Final = "example-failing"
NAME: Final = "ExampleFailing"
EXPR: Final = "zerostate_node_up * on () zerostate_node_up < 1"
"""Each node meets each other one, which no matching allows."""


class FailingRule:
    """The rule behind the fault switch *rule*, in a group of its own."""

    def __init__(self) -> None:
        # One that outlived the process that made it is taken away, or kept if it is wanted.
        self._is_there: bool | None = None

    def begin(self) -> None:
        """Let there be such a rule."""
        if self._is_there is not True:
            group, _ = RuleGroup.objects.get_or_create(
                name=GROUP, defaults={"interval_seconds": 30, "position": 1000}
            )
            values = {
                "kind": RuleKind.ALERTING,
                "expr": EXPR,
                "severity": Severity.INFO,
                "layer": RuleLayer.P2P,
                "annotations": {"summary": "It never fires: the fault switch 'rule' is on."},
            }
            Rule.objects.get_or_create(group=group, name=NAME, defaults=values)
            self._is_there = True

    def end(self) -> None:
        """Let there be none."""
        if self._is_there is not False:
            RuleGroup.objects.filter(name=GROUP).delete()
            self._is_there = False
