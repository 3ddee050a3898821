"""The form of a rule in PromQL."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerostate_monitoring.admin.base import ModelForm
from zerostate_monitoring.admin.rules.cases import CASES_HELP, UNTESTED
from zerostate_monitoring.admin.rules.fields import (
    ANNOTATIONS_HELP,
    LABELS_HELP,
    DurationTextField,
    TextsField,
)
from zerostate_monitoring.admin.seen import SeenForm
from zerostate_monitoring.alerting.case_outcomes import SECONDS as CASE_SECONDS
from zerostate_monitoring.alerting.case_outcomes import Outcome, failing
from zerostate_monitoring.alerting.editing import reason_to_close
from zerostate_monitoring.models import Alert, Rule, RuleGroup
from zerostate_monitoring.models.rule_checks import labelled
from zerostate_monitoring.models.rule_texts import Former, texts_of
from zerostate_monitoring.models.words import LIVE

CONFIRMED: Final = "_confirmed"
"""Name of the box by which somebody agrees that alerts are closed."""
OWN_GROUP: Final = "own-rules"
"""The group of a new rule for which none is chosen."""


class RuleForm(SeenForm, ModelForm[Rule]):
    """A rule; errors of fields that the page does not show stand above it."""

    is_preview = False
    """Whether the page is shown again with what the rule would have done, and nothing saved."""
    is_sound = False
    """Whether the rule as it was sent can work, whatever else speaks against saving it."""
    case_seconds = CASE_SECONDS
    """How long all test cases together may take; less where somebody waits while typing."""
    may_add_group = False
    """Whether a new rule without a group may have one made for it."""

    for_duration = DurationTextField(
        label=gettext_lazy("For"),
        help_text=gettext_lazy("How long it must last before the alert fires, such as 5m."),
    )
    keep_firing_for = DurationTextField(
        label=gettext_lazy("Keep firing for"),
        help_text=gettext_lazy("How long the alert fires on after it was last seen."),
    )
    labels = TextsField(label=gettext_lazy("Labels"), help_text=LABELS_HELP)
    annotations = TextsField(label=gettext_lazy("Annotations"), help_text=ANNOTATIONS_HELP)
    remark = forms.CharField(
        label=gettext_lazy("Remark"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"class": "vLargeTextField"}),
        help_text=gettext_lazy("Why; stands beside this version of the rule."),
    )

    class Meta:
        model = Rule
        fields = ("name",)
        help_texts = {
            "severity": gettext_lazy("Who must act, and when. A label of each alert."),
            "layer": gettext_lazy("What it is about. A label of each alert."),
            "no_data_policy": gettext_lazy(
                "When its selectors find nothing because their producer is stale or gone. Keep: "
                "what fires fires on. Resolve: it ends. Fire: an alert says that data is missing."
            ),
            "error_policy": gettext_lazy(
                "When the expression cannot be evaluated. Keep: what fires fires on. Fire: an "
                "alert says so."
            ),
            "owner": gettext_lazy("Who mends the rule; stands with each alert."),
            "tests": CASES_HELP,
        }
        widgets = {
            "expr": forms.Textarea(
                attrs={"rows": 4, "class": "vLargeTextField zsm-code", "spellcheck": "false"}
            ),
            "runbook_url": forms.TextInput(attrs={"class": "vLargeTextField"}),
            "tests": forms.Textarea(
                attrs={"rows": 10, "class": "vLargeTextField zsm-code", "spellcheck": "false"}
            ),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial.setdefault("remark", self.instance.remark)
        self.closing: list[Alert] = []
        self.outcomes: tuple[Outcome, ...] = ()
        self._before: Former | None = None
        if "group" in self.fields:
            self.fields["group"].label = _("Group")
        rule = self.instance
        if rule.pk:
            self._before = Former(
                rule.version, texts_of(rule), labelled(rule), rule.enabled, rule.group_id
            )
        elif self.may_add_group and "group" in self.fields:
            field: Any = self.fields["group"]
            field.required, field.empty_label = False, OWN_GROUP
            field.help_text = _("Rules of a group are evaluated together, one after the other.")

    def clean_group(self) -> RuleGroup | None:
        """The group; a new rule that has none gets one that stands in no table yet."""
        group: RuleGroup | None = self.cleaned_data["group"]
        if group is not None or self.fields["group"].required:
            return group
        found = RuleGroup.objects.filter(name=OWN_GROUP).first()
        return found or RuleGroup(name=OWN_GROUP)

    def _get_validation_exclusions(self) -> set[str]:
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        group = self.cleaned_data.get("group")
        return excluded | {"group"} if group is not None and group.pk is None else excluded

    def is_valid(self) -> bool:
        """A preview is looked at and never saved."""
        return super().is_valid() and not self.is_preview

    def add_error(self, field: str | None, error: Any) -> None:
        """As Django's; an error of a field that is not on the page goes above the form."""
        found = getattr(error, "error_dict", None)
        if field is None and found is not None:
            for name, errors in found.items():
                for one in errors:
                    super().add_error(name if name in self.fields else None, one)
        else:
            super().add_error(field, error)

    def _post_clean(self) -> None:
        from zerostate_monitoring.alerting.rule_cases import find_failing

        super()._post_clean()  # type: ignore[misc]
        self.instance.remark = self.cleaned_data.get("remark", "")
        self.is_sound = not self.errors
        if self.is_sound:
            self.outcomes = find_failing(self.instance, self.case_seconds)
        if not self.errors and not self.is_preview:
            self._ask_before_closing()
            self._refuse_failing()
        # Last, for what it locks waits: nobody else saves until this one is saved.
        if self.is_preview:
            self.look_for_others(lock=False)
        else:
            self.refuse_overtaken()

    def row_as_stored(self) -> Rule:
        """A page may show an older version; what stands in the database is another."""
        stored: Rule | None = getattr(self.instance, "as_stored", None)
        return stored or self.instance

    def lock_row(self) -> None:
        """As ``save()`` does: the state of the group comes first."""
        self.instance.wait_for_evaluation()

    @property
    def is_hasty(self) -> bool:
        """Whether test cases that take their time are left for later."""
        return self.case_seconds < CASE_SECONDS

    @property
    def failing(self) -> list[Outcome]:
        """Test cases that do not hold."""
        return failing(self.outcomes)

    @property
    def is_untested(self) -> bool:
        """Whether somebody saves it although test cases fail."""
        return bool(self.failing) and UNTESTED in self.data

    def _refuse_failing(self) -> None:
        if UNTESTED not in self.data:
            for one in self.failing:
                self.add_error("tests", one.said)

    def _ask_before_closing(self) -> None:
        """Let nobody end alerts without having seen which."""
        self.instance.former = self._before
        if self._before is None or reason_to_close(self.instance) is None:
            return
        alerts = Alert.objects.filter(rule_id=self.instance.pk, state__in=LIVE)
        self.closing = list(alerts.order_by("-state", "pk")[:200])
        if self.closing and CONFIRMED not in self.data:
            self.add_error(
                None, _("Alerts will be closed by this: see above which, and tick the box.")
            )
