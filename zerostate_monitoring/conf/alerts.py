"""Settings of alerts: how rules are evaluated, and how messages leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from zerostate_monitoring.conf.base import Reading

REFUSED_NETWORKS = (
    "169.254.0.0/16",
    "fe80::/10",
    "fd00:ec2::254/128",  # AWS
    "fd20:ce::254/128",  # Google
    "100.100.100.200/32",  # Alibaba
    "168.63.129.16/32",  # Azure
    "192.0.0.192/32",  # Oracle
)
"""Link-local addresses, and those where clouds tell their machines secrets."""


class AlertSettings(Reading):
    """What ``Settings`` says of alerts."""

    @property
    def EVALUATE(self) -> bool:
        """Whether rules are evaluated here; ``False`` where Prometheus and Alertmanager do it."""
        return bool(self._get("EVALUATE", True))

    @property
    def EVALUATE_QUEUE(self) -> str:
        """Celery queue of the evaluation of rules."""
        return str(self._get("EVALUATE_QUEUE", "zerostate_monitoring_evaluate"))

    @property
    def DELIVER_QUEUE(self) -> str:
        """Celery queue of the delivery of messages."""
        return str(self._get("DELIVER_QUEUE", "zerostate_monitoring_deliver"))

    @property
    def OBSERVE_SECONDS(self) -> float:
        """For how long built-in rules are evaluated without sending anything; 0 for not at all."""
        return float(self._get("OBSERVE_SECONDS", 24 * 3600))

    @property
    def BUILT_IN_RULES(self) -> bool:
        """Whether built-in rules are brought up to date after ``migrate``."""
        return bool(self._get("BUILT_IN_RULES", True))

    @property
    def RUNBOOK_URL(self) -> str:
        """Where runbooks of built-in rules stand, with ``{name}``; empty: this project's pages."""
        return str(self._get("RUNBOOK_URL", ""))

    @property
    def LINKS(self) -> Mapping[str, str]:
        """Pages elsewhere about a label: title to address with ``{label}`` and ``{value}``."""
        return dict(self._get("LINKS", {}))

    @property
    def EXPOSE_RECORDED(self) -> bool:
        """Whether series of recording rules without colons in their names stand on the page."""
        return bool(self._get("EXPOSE_RECORDED", False))

    @property
    def RULE_MAX_ALERTS(self) -> int:
        """How many alerts one rule may have at a time; one with more is in error."""
        return int(self._get("RULE_MAX_ALERTS", 1_000))

    @property
    def ALERTS_ON_PAGE(self) -> int:
        """How many live alerts stand on the page one by one; the rest are counted; 0 for none."""
        return int(self._get("ALERTS_ON_PAGE", 200))

    @property
    def ALERTS_NAME_PEOPLE(self) -> bool:
        """Whether the page says by name who has acknowledged an alert, else ``somebody``."""
        return bool(self._get("ALERTS_NAME_PEOPLE", False))

    @property
    def BROWSER_TIME_ZONE(self) -> bool:
        """Whether admin shows times in the browser's zone, else in the project's."""
        return bool(self._get("BROWSER_TIME_ZONE", True))

    @property
    def BASE_URL(self) -> str:
        """Address of this project for links in messages, such as ``https://ops.example``."""
        return str(self._get("BASE_URL", "")).rstrip("/")

    @property
    def SECRET_KEYS(self) -> Sequence[str]:
        """Keys that encrypt the secrets of receivers; the first encrypts, all decrypt."""
        return tuple(self._get("SECRET_KEYS", ()))

    @property
    def DELIVERY_TIMEOUT_SECONDS(self) -> float:
        """Longest time of one try to send a message."""
        return float(self._get("DELIVERY_TIMEOUT_SECONDS", 10))

    @property
    def DELIVERY_GIVE_UP_SECONDS(self) -> float:
        """How long a message is tried before it becomes a dead letter."""
        return float(self._get("DELIVERY_GIVE_UP_SECONDS", 3600))

    @property
    def DELIVERY_REFUSED_NETWORKS(self) -> Sequence[str]:
        """Networks to which no message goes."""
        return tuple(self._get("DELIVERY_REFUSED_NETWORKS", REFUSED_NETWORKS))

    @property
    def DELIVERY_ALLOWED_HOSTS(self) -> Sequence[str]:
        """Hosts and networks to which alone messages may go; empty for all but refused ones."""
        return tuple(self._get("DELIVERY_ALLOWED_HOSTS", ()))

    @property
    def APPRISE_SCHEMES(self) -> Sequence[str]:
        """Schemes of apprise that receivers may use."""
        default = ("discord", "gotify", "matrix", "mmost", "ntfy", "ntfys", "opsgenie", "tgram")
        return tuple(self._get("APPRISE_SCHEMES", default))

    @property
    def WEBHOOK_TOKEN(self) -> str:
        """Bearer token with which an Alertmanager may tell of its alerts; empty: it may not."""
        return str(self._get("WEBHOOK_TOKEN", ""))

    @property
    def HEARTBEAT_URL(self) -> str:
        """What is called each minute while the whole way of an alert works; empty for nothing."""
        return str(self._get("HEARTBEAT_URL", ""))

    @property
    def EVALUATIONS_RETENTION_SECONDS(self) -> float:
        """How long it is known which slots were evaluated, and what ended before it fired."""
        return float(self._get("EVALUATIONS_RETENTION_SECONDS", 48 * 3600))

    @property
    def MESSAGES_RETENTION_SECONDS(self) -> float:
        """How long delivered messages are kept."""
        return float(self._get("MESSAGES_RETENTION_SECONDS", 30 * 24 * 3600))

    @property
    def ALERTS_RETENTION_SECONDS(self) -> float:
        """How long alerts that ended are kept, with their events and evidence."""
        return float(self._get("ALERTS_RETENTION_SECONDS", 400 * 24 * 3600))
