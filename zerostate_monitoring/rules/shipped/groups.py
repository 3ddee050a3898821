"""All built-in rules in their groups."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from zerostate_monitoring.rules.shipped import (
    asked,
    economy,
    execution,
    monitoring,
    objectives,
    outside,
    p2p,
    recorded,
    service,
)
from zerostate_monitoring.rules.shipped.definition import ShippedGroup, ShippedRule

GROUPS: Final = (
    # First: the objectives read what it records.
    ShippedGroup(name="zerostate-recorded", interval=timedelta(minutes=5), rules=recorded.RULES),
    ShippedGroup(name="zerostate-p2p", rules=p2p.RULES),
    ShippedGroup(name="zerostate-execution", rules=execution.RULES),
    ShippedGroup(name="zerostate-economic", rules=economy.RULES),
    ShippedGroup(name="zerostate-slo", rules=objectives.RULES),
    ShippedGroup(name="zerostate-service", rules=service.RULES),
    ShippedGroup(name="zerostate-monitoring", rules=monitoring.RULES),
    ShippedGroup(name="zerostate-dashboards", rules=asked.RULES),
)
"""What an installation has; groups are evaluated in this order."""

OUTSIDE: Final = ShippedGroup(name="zerostate-outside", rules=outside.RULES)
"""For a Prometheus that watches from outside; exported only."""

RULES: Final = {
    rule.name: rule
    for group in (*GROUPS, OUTSIDE)
    for rule in group.rules
    if isinstance(rule, ShippedRule)
}
"""Built-in alerting rules by name, those for outside among them."""
