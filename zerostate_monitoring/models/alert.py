"""Alerts, and what happened to each."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from zerostate_monitoring.models.rule import Rule
from zerostate_monitoring.models.words import LIVE, AlertState, EndReason, EventKind, Verdict


class Alert(models.Model):
    """One alert, from pending to its end; it outlives its rule.

    Times of the state machine are slots of evaluation. ``active_at`` counts towards ``for``
    and moves when time does not count (see docs/alerts.md); ``started_at`` never moves.
    """

    rule = models.ForeignKey(Rule, null=True, on_delete=models.SET_NULL, related_name="alerts")
    rule_name = models.CharField(_("name"), max_length=200, db_index=True)
    rule_version = models.PositiveIntegerField(_("version of the rule"), default=1)
    group_name = models.CharField(_("rule group"), max_length=200, blank=True)
    fingerprint = models.CharField(_("fingerprint"), max_length=32, db_index=True)
    labels = models.JSONField(_("labels"))
    annotations = models.JSONField(
        _("annotations"), default=dict, help_text=_("As they were at the last transition.")
    )
    series = models.JSONField(
        _("labels of its series"),
        null=True,
        editable=False,
        help_text=_(
            "Those that templates see: with the metric's name, and without the rule's own."
        ),
    )
    severity = models.CharField(_("severity"), max_length=200, blank=True, db_index=True)
    layer = models.CharField(_("layer"), max_length=200, blank=True)
    state = models.CharField(_("state"), max_length=20, choices=AlertState, db_index=True)
    value = models.FloatField(
        _("value"), null=True, help_text=_("At the last transition; none for NaN.")
    )
    started_at = models.DateTimeField(_("first seen"))
    active_at = models.DateTimeField(_("active since"))
    fired_at = models.DateTimeField(_("fired"), null=True, blank=True, db_index=True)
    keep_since = models.DateTimeField(_("absent since"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True, db_index=True)
    end_reason = models.CharField(_("why it ended"), max_length=20, choices=EndReason, blank=True)
    held = models.CharField(
        _("kept because"), max_length=200, blank=True, help_text=_("Why it lasts without data.")
    )
    observed = models.BooleanField(
        _("observed"), default=False, help_text=_("Its rule was observing: nothing is sent.")
    )
    is_unrouted = models.BooleanField(_("no receiver"), default=False)

    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    acknowledged_until = models.DateTimeField(
        _("acknowledged until"), null=True, blank=True, help_text=_("Then it is told again.")
    )
    acknowledgement = models.TextField(_("comment"), blank=True)
    verdict = models.CharField(_("verdict"), max_length=10, choices=Verdict, blank=True)

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        ordering = ("-started_at", "-pk")
        permissions = (
            ("acknowledge_alert", "Can acknowledge alerts"),
            ("judge_alert", "Can say whether an alert was useful"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("rule", "fingerprint"),
                condition=models.Q(state__in=LIVE),
                name="zerostate_monitoring_alert_live_once",
            ),
            # An Alertmanager may tell of alerts that have no rule here.
            models.UniqueConstraint(
                fields=("fingerprint",),
                condition=models.Q(state__in=LIVE, rule__isnull=True),
                name="zerostate_monitoring_alert_without_rule_live_once",
            ),
        )
        indexes = (
            # Each evaluation reads the live alerts of its rules.
            models.Index(
                fields=("rule",), condition=models.Q(state__in=LIVE), name="zsm_alert_live"
            ),
        )

    def __str__(self) -> str:
        return self.rule_name

    @property
    def is_live(self) -> bool:
        """Whether it is pending or firing."""
        return self.state in LIVE


ANNOUNCED = (EventKind.FIRING, EventKind.RESOLVED, EventKind.ACKNOWLEDGED)
"""What the project's own code hears of by a signal."""


class AlertEvent(models.Model):
    """One thing that happened to an alert; rows are added, and what they say never changes."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(_("kind"), max_length=20, choices=EventKind)
    at = models.DateTimeField(_("at"), db_index=True)
    slot_ms = models.BigIntegerField(_("slot"), null=True, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    detail = models.JSONField(_("detail"), default=dict, blank=True)
    announced_at = models.DateTimeField(
        _("announced"), null=True, blank=True, help_text=_("When its signal was sent.")
    )
    announce_after = models.DateTimeField(_("announced again"), null=True, blank=True)
    announce_tries = models.PositiveSmallIntegerField(_("tries to announce"), default=0)

    class Meta:
        verbose_name = _("event of an alert")
        verbose_name_plural = _("events of alerts")
        ordering = ("at", "pk")
        indexes = (
            models.Index(
                fields=("id",),
                condition=models.Q(announced_at=None, kind__in=ANNOUNCED),
                name="zsm_event_unannounced",
            ),
            # Who first took an alert on is found among its events, which may be many.
            models.Index(
                fields=("alert", "id"),
                condition=models.Q(kind=EventKind.ACKNOWLEDGED),
                name="zsm_event_acknowledged",
            ),
        )

    def __str__(self) -> str:
        return f"{self.alert_id} {self.kind}"


class Evidence(models.Model):
    """Values of an expression and its operands around a transition, kept with the alert."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="evidence")
    kind = models.CharField(_("at"), max_length=20, choices=EventKind)
    at_ms = models.BigIntegerField(_("slot"))
    complete_at = models.DateTimeField(
        _("complete"), db_index=True, null=True, help_text=_("When the part after it is due.")
    )
    series = models.BinaryField(_("series"), default=bytes)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        constraints = (
            models.UniqueConstraint(
                fields=("alert", "kind", "at_ms"), name="zerostate_monitoring_evidence_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.alert_id} {self.kind}"
