"""Levels of loggers that somebody has set for a while."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zerostate_monitoring.logs.levels import LEVELS, Override

_CHOICES: Final = [(level, level) for level in LEVELS]


class LogLevel(models.Model):
    """``logger`` has ``level`` in all processes until ``until``. Rows stay, as a record."""

    logger = models.CharField(
        _("logger"), max_length=200, help_text=_("Such as zerostate_monitoring.sources, or root.")
    )
    level = models.CharField(_("level"), max_length=10, choices=_CHOICES, default="DEBUG")
    until = models.DateTimeField(_("until"))
    comment = models.CharField(_("comment"), max_length=200, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    author = models.CharField(_("author"), max_length=200, editable=False)
    created_at = models.DateTimeField(_("set"), auto_now_add=True)

    class Meta:
        verbose_name = _("log level")
        verbose_name_plural = _("log levels")
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return f"{self.logger} {self.level}"

    @property
    def is_active(self) -> bool:
        """Whether it still holds."""
        return self.until > timezone.now()

    @property
    def override(self) -> Override:
        """The same as a value."""
        return Override(self.logger, self.level, self.until.timestamp())
