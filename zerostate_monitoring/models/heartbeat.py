"""What is known of the dead man's switch."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

FRESH: Final = timedelta(seconds=150)
"""How old the canary's last arrival, and its slot, may be."""


class Heartbeat(models.Model):
    """The canary's last arrival, and the last call of the heartbeat's address. One row."""

    name = models.CharField(_("name"), max_length=50, primary_key=True, default="canary")
    arrived_at = models.DateTimeField(
        _("last arrival"), null=True, blank=True, help_text=_("Of a message of the canary's.")
    )
    slot_at = models.DateTimeField(
        _("slot"), null=True, blank=True, help_text=_("At which what arrived was evaluated.")
    )
    tried_at = models.DateTimeField(_("last call"), null=True, blank=True)
    called_at = models.DateTimeField(_("last call that was answered"), null=True, blank=True)
    error = models.TextField(_("last error"), blank=True)

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return self.name

    def is_alive(self, now: datetime) -> bool:
        """Whether an alert came the whole way of late: evaluated, enqueued, delivered."""
        times = (self.arrived_at, self.slot_at)
        return all(at is not None and now - at <= FRESH for at in times)
