"""Receivers, and the routes that alerts take to them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zerostate_monitoring.models.refusing import Errors, matcher_faults, name_faults, refuse
from zerostate_monitoring.models.words import Origin, Severity
from zerostate_monitoring.rules.breadth import may_have

ALL_LABELS: Final = "..."
"""In ``group_by``: each alert is a message of its own."""

Check = Callable[["Receiver"], None]

receiver_checks: Final[list[Check]] = []
"""What ``Receiver.clean`` asks: the notifiers know what a receiver may hold, and lie above."""


class Receiver(models.Model):
    """Where messages go. ``kind`` names a notifier; ``secret`` is encrypted at rest."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    kind = models.CharField(_("kind"), max_length=50)
    config = models.JSONField(_("configuration"), default=dict, blank=True)
    secret = models.TextField(
        _("secrets"), blank=True, editable=False, help_text=_("Encrypted; never shown again.")
    )
    send_resolved = models.BooleanField(_("send resolved"), default=True)
    enabled = models.BooleanField(_("enabled"), default=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("receiver")
        verbose_name_plural = _("receivers")
        ordering = ("name",)
        permissions = (("test_receiver", "Can send test messages"),)

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse what its notifier cannot send with.

        Raises:
            ValidationError: by field; those of the configuration stand under ``config``.
        """
        super().clean()
        for check in receiver_checks:
            check(self)


class ReceiverState(models.Model):
    """How delivery to a receiver goes. Written by the delivery alone."""

    receiver = models.OneToOneField(
        Receiver, on_delete=models.CASCADE, primary_key=True, related_name="state"
    )
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    failures_in_a_row = models.PositiveIntegerField(_("failures in a row"), default=0)
    probe_at = models.DateTimeField(
        _("tried again"),
        null=True,
        blank=True,
        help_text=_("Until then its messages go elsewhere."),
    )
    last_success_at = models.DateTimeField(_("last success"), null=True, blank=True)
    last_error = models.TextField(_("last error"), blank=True)

    class Meta:
        verbose_name = _("state of a receiver")
        verbose_name_plural = _("states of receivers")

    def __str__(self) -> str:
        return str(self.receiver_id)


class Route(models.Model):
    """Which alerts go to which receivers. Routes are looked through in their order.

    The first that matches takes the alert; those after it are looked at, too, if it says so.
    Its steps are its receivers: the first is told at once, each next one when the one before
    it failed, or when nobody has acknowledged in time.
    """

    name = models.CharField(_("name"), max_length=200, unique=True)
    position = models.PositiveIntegerField(
        _("position"),
        default=10,
        help_text=_("0 is that of the heartbeat, which must not go anywhere else."),
    )
    enabled = models.BooleanField(_("enabled"), default=True)
    matchers = models.TextField(
        _("matchers"),
        blank=True,
        help_text=_('One per line, such as severity="critical"; none for all alerts.'),
    )
    is_continued = models.BooleanField(
        _("continue"), default=False, help_text=_("Look at the routes after this one, too.")
    )
    group_by = models.JSONField(
        _("group by"),
        default=list,
        blank=True,
        help_text=_("Labels; alerts that share them are one message."),
    )
    group_wait_seconds = models.FloatField(_("group wait in seconds"), default=30)
    group_interval_seconds = models.FloatField(_("group interval in seconds"), default=300)
    repeat_interval_seconds = models.FloatField(_("repeat interval in seconds"), default=4 * 3600)
    origin = models.CharField(
        _("origin"), max_length=20, choices=Origin, default=Origin.OWN, editable=False
    )
    shipped_key = models.CharField(_("shipped as"), max_length=200, blank=True, editable=False)

    class Meta:
        verbose_name = _("route")
        verbose_name_plural = _("routes")
        ordering = ("position", "name")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse matchers that cannot be read, and times that fit neither sense nor each other."""
        errors: Errors = {
            "matchers": matcher_faults(self.matchers),
            "group_by": name_faults(self.group_by, ALL_LABELS),
            **self._time_faults(),
        }
        if not errors["group_by"] and ALL_LABELS in self.group_by and len(self.group_by) > 1:
            errors["group_by"] = [gettext("... stands alone: each alert is its own message.")]
        refuse(errors)

    def step_faults(self, receivers: Collection[int]) -> list[str]:
        """What is wrong with ``receivers`` (primary keys of its steps' enabled ones) as its steps.

        Nothing of a route that is disabled.
        """
        if not self.enabled:
            return []
        if not receivers:
            return [gettext("A route needs at least one receiver that is enabled.")]
        if len(set(receivers)) < 2 and self.may_take_critical():
            return [
                gettext(
                    "This route can take critical alerts and has no fallback: add a second, "
                    'different receiver, or the matcher severity!="critical".'
                )
            ]
        return []

    def may_take_critical(self) -> bool:
        """Whether critical alerts can meet its matchers; so they do if these cannot be read."""
        return bool(matcher_faults(self.matchers)) or may_have(
            self.matchers, "severity", Severity.CRITICAL
        )

    def _time_faults(self) -> Errors:
        # None where a form could not read it, which it says itself.
        names = ("group_wait_seconds", "group_interval_seconds", "repeat_interval_seconds")
        wait, interval, repeat = (getattr(self, name) for name in names)
        errors: Errors = {}
        if wait is not None and wait < 0:
            errors["group_wait_seconds"] = [gettext("It cannot be less than 0.")]
        if interval is not None and interval <= 0:
            errors["group_interval_seconds"] = [gettext("It must be more than 0.")]
        if interval is not None and repeat is not None and repeat < max(interval, 0):
            said = gettext("It cannot be less than the group interval.")
            errors["repeat_interval_seconds"] = [said]
        return errors


class RouteStep(models.Model):
    """One receiver of a route."""

    route = models.ForeignKey(Route, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveIntegerField(_("position"), default=0)
    receiver = models.ForeignKey(Receiver, on_delete=models.PROTECT, related_name="steps")
    after_seconds = models.FloatField(
        _("after seconds without acknowledgement"),
        null=True,
        blank=True,
        help_text=_("Since the step before it was told; none: only if that one fails."),
    )

    class Meta:
        verbose_name = _("step of a route")
        verbose_name_plural = _("steps of routes")
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return f"{self.route} → {self.receiver}"

    def clean(self) -> None:
        """Refuse a time that is none."""
        if self.after_seconds is not None and self.after_seconds <= 0:
            refuse({"after_seconds": [gettext("It must be more than 0, or empty.")]})
