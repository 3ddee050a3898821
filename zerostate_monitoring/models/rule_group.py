"""Groups of rules: what an operator says, and where their evaluation stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import models, router, transaction
from django.utils.translation import gettext_lazy as _

from zerostate_monitoring.models.group_checks import FormerGroup, check_group, group_warnings
from zerostate_monitoring.models.rule_texts import by_name
from zerostate_monitoring.models.words import Origin
from zerostate_monitoring.rules.definitions import Group


class RuleGroup(models.Model):
    """Rules that are evaluated one after another at the same slot."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    interval_seconds = models.FloatField(
        _("interval in seconds"), default=30, help_text=_("How often its rules are evaluated.")
    )
    position = models.PositiveIntegerField(_("position"), default=0)
    enabled = models.BooleanField(_("enabled"), default=True)
    labels = models.JSONField(
        _("labels"),
        default=dict,
        blank=True,
        help_text=_("Added to each rule that does not set them itself."),
    )
    limit = models.PositiveIntegerField(
        _("limit"), default=0, help_text=_("Most alerts or series of one rule; 0 for none.")
    )
    query_offset_seconds = models.FloatField(
        _("query offset in seconds"),
        null=True,
        blank=True,
        help_text=_("How far before its slot a rule is evaluated, for data that comes late."),
    )
    origin = models.CharField(
        _("origin"), max_length=20, choices=Origin, default=Origin.OWN, editable=False
    )
    shipped_key = models.CharField(_("shipped as"), max_length=200, blank=True, editable=False)

    class Meta:
        verbose_name = _("rule group")
        verbose_name_plural = _("rule groups")
        ordering = ("position", "name")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(interval_seconds__gt=0),
                name="zerostate_monitoring_group_interval_positive",
            ),
        )

    editor: Any = None
    """Who saves or deletes it; for the trail of the alerts of its rules."""
    former: FormerGroup | None = None
    """What stood in the database before the last ``save()``."""

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **options: Any) -> None:
        """Save it; what it was before is at hand until the transaction ends."""
        using = options.get("using") or router.db_for_write(type(self), instance=self)
        with transaction.atomic(using=using):
            self.former = self._stored(using)
            super().save(*args, **options)

    def clean(self) -> None:
        """Refuse what cannot work.

        Raises:
            ValidationError: by field.
        """
        super().clean()
        check_group(self)

    def warnings(self) -> list[str]:
        """What works, and not as one may think."""
        return group_warnings(self)

    def _stored(self, using: str) -> FormerGroup | None:
        rows = type(self)._default_manager.using(using).filter(pk=self.pk)
        # Rules refer to it meanwhile: their keys need no lock of the whole row.
        row = rows.select_for_update(no_key=True).first() if self.pk else None
        return None if row is None else FormerGroup(row.definition(), row.enabled)

    @property
    def interval_ms(self) -> int:
        """The interval in milliseconds."""
        return max(1, round(self.interval_seconds * 1000))

    def definition(self) -> Group:
        """The group without its rules, as a value."""
        offset = self.query_offset_seconds
        return Group(
            name=self.name,
            interval=timedelta(milliseconds=self.interval_ms),
            query_offset=None if offset is None else timedelta(seconds=offset),
            limit=self.limit,
            labels=by_name(self.labels),
        )


class GroupState(models.Model):
    """Where the evaluation of a group stands. Written by the evaluation alone.

    A slot belongs to whoever sets ``claimed_slot_ms`` and ``token`` by a conditional update;
    nothing is written for it by one whose token has been overtaken.
    """

    group = models.OneToOneField(
        RuleGroup, on_delete=models.CASCADE, primary_key=True, related_name="state"
    )
    claimed_slot_ms = models.BigIntegerField(_("claimed slot"), default=0)
    claimed_until = models.DateTimeField(_("claimed until"), null=True, blank=True)
    token = models.BigIntegerField(_("fencing token"), default=0)
    last_slot_ms = models.BigIntegerField(
        _("last slot"), default=0, help_text=_("The newest slot whose results stand.")
    )
    evaluated_at = models.DateTimeField(_("last evaluated"), null=True, blank=True)
    duration_seconds = models.FloatField(_("duration in seconds"), null=True, blank=True)
    slots_evaluated = models.BigIntegerField(_("slots evaluated"), default=0)
    slots_missed = models.BigIntegerField(_("slots missed"), default=0)
    values = models.JSONField(
        _("last values"),
        default=dict,
        blank=True,
        help_text=_("Alert's key to its value at the last slot, as text."),
    )

    class Meta:
        verbose_name = _("state of a rule group")
        verbose_name_plural = _("states of rule groups")

    def __str__(self) -> str:
        return str(self.group_id)


class Evaluation(models.Model):
    """One slot of a group that was evaluated: there is one row, or the slot was missed."""

    group = models.ForeignKey(RuleGroup, on_delete=models.CASCADE, related_name="evaluations")
    slot_ms = models.BigIntegerField(_("slot"))
    token = models.BigIntegerField(_("fencing token"))
    started_at = models.DateTimeField(_("started"), db_index=True)
    duration_seconds = models.FloatField(_("duration in seconds"))
    rules = models.PositiveIntegerField(_("rules"))
    failed = models.PositiveIntegerField(_("failed rules"), default=0)
    missed_before = models.PositiveIntegerField(_("slots missed before"), default=0)

    class Meta:
        verbose_name = _("evaluation")
        verbose_name_plural = _("evaluations")
        constraints = (
            models.UniqueConstraint(
                fields=("group", "slot_ms"), name="zerostate_monitoring_slot_once"
            ),
        )

    def __str__(self) -> str:
        slot = datetime.fromtimestamp(self.slot_ms / 1000, UTC)
        return f"{self.group}, {slot:%Y-%m-%d %H:%M:%S} UTC"
