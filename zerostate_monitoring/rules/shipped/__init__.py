"""Built-in rules: what an operator of a network gets without writing anything.

46 alerting rules, 15 recording rules, inhibitions, and three rules for a Prometheus that
watches from outside. Expressions have named parameters; an operator's changes stand beside
the definition (``overriding``), so a new version mends an expression without losing them.
"""

from __future__ import annotations

from zerostate_monitoring.rules.shipped.definition import (
    Case,
    Firing,
    Moment,
    Parameter,
    ShippedGroup,
    ShippedRecording,
    ShippedRule,
    Unit,
)
from zerostate_monitoring.rules.shipped.groups import GROUPS, OUTSIDE, RULES
from zerostate_monitoring.rules.shipped.inhibitions import (
    INHIBITIONS,
    ROUTES,
    ShippedInhibition,
    ShippedRoute,
)
from zerostate_monitoring.rules.shipped.overriding import (
    Applied,
    applied,
    override_problems,
    possible,
)

__all__ = [
    "GROUPS",
    "INHIBITIONS",
    "OUTSIDE",
    "ROUTES",
    "RULES",
    "Applied",
    "Case",
    "Firing",
    "Moment",
    "Parameter",
    "ShippedGroup",
    "ShippedInhibition",
    "ShippedRecording",
    "ShippedRoute",
    "ShippedRule",
    "Unit",
    "applied",
    "override_problems",
    "possible",
]
