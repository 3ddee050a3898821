"""A family's value and its producer, in words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from django.utils.translation import gettext as _

from zerostate_monitoring.admin import display, words
from zerostate_monitoring.admin.live import LiveFamily
from zerostate_monitoring.catalogue.definition import Combine, Measure
from zerostate_monitoring.exposition.plan import OWN
from zerostate_monitoring.models import Metric
from zerostate_monitoring.storage.totals import PROCESS

_FAR: Final = 253_402_300_800
"""Seconds until the year 10000, after which no date can be written."""


def value_of(row: Metric, live: LiveFamily) -> str:
    """The value of the only series, or how those of all combine."""
    if live.type in {"histogram", "summary"}:
        return _("%(n)s observations") % {"n": display.number(live.total)}
    if live.series == 1:
        return quantity_of(row, live.total)
    if row.measure == Measure.WINDOW:
        # Windows lie within one another, and means and shares do not add up.
        low, high = quantity_of(row, live.smallest), quantity_of(row, live.largest)
        if low == high:
            return low
        return _("%(low)s to %(high)s") % {"low": low, "high": high}
    if row.combine == Combine.MAX or not _adds_up(row):
        return _("max %(n)s") % {"n": quantity_of(row, live.largest)}
    return _("sum %(n)s") % {"n": quantity_of(row, live.total)}


def name_of(producer: str) -> str:
    """The producer's name for reading."""
    if producer.startswith(PROCESS):
        return _("this project's processes")
    return _("this app") if producer == OWN else producer


def quantity_of(row: Metric, value: float) -> str:
    """A value of the family in its unit; of an instant, when it was."""
    if row.name.endswith(("_timestamp_seconds", "_start_time_seconds")) and 0 < value < _FAR:
        return words.clock(datetime.fromtimestamp(value, UTC))
    return display.quantity(value, row.unit)


def _adds_up(row: Metric) -> bool:
    """Whether a sum of the family's series says anything."""
    return row.unit != "ratio" and not row.name.endswith(
        ("_timestamp_seconds", "_start_time_seconds")
    )
