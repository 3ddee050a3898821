"""One row per ZeroState node."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final, Self

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from zerostate_monitoring.models.validators import (
    validate_base_url,
    validate_metrics_path,
    validate_node_labels,
    validate_secret_reference,
)

METRICS_PATH: Final = "/metrics"


class NodeRole(models.TextChoices):
    """What a node does in the network."""

    BOOTNODE = "bootnode", _("bootnode")
    EDGE = "edge", _("edge")
    RELAY = "relay", _("relay")
    API = "api", _("api")


class Node(models.Model):
    """A node whose /metrics are collected.

    Secrets hold either the value itself or a reference, ``env:NAME`` or ``file:PATH``,
    that is resolved by the worker at each scrape.
    """

    name = models.CharField(
        _("name"),
        max_length=100,
        unique=True,
        validators=[RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9._-]*\Z", _("Letters, digits, . _ -"))],
        help_text=_("Becomes the label node."),
    )
    role = models.CharField(_("role"), max_length=20, choices=NodeRole, default=NodeRole.EDGE)
    base_url = models.CharField(
        _("base URL"),
        max_length=500,
        validators=[validate_base_url],
        help_text=_("For example http://node-1.example:8080"),
    )
    metrics_path = models.CharField(
        _("metrics path"),
        max_length=500,
        blank=True,
        default=METRICS_PATH,
        validators=[validate_metrics_path],
        help_text=_("Comes after the base URL; empty for /metrics."),
    )
    enabled = models.BooleanField(_("enabled"), default=True)
    ephemeral = models.BooleanField(
        _("ephemeral"),
        default=False,
        help_text=_(
            "Leaves after a while without an answer, and raises no alert; its row is deleted later."
        ),
    )
    labels = models.JSONField(
        _("labels"),
        default=dict,
        blank=True,
        validators=[validate_node_labels],
        help_text=_('For example {"site": "fra1"}'),
    )
    token = models.CharField(
        _("bearer token"), max_length=2000, blank=True, validators=[validate_secret_reference]
    )
    ca_certificate = models.TextField(
        _("CA certificate"), blank=True, validators=[validate_secret_reference]
    )
    client_certificate = models.TextField(
        _("client certificate"), blank=True, validators=[validate_secret_reference]
    )
    client_key = models.TextField(
        _("client key"), blank=True, validators=[validate_secret_reference]
    )
    origin = models.CharField(
        _("origin"),
        max_length=200,
        blank=True,
        default="admin",
        editable=False,
        help_text=_("Where the row came from: admin, csv, or a discovery document."),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    last_up_at = models.DateTimeField(_("last answered"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("node")
        verbose_name_plural = _("nodes")
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(role__in=NodeRole.values),
                name="zerostate_monitoring_node_role_known",
            ),
        )
        indexes = (
            # Every scrape asks for the enabled nodes in the order of their keys.
            models.Index(
                fields=("id",),
                condition=models.Q(enabled=True),
                name="zsm_node_enabled",
            ),
        )

    loaded_name = ""
    """The name that the row in the database has; empty for a new one."""

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
        """Remember the name under which the node's series stand."""
        node = super().from_db(db, field_names, values, **kwargs)
        if "name" in field_names:
            node.loaded_name = node.name
        return node

    def clean(self) -> None:
        """Refuse half a client certificate; an empty field means the usual."""
        self.labels = self.labels or {}
        self.metrics_path = self.metrics_path or METRICS_PATH
        if bool(self.client_certificate) is not bool(self.client_key):
            raise ValidationError(
                {"client_key": _("A client certificate and its key belong together.")}
            )
