"""System checks: every setting has one, and none touches the network."""

from __future__ import annotations

import io
import socket
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from zerostate_monitoring.checks import (
    CHECKS,
    check_alert_queues,
    check_alert_schedule,
    check_cache_shares_store,
    check_critical_components,
    check_platform_router,
    check_secret_keys,
    check_unknown_settings,
)
from zerostate_monitoring.conf import PREFIX, Settings, conf
from zerostate_monitoring.setting_checks import SETTING_CHECKS

BAD: dict[str, list[object]] = {
    "EVALUATE": ["no", 1],
    "EVALUATE_QUEUE": ["", "a b"],
    "DELIVER_QUEUE": ["", 1],
    "OBSERVE_SECONDS": [-1, "1d", True],
    "BUILT_IN_RULES": [1, "yes"],
    "RUNBOOK_URL": [1, "wiki/{name}", "https://wiki.example/", "https://wiki.example/{name}/{x}"],
    "LINKS": [
        [],
        {"": "https://a.example/{value}"},
        {"a": 1},
        {"a": "ftp://a/{value}"},
        {"a": "https://a.example/"},
        {"a": "https://a.example/{value}/{x}"},
    ],
    "EXPOSE_RECORDED": [0],
    "RULE_MAX_ALERTS": [0, 1.5],
    "ALERTS_ON_PAGE": [-1, 1.5, False, 1001],
    "ALERTS_NAME_PEOPLE": ["yes", 1],
    "BROWSER_TIME_ZONE": ["Europe/Berlin", 1],
    "PAGE_MAX_SERIES": [0, 1.5],
    "BASE_URL": ["ops.example", "https://ops.example/?a=b"],
    "SECRET_KEYS": ["abc", ["too short"]],
    "DELIVERY_TIMEOUT_SECONDS": [0],
    "DELIVERY_GIVE_UP_SECONDS": [0, float("nan")],
    "DELIVERY_REFUSED_NETWORKS": ["10.0.0.0/8", ["10.0.0.1/8"]],
    "DELIVERY_ALLOWED_HOSTS": ["hooks.example"],
    "APPRISE_SCHEMES": ["ntfy"],
    "WEBHOOK_TOKEN": ["a b"],
    "HEALTH_CRITICAL": ["database", [1], 5],
    "HEALTH_TIMEOUT_SECONDS": [0, -1, "2s", float("inf")],
    "HEALTH_DRAIN_FILE": ["drain", 1],
    "HEALTH_DISK_PATH": ["data", None],
    "PULSE_FILE": ["pulse", 1],
    "HEARTBEAT_URL": ["hc.example", "ftp://hc.example/"],
    "EVALUATIONS_RETENTION_SECONDS": [0],
    "MESSAGES_RETENTION_SECONDS": [0],
    "ALERTS_RETENTION_SECONDS": [0],
    "TRACING": ["yes", 1],
    "TRACING_ENDPOINT": ["jaeger:4318", "http://me:x@jaeger", 5],
    "TRACING_PROTOCOL": ["udp", None],
    "TRACING_SAMPLE_RATIO": [-0.1, 1.5, "0.1", True, float("nan")],
    "TRACING_SERVICE_NAME": [1],
    "TRACING_TRUST_CALLERS": ["no"],
    "TRACING_EXCLUDED_PATHS": ["/metrics", [1]],
    "ENABLED": ["yes", 1, None],
    "EXTERNAL_LABELS": [[], {"cluster": 1}, {"a-b": "x"}, {"job": "x"}, {"__x": "y"}, {1: "a"}],
    "REDIS_URL": [
        None,
        "",
        "localhost:6379",
        "http://localhost",
        "redis+sentinel://host",
        "redis://h:x/0",
    ],
    "REDIS_OPTIONS": [
        [],
        {1: 2},
        {"nonsense": 1},
        {"sentinel_kwargs": "password"},
        {"sentinel_kwargs": {"nonsense": 1}},
        {"ssl_cert_reqs": "perhaps"},
    ],
    "REDIS_TIMEOUT_SECONDS": [0, -1, "1", True, float("nan"), float("inf")],
    "REDIS_MAX_CONNECTIONS": [0, 1.5, "20", True],
    "KEY_PREFIX": ["", "a b", "{a}", 5],
    "METRICS_TOKEN": [5, "two words", "schlüssel", "line\n"],
    "METRICS_ALLOWED_NETWORKS": ["10.0.0.0/8", ["10.0.0.1/8"], ["nope"], [5], 5],
    "TRUSTED_PROXIES": ["10.0.0.0/8", ["10.0.0.0/33"]],
    "REPLACE_DJANGO_PROMETHEUS_VIEW": ["no"],
    "QUEUE": ["", "a b", 5],
    "NODES_INTERVAL_SECONDS": [0, "15"],
    "EXECUTION_INTERVAL_SECONDS": [-30],
    "ECONOMIC_INTERVAL_SECONDS": [None],
    "FEED_ORDER": ["platform", ["self"], ["moon"], ["node", "node"]],
    "PLATFORM_DATABASE": ["nowhere", 5],
    "PLATFORM_TIMEOUT_SECONDS": [0],
    "NODE_LABELS": ["site", ["a-b"], ["node"], ["instance"], [5], ["check"], ["status"]],
    "NODE_TIMEOUT_SECONDS": [0],
    "NODE_CONCURRENCY": [0],
    "NODE_CHUNK_SIZE": [0.5],
    "NODE_MAX_BYTES": ["1M"],
    "NODE_MAX_SERIES": [-1],
    "NODE_CACHE_SERIES": [0, "many"],
    "NODE_EXTRA_FAMILIES": ["my_*", [1]],
    "NODE_REFUSED_NETWORKS": [["169.254.0.1/16"]],
    "NODE_EPHEMERAL_SECONDS": [0],
    "NODE_EPHEMERAL_DELETE_SECONDS": [0],
    "NODE_SECRETS_ENV_PREFIX": [None, "1_", "A-B"],
    "NODE_SECRETS_DIRECTORY": [None, "secrets", "./secrets"],
    "PUBLISH_INTERVAL_SECONDS": [0, "5"],
    "PROCESS_MAX_SERIES": [0, "many"],
    "PROCESS_RETENTION_SECONDS": [0, None],
    "PROCESS_FAMILIES": ["yes"],
    "HTTP_EXCLUDED_ROUTES": ["/metrics", [1]],
    "API_PATH": ["/api/", "api", "a b/", "<x>/", 5],
    "API_TOKEN": ["two words"],
    "API_MAX_BYTES": [0, "1M"],
    "QUERY_TIMEOUT_SECONDS": [0, "30"],
    "QUERY_MAX_SAMPLES": [0],
    "QUERY_MAX_SERIES": [-1],
    "QUERY_MAX_STEPS": [1.5],
    "PROMETHEUS_URL": [
        *(5, "prometheus:9090", "ftp://prometheus", "http://", "http://h:x", "http://h:0"),
        *("http://u:p@h", "http://h/?a=b", "http://h/#a", "http://h/a b", "http://h/\n"),
    ],
    "PROMETHEUS_TOKEN": ["schlüssel"],
    "PROMETHEUS_CA_FILE": ["ca.pem", 5],
    "PROMETHEUS_TIMEOUT_SECONDS": [None],
    "PROMETHEUS_MAX_BYTES": [0],
    "HISTORY": ["2h", -1, True, float("nan"), float("inf"), timedelta(seconds=-1)],
    "HISTORY_INTERVAL_SECONDS": [0, 0.5, "15"],
    "HISTORY_MAX_BYTES": [0, 1000, "256M", 2e9],
}

