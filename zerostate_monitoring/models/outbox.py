"""What is to be told to whom, the messages that tell it, and what came of each try."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from zerostate_monitoring.models.alert import Alert, AlertEvent
from zerostate_monitoring.models.receiver import Receiver, Route


class NotificationGroup(models.Model):
    """Alerts that one receiver of a route is told in one message."""

    key = models.CharField(_("key"), max_length=64, unique=True)
    route = models.ForeignKey(Route, null=True, on_delete=models.SET_NULL, related_name="groups")
    receiver = models.ForeignKey(Receiver, on_delete=models.CASCADE, related_name="groups")
    labels = models.JSONField(_("labels"), default=dict)
    flush_at = models.DateTimeField(_("next flush"), null=True, blank=True, db_index=True)
    flushed_at = models.DateTimeField(_("last flush"), null=True, blank=True)
    told_at = models.DateTimeField(
        _("last message"), null=True, blank=True, help_text=_("When it was frozen.")
    )
    sent_at = models.DateTimeField(_("last sent"), null=True, blank=True)
    claimed_until = models.DateTimeField(_("claimed until"), null=True, blank=True)
    claim_token = models.CharField(_("claim"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("notification group")
        verbose_name_plural = _("notification groups")

    def __str__(self) -> str:
        return ", ".join(f"{name}={text}" for name, text in sorted(self.labels.items())) or self.key


class Notice(models.TextChoices):
    """What a receiver is to be told of an alert."""

    FIRED = "fired", _("fired")
    RESOLVED = "resolved", _("resolved")
    REPEATED = "repeated", _("still firing")
    ESCALATED = "escalated", _("nobody acknowledged")


class MessageState(models.TextChoices):
    """Where a message stands."""

    DUE = "due", _("due")
    LEASED = "leased", _("being sent")
    SENT = "sent", _("sent")
    DEAD = "dead", _("dead letter")
    SUPERSEDED = "superseded", _("superseded")


class Message(models.Model):
    """A message as it was frozen before its first try: each try sends the same bytes and key."""

    key = models.CharField(
        _("idempotency key"), max_length=64, unique=True, help_text=_("Goes with each try.")
    )
    receiver = models.ForeignKey(
        Receiver, null=True, on_delete=models.SET_NULL, related_name="messages"
    )
    receiver_name = models.CharField(_("receiver"), max_length=200)
    group = models.ForeignKey(
        NotificationGroup, null=True, blank=True, on_delete=models.SET_NULL, related_name="messages"
    )
    purpose = models.CharField(
        _("purpose"), max_length=20, default="alerts", help_text=_("alerts, test, reminder, canary")
    )
    subject = models.CharField(_("subject"), max_length=500, blank=True)
    payload = models.JSONField(_("payload"))
    state = models.CharField(
        _("state"), max_length=20, choices=MessageState, default=MessageState.DUE
    )
    created_at = models.DateTimeField(_("created"), db_index=True)
    next_try_at = models.DateTimeField(_("next try"), null=True, blank=True)
    attempts = models.PositiveIntegerField(_("tries"), default=0)
    lease_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    lease_token = models.CharField(_("lease"), max_length=40, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True, db_index=True)
    answer = models.TextField(_("answer"), blank=True, help_text=_("What the receiver said last."))
    status = models.IntegerField(_("status"), null=True, blank=True)
    instead_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="fallbacks"
    )
    passed_on_at = models.DateTimeField(
        _("passed on"),
        null=True,
        blank=True,
        help_text=_("Since then the next receiver of the route is told in its stead."),
    )
    resent_at = models.DateTimeField(
        _("sent again"), null=True, blank=True, help_text=_("When an operator wanted that.")
    )
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.CharField(_("closed by"), max_length=200, blank=True)
    comment = models.TextField(_("comment"), blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ("-created_at", "-pk")
        permissions = (("resend_message", "Can send dead letters again"),)
        indexes = (
            # Claiming stays quick beside millions of messages that were sent.
            models.Index(
                fields=("receiver", "next_try_at"),
                condition=models.Q(state="due"),
                name="zsm_message_due",
            ),
            # A message waits for those of its group before it.
            models.Index(
                fields=("group",),
                condition=models.Q(state__in=("due", "leased")),
                name="zsm_message_open",
            ),
            models.Index(
                fields=("lease_until",),
                condition=models.Q(state="leased"),
                name="zsm_message_leased",
            ),
            models.Index(
                fields=("ended_at",),
                condition=models.Q(state="dead"),
                name="zsm_message_dead",
            ),
            # What a receiver answered last is found beside any number of older answers.
            models.Index(
                fields=("receiver", "id"),
                condition=models.Q(attempts__gt=0),
                name="zsm_message_answered",
            ),
        )

    def __str__(self) -> str:
        return self.subject or self.key


class OutboxState(models.TextChoices):
    """Where it stands that a receiver is to be told something."""

    DUE = "due", _("due")
    FROZEN = "frozen", _("in a message")
    SENT = "sent", _("sent")
    SUPERSEDED = "superseded", _("superseded")
    SUPPRESSED = "suppressed", _("suppressed")
    DEAD = "dead", _("dead letter")


class OutboxEntry(models.Model):
    """A transition that a receiver is to be told: written in the transaction of the transition."""

    event = models.ForeignKey(AlertEvent, on_delete=models.CASCADE, related_name="outbox")
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="outbox")
    receiver = models.ForeignKey(Receiver, on_delete=models.CASCADE, related_name="outbox")
    group = models.ForeignKey(NotificationGroup, on_delete=models.CASCADE, related_name="outbox")
    notice = models.CharField(_("notice"), max_length=20, choices=Notice)
    step = models.PositiveSmallIntegerField(_("step of the route"), default=0)
    state = models.CharField(
        _("state"), max_length=20, choices=OutboxState, default=OutboxState.DUE
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("created"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    message = models.ForeignKey(
        Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="entries"
    )
    instead_of = models.ForeignKey(
        Message,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="passed_on",
        help_text=_("The message of another receiver that could not be delivered."),
    )

    class Meta:
        verbose_name = _("outbox entry")
        verbose_name_plural = _("outbox entries")
        ordering = ("-created_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("event", "receiver", "group"),
                # That an alert still fires is told again and again.
                condition=~models.Q(notice="repeated"),
                name="zerostate_monitoring_outbox_once",
            ),
        )
        indexes = (
            models.Index(
                fields=("group",),
                condition=models.Q(state="due"),
                name="zsm_outbox_due",
            ),
            models.Index(fields=("alert", "group"), name="zsm_outbox_alert"),
            # What is old is deleted in its order.
            models.Index(
                fields=("ended_at",),
                condition=models.Q(ended_at__isnull=False),
                name="zsm_outbox_ended",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_notice_display()}: {self.alert}"


class Attempt(models.Model):
    """One try to send a message, written before it is made: a crash leaves it without an end."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="tries")
    started_at = models.DateTimeField(_("started"))
    seconds = models.FloatField(_("seconds"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=20, default="started")
    status = models.IntegerField(_("status"), null=True, blank=True)
    answer = models.TextField(_("answer"), blank=True)

    class Meta:
        verbose_name = _("try")
        verbose_name_plural = _("tries")
        ordering = ("started_at", "pk")

    def __str__(self) -> str:
        return f"{self.message_id} {self.outcome}"
