"""Bring the rows of built-in rules up to what this version ships. Runs after ``migrate``.

Rows are found by ``shipped_key`` and changed in place, so alerts keep their state. What an
operator has changed stands in ``Rule.overrides`` and is laid over the new definition. A row
that is no longer shipped becomes the operator's own, as it is: an alarm does not go off by
itself.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, connections, models, router, transaction

from zerostate_monitoring.alerting.shipping_routes import sync_inhibitions, sync_routes
from zerostate_monitoring.conf import conf
from zerostate_monitoring.generators.addresses import runbook_url
from zerostate_monitoring.models import Inhibition, Receiver, Route, RouteStep, Rule, RuleGroup
from zerostate_monitoring.models.words import Origin, RuleKind
from zerostate_monitoring.rules.definitions import Problem
from zerostate_monitoring.rules.shipped import (
    GROUPS,
    ShippedGroup,
    ShippedRecording,
    ShippedRule,
    applied,
    possible,
)

logger = logging.getLogger(__name__)

_TABLES: Final = (Rule, RuleGroup, Inhibition, Receiver, Route, RouteStep)
_RETIRED: Final = "No longer built in; it is yours now, as it was."


@dataclass(frozen=True, slots=True)
class Shipped:
    """How many rules a sync has added, changed, and given over to the operator."""

    added: int = 0
    changed: int = 0
    retired: int = 0


def sync_shipped(using: str, now: datetime) -> None:
    """Make the rows say what is shipped, where this database holds them and that is wanted."""
    wanted = conf.ENABLED and conf.BUILT_IN_RULES
    if not wanted or not router.allow_migrate_model(using, Rule) or not _has_tables(using):
        return
    try:
        synced = sync_rules(GROUPS, now, using=using)
    except IntegrityError:
        # Another process has just done the same; what it wrote is found now.
        synced = sync_rules(GROUPS, now, using=using)
    logger.info("built_in_rules_synced", extra={"database": using, **asdict(synced)})


def _has_tables(using: str) -> bool:
    """Whether they are there: one may have migrated to a point before they were."""
    tables = set(connections[using].introspection.table_names())
    return {model._meta.db_table for model in _TABLES} <= tables


def sync_rules(groups: Iterable[ShippedGroup], now: datetime, *, using: str) -> Shipped:
    """All of it in one transaction."""
    with transaction.atomic(using=using):
        rows = {row.shipped_key: row for row in _shipped(Rule, using)}
        until = _observing_until(now) if not rows else None
        known: set[str] = set()
        added = changed = 0
        for position, group in enumerate(groups):
            parent = _group(group, position, using)
            for place, definition in enumerate(group.rules):
                known.add(definition.key)
                if (row := rows.get(definition.key)) is None:
                    _create(definition, parent, place, until, using)
                    added += 1
                else:
                    changed += _update(row, definition, using)
        retired = [row for key, row in rows.items() if key not in known]
        for row in retired:
            _retire(row, using)
        sync_inhibitions(using)
        sync_routes(using)
    return Shipped(added, changed, len(retired))


def _shipped(model: type[models.Model], using: str) -> models.QuerySet[Any]:
    return model._default_manager.using(using).exclude(shipped_key="")


def _observing_until(now: datetime) -> datetime | None:
    seconds = conf.OBSERVE_SECONDS
    return now + timedelta(seconds=seconds) if seconds else None


def _group(group: ShippedGroup, position: int, using: str) -> RuleGroup:
    """Its row; interval, order and switch of one that is there are the operator's."""
    rows = RuleGroup._default_manager.using(using)
    found = rows.filter(shipped_key=group.name).first()
    if found is not None:
        return found
    taken = rows.filter(name=group.name).exists()
    return rows.create(
        name=f"{group.name} (built-in)" if taken else group.name,
        interval_seconds=group.interval.total_seconds(),
        position=position,
        origin=Origin.SHIPPED,
        shipped_key=group.name,
    )


def _create(
    definition: ShippedRule | ShippedRecording,
    group: RuleGroup,
    place: int,
    until: datetime | None,
    using: str,
) -> None:
    row = Rule(group=group, position=place, origin=Origin.SHIPPED, shipped_key=definition.key)
    _fill(row, fields_of(definition, {}))
    if isinstance(definition, ShippedRule) and definition.is_observed:
        row.observing_until = until
    row.remark = "Built in."
    row.save(using=using)


def _update(row: Rule, definition: ShippedRule | ShippedRecording, using: str) -> bool:
    """Change what differs; true if something did. A row that is as it should be is not written."""
    overrides, aside = _overrides_of(row, definition)
    fields = fields_of(definition, overrides)
    if "enabled" not in overrides:
        # The switch is the operator's, however it was set.
        fields.pop("enabled")
    if all(getattr(row, name) == value for name, value in fields.items()):
        return False
    _fill(row, fields)
    left = "".join(f" Left aside: {problem}" for problem in aside)
    row.remark = f"A new version of the built-in rule.{left}"[:500]
    row.save(using=using)
    if aside:
        logger.warning("override_left_aside", extra={"rule": row.name, "why": left.strip()})
    return True


def _overrides_of(
    row: Rule, definition: ShippedRule | ShippedRecording
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """Those that can be, and what is wrong with the others."""
    if isinstance(definition, ShippedRule):
        return possible(definition, row.overrides)
    return {}, ()


def _fill(row: Rule, fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        setattr(row, name, value)


def _retire(row: Rule, using: str) -> None:
    row.origin, row.shipped_key, row.overrides = Origin.OWN, "", {}
    row.annotations = {**row.annotations, "retired": _RETIRED}
    row.remark = _RETIRED
    row.save(using=using)


def fields_of(
    definition: ShippedRule | ShippedRecording, overrides: Mapping[str, Any]
) -> dict[str, Any]:
    """Columns of a row of a built-in rule, and what they hold.

    Raises:
        OverrideError: an override cannot be.
    """
    if isinstance(definition, ShippedRecording):
        return {
            "kind": RuleKind.RECORDING,
            "name": definition.name,
            "expr": definition.expr,
            "kept": definition.kept,
            "enabled": True,
        }
    changed = applied(definition, overrides)
    values = {name: getattr(changed, name) for name in changed.__slots__}
    url = runbook_url(definition.name)
    return {**values, "kind": RuleKind.ALERTING, "runbook_url": url}
