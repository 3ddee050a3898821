"""What a rule waits for, why it has no data, and why its alerts are kept as they were."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop as _

from zerostate_monitoring.models.sentences.matching import Wording

_HISTORY: Final = (
    _("ready"),
    _("no history is kept (ZEROSTATE_MONITORING_HISTORY is 0)"),
    _("needs history"),
    _("needs history from %(since)s on, there is none"),
    _("needs history from %(since)s on, which begins at %(begins)s"),
    _(
        "values before %(at)s are incomplete: history begins at %(begins)s, they need it from "
        "%(since)s on"
    ),
    _("%(reason)s: no more than %(length)s is kept"),
    _("%(reason)s: ready on %(at)s"),
    _("%(reason)s, if no more is cut"),
    _("there is no history yet: no page has been recorded"),
    _("the newest page in history is of %(at)s: nobody records newer ones"),
)
_PRODUCERS: Final = (
    _("no rule records %(family)s"),
    _("%(family)s is not recorded: %(reason)s"),
    _("%(family)s is not recorded: its rule is in error: %(reason)s"),
    _("nobody gives %(family)s, and collector %(collector)s gives nothing"),
    _("nothing feeds %(family)s in this version"),
    _("%(family)s was withdrawn"),
    _("%(family)s is switched off"),
    _("%(family)s has never been seen here: nobody feeds it"),
    _("%(family)s is not fed: collector %(what)s is switched off"),
    _("of the platform"),
    _("%(metric)s: %(reason)s"),
    _("collector %(collector)s could not give it: %(reason)s"),
    _("collector %(collector)s has not succeeded yet"),
    _("collector %(collector)s has not succeeded since %(at)s"),
    _("the server that answers has no %(page)s: it does not scrape the page"),
)
_KEPT: Final = (
    _("no data: %(reason)s"),
    _("value too old: %(reason)s"),
    _("error: %(reason)s"),
    _(
        "The expression gives %(n)s series, the limit is %(limit)s: let it give less, or raise the "
        "group's limit or RULE_MAX_ALERTS. What stood before is kept as it was."
    ),
    _(
        "The rule gives %(n)s alerts, its limit is %(limit)s: raise the limit, or let the "
        "expression give less. What fired before is kept as it was."
    ),
    _(
        "Two series have the same labels once the rule's own are added. Let the expression keep a "
        "label that tells them apart."
    ),
    _(
        "Two series have the same labels once the rule's own are added: {%(labels)s}. Let the "
        "expression keep a label that tells them apart."
    ),
    _("The expression has no answer: %(reason)s."),
    _("those before it took all the time that there was"),
    _("The expression gives no numbers at one instant: a rule needs those."),
)
_PREVIEWS: Final = (
    _("now the rule would be dormant: %(reason)s"),
    _("%(n)s slots are too many: choose a shorter time."),
    _(
        "This expression can only be asked slot by slot, and %(n)s slots are too many: choose a "
        "shorter time."
    ),
    _(
        "The preview is too large and ends at %(at)s: %(reason)s. Let the expression give less, or "
        "choose a shorter time."
    ),
    _("there were more than %(n)s alerts"),
    _("there were more than %(n)s values"),
    _("it would take more than %(n)s seconds"),
)
_TIMES: Final = (
    _("%(text)s is no time: write now, -5m, now-1h, 2026-01-31T12:00:00Z, or seconds since 1970"),
)

SENTENCES: Final[tuple[Wording, ...]] = (
    *_HISTORY,
    *_PRODUCERS,
    *_KEPT,
    *_PREVIEWS,
    *_TIMES,
)
