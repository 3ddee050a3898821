"""What words of ours mean, in a sentence each: the one place for pages that use them."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from zerostate_monitoring.models.words import Health

HEALTHS: Final[dict[str, Any]] = {
    Health.UNKNOWN: _("It was not evaluated yet."),
    Health.OK: _("Its last evaluation ended well."),
    Health.ERROR: _("Its expression could not be evaluated; its error policy holds."),
    Health.NO_DATA: _("Whoever gives its data is silent or gone; its policy for that holds."),
    Health.STALE: _("Its newest data are too old to be judged; its policy for missing data holds."),
    Health.WAITING: _(
        "It looks back further than has been recorded so far: it waits until that is complete."
    ),
    Health.DORMANT: _("Nothing feeds a metric that it reads, so it sleeps until something does."),
}
"""By the health of a rule, what is said of the rule."""

TERMS: Final[dict[str, tuple[Any, Any]]] = {
    "pending": (
        _("pending"),
        _("The condition holds, but not yet for as long as For asks: nobody is told."),
    ),
    "firing": (_("firing"), _("The condition has held for as long as For asks: it is told.")),
    "observing": (_("observing"), _("The rule is evaluated, and nothing of it is sent.")),
    "slot": (
        _("slot"),
        _(
            "One moment at which the rules of a group are evaluated: one for each interval. "
            "A missed one is not made up for."
        ),
    ),
    "no_data": (_("no data"), HEALTHS[Health.NO_DATA]),
    "stale": (_("value too old"), HEALTHS[Health.STALE]),
    "waiting": (_("needs history"), HEALTHS[Health.WAITING]),
    "dormant": (_("dormant"), HEALTHS[Health.DORMANT]),
    "fault": (
        _("fault"),
        _(
            "A label that is the same for all rules about one cause. By it alerts are put into "
            "one message, and a graver one holds back a lesser one."
        ),
    ),
    "notice": (
        _("notice"),
        _("That one receiver is to be told of one alert; a message holds one or several."),
    ),
}
"""A word, and what it means, by a name that pages ask for it by."""

OF_RULES: Final = (
    *("pending", "firing", "observing", "no_data", "stale", "waiting", "dormant", "slot", "fault"),
)
OF_GROUPS: Final = ("slot", "no_data", "stale", "waiting", "dormant")


def terms(names: tuple[str, ...]) -> list[tuple[Any, Any]]:
    """Words with what they mean, for the end of a page."""
    return [TERMS[name] for name in names]
