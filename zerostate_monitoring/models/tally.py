"""Counts that outlive the rows that were counted."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

CLOCK: Final = "clock"
"""Of the row that tells what lay in the future when a clock came back, and when that was last."""


class Tally(models.Model):
    """Totals of one kind of rows, which are pruned when they are old. Totals never fall.

    ``counted_until`` is up to when events are counted: each once, by whoever moves it on.
    """

    name = models.CharField(_("name"), max_length=100, primary_key=True)
    counted_until = models.DateTimeField(_("counted until"), null=True, blank=True)
    totals = models.JSONField(
        _("totals"), default=dict, blank=True, help_text=_("Labels, as JSON, to count.")
    )

    class Meta:
        verbose_name = _("tally")
        verbose_name_plural = _("tallies")

    def __str__(self) -> str:
        return self.name
