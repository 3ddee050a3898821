"""What is the matter with the store, the platform's database, or a Prometheus that answers."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop as _

from zerostate_monitoring.models.sentences.matching import Wording

_STORE: Final = (
    _("the store does not answer: %(reason)s"),
    _("the store is full: %(error)s"),
    _("the store refused: %(error)s"),
    _("history cannot be read: %(error)s"),
    _("the long tier cannot be read: %(type)s"),
    _("the store does not answer: families that only the page knows are missing"),
    _("a newer run has written %(producer)s, or it was removed"),
    _("the run began half a day ago; its numbers are too old"),
    _("a note of kind %(kind)s is not JSON"),
    _("the note of log levels is not JSON"),
    _("no Sentinel tells the master %(name)s: %(reasons)s"),
    _("the call has waited long enough"),
    _("ZEROSTATE_MONITORING_REDIS_URL must begin with one of %(known)s"),
    _(
        "ZEROSTATE_MONITORING_REDIS_URL cannot be read; in a password, write / @ : # and % as "
        "%2F %40 %3A %23 %25"
    ),
    _("ZEROSTATE_MONITORING_REDIS_URL: %(reason)s"),
    _("ZEROSTATE_MONITORING_REDIS_OPTIONS: %(error)s"),
    _("after the Sentinels stands the name of the service: …/mymaster/0"),
)
_PLATFORM: Final = (
    _("platform database %(alias)s is not among DATABASES"),
    _("platform database %(alias)s is %(vendor)s, not PostgreSQL or SQLite"),
    _("platform database %(alias)s: %(error)s"),
    _("platform database %(alias)s: not all was read within %(n)s s"),
    _("the platform's tables cannot be looked up"),
    _("the platform's times cannot be looked at"),
    _("no platform table is readable, of %(tables)s"),
)
_SERVER: Final = (
    _("it answers %(status)s, and no JSON"),
    _("it refuses the token (%(status)s)"),
    _("its answer is not what was asked for (%(type)s)"),
    _("the query timed out before it began"),
    _("native histograms were left out, for they are no numbers"),
    _("ZEROSTATE_MONITORING_PROMETHEUS_CA_FILE cannot be read: %(error)s"),
)

SENTENCES: Final[tuple[Wording, ...]] = (*_STORE, *_PLATFORM, *_SERVER)
