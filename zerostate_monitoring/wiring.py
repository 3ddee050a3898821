"""What is connected to what once Django's apps are loaded. Nothing is read or opened here."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.core.checks import register
from django.core.signals import request_started
from django.db.models.signals import post_delete, post_migrate, post_save
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from zerostate_monitoring import tasks, views
from zerostate_monitoring.checks import CHECKS
from zerostate_monitoring.collectors import (  # noqa: F401 - importing registers them
    celery,
    economic,
    execution,
    monitoring,
    nodes,
    rows,
    signals,
)
from zerostate_monitoring.conf import conf
from zerostate_monitoring.instrumentation import publisher
from zerostate_monitoring.instrumentation.celery import connect as listen_to_celery
from zerostate_monitoring.models import Collector, Metric, Node


def connect(app: AppConfig) -> None:
    """Register system checks, the project's collectors, and the receivers of signals."""
    for check in CHECKS:
        register(check)
    autodiscover_modules("collectors")
    post_migrate.connect(sync_after_migrate, sender=app)
    post_save.connect(rows.node_saved, sender=Node)
    post_delete.connect(rows.node_deleted, sender=Node)
    post_save.connect(rows.collector_saved, sender=Collector)
    post_save.connect(rows.metric_saved, sender=Metric)
    signals.run_requested.connect(tasks.request_run)
    signals.workers_requested.connect(tasks.list_workers)
    signals.queues_requested.connect(tasks.list_queues)
    if conf.ENABLED:
        listen_to_celery()
        request_started.connect(wake_publisher)
        publisher.guard_exit()
    if conf.REPLACE_DJANGO_PROMETHEUS_VIEW:
        views.replace_django_prometheus_view()


def wake_publisher(sender: object, **kwargs: Any) -> None:
    """A process that answers requests counts something; receiver of ``request_started``."""
    publisher.wake()


def sync_after_migrate(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """Bring metric and collector rows up to date; receiver of ``post_migrate``."""
    rows.sync_rows(using, timezone.now())
