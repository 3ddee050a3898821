"""What saving would say of a rule as it is written now; asked while somebody types.

The same form as that of saving says it, so both say the same; nothing is changed. It takes about a
second at most: test cases that take longer are run by *Preview* and *Save*. Of one person one check
at a time is answered by a process; the script that asks comes again.
"""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zerostate_monitoring.admin.base import ModelAdmin
from zerostate_monitoring.admin.rules.forms import RuleForm
from zerostate_monitoring.alerting.case_outcomes import Outcome, failing, without_failing
from zerostate_monitoring.models import Rule
from zerostate_monitoring.models.rule_checks import field_of, text_of
from zerostate_monitoring.rules.excerpts import placed

if TYPE_CHECKING:
    from zerostate_monitoring.admin.rows import RowsAdmin
    from zerostate_monitoring.admin.rules.foreseeing import Foreseen

    Base = RowsAdmin[Rule]
else:
    Base = ModelAdmin

logger: Final = logging.getLogger(__name__)

Texts = dict[str, list[str]]

CASES_SECONDS: Final = 0.5
FORESEEN_SECONDS: Final = 0.5
"""What somebody who types waits for."""
BUSY: Final = 429
_STAND_IN: Final = "NameToCome"
"""Of a rule that has no name yet; it is told nobody."""


class Turns:
    """Who is being answered just now in this process: each one thing at a time."""

    def __init__(self) -> None:
        self._busy: set[Any] = set()
        self._lock = threading.Lock()

    @contextmanager
    def of(self, who: Any) -> Iterator[bool]:
        """Whether it is this one's turn, for as long as the block runs."""
        with self._lock:
            is_free = who not in self._busy
            self._busy.add(who)
        try:
            yield is_free
        finally:
            if is_free:
                with self._lock:
                    self._busy.discard(who)


turns: Final = Turns()


@dataclass(frozen=True, slots=True)
class Checked:
    """What is said of a form: errors and warnings by field, and what the rule means."""

    errors: Texts = field(default_factory=dict)
    warnings: Texts = field(default_factory=dict)
    meaning: tuple[str, ...] = ()
    expr: str = ""
    outcomes: tuple[Outcome, ...] = ()
    foreseen: Foreseen | None = None
    problem: str = ""
    late: int = 0
    """So many test cases take longer than somebody who types waits."""

    @property
    def warning_rows(self) -> list[tuple[str, str, str]]:
        """Field, what is said, and the place in its text; empty where it has none."""
        rows = [
            (name, text.partition("\n")) for name, texts in self.warnings.items() for text in texts
        ]
        return [(name, said, where) for name, (said, _newline, where) in rows]

    @property
    def failing(self) -> int:
        """How many test cases fail."""
        return sum(not one.holds for one in self.outcomes)

    @property
    def _failing_said(self) -> int:
        """Test cases that fail are counted for themselves."""
        said = {one.said for one in self.outcomes if not one.holds}
        return sum(text in said for text in self.errors.get("tests", ()))

    @property
    def said(self) -> str:
        """All of it in a line, for those who hear it."""
        if self.problem:
            return self.problem
        errors = sum(map(len, self.errors.values())) - self._failing_said
        warnings = sum(map(len, self.warnings.values()))
        parts = [
            ngettext("%(n)d error", "%(n)d errors", errors) % {"n": errors} if errors else "",
            ngettext("%(n)d warning", "%(n)d warnings", warnings) % {"n": warnings}
            if warnings
            else "",
            _cases_said(self.outcomes, self.failing),
            self.late_said,
        ]
        return ", ".join(part for part in parts if part) or _("It can be saved.")

    @property
    def late_said(self) -> str:
        """That test cases wait for a button; empty where none does."""
        if not self.late:
            return ""
        said = ngettext(
            "%(n)d test case takes too long to be run while you type: Preview runs it",
            "%(n)d test cases take too long to be run while you type: Preview runs them",
            self.late,
        )
        return said % {"n": self.late}


def _cases_said(outcomes: tuple[Outcome, ...], failing: int) -> str:
    if not outcomes:
        return ""
    values = {"n": failing or len(outcomes)}
    if failing:
        return ngettext("%(n)d test case fails", "%(n)d test cases fail", failing) % values
    return ngettext("%(n)d test case holds", "%(n)d test cases hold", values["n"]) % values


