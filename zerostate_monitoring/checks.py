"""System checks: one per setting, each with an id and a hint that names the setting.

Nothing here touches the network. The raw values are judged, for ``conf`` has turned
them into types already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 - Django's name
from django.db import DEFAULT_DB_ALIAS, connections, router

from zerostate_monitoring import setting_rules as rules
from zerostate_monitoring.conf import PREFIX, conf
from zerostate_monitoring.doctor.caches import caches_on
from zerostate_monitoring.doctor.tracing import check_tracing
from zerostate_monitoring.health import CHECKS as HEALTH_CHECKS
from zerostate_monitoring.health.registry import PROCESS
from zerostate_monitoring.models import Metric
from zerostate_monitoring.schedule import DELIVER, EVALUATE
from zerostate_monitoring.setting_checks import KEYS_HINT, SETTING_CHECKS, SettingCheck


def check_unknown_settings(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Warn of settings with our prefix that nobody reads: most are misspelt."""
    known = {PREFIX + check.setting for check in SETTING_CHECKS}
    unknown = [name for name in dir(settings) if name.startswith(PREFIX) and name not in known]
    return [
        Warning(
            f"{name} is not a setting of zerostate_monitoring.",
            hint="See docs/settings.md for the names.",
            id="zerostate_monitoring.W001",
        )
        for name in unknown
    ]


def check_cache_shares_store(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Warn of a cache in the store's database: its ``clear()`` empties the store."""
    options = getattr(settings, PREFIX + "REDIS_OPTIONS", {})
    options = options if isinstance(options, Mapping) else {}
    aliases = caches_on(conf.REDIS_URL, options, settings.CACHES)
    return [
        Warning(
            f"CACHES[{alias!r}] uses the database of ZEROSTATE_MONITORING_REDIS_URL; "
            "clearing the cache would wipe the metrics.",
            hint="Give ZEROSTATE_MONITORING_REDIS_URL a database of its own, such as …/1.",
            id="zerostate_monitoring.W002",
        )
        for alias in aliases
    ]


def check_platform_router(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Warn of a platform's database into which ``migrate`` would put this app's tables."""
    alias = conf.PLATFORM_DATABASE
    if alias in {"", DEFAULT_DB_ALIAS} or alias not in set(connections):
        return []
    if not router.allow_migrate_model(alias, Metric):
        return []
    return [
        Warning(
            f"Nothing keeps migrations off {alias!r}, the platform's database.",
            hint="Add zerostate_monitoring.sources.platform.router.PlatformRouter to "
            "DATABASE_ROUTERS; see docs/platform.md.",
            id="zerostate_monitoring.W003",
        )
    ]


def check_alert_queues(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Warn of a queue in which something else may stand before an alert."""
    if not (conf.ENABLED and conf.EVALUATE):
        return []
    default = str(getattr(settings, "CELERY_TASK_DEFAULT_QUEUE", "celery"))
    taken = {conf.QUEUE: PREFIX + "QUEUE", default: "Celery's default queue"}
    found = []
    for name in ("EVALUATE_QUEUE", "DELIVER_QUEUE"):
        queue = str(getattr(conf, name))
        if other := taken.get(queue):
            found.append(_shared(PREFIX + name, queue, other))
        taken.setdefault(queue, PREFIX + name)
    return found


def _shared(name: str, queue: str, other: str) -> CheckMessage:
    return Warning(
        f"{name} is {queue!r}, which is {other}, too: long tasks delay alerts.",
        hint=f"Leave {name} out, or give it a queue of its own, and start a worker for it.",
        id="zerostate_monitoring.W004",
    )


def check_alert_schedule(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Warn of a schedule from which nobody evaluates rules or delivers what they say.

    A project that schedules elsewhere has none here; then the doctor looks at what happens.
    """
    schedule = getattr(settings, "CELERY_BEAT_SCHEDULE", None)
    if not (conf.ENABLED and conf.EVALUATE and isinstance(schedule, Mapping) and schedule):
        return []
    tasks = {entry.get("task") for entry in schedule.values() if isinstance(entry, Mapping)}
    return [
        Warning(
            f"CELERY_BEAT_SCHEDULE has no entry for {task}: {what}.",
            hint="Write CELERY_BEAT_SCHEDULE = {**beat_schedule(), …}; where Prometheus evaluates "
            "the rules set ZEROSTATE_MONITORING_EVALUATE = False.",
            id="zerostate_monitoring.W005",
        )
        for task, what in ((EVALUATE, "no rule is evaluated"), (DELIVER, "no alert is delivered"))
        if task not in tasks
    ]


def check_secret_keys(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Warn, on deployment, that receivers' secrets hang on Django's key."""
    if not (conf.ENABLED and conf.EVALUATE) or conf.SECRET_KEYS:
        return []
    return [
        Warning(
            f"{PREFIX}SECRET_KEYS is empty: secrets of receivers are encrypted by a key that is "
            "made of SECRET_KEY, and whoever changes that must type them in again.",
            hint=KEYS_HINT,
            id="zerostate_monitoring.W006",
        )
    ]


def check_critical_components(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse a critical component that nobody checks: the site would never be ready."""
    if rules.texts(getattr(settings, PREFIX + "HEALTH_CRITICAL", None) or ()):
        return []
    return [
        Error(
            f"{PREFIX}HEALTH_CRITICAL names {name!r}, and no check is called so.",
            hint=f"Known are {', '.join(sorted(HEALTH_CHECKS))}.",
            id="zerostate_monitoring.E115",
        )
        for name in conf.HEALTH_CRITICAL
        if name not in {PROCESS, *HEALTH_CHECKS}
    ]


def _as_function(check: SettingCheck) -> Callable[..., list[CheckMessage]]:
    """The check as Django registers it: a function that takes attributes."""

    def check_setting(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
        return check.messages()

    return check_setting


CHECKS: Final[tuple[Callable[..., list[CheckMessage]], ...]] = (
    *map(_as_function, SETTING_CHECKS),
    check_unknown_settings,
    check_cache_shares_store,
    check_platform_router,
    check_alert_queues,
    check_alert_schedule,
    check_critical_components,
    check_tracing,
)
"""What ``wiring`` registers."""

DEPLOY_CHECKS: Final[tuple[Callable[..., list[CheckMessage]], ...]] = (check_secret_keys,)
"""The same for ``check --deploy``."""
