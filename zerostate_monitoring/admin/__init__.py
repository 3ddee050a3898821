"""The stock Django admin over the rows, with live values from the store.

``register(site)`` puts the classes on a project's own ``AdminSite``; on Django's default
site they are there by themselves where ``django.contrib.admin`` is installed.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import Model

from zerostate_monitoring.models import (
    Alert,
    Collector,
    Evaluation,
    Inhibition,
    LogLevel,
    MaintenanceWindow,
    Message,
    Metric,
    Node,
    NotificationGroup,
    OutboxEntry,
    Overview,
    Receiver,
    Route,
    Rule,
    RuleGroup,
    Silence,
)
from zerostate_monitoring.promql.bursts import loading

# Alerts, rules and all that stands below them come with these, and nothing of it is garbage.
with loading():
    from zerostate_monitoring.admin.alerts import AlertAdmin, EvaluationAdmin
    from zerostate_monitoring.admin.base import ModelAdmin
    from zerostate_monitoring.admin.collectors import CollectorAdmin
    from zerostate_monitoring.admin.delivery import (
        MessageAdmin,
        NotificationGroupAdmin,
        OutboxAdmin,
    )
    from zerostate_monitoring.admin.holding.inhibitions import InhibitionAdmin
    from zerostate_monitoring.admin.holding.silences import SilenceAdmin
    from zerostate_monitoring.admin.holding.windows import WindowAdmin
    from zerostate_monitoring.admin.log_levels import LogLevelAdmin
    from zerostate_monitoring.admin.metrics import MetricAdmin
    from zerostate_monitoring.admin.nodes import NodeAdmin
    from zerostate_monitoring.admin.overview import OverviewAdmin
    from zerostate_monitoring.admin.receivers import ReceiverAdmin
    from zerostate_monitoring.admin.routing.routes import RouteAdmin
    from zerostate_monitoring.admin.rules import RuleAdmin, RuleGroupAdmin

__all__ = [
    "AlertAdmin",
    "CollectorAdmin",
    "EvaluationAdmin",
    "InhibitionAdmin",
    "LogLevelAdmin",
    "MessageAdmin",
    "MetricAdmin",
    "NodeAdmin",
    "NotificationGroupAdmin",
    "OutboxAdmin",
    "OverviewAdmin",
    "ReceiverAdmin",
    "RouteAdmin",
    "RuleAdmin",
    "RuleGroupAdmin",
    "SilenceAdmin",
    "WindowAdmin",
    "register",
]


def register(site: admin.AdminSite) -> None:
    """Register all classes on ``site``; those it has already stay."""
    classes: dict[type[Model], type[ModelAdmin[Any]]] = {
        Overview: OverviewAdmin,
        Metric: MetricAdmin,
        Node: NodeAdmin,
        Collector: CollectorAdmin,
        Alert: AlertAdmin,
        Rule: RuleAdmin,
        RuleGroup: RuleGroupAdmin,
        Evaluation: EvaluationAdmin,
        Silence: SilenceAdmin,
        MaintenanceWindow: WindowAdmin,
        Inhibition: InhibitionAdmin,
        Route: RouteAdmin,
        Receiver: ReceiverAdmin,
        Message: MessageAdmin,
        OutboxEntry: OutboxAdmin,
        NotificationGroup: NotificationGroupAdmin,
        LogLevel: LogLevelAdmin,
    }
    for model, model_admin in classes.items():
        if not site.is_registered(model):
            site.register(model, model_admin)


if apps.is_installed("django.contrib.admin"):
    register(admin.site)
