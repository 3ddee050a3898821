"""How many rows the app's tables have, without counting them where the database knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.apps import apps
from django.db import connections, models, router

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.collectors.items import Item

_ESTIMATES: Final = """
    SELECT c.relname, CASE WHEN c.reltuples < 0 THEN coalesce(s.n_live_tup, 0) ELSE c.reltuples END
    FROM pg_class c LEFT JOIN pg_stat_user_tables s ON s.relid = c.oid
    WHERE c.relkind = 'r' AND c.relname = ANY(%s) AND pg_table_is_visible(c.oid)
"""
_APP: Final = "zerostate_monitoring"


def table_rows() -> Iterator[Item]:
    """The rows of each table: PostgreSQL's estimate, elsewhere a count."""
    models_here = apps.get_app_config(_APP).get_models()
    every: list[type[models.Model]] = [one for one in models_here if not one._meta.proxy]
    database = router.db_for_read(every[0])
    family = CATALOGUE["zerostate_monitoring_table_rows"]
    if connections[database].vendor == "postgresql":
        found = _estimated(database, [model._meta.db_table for model in every])
    else:
        found = {one._meta.db_table: one._default_manager.order_by().count() for one in every}
    for table, rows in sorted(found.items()):
        yield family.reading(max(0.0, float(rows)), table=table)


def _estimated(database: str, tables: list[str]) -> dict[str, float]:
    with connections[database].cursor() as cursor:
        cursor.execute(_ESTIMATES, [tables])
        return dict(cursor.fetchall())
