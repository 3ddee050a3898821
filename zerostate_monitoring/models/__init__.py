"""Rows: definitions, and the state that must outlive the store."""

from __future__ import annotations

from zerostate_monitoring.models.collector import Collector
from zerostate_monitoring.models.metric import Metric
from zerostate_monitoring.models.node import Node

__all__ = ["Collector", "Metric", "Node"]
