"""The overview's place among the models: Django's index lists models, and nothing else."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zerostate_monitoring.models.alert import Alert


class Overview(Alert):
    """No table and no permission of its own: a line in the index that leads to the overview."""

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = _("overview")
        # The index sorts by name, and a browser shows no space at a beginning: so it comes first.
        verbose_name_plural = _(" Overview")
