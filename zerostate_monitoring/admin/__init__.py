"""The stock Django admin over the rows, with live values from the store.

``register(site)`` puts the classes on a project's own ``AdminSite``; on Django's default
site they are there by themselves where ``django.contrib.admin`` is installed.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import Model

from zerostate_monitoring.admin.base import ModelAdmin
from zerostate_monitoring.admin.collectors import CollectorAdmin
from zerostate_monitoring.admin.metrics import MetricAdmin
from zerostate_monitoring.admin.nodes import NodeAdmin
from zerostate_monitoring.models import Collector, Metric, Node

__all__ = ["CollectorAdmin", "MetricAdmin", "NodeAdmin", "register"]


def register(site: admin.AdminSite) -> None:
    """Register all classes on ``site``; those it has already stay."""
    classes: dict[type[Model], type[ModelAdmin[Any]]] = {
        Metric: MetricAdmin,
        Node: NodeAdmin,
        Collector: CollectorAdmin,
    }
    for model, model_admin in classes.items():
        if not site.is_registered(model):
            site.register(model, model_admin)


if apps.is_installed("django.contrib.admin"):
    register(admin.site)
