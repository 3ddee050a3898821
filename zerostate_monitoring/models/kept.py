"""Series that are kept for weeks: one row per series, and one per series and day."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class KeptSeries(models.Model):
    """A series of the long tier; ``digest`` is of its labels."""

    digest = models.CharField(_("digest"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=200, db_index=True)
    labels = models.JSONField(_("labels"), help_text=_("Pairs, the name among them."))

    class Meta:
        verbose_name = _("kept series")
        verbose_name_plural = _("kept series")

    def __str__(self) -> str:
        return self.name


class KeptDay(models.Model):
    """The samples of a series on one day (UTC): 288 slots of five minutes, packed."""

    series = models.ForeignKey(KeptSeries, on_delete=models.CASCADE, related_name="days")
    day = models.DateField(_("day"), db_index=True)
    samples = models.BinaryField(_("samples"), default=bytes)

    class Meta:
        verbose_name = _("kept day")
        verbose_name_plural = _("kept days")
        constraints = (
            models.UniqueConstraint(
                fields=("series", "day"), name="zerostate_monitoring_kept_day_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.series} {self.day}"