GOOD: dict[str, list[object]] = {
    "HISTORY": [0, 3600, timedelta(hours=2)],
    "EXTERNAL_LABELS": [{}, {"cluster": "eu-1"}],
    "REDIS_URL": [
        "redis://localhost:6379/1",
        "rediss://:secret@host/0",
        "unix:///run/redis.sock",
        "redis+sentinel://a:26379,b:26379/mymaster/0",
        "rediss+sentinel://[::1]:26379/mymaster",
        "redis+cluster://nowhere.invalid:7000",
        "rediss+cluster://a:7000,b:7000",
    ],
    "REDIS_OPTIONS": [{"ssl_ca_certs": "/ca.pem"}, {"sentinel_kwargs": {"password": "p"}}],
    "METRICS_ALLOWED_NETWORKS": [[], ("10.0.0.0/8", "::1/128")],
    "PLATFORM_DATABASE": ["", "platform", "default"],
    "FEED_ORDER": [["node"], ("platform", "node", "instrument")],
    "NODE_LABELS": [[], ["site", "rack"]],
    "METRICS_TOKEN": ["", "s3cret-token_=="],
    "NODE_SECRETS_ENV_PREFIX": ["", "NODES_"],
    "NODE_SECRETS_DIRECTORY": ["", "/run/secrets"],
    "API_PATH": ["", "monitoring/", "a/b-c/"],
    "PROMETHEUS_URL": ["", "http://prometheus:9090", "https://mimir.example/prometheus/"],
    "PROMETHEUS_CA_FILE": ["", "/etc/ssl/ca.pem"],
}


