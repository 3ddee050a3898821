"""Is the project set up for it: migrations, access to the page, time zone, platform?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from django.conf import settings
from django.db import DatabaseError, connections, router
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from zerostate_monitoring.conf import conf
from zerostate_monitoring.doctor.finding import Finding, error, ok, warning
from zerostate_monitoring.exceptions import ConfigurationError, SourceError
from zerostate_monitoring.models import Collector, Metric
from zerostate_monitoring.models.words import in_words
from zerostate_monitoring.sources.platform.grants import all_grants, grants
from zerostate_monitoring.sources.platform.reading import lacks, look_up
from zerostate_monitoring.sources.platform.snapshot import StatementError, snapshot
from zerostate_monitoring.sources.platform.statements import ECONOMIC, EXECUTION
from zerostate_monitoring.sources.platform.tables import LackingError

APP: Final = "zerostate_monitoring"

PLATFORM_TIMEOUT_SECONDS: Final = 3.0
"""Longest wait for the platform; shorter than that for the whole, so its reason is told."""


def examine_migrations() -> Iterator[Finding]:
    """Whether this app's tables are up to date."""
    try:
        missing = _not_applied(router.db_for_write(Collector))
    except DatabaseError as problem:
        message = _("the database cannot be asked: %(problem)s") % {"problem": problem}
        advice = _("See that it is at work, and that DATABASES names it.")
        yield error("migrations", message, advice)
        return
    if missing:
        message = _("not applied: %(names)s") % {"names": ", ".join(missing)}
        yield error("migrations", message, _run(f"manage.py migrate {APP}"))
        return
    yield ok("migrations", _("all applied"))
    if not Metric.objects.exists():
        yield error("catalogue", _("no metric has a row"), _run("manage.py migrate"))


def _not_applied(alias: str) -> list[str]:
    """Migrations that the tables of this app still need, with their app."""
    executor = MigrationExecutor(connections[alias])
    targets = [node for node in executor.loader.graph.leaf_nodes() if node[0] == APP]
    plan = executor.migration_plan(targets)
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def _run(command: str) -> str:
    return _("Run: %(command)s") % {"command": command}


def examine_access() -> Iterator[Finding]:
    """Who may read /metrics."""
    if conf.METRICS_TOKEN:
        yield ok("/metrics", _("asks for the bearer token"))
    elif conf.METRICS_ALLOWED_NETWORKS:
        networks = ", ".join(conf.METRICS_ALLOWED_NETWORKS)
        yield ok("/metrics", _("open to %(networks)s") % {"networks": networks})
    elif settings.DEBUG:
        yield warning(
            "/metrics",
            _("open to everybody, because DEBUG is on"),
            _(
                "For production set ZEROSTATE_MONITORING_METRICS_TOKEN or "
                "…_METRICS_ALLOWED_NETWORKS."
            ),
        )
    else:
        yield warning(
            "/metrics",
            _("answers this host only"),
            _(
                "Set ZEROSTATE_MONITORING_METRICS_TOKEN or ZEROSTATE_MONITORING_METRICS_ALLOWED_"
                "NETWORKS so that Prometheus may read it from elsewhere."
            ),
        )


def examine_time_zone() -> Iterator[Finding]:
    """Whether times are aware, and logs are in UTC."""
    if not settings.USE_TZ:
        advice = _("Set USE_TZ = True; times around a change of the clock are ambiguous without.")
        yield warning("time zone", _("USE_TZ is off"), advice)
    else:
        yield ok("time zone", _("%(zone)s, times are aware") % {"zone": settings.TIME_ZONE})


def examine_platform() -> Iterator[Finding]:
    """Whether the platform's database answers, and may only be read."""
    alias = conf.PLATFORM_DATABASE
    if not alias:
        yield ok("platform", _("no platform database is configured"))
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
        yield error("platform", in_words(str(problem)), _platform_advice(problem, alias, user))


def judge_tables(readable: int, lacking: Sequence[LackingError], user: str) -> Finding:
    """Whether the platform's tables are there and can be read, as far as they are wanted."""
    said = ngettext(
        "answers; %(n)d table can be read", "answers; %(n)d tables can be read", readable
    )
    message = said % {"n": readable}
    if not lacking:
        return ok("platform", message)
    reasons = [in_words(reason) for reason in sorted(map(str, lacking))]
    shown, more = "; ".join(reasons[:_LISTED]), len(reasons) - _LISTED
    if more > 0:
        shown = _("%(names)s and %(n)d more") % {"names": shown, "n": more}
    forbidden = {error.table for error in lacking if error.forbidden}
    advice = [_(_MISSING)] if any(not error.forbidden for error in lacking) else []
    advice += grants(user, forbidden)
    return warning("platform", f"{message}; {shown}", " ".join(advice))


def _platform_advice(problem: Exception, alias: str, user: str) -> str:
    kind = problem.kind if isinstance(problem, SourceError) else "configuration"
    advice = {
        "unauthorized": _("Correct user and password, or: %(grants)s"),
        "missing": _("See that %(place)s names the database that has the tables."),
        "timeout": _(
            "Something takes the connection and says nothing, or the database is under load; see "
            "HOST and PORT of %(place)s."
        ),
        "refused": _("See that the database runs, and HOST and PORT of %(place)s."),
    }
    said = advice.get(kind) or _("Correct %(place)s; see docs/platform.md.")
    return said % {"place": f"DATABASES[{alias!r}]", "grants": " ".join(all_grants(user))}


_LISTED: Final = 8
_MISSING: Final = gettext_noop(
    "Families that are made of what is missing are absent: bring the platform's migrations up to "
    "date, or see docs/platform.md for what is read."
)


def judge_rights(writable: list[str]) -> Finding:
    """Whether the role may only read."""
    if not writable:
        return ok("platform rights", _("read-only"))
    said = ngettext(
        "may write into the table %(name)s",
        "may write into %(n)d tables, such as %(name)s",
        len(writable),
    )
    return warning(
        "platform rights",
        said % {"n": len(writable), "name": writable[0]},
        _("Use a role that has CONNECT, USAGE and SELECT only; see docs/platform.md."),
    )


_WRITABLE: Final = """
    SELECT table_name FROM information_schema.role_table_grants
    WHERE privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')
      AND table_schema NOT IN ('pg_catalog', 'information_schema')
      AND (grantee = 'PUBLIC' OR pg_has_role(current_user, grantee, 'USAGE'))
    GROUP BY table_name ORDER BY table_name"""
