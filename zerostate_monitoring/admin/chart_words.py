"""What pictures say, in the language of the page."""

from __future__ import annotations

from django.utils.formats import get_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zerostate_monitoring.charts.words import Words


def chart_words() -> Words:
    """Kinds, units, counted things, and the sign before a fraction."""
    return Words(
        kinds=_kinds(),
        units=_units(),
        unknown=_("no history yet"),
        series=_series,
        more=lambda count: _("and %(n)d more") % {"n": count},
        alerts=_alerts,
        decimal=decimal_sign(),
    )


def decimal_sign() -> str:
    """What stands before the fraction of a number."""
    return str(get_format("DECIMAL_SEPARATOR"))


def _series(count: int) -> str:
    return ngettext("%(n)d series", "%(n)d series", count) % {"n": count}


def _alerts(count: int, firing: int) -> str:
    said = ngettext("%(n)d alert", "%(n)d alerts", count) % {"n": count}
    times = ngettext("%(n)d time firing", "%(n)d times firing", firing) % {"n": firing}
    return f"{said}, {times}"


def _kinds() -> dict[str, str]:
    return {
        "firing": _("firing"),
        "pending": _("pending"),
        "acknowledged": _("acknowledged"),
        "held back": _("held back"),
        "healthy": _("healthy"),
        "degraded": _("degraded"),
        "unhealthy": _("unhealthy"),
        "unknown": _("unknown"),
        "told": _("told"),
        "not told": _("not told"),
        "comment": _("comment"),
    }


def _units() -> dict[str, str]:
    """Signs of units; what is said of no other unit, such as peers, stands as it is."""
    return {
        "d": _("d"),
        "h": _("h"),
        "min": _("min"),
        "s": _("s"),
        "ms": _("ms"),
        "µs": _("µs"),
        "ns": _("ns"),
        "TiB": _("TiB"),
        "GiB": _("GiB"),
        "MiB": _("MiB"),
        "KiB": _("KiB"),
        "B": _("B"),
    }
