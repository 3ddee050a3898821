"""Why a family is absent, or refused from whoever offers it."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop as _

from zerostate_monitoring.models.sentences.matching import Wording

_ABSENT: Final = (
    _("table %(table)s is missing"),
    _("table %(table)s may not be read by this role"),
    _("column %(table)s.%(column)s is missing"),
    _("column %(table)s.%(column)s may not be read by this role"),
    _("column %(table)s.%(column)s holds a time that cannot be read"),
    _("a row of %(family)s holds NaN or infinity"),
    _("%(tables)s could not be asked: %(said)s"),
    _("%(n)s of %(nodes)s nodes gave a peer list"),
    _("no peer list names a peer, and no node its peer id"),
    _("its count is not a finite number"),
    _("the broker does not tell how long the queue %(name)s is"),
    _("the broker does not answer: %(error)s"),
    _("the events of the past are being counted"),
    _("the heartbeat's address was never called"),
    _("%(shown)s of %(nodes)s nodes were not asked for %(n)s s: %(names)s"),
)
_REFUSED: Final = (
    _("%(family)s is declared otherwise"),
    _("colons are for recording rules"),
    _("%(family)s is the catalogue's; choose another name"),
    _("the catalogue has it as %(kind)s, not %(type)s"),
    _("%(sample)s%(labels)s is no sample of %(family)s"),
    _("%(family)s: a bucket's bound is no number"),
    _("%(family)s has the buckets %(bounds)s and +Inf, not %(others)s"),
    _("disabled by an operator"),
    _("%(family)s is fed by %(now)s here; %(other)s would count it a second time"),
    _("is a %(type)s on the page, a %(kind)s in the catalogue"),
    _("%(family)s is on the page under another name, too"),
    _("is made by the app itself"),
    _("has more than %(n)s buckets or quantiles"),
    _("has names that need quotes"),
    _("has the unknown type %(type)s"),
    _("has two TYPE lines"),
    _("its name without _total is that of a %(kind)s"),
    _("is %(kind)s and untyped on one page"),
    _("holds native histograms, which are not supported"),
)
_RUNS: Final = (
    _("it was told to end after %(n)s s"),
    _("it was interrupted after %(n)s s"),
    _("the run of %(at)s did not end: its process was killed, or it hangs"),
    _("node %(name)s: %(reason)s"),
)

SENTENCES: Final[tuple[Wording, ...]] = (*_ABSENT, *_REFUSED, *_RUNS)
