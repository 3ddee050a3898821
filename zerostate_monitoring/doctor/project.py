"""Is the project set up for it: migrations, access to the page, time zone, platform?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from django.conf import settings
from django.db import connections, router
from django.db.migrations.executor import MigrationExecutor

from zerostate_monitoring.conf import conf
from zerostate_monitoring.doctor.finding import Finding, error, ok, warning
from zerostate_monitoring.exceptions import ConfigurationError, SourceError
from zerostate_monitoring.models import Collector, Metric
from zerostate_monitoring.sources.platform.grants import all_grants, grants
from zerostate_monitoring.sources.platform.reading import lacks, look_up
from zerostate_monitoring.sources.platform.snapshot import StatementError, snapshot
from zerostate_monitoring.sources.platform.statements import ECONOMIC, EXECUTION
from zerostate_monitoring.sources.platform.tables import LackingError

APP: Final = "zerostate_monitoring"
SWITCHED_OFF: Final = "monitoring is switched off (ZEROSTATE_MONITORING_ENABLED)"

PLATFORM_TIMEOUT_SECONDS: Final = 3.0
"""Longest wait for the platform; shorter than that for the whole, so its reason is told."""


def examine_switch() -> Iterator[Finding]:
    """Whether the whole is switched on."""
    if conf.ENABLED:
        yield ok("switch", "ZEROSTATE_MONITORING_ENABLED is on")
    else:
        yield warning("switch", SWITCHED_OFF, "Set it to True to collect and to show metrics.")


def examine_migrations() -> Iterator[Finding]:
    """Whether this app's tables are up to date."""
    alias = router.db_for_write(Collector)
    executor = MigrationExecutor(connections[alias])
    targets = [node for node in executor.loader.graph.leaf_nodes() if node[0] == APP]
    missing = [migration.name for migration, _ in executor.migration_plan(targets)]
    if missing:
        message = f"not applied: {', '.join(missing)}"
        yield error("migrations", message, f"Run: manage.py migrate {APP}")
        return
    yield ok("migrations", "all applied")
    if not Metric.objects.exists():
        yield error("catalogue", "no metric has a row", "Run: manage.py migrate")


def examine_access() -> Iterator[Finding]:
    """Who may read /metrics."""
    if conf.METRICS_TOKEN:
        yield ok("/metrics", "asks for the bearer token")
    elif conf.METRICS_ALLOWED_NETWORKS:
        yield ok("/metrics", f"open to {', '.join(conf.METRICS_ALLOWED_NETWORKS)}")
    elif settings.DEBUG:
        yield warning(
            "/metrics",
            "open to everybody, because DEBUG is on",
            "For production set ZEROSTATE_MONITORING_METRICS_TOKEN or …_METRICS_ALLOWED_NETWORKS.",
        )
    else:
        yield warning(
            "/metrics",
            "answers this host only",
            "Set ZEROSTATE_MONITORING_METRICS_TOKEN or ZEROSTATE_MONITORING_METRICS_ALLOWED_"
            "NETWORKS so that Prometheus may read it from elsewhere.",
        )


def examine_time_zone() -> Iterator[Finding]:
    """Whether times are aware, and logs are in UTC."""
    if not settings.USE_TZ:
        advice = "Set USE_TZ = True; times around a change of the clock are ambiguous without."
        yield warning("time zone", "USE_TZ is off", advice)
    else:
        yield ok("time zone", f"{settings.TIME_ZONE}, times are aware")


def examine_platform() -> Iterator[Finding]:
    """Whether the platform's database answers, and may only be read."""
    alias = conf.PLATFORM_DATABASE
    if not alias:
        yield ok("platform", "no platform database is configured")
        return
    timeout = min(conf.PLATFORM_TIMEOUT_SECONDS, PLATFORM_TIMEOUT_SECONDS)
    user = str(settings.DATABASES.get(alias, {}).get("USER") or "monitoring")
    try:
        with snapshot(alias, timeout) as opened:
            statements = (*EXECUTION, *ECONOMIC)
            tables, dialect = look_up(opened, statements)
            yield judge_tables(len(tables.columns), lacks(tables, dialect, statements), user)
            if opened.vendor == "postgresql":
                yield judge_rights([str(table) for (table,) in opened.rows(_WRITABLE)])
    except (ConfigurationError, SourceError, StatementError) as problem:
        yield error("platform", str(problem), _platform_advice(problem, alias, user))


def judge_tables(readable: int, lacking: Sequence[LackingError], user: str) -> Finding:
    """Whether the platform's tables are there and can be read, as far as they are wanted."""
    message = f"answers; {readable} tables can be read"
    if not lacking:
        return ok("platform", message)
    reasons = sorted(map(str, lacking))
    more = f" and {len(reasons) - _LISTED} more" if len(reasons) > _LISTED else ""
    forbidden = {error.table for error in lacking if error.forbidden}
    advice = [_MISSING] if any(not error.forbidden for error in lacking) else []
    advice += grants(user, forbidden)
    return warning("platform", f"{message}; {'; '.join(reasons[:_LISTED])}{more}", " ".join(advice))


def _platform_advice(problem: Exception, alias: str, user: str) -> str:
    kind = problem.kind if isinstance(problem, SourceError) else "configuration"
    advice = {
        "unauthorized": f"Correct user and password, or: {' '.join(all_grants(user))}",
        "missing": f"See that DATABASES[{alias!r}] names the database that has the tables.",
        "timeout": f"Something takes the connection and says nothing, or the database is under "
        f"load; see HOST and PORT of DATABASES[{alias!r}].",
        "refused": f"See that the database runs, and HOST and PORT of DATABASES[{alias!r}].",
    }
    return advice.get(kind, f"Correct DATABASES[{alias!r}]; see docs/platform.md.")


_LISTED: Final = 8
_MISSING: Final = (
    "Families that are made of what is missing are absent: bring the platform's migrations up to "
    "date, or see docs/platform.md for what is read."
)


def judge_rights(writable: list[str]) -> Finding:
    """Whether the role may only read."""
    if not writable:
        return ok("platform rights", "read-only")
    return warning(
        "platform rights",
        f"may write into {len(writable)} tables, such as {writable[0]}",
        "Use a role that has CONNECT, USAGE and SELECT only; see docs/platform.md.",
    )


_WRITABLE: Final = """
    SELECT table_name FROM information_schema.role_table_grants
    WHERE privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')
      AND table_schema NOT IN ('pg_catalog', 'information_schema')
      AND (grantee = 'PUBLIC' OR pg_has_role(current_user, grantee, 'USAGE'))
    GROUP BY table_name ORDER BY table_name"""
