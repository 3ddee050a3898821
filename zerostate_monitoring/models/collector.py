"""One row per collector: when it ran, how that ended, and what it must remember."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Collector(models.Model):
    """State of one collector, written once per run."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    source = models.CharField(_("source"), max_length=50, blank=True)
    enabled = models.BooleanField(_("enabled"), default=True)
    interval_seconds = models.FloatField(_("interval in seconds"), default=60)
    dispatched_at = models.DateTimeField(
        _("last handed out"),
        null=True,
        blank=True,
        help_text=_("When a worker last put a due run into the queue."),
    )
    last_started_at = models.DateTimeField(_("last started"), null=True, blank=True)
    last_success_at = models.DateTimeField(_("last success"), null=True, blank=True)
    last_failure_at = models.DateTimeField(_("last failure"), null=True, blank=True)
    last_error = models.TextField(_("last error"), blank=True)
    last_error_kind = models.CharField(_("kind of the last error"), max_length=50, blank=True)
    failures_in_a_row = models.PositiveIntegerField(_("failures in a row"), default=0)
    duration_seconds = models.FloatField(_("duration in seconds"), null=True, blank=True)
    samples = models.PositiveIntegerField(_("samples"), default=0)
    absent = models.JSONField(
        _("absent families"), default=dict, blank=True, help_text=_("Family to reason.")
    )
    refused = models.JSONField(
        _("refused families"), default=dict, blank=True, help_text=_("Family to reason.")
    )
    carry = models.JSONField(
        _("carried counts"),
        default=dict,
        blank=True,
        help_text=_("What purged rows had counted, so that counters do not fall."),
    )
    token = models.BigIntegerField(
        _("fencing token"),
        default=0,
        help_text=_("Grows with every run; a run that was overtaken cannot write its state."),
    )

    class Meta:
        verbose_name = _("collector")
        verbose_name_plural = _("collectors")
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(interval_seconds__gt=0),
                name="zerostate_monitoring_collector_interval_positive",
            ),
        )

    def __str__(self) -> str:
        return self.name
