"""Rules and their groups in the admin."""

from __future__ import annotations

from zerostate_monitoring.admin.rules.groups import RuleGroupAdmin
from zerostate_monitoring.admin.rules.rules import RuleAdmin

__all__ = ["RuleAdmin", "RuleGroupAdmin"]
