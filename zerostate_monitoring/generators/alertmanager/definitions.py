"""The rows, read once: one query for each kind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import Any

from django.conf import settings
from django.db.models import Prefetch

from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.generators.addresses import program_url
from zerostate_monitoring.generators.alertmanager.values import (
    Definitions,
    InhibitionValue,
    Mail,
    ReceiverValue,
    RouteValue,
    WindowValue,
)
from zerostate_monitoring.generators.options import ExportOptions
from zerostate_monitoring.models import (
    Inhibition,
    MaintenanceWindow,
    Receiver,
    Route,
    RouteStep,
)
from zerostate_monitoring.models.suppression import WindowKind
from zerostate_monitoring.notifiers import KINDS, notifier_of, target_of


def defined(options: ExportOptions) -> Definitions:
    """What the enabled rows say; five queries."""
    receivers = Receiver.objects.filter(enabled=True).order_by("name")
    return Definitions(
        receivers={row.pk: _receiver(row) for row in receivers},
        routes=tuple(_routes()),
        inhibitions=tuple(map(_inhibition, Inhibition.objects.filter(enabled=True))),
        windows=tuple(map(_window, MaintenanceWindow.objects.filter(enabled=True))),
        mail=_mail(),
        webhook_url=program_url(options, "alertmanager_webhook"),
        evaluates=conf.EVALUATE,
        has_heartbeat=bool(conf.HEARTBEAT_URL),
    )


def _receiver(row: Receiver) -> ReceiverValue:
    config = row.config if isinstance(row.config, dict) else {}
    secrets, fault = frozenset[str](), ""
    try:
        target = target_of(row)
        secrets = frozenset(target.secrets)
        if row.kind in KINDS:
            faults = notifier_of(row.kind).faults(target)
            fault = " ".join(f"{each.field}: {each.reason}" for each in faults)
    except ConfigurationError as error:
        fault = str(error)
    return ReceiverValue(
        pk=row.pk,
        name=row.name,
        kind=row.kind,
        config=config,
        secrets=secrets,
        send_resolved=row.send_resolved,
        fault=fault,
    )


def _routes() -> Iterator[RouteValue]:
    steps = Prefetch("steps", RouteStep.objects.select_related("receiver").order_by("position"))
    for row in Route.objects.filter(enabled=True).prefetch_related(steps):
        usable = [step.receiver_id for step in row.steps.all() if step.receiver.enabled]
        yield RouteValue(
            name=row.name,
            matchers=row.matchers,
            is_continued=row.is_continued,
            steps=tuple(usable),
            group_by=_names(row.group_by),
            group_wait_seconds=row.group_wait_seconds,
            group_interval_seconds=row.group_interval_seconds,
            repeat_interval_seconds=row.repeat_interval_seconds,
        )


def _inhibition(row: Inhibition) -> InhibitionValue:
    return InhibitionValue(
        name=row.name,
        source=row.source_matchers,
        target=row.target_matchers,
        equal=_names(row.equal),
    )


def _window(row: MaintenanceWindow) -> WindowValue:
    faults = row.faults()
    once = None
    if row.kind == WindowKind.ONCE and row.starts_at and row.ends_at:
        times = (at.astimezone(UTC) for at in (row.starts_at, row.ends_at))
        starts, ends = (f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in times)
        once = (starts, ends)
    return WindowValue(
        name=row.name,
        matchers=row.matchers,
        zone=row.zone,
        weekdays=tuple(row.weekdays) if isinstance(row.weekdays, list) else (),
        start=row.start_time,
        end=row.end_time,
        once=once,
        fault=" ".join(faults),
    )


def _mail() -> Mail:
    is_smtp = settings.EMAIL_BACKEND.endswith(".smtp.EmailBackend")
    return Mail(
        host=settings.EMAIL_HOST if is_smtp else "",
        port=int(settings.EMAIL_PORT),
        sender=settings.DEFAULT_FROM_EMAIL,
        username=settings.EMAIL_HOST_USER,
        has_password=bool(settings.EMAIL_HOST_PASSWORD),
        starts_tls=settings.EMAIL_USE_TLS,
        is_tls=settings.EMAIL_USE_SSL,
    )


def _names(value: Any) -> tuple[str, ...]:
    """Names of labels; a row that was not written through a form may hold anything."""
    return tuple(map(str, value)) if isinstance(value, list) else ()
