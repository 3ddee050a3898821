"""What is connected to what once Django's apps are loaded. Nothing is read or opened here."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any, Final

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.core.signals import request_started
from django.db.models.signals import post_delete, post_migrate, post_save, pre_delete, pre_save
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from zerostate_monitoring.alerting import editing
from zerostate_monitoring.alerting import live as live_alerts  # noqa: F401 - importing registers
from zerostate_monitoring.alerting.delivery.receivers import receiver_deleted
from zerostate_monitoring.alerting.routing import silencing
from zerostate_monitoring.alerting.routing.guarding import check_disabling
from zerostate_monitoring.alerting.signals import messages_due
from zerostate_monitoring.alerting.suppression import criticals
from zerostate_monitoring.checks import CHECKS, DEPLOY_CHECKS
from zerostate_monitoring.collectors import (  # noqa: F401 - importing registers them
    alerting,
    celery,
    economic,
    execution,
    monitoring,
    nodes,
    recorded,
    rows,
    signals,
)
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exposition.substitute import answer_with
from zerostate_monitoring.health import collecting, own  # noqa: F401 - importing registers
from zerostate_monitoring.health.saying import life_changed
from zerostate_monitoring.instrumentation import life, log_events, own_process, publisher, security
from zerostate_monitoring.instrumentation.celery import connect as listen_to_celery
from zerostate_monitoring.instrumentation.celery import connect_lines
from zerostate_monitoring.models import (
    Collector,
    Inhibition,
    MaintenanceWindow,
    Metric,
    Node,
    Receiver,
    Route,
    Rule,
    RuleGroup,
    Silence,
)
from zerostate_monitoring.models.receiver import receiver_checks
from zerostate_monitoring.models.rule import kept_names
from zerostate_monitoring.models.rule_schema import page_requested
from zerostate_monitoring.notifiers.checking import check_receiver
from zerostate_monitoring.querying.page import answer_page
from zerostate_monitoring.storage import kept

PAGE: Final = "zerostate_monitoring.views.metrics_or_own"
"""What answers where a project mounts django_prometheus.urls."""


def connect(app: AppConfig) -> None:
    """Register system checks, the project's collectors, and the receivers of signals."""
    for check in CHECKS:
        register(check)
    for check in DEPLOY_CHECKS:
        register(check, Tags.security, deploy=True)
    autodiscover_modules("collectors")
    autodiscover_modules("monitoring_health")
    post_migrate.connect(sync_after_migrate, sender=app)
    post_save.connect(rows.node_saved, sender=Node)
    post_delete.connect(rows.node_deleted, sender=Node)
    post_save.connect(rows.collector_saved, sender=Collector)
    post_save.connect(rows.metric_saved, sender=Metric)
    _connect_rules()
    life.connect(life_changed)
    life.connect(own_process.become)
    life.connect_modules(_tasks)
    signals.run_requested.connect(request_run)
    signals.workers_requested.connect(list_workers)
    signals.queues_requested.connect(list_queues)
    security.connect()
    connect_lines()
    if conf.ENABLED:
        listen_to_celery()
        log_events.connect()
        own_process.connect()
        request_started.connect(wake_publisher)
        publisher.guard_exit()
    if conf.REPLACE_DJANGO_PROMETHEUS_VIEW:
        answer_with(PAGE)


def _connect_rules() -> None:
    """What rules, alerts and receivers want to be told, and what they tell."""
    post_save.connect(editing.rule_saved, sender=Rule)
    pre_delete.connect(editing.rule_deleted, sender=Rule)
    post_save.connect(editing.group_saved, sender=RuleGroup)
    pre_delete.connect(receiver_deleted, sender=Receiver)
    post_save.connect(criticals.holding_saved, sender=Silence)
    post_save.connect(criticals.holding_saved, sender=MaintenanceWindow)
    post_save.connect(criticals.holding_saved, sender=Inhibition)
    post_save.connect(criticals.rule_saved, sender=Rule)
    pre_delete.connect(criticals.rule_deleted, sender=Rule)
    post_save.connect(criticals.group_saved, sender=RuleGroup)
    pre_save.connect(silencing.route_saved, sender=Route)
    pre_delete.connect(silencing.route_deleted, sender=Route)
    pre_save.connect(silencing.receiver_saved, sender=Receiver)
    page_requested.connect(answer_page)
    messages_due.connect(wake_delivery)
    for check in (check_receiver, check_disabling):
        if check not in receiver_checks:
            receiver_checks.append(check)
    if kept_names not in kept.MARKS:
        kept.MARKS.append(kept_names)


def _tasks() -> ModuleType:
    """Celery's door, which is loaded by who runs or sends a task, not by each start."""
    return import_module("zerostate_monitoring.tasks")


def request_run(sender: object, **kwargs: Any) -> Any:
    """Receiver of ``run_requested``; see ``tasks``."""
    return _tasks().request_run(sender, **kwargs)


def list_workers(sender: object, **kwargs: Any) -> Any:
    """Receiver of ``workers_requested``; see ``tasks``."""
    return _tasks().list_workers(sender, **kwargs)


def list_queues(sender: object, **kwargs: Any) -> Any:
    """Receiver of ``queues_requested``; see ``tasks``."""
    return _tasks().list_queues(sender, **kwargs)


def wake_delivery(sender: object, **kwargs: Any) -> None:
    """Receiver of ``messages_due``; see ``tasks``."""
    _tasks().wake_delivery(sender, **kwargs)


def wake_publisher(sender: object, **kwargs: Any) -> None:
    """A process that answers requests counts something; receiver of ``request_started``."""
    own_process.become("web")
    publisher.wake()


def sync_after_migrate(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """Bring rows of what the code declares up to date; receiver of ``post_migrate``."""
    from zerostate_monitoring.alerting import shipping  # noqa: PLC0415 - all built-in rules

    now = timezone.now()
    rows.sync_rows(using, now)
    shipping.sync_shipped(using, now)
