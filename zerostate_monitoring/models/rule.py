"""Rules: what an operator says, and how their evaluation goes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, models, router, transaction
from django.utils.translation import gettext_lazy as _

from zerostate_monitoring.models.rule_checks import check_rule, labelled
from zerostate_monitoring.models.rule_group import GroupState, RuleGroup
from zerostate_monitoring.models.rule_texts import Former, by_name, texts_of
from zerostate_monitoring.models.words import (
    ErrorPolicy,
    Health,
    NoDataPolicy,
    Origin,
    RuleKind,
    RuleLayer,
    Severity,
)
from zerostate_monitoring.rules.definitions import AlertingRule, RecordingRule
from zerostate_monitoring.rules.definitions import Rule as Definition

_ZERO: Final = timedelta(0)


class Rule(models.Model):
    """An alerting or a recording rule; ``definition()`` is what it means."""

    group = models.ForeignKey(RuleGroup, on_delete=models.CASCADE, related_name="rules")
    position = models.PositiveIntegerField(
        _("position"), default=0, help_text=_("Rules of a group are evaluated in this order.")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=RuleKind, default=RuleKind.ALERTING)
    name = models.CharField(
        _("name"), max_length=200, help_text=_("Such as NodeDown, or node:up:sum.")
    )
    expr = models.TextField(_("expression"), help_text=_("PromQL with one value per series."))
    for_duration = models.DurationField(
        _("for"), default=_ZERO, help_text=_("How long it must last before the alert fires.")
    )
    keep_firing_for = models.DurationField(
        _("keep firing for"),
        default=_ZERO,
        help_text=_("How long the alert fires on after it was last seen."),
    )
    severity = models.CharField(
        _("severity"), max_length=20, choices=Severity, blank=True, help_text=_("A label.")
    )
    layer = models.CharField(
        _("layer"), max_length=20, choices=RuleLayer, blank=True, help_text=_("A label.")
    )
    labels = models.JSONField(_("labels"), default=dict, blank=True)
    annotations = models.JSONField(_("annotations"), default=dict, blank=True)
    tests = models.TextField(
        _("test cases"), blank=True, help_text=_("As promtool's tests of rules, in YAML.")
    )
    runbook_url = models.CharField(
        _("runbook"), max_length=500, blank=True, help_text=_("Where it is said what to do.")
    )
    owner = models.CharField(_("owner"), max_length=200, blank=True)
    enabled = models.BooleanField(_("enabled"), default=True)
    no_data_policy = models.CharField(
        _("without data"), max_length=10, choices=NoDataPolicy, default=NoDataPolicy.KEEP
    )
    error_policy = models.CharField(
        _("on error"), max_length=10, choices=ErrorPolicy, default=ErrorPolicy.KEEP
    )
    kept = models.BooleanField(
        _("kept"),
        default=False,
        help_text=_("Of a recording rule: its series are kept every 5 minutes for 35 days."),
    )
    observing_until = models.DateTimeField(
        _("observing until"),
        null=True,
        blank=True,
        help_text=_("Until then the rule is evaluated, and nothing is sent."),
    )
    origin = models.CharField(
        _("origin"), max_length=20, choices=Origin, default=Origin.OWN, editable=False
    )
    shipped_key = models.CharField(
        _("shipped as"), max_length=200, blank=True, editable=False, db_index=True
    )
    overrides = models.JSONField(
        _("overrides"),
        default=dict,
        blank=True,
        help_text=_("Of a built-in rule: what an operator has changed, beside what is shipped."),
    )
    findings = models.JSONField(
        _("findings"), default=list, blank=True, editable=False, help_text=_("The lint's warnings.")
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        ordering = ("group__position", "group__name", "position", "pk")
        permissions = (("silence_alert", "Can silence alerts"),)
        constraints = (
            models.UniqueConstraint(
                fields=("shipped_key",),
                condition=~models.Q(shipped_key=""),
                name="zerostate_monitoring_shipped_rule_once",
            ),
        )

    editor: Any = None
    """Who saves or deletes it; for its versions and the trail of its alerts."""
    remark: str = ""
    """Why; kept with the version that is written next."""
    former: Former | None = None
    """What stood in the database before the last ``save()``."""

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **options: Any) -> None:
        """Save it, and what it says as a version where that is new, in one transaction."""
        using = options.get("using") or router.db_for_write(type(self), instance=self)
        with transaction.atomic(using=using):
            self.former = self._stored(using)
            changed = self.former is None or self.former.texts != texts_of(self)
            if changed and self.former is not None:
                self.version = self.former.version + 1
                self._also(options, "version")
            super().save(*args, **options)
            if changed:
                self._write_version(using)

    def clean(self) -> None:
        """Refuse what cannot work, and keep the lint's warnings.

        Raises:
            ValidationError: by field, with the place in its text.
        """
        super().clean()
        self.findings = check_rule(self)

    def _stored(self, using: str) -> Former | None:
        """What the database holds, locked until the transaction ends."""
        if not self.pk:
            return None
        self.wait_for_evaluation(using)
        rows = type(self)._default_manager.using(using).select_related("group")
        # Alerts refer to it meanwhile: their keys need no lock of the whole row.
        found = rows.select_for_update(no_key=True, of=("self",)).filter(pk=self.pk)
        row = found.first()
        if row is None:
            return None
        return Former(row.version, texts_of(row), labelled(row), row.enabled, row.group_id)

    def wait_for_evaluation(self, using: str = DEFAULT_DB_ALIAS) -> None:
        """Lock the state of its group first, as the evaluation does: else each waits for the other.

        What is written for a slot and what an edit ends come one after the other.
        """
        states = GroupState._default_manager.using(using).select_for_update(no_key=True)
        own = models.Q(pk=self.group_id) | models.Q(rules=self.pk)
        groups = RuleGroup._default_manager.using(using).filter(own).values("pk")
        list(states.filter(pk__in=groups).order_by("pk").values_list("pk"))

    @staticmethod
    def _also(options: dict[str, Any], field: str) -> None:
        if options.get("update_fields") is not None:
            options["update_fields"] = {*options["update_fields"], field}

    def _write_version(self, using: str) -> None:
        RuleVersion._default_manager.using(using).update_or_create(
            rule=self,
            version=self.version,
            defaults={
                "fields": texts_of(self),
                "changed_by": self.editor,
                "remark": self.remark,
            },
        )
        self.remark = ""

    def definition(self) -> Definition:
        """The rule as a value, without its group's labels."""
        if self.kind == RuleKind.RECORDING:
            return RecordingRule(record=self.name, expr=self.expr, labels=by_name(self.labels))
        return AlertingRule(
            alert=self.name,
            expr=self.expr,
            for_=self.for_duration,
            keep_firing_for=self.keep_firing_for,
            labels={**by_name(self.labels), **self._named("severity", "layer")},
            annotations={**by_name(self.annotations), **self._named("runbook_url", "owner")},
        )

    def _named(self, *fields: str) -> dict[str, str]:
        """Labels or annotations that have columns of their own."""
        values: dict[str, Any] = {field: getattr(self, field) for field in fields}
        return {field: str(value) for field, value in values.items() if value}


