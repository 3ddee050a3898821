"""What holds alerts back, and what fires, in one query, whatever there is.

By themselves these are five. A page of admin has ten at most, of which the overview needs seven for
other things: so the rows of all five tables come together, as JSON, and are made into rows here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, Final

from django.db import connections
from django.db.models import CharField, Exists, Field, JSONField, Model, QuerySet, Value
from django.db.models.functions import JSONObject
from django.utils.timezone import is_naive, make_aware

from zerostate_monitoring.models import Alert, Inhibition, MaintenanceWindow, Rule, Silence
from zerostate_monitoring.models.words import AlertState

Rows = Mapping[type[Model], QuerySet[Any]]

_COLUMNS: Final[dict[type[Model], tuple[str, ...]]] = {
    Rule: ("id", "observing_until"),
    Alert: ("id", "rule_name", "labels"),
}
"""Of tables of which not all columns are wanted."""


@dataclass(frozen=True, slots=True)
class Defined:
    """Silences that last, windows and inhibitions that are enabled, rules that are observed.

    ``firing`` are alerts by which inhibitions hold others back: not those of rules that are
    observed, for whom they held back nobody would hear of either.
    """

    silences: list[Silence] = field(default_factory=list)
    windows: list[MaintenanceWindow] = field(default_factory=list)
    inhibitions: list[Inhibition] = field(default_factory=list)
    observing: Mapping[int, datetime] = field(default_factory=dict)
    firing: list[Alert] = field(default_factory=list)


def defined(now: datetime) -> Defined:
    """All of it at ``now``."""
    found = _read(
        {
            Silence: Silence.objects.filter(starts_at__lte=now, ends_at__gt=now),
            MaintenanceWindow: MaintenanceWindow.objects.filter(enabled=True),
            Inhibition: Inhibition.objects.filter(enabled=True),
            Rule: Rule.objects.filter(observing_until__gt=now),
            Alert: _sources(now),
        }
    )
    return Defined(
        silences=sorted(found[Silence], key=attrgetter("ends_at"), reverse=True),
        windows=sorted(found[MaintenanceWindow], key=attrgetter("name")),
        inhibitions=sorted(found[Inhibition], key=attrgetter("name")),
        observing={rule.pk: rule.observing_until for rule in found[Rule]},
        firing=sorted(found[Alert], key=attrgetter("pk")),
    )


def _sources(now: datetime) -> QuerySet[Alert]:
    """What fires and may hold others back; nothing where nothing is inhibited."""
    rows = Alert.objects.filter(state=AlertState.FIRING)
    rows = rows.exclude(rule__observing_until__gt=now).exclude(rule=None, observed=True)
    return rows.filter(Exists(Inhibition.objects.filter(enabled=True)))


def _read(wanted: Rows) -> Mapping[type[Model], list[Any]]:
    """The rows of each table, in any order."""
    first, *others = (_as_json(model, rows) for model, rows in wanted.items())
    models = {model.__name__: model for model in wanted}
    found: dict[type[Model], list[Any]] = {model: [] for model in wanted}
    for name, row in first.union(*others, all=True):
        # In a union a database without a type for JSON gives the text.
        values = json.loads(row) if isinstance(row, str) else row
        found[models[name]].append(_row(models[name], values, first.db))
    return found


def _columns(model: type[Model]) -> list[Field[Any, Any]]:
    every: list[Field[Any, Any]] = list(model._meta.concrete_fields)
    wanted = _COLUMNS.get(model)
    return every if wanted is None else [one for one in every if one.attname in wanted]


def _as_json(model: type[Model], rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    row = JSONObject(**{one.attname: one.attname for one in _columns(model)})
    table = Value(model.__name__, output_field=CharField())
    named: QuerySet[Any, Any] = rows.order_by().annotate(of_table=table, as_json=row)
    return named.values_list("of_table", "as_json")


def _row(model: type[Model], values: Mapping[str, Any], using: str) -> Model:
    columns = _columns(model)
    zone = connections[using].timezone or UTC
    read = [_value(one, values[one.attname], zone) for one in columns]
    return model.from_db(using, [one.attname for one in columns], read)


def _value(column: Field[Any, Any], value: Any, zone: Any) -> Any:
    """What a column holds, out of what JSON has for it."""
    if isinstance(column, JSONField):
        return json.loads(value) if isinstance(value, str) else value
    found = column.to_python(value)
    # SQLite knows no zones: what stands there is in the connection's.
    if isinstance(found, datetime) and is_naive(found):
        return make_aware(found, zone)
    return found
