"""Rows: definitions, and the state that must outlive the store."""

from __future__ import annotations

from zerostate_monitoring.models.alert import Alert, AlertEvent, Evidence
from zerostate_monitoring.models.collector import Collector
from zerostate_monitoring.models.heartbeat import Heartbeat
from zerostate_monitoring.models.kept import KeptDay, KeptSeries
from zerostate_monitoring.models.log_level import LogLevel
from zerostate_monitoring.models.mark import Mark
from zerostate_monitoring.models.metric import Metric
from zerostate_monitoring.models.node import Node
from zerostate_monitoring.models.outbox import Attempt, Message, NotificationGroup, OutboxEntry
from zerostate_monitoring.models.overview import Overview
from zerostate_monitoring.models.receiver import Receiver, ReceiverState, Route, RouteStep
from zerostate_monitoring.models.rule import Rule, RuleState, RuleVersion
from zerostate_monitoring.models.rule_group import Evaluation, GroupState, RuleGroup
from zerostate_monitoring.models.suppression import Inhibition, MaintenanceWindow, Silence
from zerostate_monitoring.models.tally import Tally

__all__ = [
    "Alert",
    "AlertEvent",
    "Attempt",
    "Collector",
    "Evaluation",
    "Evidence",
    "GroupState",
    "Heartbeat",
    "Inhibition",
    "KeptDay",
    "KeptSeries",
    "LogLevel",
    "MaintenanceWindow",
    "Mark",
    "Message",
    "Metric",
    "Node",
    "NotificationGroup",
    "OutboxEntry",
    "Overview",
    "Receiver",
    "ReceiverState",
    "Route",
    "RouteStep",
    "Rule",
    "RuleGroup",
    "RuleState",
    "RuleVersion",
    "Silence",
    "Tally",
]
