"""What tests of the metrics' pages share."""

from __future__ import annotations

import time

from django.urls import reverse

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.frames.builder import FrameBuilder
from zerostate_monitoring.storage.store import Write

METRICS = reverse("admin:zerostate_monitoring_metric_changelist")


def write(store, name, values, producer="node:n1", label="x"):
    """Write series of a catalogued family; label values to values."""
    definition = CATALOGUE[name]
    builder = FrameBuilder()
    builder.declare(definition.family, definition.kind, definition.help)
    for text, value in values.items():
        builder.add(definition.family, {label: text}, value, suffix=definition.suffix)
    lease = store.lease(producer, 60)
    store.write([Write(producer, builder.build(time.time()), 60)], token=lease.token)
    store.release(lease)


def page_of(row):
    return reverse("admin:zerostate_monitoring_metric_change", args=(row.pk,))


def row_text(response, name):
    """The text of one family's line of the list."""
    html = response.content.decode().replace("<wbr>", "")
    return next(part for part in html.split("<tr") if f">{name}<" in part)