def settings_of_conf():
    return {name for name in dir(Settings) if name.isupper()}


def check_of(name):
    return next(check for check in SETTING_CHECKS if check.setting == name)


def test_checks__every_setting_has_one_with_an_id_of_its_own():
    """No setting is unchecked, and no id is used twice."""
    assert {check.setting for check in SETTING_CHECKS} == settings_of_conf()
    assert len({check.id for check in SETTING_CHECKS}) == len(SETTING_CHECKS)


def test_checks__every_setting_has_a_bad_example_here():
    """A new setting comes with a test of its check."""
    assert set(BAD) == settings_of_conf()


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in BAD.items() for value in values]
)
def test_setting__what_cannot_work_is_an_error_that_names_it(settings, name, value):
    """The message names the setting, the hint says what to write."""
    setattr(settings, PREFIX + name, value)

    (message,) = check_of(name).messages()

    assert message.msg.startswith(PREFIX + name)
    assert message.hint
    assert message.id == f"zerostate_monitoring.{check_of(name).id}"


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in GOOD.items() for value in values]
)
def test_setting__what_works_is_silent(settings, name, value):
    """Values from the documentation pass."""
    setattr(settings, PREFIX + name, value)

    assert check_of(name).messages() == []


@pytest.mark.parametrize("check", SETTING_CHECKS, ids=lambda check: check.setting)
def test_setting__its_default_passes(settings, check):
    """What the app itself assumes passes its own check."""
    setattr(settings, PREFIX + check.setting, getattr(conf, check.setting))

    assert check.messages() == []


def test_checks__are_bound(settings):
    """`manage.py check` finds a broken setting."""
    settings.ZEROSTATE_MONITORING_QUEUE = ""

    with pytest.raises(SystemCheckError, match=r"zerostate_monitoring\.E012"):
        call_command("check")


def test_checks__give_lists():
    """Each registered check answers, and the test settings pass them all."""
    assert [check(app_configs=None) for check in CHECKS] == [[] for _ in CHECKS]


def test_critical_components__must_be_checked_by_somebody(settings):
    """A name that is misspelt would take the site out of service; known ones pass."""
    settings.ZEROSTATE_MONITORING_HEALTH_CRITICAL = ["database", "databse", "process"]

    (message,) = check_critical_components()

    assert "'databse'" in message.msg
    assert message.hint is not None
    assert "database" in message.hint
    assert message.id == "zerostate_monitoring.E115"
    settings.ZEROSTATE_MONITORING_HEALTH_CRITICAL = 5
    assert check_critical_components() == []


def test_unknown_settings__are_warned_of(settings):
    """A misspelt setting would be ignored without a word."""
    settings.ZEROSTATE_MONITORING_REDIS_ULR = "redis://x"

    (message,) = check_unknown_settings()

    assert "REDIS_ULR" in message.msg
    assert message.id == "zerostate_monitoring.W001"


@pytest.mark.parametrize(
    ("location", "warned"),
    [
        ("redis://localhost:6379/1", True),
        ("redis://127.0.0.1/1", True),
        (["redis://other/1", "redis://localhost/1"], True),
        ("redis://localhost:6379/2", False),
        ("redis://localhost:6380/1", False),
        ("/tmp/cache", False),
        (None, False),
    ],
)
def test_cache__in_the_stores_database_is_warned_of(settings, location, warned):
    """Clearing a cache in our database would wipe the metrics."""
    settings.ZEROSTATE_MONITORING_REDIS_URL = "redis://localhost:6379/1"
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": location}
    }

    messages = check_cache_shares_store()

    assert [message.id for message in messages] == ["zerostate_monitoring.W002"] * warned


def test_cache__in_the_default_database_is_warned_of(settings):
    """An installation that sets no address has a store all the same."""
    del settings.ZEROSTATE_MONITORING_REDIS_URL
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://localhost/1",
        }
    }

    assert [message.id for message in check_cache_shares_store()] == ["zerostate_monitoring.W002"]