class RuleState(models.Model):
    """How a rule's evaluation goes. Written by the evaluation alone, where it changes."""

    rule = models.OneToOneField(
        Rule, on_delete=models.CASCADE, primary_key=True, related_name="state"
    )
    health = models.CharField(
        _("health"), max_length=20, choices=Health, default=Health.UNKNOWN, db_index=True
    )
    reason = models.TextField(
        _("reason"), blank=True, help_text=_("Why its health is not ok, and what to do.")
    )
    since = models.DateTimeField(_("since"), null=True, blank=True)
    ready_at = models.DateTimeField(
        _("ready on"), null=True, blank=True, help_text=_("When history will be long enough.")
    )
    warnings = models.JSONField(_("warnings of the last evaluation"), default=list, blank=True)
    duration_seconds = models.FloatField(_("duration in seconds"), null=True, blank=True)

    class Meta:
        verbose_name = _("state of a rule")
        verbose_name_plural = _("states of rules")

    def __str__(self) -> str:
        return f"{self.rule_id} {self.health}"


class RuleVersion(models.Model):
    """What a rule said once: for the trail of its alerts, and the way back."""

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField(_("version"))
    fields = models.JSONField(_("fields"))
    changed_at = models.DateTimeField(_("changed"), auto_now_add=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    remark = models.CharField(_("remark"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("version of a rule")
        verbose_name_plural = _("versions of rules")
        ordering = ("-version",)
        constraints = (
            models.UniqueConstraint(
                fields=("rule", "version"), name="zerostate_monitoring_rule_version_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.rule_id} v{self.version}"


def kept_names() -> frozenset[str]:
    """The names of recording rules whose series are kept, of those that are evaluated."""
    rules = Rule.objects.filter(
        kind=RuleKind.RECORDING, kept=True, enabled=True, group__enabled=True
    )
    return frozenset(rules.order_by().values_list("name", flat=True))
