"""Which rule each setting has to keep, and what is said where it does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.core.checks import CheckMessage, Error

from zerostate_monitoring import setting_rules as rules
from zerostate_monitoring.conf import PREFIX


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


def _alerts_on_page(value: Any) -> rules.Problem:
    """Say what is wrong with how many alerts stand on the page; each is three series."""
    return None if type(value) is int and 0 <= value <= 1000 else "is none from 0 to 1000"


def _history_interval(value: Any) -> rules.Problem:
    """Say what is wrong with the distance of two columns of history."""
    too_often = "is below 1: a page is not read that often"
    return rules.positive(value) or (too_often if value < 1 else None)


_SECONDS: Final = "Set a number of seconds, such as 30."
_NETWORKS: Final = 'Set networks without host bits, such as ["10.0.0.0/8"].'
KEYS_HINT: Final = (
    "Keys of cryptography's Fernet: python -c "
    "'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
)

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
    SettingCheck("E050", "API_PATH", rules.url_prefix, 'Such as "monitoring/", or "".'),
    SettingCheck("E051", "API_TOKEN", rules.token, "Letters, digits and signs without blanks."),
    SettingCheck("E052", "API_MAX_BYTES", rules.count, "Set a number of bytes, such as 2097152."),
    SettingCheck("E053", "QUERY_TIMEOUT_SECONDS", rules.positive, _SECONDS),
    SettingCheck("E054", "QUERY_MAX_SAMPLES", rules.count, "Such as 50000000."),
    SettingCheck("E055", "QUERY_MAX_SERIES", rules.count, "Such as 500000."),
    SettingCheck("E056", "QUERY_MAX_STEPS", rules.count, "Such as 11001."),
    SettingCheck(
        "E057", "PROMETHEUS_URL", rules.server_url, 'Such as "https://prometheus.example", or "".'
    ),
    SettingCheck(
        "E058", "PROMETHEUS_TOKEN", rules.token, "Letters, digits and signs without blanks."
    ),
    SettingCheck(
        "E059", "PROMETHEUS_CA_FILE", rules.file, 'Such as "/etc/ssl/prometheus.pem", or "".'
    ),
    SettingCheck("E060", "PROMETHEUS_TIMEOUT_SECONDS", rules.positive, _SECONDS),
    SettingCheck("E061", "PROMETHEUS_MAX_BYTES", rules.count, "Such as 67108864."),
    SettingCheck("E037", "HISTORY", rules.history, "Such as 7200 or timedelta(hours=2); 0: none."),
    SettingCheck("E038", "HISTORY_INTERVAL_SECONDS", _history_interval, _SECONDS),
    SettingCheck("E070", "EVALUATE", rules.boolean, "Set True or False."),
    SettingCheck("E071", "EVALUATE_QUEUE", rules.queue, 'Such as "zerostate_monitoring_evaluate".'),
    SettingCheck("E072", "DELIVER_QUEUE", rules.queue, 'Such as "zerostate_monitoring_deliver".'),
    SettingCheck("E073", "OBSERVE_SECONDS", rules.not_negative, _SECONDS),
    SettingCheck("E088", "BUILT_IN_RULES", rules.boolean, "Set True or False."),
    SettingCheck(
        "E089", "RUNBOOK_URL", rules.runbook_url, 'Such as "https://wiki.example/{name}", or "".'
    ),
    SettingCheck(
        "E130", "LINKS", rules.links, 'Such as {"Logs": "https://logs.example/?q={value}"}, or {}.'
    ),
    SettingCheck("E074", "EXPOSE_RECORDED", rules.boolean, "Set True or False."),
    SettingCheck("E075", "RULE_MAX_ALERTS", rules.count, "Set a whole number, such as 1000."),
    SettingCheck("E140", "ALERTS_ON_PAGE", _alerts_on_page, "Such as 200; 0: none of them."),
    SettingCheck("E141", "ALERTS_NAME_PEOPLE", rules.boolean, "Set True or False."),
    SettingCheck("E143", "BROWSER_TIME_ZONE", rules.boolean, "Set True or False."),
    SettingCheck("E142", "PAGE_MAX_SERIES", rules.count, "Set a whole number, such as 200000."),
    SettingCheck("E076", "BASE_URL", rules.server_url, 'Such as "https://ops.example", or "".'),
    SettingCheck("E077", "SECRET_KEYS", rules.secret_keys, KEYS_HINT),
    SettingCheck("E078", "DELIVERY_TIMEOUT_SECONDS", rules.positive, _SECONDS),
    SettingCheck("E079", "DELIVERY_GIVE_UP_SECONDS", rules.positive, _SECONDS),
    SettingCheck("E080", "DELIVERY_REFUSED_NETWORKS", rules.networks, _NETWORKS),
    SettingCheck("E081", "DELIVERY_ALLOWED_HOSTS", rules.texts, 'Such as ["hooks.example"].'),
    SettingCheck("E082", "APPRISE_SCHEMES", rules.texts, 'Such as ["ntfys", "matrix"].'),
    SettingCheck("E083", "WEBHOOK_TOKEN", rules.token, "Letters, digits and signs, no blanks."),
    SettingCheck("E084", "HEARTBEAT_URL", rules.call_url, 'Such as "https://hc.example/1", or "".'),
    SettingCheck("E085", "EVALUATIONS_RETENTION_SECONDS", rules.positive, _SECONDS),
    SettingCheck("E086", "MESSAGES_RETENTION_SECONDS", rules.positive, _SECONDS),
    SettingCheck("E087", "ALERTS_RETENTION_SECONDS", rules.positive, _SECONDS),
    SettingCheck("E110", "HEALTH_CRITICAL", rules.texts, 'Such as ["database"].'),
    SettingCheck("E111", "HEALTH_TIMEOUT_SECONDS", rules.positive, _SECONDS),
    SettingCheck("E112", "HEALTH_DRAIN_FILE", rules.file, 'Such as "/run/drain", or "".'),
    SettingCheck("E113", "HEALTH_DISK_PATH", rules.directory, 'Such as "/var/lib".'),
    SettingCheck("E114", "PULSE_FILE", rules.file, 'Such as "/run/pulse", or "".'),
    SettingCheck("E120", "TRACING", rules.boolean, "Set True or False."),
    SettingCheck("E121", "TRACING_ENDPOINT", rules.server_url, 'Such as "http://jaeger:4318".'),
    SettingCheck("E122", "TRACING_PROTOCOL", rules.otlp, 'Such as "http/protobuf" or "grpc".'),
    SettingCheck("E123", "TRACING_SAMPLE_RATIO", rules.share, "0 is none, 0.1 a tenth, 1 all."),
    SettingCheck("E124", "TRACING_SERVICE_NAME", rules.text, 'Such as "zerostate-monitoring".'),
    SettingCheck("E125", "TRACING_TRUST_CALLERS", rules.boolean, "Set True or False."),
    SettingCheck("E126", "TRACING_EXCLUDED_PATHS", rules.texts, 'Such as ["/metrics"].'),
    SettingCheck("E039", "HISTORY_MAX_BYTES", rules.history_bytes, "Such as 268435456."),
)
"""Every setting has one; a test compares them with ``conf``."""
