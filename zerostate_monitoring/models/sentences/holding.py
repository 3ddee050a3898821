"""Why an alert is held back."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop as _

from zerostate_monitoring.models.sentences.matching import Wording

SENTENCES: Final[tuple[Wording, ...]] = (
    _("Its rule was observed."),
    _("Its rule is observed until %(until)s."),
    _("%(source)s (alert %(pk)s) fires: inhibition %(name)s."),
    _("Acknowledged."),
    _("Acknowledged. %(comment)s"),
    _("Acknowledged until %(until)s."),
    _("Acknowledged until %(until)s. %(comment)s"),
    _("Maintenance window %(name)s until %(until)s."),
    _("Silence %(pk)s until %(until)s."),
    _("Silence %(pk)s until %(until)s. %(comment)s"),
    _("Silence %(pk)s by %(by)s until %(until)s."),
    _("Silence %(pk)s by %(by)s until %(until)s. %(comment)s"),
    _("Its equal labels are no list of names."),
    _("It has no matchers: it would hold everything back."),
)
