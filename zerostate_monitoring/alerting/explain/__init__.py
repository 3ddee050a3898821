"""Why a rule's alert is pending, fires, or does not, at any time; and who was told of it.

``explain`` gathers what is known and says it in sections, for a terminal or a page.
"""

from __future__ import annotations

from zerostate_monitoring.alerting.explain.telling import explain
from zerostate_monitoring.alerting.explain.values import Explanation, Section

__all__ = ["Explanation", "Section", "explain"]
