"""One row per family: what the catalogue says, and what an operator adds to it."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Any, Final, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from zerostate_monitoring.catalogue.definition import Feed, Kind, Layer
from zerostate_monitoring.catalogue.nodes import (
    NODE_HEALTHY,
    NODE_SCRAPE_DURATION,
    NODE_SCRAPE_ERROR,
    NODE_SCRAPE_SAMPLES,
    NODE_UP,
)

OF_A_SCRAPE: Final = frozenset(
    definition.name
    for definition in (
        NODE_UP,
        NODE_SCRAPE_DURATION,
        NODE_SCRAPE_SAMPLES,
        NODE_HEALTHY,
        NODE_SCRAPE_ERROR,
    )
)
"""Families that a scrape writes of itself; without them nobody saw a node go down."""


def _choices(words: type[StrEnum]) -> list[tuple[str, str]]:
    return [(word.value, word.value) for word in words]


class Metric(models.Model):
    """A family of the catalogue, synced after migrate.

    ``enabled``, ``feed`` and ``note`` are the operator's; the rest is the catalogue's.
    """

    name = models.CharField(_("name"), max_length=200, unique=True)
    kind = models.CharField(_("type"), max_length=20, choices=_choices(Kind))
    layer = models.CharField(_("layer"), max_length=20, choices=_choices(Layer), db_index=True)
    unit = models.CharField(_("unit"), max_length=50, blank=True)
    help = models.TextField(_("help"), blank=True)
    labels = models.JSONField(_("labels"), default=list, blank=True)
    feeds = models.JSONField(_("possible producers"), default=list, blank=True)
    combine = models.CharField(_("how nodes combine"), max_length=10, blank=True)
    measure = models.CharField(_("measure"), max_length=10, blank=True)
    enabled = models.BooleanField(
        _("enabled"),
        default=True,
        help_text=_("A disabled family leaves the page with its producers' next run."),
    )
    feed = models.CharField(
        _("feeding producer"),
        max_length=20,
        blank=True,
        choices=_choices(Feed),
        help_text=_("Overrides the order of ZEROSTATE_MONITORING_FEED_ORDER."),
    )
    note = models.TextField(_("note"), blank=True, help_text=_("Yours; shown beside the help."))
    last_seen_at = models.DateTimeField(_("last seen"), null=True, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("metric")
        verbose_name_plural = _("metrics")
        ordering = ("name",)

    loaded: tuple[bool, str] | None = None
    """What the row in the database says of ``enabled`` and ``feed``; None for a new one."""

    def __str__(self) -> str:
        return self.name

    @classmethod
    def from_db(
        cls,
        db: str | None,
        field_names: Collection[str],
        values: Collection[Any],
        **kwargs: Any,
    ) -> Self:
        """Remember what was decided, so that a change is seen when the row is saved."""
        metric = super().from_db(db, field_names, values, **kwargs)
        if {"enabled", "feed"} <= set(field_names):
            metric.loaded = (metric.enabled, metric.feed)
        return metric

    @property
    def always_on(self) -> bool:
        """Whether ``enabled`` means nothing: what the app says of itself and of its scrapes."""
        return self.feeds == [Feed.SELF.value] or self.name in OF_A_SCRAPE

    def clean(self) -> None:
        """Refuse a feeding producer that the catalogue does not know for this family."""
        if self.feed and self.feed not in self.feeds:
            known = ", ".join(self.feeds)
            raise ValidationError(
                {"feed": _("This family can be fed by %(known)s.") % {"known": known}}
            )
