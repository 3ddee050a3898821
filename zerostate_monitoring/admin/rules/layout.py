"""Which fields stand on the page of a rule, and in which order: by the way that was chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from zerostate_monitoring.admin.rules.builder import ThresholdForm
from zerostate_monitoring.admin.rules.forms import RuleForm
from zerostate_monitoring.models import Rule
from zerostate_monitoring.models.words import Origin, RuleKind
from zerostate_monitoring.rules.thresholds import Threshold

if TYPE_CHECKING:
    from zerostate_monitoring.rules.shipped import ShippedRule

PROMQL: Final = "promql"
THRESHOLD: Final = "threshold"
WAYS: Final = (
    (PROMQL, gettext_lazy("PromQL")),
    (THRESHOLD, gettext_lazy("Threshold, without PromQL")),
)

_HEAD: Final = ("name", "group")
_TIMES: Final = ("for_duration", "keep_firing_for")
_SAYS: Final = (("severity", "layer"), "annotations", "labels", "runbook_url", "owner")
_POLICIES: Final = ("position", "no_data_policy", "error_policy", "observing_until")
_BUILDER: Final = (
    "metric", "conditions", ("function", "window"), ("aggregation", "by"),
    ("comparison", "threshold"),
)  # fmt: skip


def is_threshold(rule: Rule) -> bool:
    """Whether the builder can show what the rule says."""
    own = rule.origin == Origin.OWN and rule.kind == RuleKind.ALERTING
    return own and Threshold.of(rule.expr) is not None


def way_of(request: HttpRequest, rule: Rule | None) -> str:
    """The way that the address asks for, where the rule can be shown in it."""
    if rule is not None and rule.origin == Origin.SHIPPED:
        return PROMQL
    wanted = request.GET.get("way") == THRESHOLD
    # What was typed into the builder is the rule, whatever stood there before.
    fits = rule is None or request.method == "POST" or is_threshold(rule)
    return THRESHOLD if wanted and fits else PROMQL


def form_class(way: str, rule: Rule | None) -> type[RuleForm]:
    """The form of a way; of a built-in rule, what may be changed of it."""
    shipped = _shipped_of(rule)
    if shipped is not None:
        from zerostate_monitoring.admin.rules import overriding

        return overriding.overrides_form(shipped)
    return ThresholdForm if way == THRESHOLD else RuleForm


def fieldsets(way: str, rule: Rule | None, *, is_viewer: bool) -> Any:
    """Name and group, what is asked, what is said, what else."""
    shipped = _shipped_of(rule)
    if shipped is not None and not is_viewer:
        return _of_built_in(shipped)
    asked = _BUILDER if way == THRESHOLD else ("kind", "expr")
    remark = () if is_viewer else ("remark",)
    return [
        (None, {"fields": (*_HEAD, "enabled")}),
        (gettext_lazy("When it fires"), {"fields": (*asked, _TIMES)}),
        (gettext_lazy("What it says"), {"fields": _SAYS}),
        (gettext_lazy("Test cases"), {"fields": ("tests",)}),
        (
            gettext_lazy("More: without data, on errors, at first"),
            {"classes": ("collapse",), "fields": (*_POLICIES, *_recording(way))},
        ),
        *([(None, {"fields": remark})] if remark else []),
    ]


def _recording(way: str) -> tuple[str, ...]:
    return () if way == THRESHOLD else ("kept",)


def _of_built_in(shipped: ShippedRule) -> Any:
    """What is shipped, to be read; what may be changed of it; what else."""
    from zerostate_monitoring.admin.rules import overriding

    parameters = overriding.parameter_fields(shipped)
    return [
        (None, {"fields": ("name", "group", "enabled")}),
        (
            gettext_lazy("When it fires"),
            {"fields": ("expr", *parameters, ("own_for", "own_keep"))},
        ),
        (
            gettext_lazy("What it says"),
            {"fields": ("own_severity", "own_labels", "summary", "description")},
        ),
        (None, {"fields": ("observing_until", "back", "remark")}),
    ]


def readonly_fields(rule: Rule | None) -> tuple[str, ...]:
    """None of an own rule; of a built-in one, what is shipped."""
    if rule is None or rule.origin != Origin.SHIPPED:
        return ()
    if _shipped_of(rule) is None:
        return ("name", "kind", "group", "position", "expr", "labels", "annotations", "kept")
    return ("name", "group", "expr", "summary", "description")


def _shipped_of(rule: Rule | None) -> ShippedRule | None:
    """What is shipped as ``rule``, where it is a built-in one."""
    if rule is None or rule.origin != Origin.SHIPPED:
        return None
    # Definitions of all built-in rules: whoever opens none of them waits for none.
    from zerostate_monitoring.admin.rules import overriding

    return overriding.shipped_of(rule)
