"""System checks: one per setting, each with an id and a hint that names the setting.

Nothing here touches the network. The raw values are judged, for ``conf`` has turned
them into types already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 - Django's name
from django.db import DEFAULT_DB_ALIAS, connections, router

from zerostate_monitoring import setting_rules as rules
from zerostate_monitoring.conf import PREFIX, conf
from zerostate_monitoring.doctor.caches import caches_on
from zerostate_monitoring.models import Metric


@dataclass(frozen=True, slots=True)
class SettingCheck:
    """The rule of one setting, and how to say that it is broken."""

    id: str
    setting: str
    problem: Callable[[Any], rules.Problem]
    hint: str

    def messages(self) -> list[CheckMessage]:
        """Give one error if the project sets the setting to what cannot work."""
        name = PREFIX + self.setting
        missing = object()
        value = getattr(settings, name, missing)
        if value is missing:
            return []
        problem = self.problem(value)
        code = f"zerostate_monitoring.{self.id}"
        return [Error(f"{name} {problem}.", hint=self.hint, id=code)] if problem else []


_SECONDS: Final = "Set a number of seconds, such as 30."
_NETWORKS: Final = 'Set networks without host bits, such as ["10.0.0.0/8"].'

SETTING_CHECKS: Final = (
    SettingCheck("E001", "ENABLED", rules.boolean, "Set True, or False to switch all of it off."),
    SettingCheck("E002", "EXTERNAL_LABELS", rules.external_labels, 'Such as {"cluster": "eu-1"}.'),
    SettingCheck("E003", "REDIS_URL", rules.redis_url, "Such as redis://localhost:6379/1."),
    SettingCheck(
        "E004", "REDIS_OPTIONS", rules.redis_options, "Keyword arguments of redis-py's connection."
    ),
    SettingCheck("E005", "REDIS_TIMEOUT_SECONDS", rules.positive, _SECONDS),
    SettingCheck("E006", "REDIS_MAX_CONNECTIONS", rules.count, "Set a whole number, such as 20."),
    SettingCheck("E007", "KEY_PREFIX", rules.key_prefix, 'Such as "zerostate".'),
    SettingCheck("E008", "METRICS_TOKEN", rules.token, "Letters, digits and signs without blanks."),
    SettingCheck("E009", "METRICS_ALLOWED_NETWORKS", rules.networks, _NETWORKS),
    SettingCheck("E010", "TRUSTED_PROXIES", rules.networks, _NETWORKS),
    SettingCheck("E011", "REPLACE_DJANGO_PROMETHEUS_VIEW", rules.boolean, "Set True or False."),
    SettingCheck("E012", "QUEUE", rules.queue, 'Such as "zerostate_monitoring".'),
    SettingCheck("E013", "NODES_INTERVAL_SECONDS", rules.positive, _SECONDS),
    SettingCheck("E014", "EXECUTION_INTERVAL_SECONDS", rules.positive, _SECONDS),
    SettingCheck("E015", "ECONOMIC_INTERVAL_SECONDS", rules.positive, _SECONDS),
    SettingCheck(
        "E016", "FEED_ORDER", rules.feed_order, 'Such as ["platform", "node", "instrument"].'
    ),
    SettingCheck(
        "E017", "PLATFORM_DATABASE", rules.database_alias, "Set an alias of DATABASES, or ''."
    ),
    SettingCheck("E018", "PLATFORM_TIMEOUT_SECONDS", rules.positive, _SECONDS),
    SettingCheck("E019", "NODE_LABELS", rules.node_labels, 'Such as ["site"].'),
    SettingCheck("E020", "NODE_TIMEOUT_SECONDS", rules.positive, _SECONDS),
    SettingCheck("E021", "NODE_CONCURRENCY", rules.count, "Set a whole number, such as 32."),
    SettingCheck("E022", "NODE_CHUNK_SIZE", rules.count, "Set a whole number, such as 200."),
    SettingCheck("E023", "NODE_MAX_BYTES", rules.count, "Set a number of bytes, such as 16777216."),
    SettingCheck("E024", "NODE_MAX_SERIES", rules.count, "Set a whole number, such as 50000."),
    SettingCheck("E025", "NODE_EXTRA_FAMILIES", rules.texts, 'Such as ["my_node_*"].'),
    SettingCheck("E026", "NODE_REFUSED_NETWORKS", rules.networks, _NETWORKS),
    SettingCheck("E027", "NODE_EPHEMERAL_SECONDS", rules.positive, _SECONDS),
    SettingCheck(
        "E028", "NODE_SECRETS_ENV_PREFIX", rules.env_prefix, 'Such as "ZEROSTATE_NODE_", or "".'
    ),
    SettingCheck(
        "E029", "NODE_SECRETS_DIRECTORY", rules.directory, 'Such as "/run/secrets", or "".'
    ),
    SettingCheck("E030", "NODE_CACHE_SERIES", rules.count, "Set a whole number, such as 2000000."),
    SettingCheck("E031", "NODE_EPHEMERAL_DELETE_SECONDS", rules.positive, _SECONDS),
    SettingCheck("E032", "PUBLISH_INTERVAL_SECONDS", rules.positive, _SECONDS),
    SettingCheck("E033", "PROCESS_MAX_SERIES", rules.count, "Set a whole number, such as 10000."),
    SettingCheck("E034", "PROCESS_RETENTION_SECONDS", rules.positive, _SECONDS),
    SettingCheck("E035", "PROCESS_FAMILIES", rules.boolean, "Set True or False."),
    SettingCheck("E036", "HTTP_EXCLUDED_ROUTES", rules.texts, 'Such as ["/metrics"].'),
)
"""Every setting has one; a test compares them with ``conf``."""


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
)
"""What ``wiring`` registers."""
