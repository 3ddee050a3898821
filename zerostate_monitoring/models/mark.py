"""What the running parts have seen already, where that must outlive them."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

ROUTES: Final = "routes"
"""Of the routes that alerts which fire have been led by."""


class Mark(models.Model):
    """What was seen last, as a text that is other when it is; ``at`` while it is still new."""

    name = models.CharField(_("name"), max_length=50, primary_key=True)
    text = models.CharField(_("text"), max_length=200, blank=True)
    at = models.DateTimeField(_("new since"), null=True, blank=True)

    class Meta:
        verbose_name = _("mark")
        verbose_name_plural = _("marks")

    def __str__(self) -> str:
        return self.name
