"""Bring the rows of built-in inhibitions and routes up to what this version ships.

One route alone is built in: that of the watchdog to the canary, which leaves nothing to
anybody. Whom alerts are sent to is an operator's word.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models

from zerostate_monitoring.models import Inhibition, Receiver, Route, RouteStep
from zerostate_monitoring.models.words import Origin
from zerostate_monitoring.rules.shipped import (
    INHIBITIONS,
    ROUTES,
    ShippedInhibition,
    ShippedRoute,
)


def sync_inhibitions(using: str, definitions: Iterable[ShippedInhibition] = INHIBITIONS) -> None:
    """Make their rows say what is shipped; the switch is the operator's."""
    objects = Inhibition._default_manager.using(using)
    rows = {row.shipped_key: row for row in objects.exclude(shipped_key="")}
    for definition in definitions:
        fields = inhibition_fields(definition)
        row = rows.pop(definition.key, None)
        if row is None:
            name = _free(objects, definition.key)
            objects.create(name=name, origin=Origin.SHIPPED, shipped_key=definition.key, **fields)
        elif any(getattr(row, name) != value for name, value in fields.items()):
            objects.filter(pk=row.pk).update(**fields)
    # What is no longer shipped is the operator's own, as it is.
    objects.filter(pk__in=[row.pk for row in rows.values()]).update(
        origin=Origin.OWN, shipped_key=""
    )


def inhibition_fields(definition: ShippedInhibition) -> dict[str, Any]:
    """Columns of its row, and what they hold."""
    return {
        "source_matchers": "\n".join(definition.source),
        "target_matchers": "\n".join(definition.target),
        "equal": list(definition.equal),
    }


def sync_routes(using: str, definitions: Iterable[ShippedRoute] = ROUTES) -> None:
    """Make the routes that are missing; those that are there are the operator's."""
    objects = Route._default_manager.using(using)
    known = set(objects.exclude(shipped_key="").values_list("shipped_key", flat=True))
    for definition in definitions:
        if definition.key not in known:
            _create_route(definition, using)


def _create_route(definition: ShippedRoute, using: str) -> None:
    route = Route._default_manager.using(using).create(
        name=_free(Route._default_manager.using(using), definition.key),
        position=0,
        matchers="\n".join(definition.matchers),
        group_by=list(definition.group_by),
        group_wait_seconds=definition.group_wait_seconds,
        group_interval_seconds=definition.group_interval_seconds,
        repeat_interval_seconds=definition.repeat_interval_seconds,
        origin=Origin.SHIPPED,
        shipped_key=definition.key,
    )
    RouteStep._default_manager.using(using).create(
        route=route, receiver=_receiver(definition, using)
    )


def _receiver(definition: ShippedRoute, using: str) -> Receiver:
    objects = Receiver._default_manager.using(using)
    found = objects.filter(kind=definition.kind).order_by("pk").first()
    if found is not None:
        return found
    return objects.create(
        name=_free(objects, definition.receiver), kind=definition.kind, send_resolved=False
    )


def _free(objects: models.QuerySet[Any], name: str) -> str:
    """``name``, or one like it where an operator's own row has it already."""
    return f"{name} (built-in)" if objects.filter(name=name).exists() else name
