"""What a node answered that was asked before it was saved, for the form above it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zerostate_monitoring.admin import display
from zerostate_monitoring.admin.node_form import NodeForm
from zerostate_monitoring.charts.text import printable
from zerostate_monitoring.collectors.trial import Trial
from zerostate_monitoring.doctor.collection import advice_on
from zerostate_monitoring.models.words import in_words

_LONGEST: Final = 2_000


@dataclass(frozen=True, slots=True)
class Shown:
    """The outcome: a badge, a sentence, what to do, and whether its token must be entered again."""

    badge: SafeString
    said: str
    advice: str
    had_token: bool


def shown(form: NodeForm) -> Shown | None:
    """What the form shows of its trial; nothing where it was not tried."""
    if form.trial is None:
        return None
    return Shown(
        badge=display.badge("bad", _("down"))
        if form.trial.error
        else display.badge("good", _("up")),
        said=said(form.trial),
        advice=advice_on(form.trial.kind) if form.trial.error else "",
        had_token=bool(form.data.get("token")),
    )


def said(trial: Trial) -> str:
    """What came of a trial, in a sentence."""
    if trial.error:
        return printable(f"{trial.kind}: {in_words(trial.error)}"[:_LONGEST])
    return _("It answered: %(gave)s, in %(took)s.") % answered(trial)


def answered(trial: Trial) -> dict[str, str]:
    """How much it gave, and how long that took."""
    families = ngettext("%(n)s family", "%(n)s families", trial.families)
    samples = ngettext("%(n)s sample", "%(n)s samples", trial.samples)
    gave = (
        families % {"n": display.number(trial.families)},
        samples % {"n": display.number(trial.samples)},
    )
    return {"gave": ", ".join(gave), "took": display.duration(trial.duration)}
