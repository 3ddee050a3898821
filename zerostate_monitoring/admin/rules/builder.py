"""A rule without PromQL: a metric of the catalogue, how to read it, and a threshold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerostate_monitoring.admin.rules.fields import DurationTextField
from zerostate_monitoring.admin.rules.forms import RuleForm
from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.exceptions import QueryError
from zerostate_monitoring.models.rule_schema import base_schema
from zerostate_monitoring.models.words import in_words
from zerostate_monitoring.promql.labels import METRIC_NAME
from zerostate_monitoring.promql.nodes import Matcher, VectorSelector
from zerostate_monitoring.promql.numerals import format_number
from zerostate_monitoring.promql.printer import format_expr
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.rules.thresholds import (
    AGGREGATIONS,
    COMPARISONS,
    FUNCTIONS_OF_A_WINDOW,
    Threshold,
)

FIELDS: Final = (
    "metric", "conditions", "function", "window", "aggregation", "by", "comparison", "threshold",
)  # fmt: skip

_FUNCTIONS: Final = {
    "rate": gettext_lazy("change per second (rate; of counters)"),
    "increase": gettext_lazy("growth (increase; of counters)"),
    "delta": gettext_lazy("difference of first and last (delta; of gauges)"),
    "changes": gettext_lazy("how often it changed"),
    "resets": gettext_lazy("how often it restarted"),
    "avg_over_time": gettext_lazy("average"),
    "min_over_time": gettext_lazy("lowest"),
    "max_over_time": gettext_lazy("highest"),
    "sum_over_time": gettext_lazy("sum"),
    "count_over_time": gettext_lazy("number of values"),
    "last_over_time": gettext_lazy("last"),
    "present_over_time": gettext_lazy("whether it was there (1)"),
    "stddev_over_time": gettext_lazy("standard deviation"),
}
_AGGREGATIONS: Final = {
    "sum": gettext_lazy("sum"),
    "avg": gettext_lazy("average"),
    "min": gettext_lazy("lowest"),
    "max": gettext_lazy("highest"),
    "count": gettext_lazy("number of series"),
}
_COMPARISONS: Final = {
    ">": gettext_lazy("> above"),
    ">=": gettext_lazy("≥ at least"),
    "<": gettext_lazy("< below"),
    "<=": gettext_lazy("≤ at most"),
    "==": gettext_lazy("= exactly"),
    "!=": gettext_lazy("≠ anything but"),
}


class Suggestions(forms.TextInput):
    """A line with suggestions, which browsers offer without a script."""

    template_name = "admin/zerostate_monitoring/rule/suggestions.html"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """With the list of metrics."""
        listed = {**(attrs or {}), "list": f"{name}-suggestions", "autocomplete": "off"}
        context: dict[str, Any] = super().get_context(name, value, listed)
        return {**context, "suggestions": metrics()}


def metrics() -> list[tuple[str, str]]:
    """Names that an expression can read, with what they are."""
    return sorted((name, _said(name)) for name in base_schema().names())


def _said(name: str) -> str:
    definition = CATALOGUE.find(name)
    if definition is None:
        return ""
    unit = f", {definition.unit}" if definition.unit else ""
    return f"{definition.kind}{unit}: {in_words(definition.help)}"


class ThresholdForm(RuleForm):
    """The parts of a ``Threshold`` in the place of an expression."""

    metric = forms.CharField(
        label=gettext_lazy("Metric"),
        widget=Suggestions(attrs={"class": "vLargeTextField"}),
        help_text=gettext_lazy("Begin to type; the browser suggests metrics of the catalogue."),
    )
    conditions = forms.CharField(
        label=gettext_lazy("Only series with"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField zsm-code"}),
        help_text=gettext_lazy(
            'One condition per line: site="fra1", status!="ok", node=~"edge-.*". None: all series.'
        ),
    )
    function = forms.ChoiceField(
        label=gettext_lazy("Read as"),
        required=False,
        choices=[
            ("", gettext_lazy("its value now")),
            *((name, _FUNCTIONS[name]) for name in FUNCTIONS_OF_A_WINDOW),
        ],
    )
    window = DurationTextField(
        label=gettext_lazy("over the last"),
        help_text=gettext_lazy("Such as 5m; not for its value now."),
    )
    aggregation = forms.ChoiceField(
        label=gettext_lazy("Taken together as"),
        required=False,
        choices=[
            ("", gettext_lazy("each series by itself")),
            *((name, _AGGREGATIONS[name]) for name in AGGREGATIONS),
        ],
    )
    by = forms.CharField(
        label=gettext_lazy("one for each"),
        required=False,
        help_text=gettext_lazy("Labels, with commas: node, site. None: one figure of all."),
    )
    comparison = forms.ChoiceField(
        label=gettext_lazy("Fires if it is"),
        choices=[(sign, _COMPARISONS[sign]) for sign in COMPARISONS],
    )
    threshold = forms.CharField(
        label=gettext_lazy("Threshold"), widget=forms.TextInput(attrs={"size": 12})
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        initial = {**parts_of(options.get("instance")), **(options.pop("initial", None) or {})}
        super().__init__(*args, initial=initial, **options)
        # The parts say it.
        self.fields.pop("expr", None)

    def clean_conditions(self) -> tuple[Matcher, ...]:
        """The conditions, line by line."""
        lines = enumerate(self.cleaned_data["conditions"].splitlines(), 1)
        return tuple(one for number, line in lines for one in _conditions(number, line))

    def clean_threshold(self) -> float:
        """A number; blanks between thousands are no harm."""
        text = self.cleaned_data["threshold"].replace(" ", "").replace("\u202f", "")
        try:
            return float(text)
        except ValueError as error:
            raise ValidationError(_("A number, such as 0.95 or 1e6.")) from error

    def clean(self) -> dict[str, Any]:
        """Make the expression of the parts."""
        cleaned = super().clean() or {}
        if any(field in self.errors for field in FIELDS):
            return cleaned
        threshold = self._threshold(cleaned)
        problems = threshold.problems()
        for problem in problems:
            self.add_error(_field_of(problem.field), problem.reason)
        if not problems:
            self.instance.expr = threshold.expr
        return cleaned

    @staticmethod
    def _threshold(cleaned: dict[str, Any]) -> Threshold:
        return Threshold(
            metric=cleaned["metric"],
            matchers=cleaned["conditions"],
            function=cleaned["function"],
            window=cleaned["window"] or None,
            aggregation=cleaned["aggregation"],
            by=tuple(part.strip() for part in cleaned["by"].split(",") if part.strip()),
            comparison=cleaned["comparison"],
            value=cleaned["threshold"],
        )

    def add_error(self, field: str | None, error: Any) -> None:
        """What is wrong with the expression is said at the metric."""
        found = getattr(error, "error_dict", None)
        if field is None and found is not None and "expr" in found:
            super().add_error("metric", found.pop("expr"))
        super().add_error(field, error)


def _conditions(number: int, line: str) -> Iterator[Matcher]:
    if not line.strip():
        return
    try:
        selector = parse(f"x{{{line}}}").expr
    except QueryError as error:
        message = _("Line %(n)d is no condition: %(reason)s")
        reason = getattr(error, "message", str(error))
        raise ValidationError(message, params={"n": number, "reason": reason}) from error
    if not isinstance(selector, VectorSelector):
        raise ValidationError(_("Line %(n)d is no condition."), params={"n": number})
    yield from (one for one in selector.matchers if one.name != METRIC_NAME)


def _condition(matcher: Matcher) -> str:
    return format_expr(VectorSelector("", (matcher,))).strip("{}")


def _field_of(path: str) -> str:
    part = path.partition("[")[0]
    return {"matchers": "conditions", "value": "threshold"}.get(part, part)


def parts_of(rule: Any) -> dict[str, Any]:
    """What the form shows of a rule whose expression is a threshold; nothing of another."""
    found = Threshold.of(rule.expr) if rule is not None and rule.expr else None
    if found is None:
        return {}
    return {
        "metric": found.metric,
        "conditions": "\n".join(map(_condition, found.matchers)),
        "function": found.function,
        "window": found.window,
        "aggregation": found.aggregation,
        "by": ", ".join(found.by),
        "comparison": found.comparison,
        "threshold": format_number(found.value),
    }