class RuleChecks(Base):
    """For ``RuleAdmin``: the view that is asked while somebody types."""

    def get_urls(self) -> list[URLPattern]:
        """That of a new rule and that of a stored one, then the usual ones."""
        view, name = self.admin_site.admin_view(self.check_view), "zerostate_monitoring_rule_check"
        return [
            path("add/check/", view, name=f"{name}_new"),
            path("<path:object_id>/change/check/", view, name=name),
            *super().get_urls(),
        ]

    def check_view(self, request: HttpRequest, object_id: str | None = None) -> HttpResponse:
        """Errors, warnings and what it means, as JSON; 405 to all but POST."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        rule = None if object_id is None else self.get_object(request, object_id)
        if object_id is not None and rule is None:
            raise Http404
        if not self._may(request, rule):
            raise PermissionDenied
        with turns.of(request.user.pk) as is_mine:
            return self._answer(request, rule) if is_mine else JsonResponse({}, status=BUSY)

    def _answer(self, request: HttpRequest, rule: Rule | None) -> HttpResponse:
        try:
            made: Any = self.get_form(request, rule, change=rule is not None)
            form: RuleForm = made(request.POST, instance=rule)
            form.is_preview, form.case_seconds = True, CASES_SECONDS
            found = checked(form, rule, FORESEEN_SECONDS)
            if rule is None and is_nameless(form):
                found = _if_named(made, request, found)
        except Exception:  # The one who types must not lose the page to it.
            logger.exception("rule_check_failed", extra={"rule": rule.pk if rule else ""})
            found = Checked(problem=_("It could not be checked; the log says why. You can save."))
        context = {"check": found, "conflict": None if found.problem else form.conflict}
        panel = render_to_string("admin/zerostate_monitoring/rule/check.html", context, request)
        answer = {"errors": found.errors, "warnings": found.warnings, "said": found.said}
        return JsonResponse({**answer, "panel": panel}, headers={"Cache-Control": "no-store"})

    def _may(self, request: HttpRequest, rule: Rule | None) -> bool:
        if rule is None:
            return self.has_add_permission(request)
        return self.has_change_permission(request, rule)


def checked(form: RuleForm, stored: Rule | None, seconds: float | None = None) -> Checked:
    """What is said of a bound form; it is validated by this, and nothing is saved."""
    from zerostate_monitoring.admin.rules.foreseeing import foreseen_of
    from zerostate_monitoring.admin.rules.meaning import meaning_of
    from zerostate_monitoring.alerting.outlook import SECONDS

    errors = {name: [str(one) for one in found] for name, found in form.errors.items()}
    if not form.is_sound:
        return Checked(errors)
    rule = form.instance
    done = tuple(one for one in form.outcomes if not (form.is_hasty and one.is_late))
    failed = failing(done)
    if failed and not form.is_untested:
        errors["tests"] = [one.said for one in failed]
    return Checked(
        errors,
        warnings_of(rule),
        tuple(meaning_of(rule)),
        rule.expr,
        done,
        foreseen_of(stored, rule, SECONDS if seconds is None else seconds),
        late=len(form.outcomes) - len(done),
    )


def is_nameless(form: RuleForm) -> bool:
    """Whether all that a form lacks is a name, which comes to many last."""
    return list(form.errors) == ["name"] and form.errors["name"].as_data()[0].code == "required"


def _if_named(made: Any, request: HttpRequest, found: Checked) -> Checked:
    """What would be said with a name; test cases may tell one, and wait for it."""
    data = request.POST.copy()
    data["name"], data["tests"] = _STAND_IN, ""
    form: RuleForm = made(data)
    form.is_preview, form.case_seconds = True, CASES_SECONDS
    other = checked(form, None, FORESEEN_SECONDS)
    return replace(other, errors={**other.errors, **found.errors})


def warnings_of(rule: Rule) -> Texts:
    """The lint's warnings by field, each with its place; of test cases that fail, elsewhere."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for one in without_failing(rule.findings):
        where = str(one.get("field", ""))
        said = f"{one.get('message', '')} ({one.get('code', '')})"
        text = text_of(rule, where)
        found[field_of(rule, where)].append(
            placed(said, text, one.get("start", 0), one.get("end", 0))
        )
    return dict(found)
