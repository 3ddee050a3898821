"""What the log of the admin says of an edit of a rule: from what to what, and what it overrode."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zerostate_monitoring.admin.rules.forms import RuleForm
from zerostate_monitoring.models import Rule
from zerostate_monitoring.models.rule_texts import differences, texts_of

_LONGEST = 120


def changed(form: RuleForm) -> str:
    """What was changed, from what to what; empty where nothing was, or the rule is new."""
    rule: Rule = form.instance
    former = rule.former
    if former is None:
        return ""
    found = [
        f"{field}: {_whole(old)} → {_whole(new)}"
        for field, old, new in differences(former.texts, texts_of(rule))
    ]
    if former.enabled != rule.enabled:
        found.append(_("enabled") if rule.enabled else _("disabled"))
    remark = form.cleaned_data.get("remark", "")
    head = _("Version %(n)d.") % {"n": rule.version} if rule.version != former.version else ""
    words = [head, "; ".join(found), f"({remark})" if remark else ""]
    return " ".join(word for word in words if word)


def with_override(message: Any, form: RuleForm) -> Any:
    """``message``, as Django's log has it, with what was saved although it fails."""
    if not form.is_untested:
        return message
    said = overridden(form)
    if isinstance(message, str):
        return f"{message} {said}"
    # Of a new row, or one of which no text was changed: entries of their own kind.
    return f"{_('Added.') if form.instance.former is None else _('Saved.')} {said}"


def overridden(form: RuleForm) -> str:
    """Which test cases fail, in a sentence."""
    names = "; ".join(_short(f"{one.name}: {one.faults[0]}") for one in form.failing)
    said = ngettext(
        "Saved although %(n)d test case fails: %(names)s.",
        "Saved although %(n)d test cases fail: %(names)s.",
        len(form.failing),
    )
    return said % {"n": len(form.failing), "names": names}


def _whole(value: Any) -> str:
    """A text as it was: of an expression its end says as much as its beginning."""
    return _("nothing") if value in (None, "", {}) else str(value)


def _short(value: Any) -> str:
    text = _whole(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