def test_cache__options_that_are_no_options_break_nothing(settings):
    """They have an error of their own."""
    settings.ZEROSTATE_MONITORING_REDIS_OPTIONS = 5

    assert check_cache_shares_store() == []


@pytest.mark.parametrize(
    "url", ["redis://{}/1", "redis+cluster://{}", "redis+sentinel://{}/mymaster/0"]
)
def test_redis_url__is_read_and_nobody_is_asked(settings, url):
    """`manage.py check` runs where no store is, such as in a build: not one connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        host = f"127.0.0.1:{server.getsockname()[1]}"
        settings.ZEROSTATE_MONITORING_REDIS_URL = url.format(host)

        assert check_of("REDIS_URL").messages() == []

        with pytest.raises(BlockingIOError):
            server.accept()


def test_redis_url__is_named_once(settings):
    """The message is a sentence."""
    settings.ZEROSTATE_MONITORING_REDIS_URL = "http://localhost"

    (message,) = check_of("REDIS_URL").messages()

    assert message.msg.count("REDIS_URL") == 1


ROUTER = "zerostate_monitoring.sources.platform.router.PlatformRouter"


class Keeper:
    """A router of the project's own that keeps all migrations on its own database."""

    def allow_migrate(self, db, app_label, **hints):
        return db == "default"


@pytest.mark.parametrize(
    ("alias", "routers", "warned"),
    [
        ("platform", [], True),
        ("platform", [ROUTER], False),
        ("platform", [Keeper()], False),
        ("default", [], False),
        ("", [], False),
        ("nowhere", [], False),
    ],
)
def test_platform_router__is_missed(settings, alias, routers, warned):
    """Without it migrate would put this app's tables among the platform's."""
    settings.ZEROSTATE_MONITORING_PLATFORM_DATABASE = alias
    settings.DATABASE_ROUTERS = routers

    messages = check_platform_router()

    assert [message.id for message in messages] == ["zerostate_monitoring.W003"] * warned
    assert all(ROUTER in (message.hint or "") for message in messages)


def test_platform_router__is_looked_for(settings):
    """`manage.py check` tells, and does not fail."""
    settings.ZEROSTATE_MONITORING_PLATFORM_DATABASE = "platform"
    out = io.StringIO()

    call_command("check", stdout=out, stderr=out)

    assert "zerostate_monitoring.W003" in out.getvalue()


@pytest.mark.parametrize(
    ("queues", "warned"),
    [
        ({}, 0),
        ({"EVALUATE_QUEUE": "zerostate_monitoring"}, 1),
        ({"DELIVER_QUEUE": "celery"}, 1),
        ({"EVALUATE_QUEUE": "alerts", "DELIVER_QUEUE": "alerts"}, 1),
        ({"EVALUATE_QUEUE": "celery", "DELIVER_QUEUE": "celery"}, 2),
        ({"EVALUATE_QUEUE": "celery", "EVALUATE": False}, 0),
    ],
)
def test_alert_queues__shared_with_what_may_take_long(settings, queues, warned):
    """With the collectors, with the project's own tasks, with each other."""
    for name, value in queues.items():
        setattr(settings, PREFIX + name, value)
    assert [one.id for one in check_alert_queues()] == ["zerostate_monitoring.W004"] * warned


def test_alert_schedule__without_evaluation_or_delivery(settings):
    """Said of a schedule that is there; a project may have it elsewhere."""
    from zerostate_monitoring.schedule import beat_schedule

    assert check_alert_schedule() == []
    settings.CELERY_BEAT_SCHEDULE = beat_schedule()
    assert check_alert_schedule() == []
    settings.CELERY_BEAT_SCHEDULE = {"own": {"task": "own.task", "schedule": 1}}
    missing = check_alert_schedule()
    assert [one.id for one in missing] == ["zerostate_monitoring.W005"] * 2
    assert "zerostate_monitoring.evaluate" in missing[0].msg
    settings.ZEROSTATE_MONITORING_EVALUATE = False
    assert check_alert_schedule() == []


def test_secret_keys__are_missed_on_deployment_alone(settings):
    """For development Django's key is good enough."""
    assert check_secret_keys not in CHECKS
    assert [one.id for one in check_secret_keys()] == ["zerostate_monitoring.W006"]
    out = io.StringIO()
    call_command("check", "--deploy", stdout=out, stderr=out)
    assert "zerostate_monitoring.W006" in out.getvalue()
    settings.ZEROSTATE_MONITORING_SECRET_KEYS = ["x" * 43 + "="]
    assert check_secret_keys() == []
