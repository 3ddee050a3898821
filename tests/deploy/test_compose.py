"""The promises of the compose file: confined, bounded, watched, on loopback, without secrets."""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

import pytest
import yaml

from example_project.deploy.__main__ import COMPOSE as EXPORTED
from tests.deploy.files import (
    COMPOSE,
    PINNED,
    compose,
    missing,
    secrets_in,
    services,
    variables,
)

ONCE = {"migrate"}
"""Services that end by themselves."""
OURS = "zerostate-monitoring:0.1.0"
APP = sorted(name for name, service in services().items() if service["image"] == OURS)
EACH = pytest.mark.parametrize("name", sorted(services()))
EACH_APP = pytest.mark.parametrize("name", APP)


def test_services__are_those_of_the_stack():
    """What the stack is made of; our own processes are one image."""
    assert APP == ["alerts", "beat", "migrate", "network", "web", "worker"]
    others = set(services()) - set(APP)
    assert others == {
        *("alertmanager", "alloy", "grafana", "jaeger", "loki", "node-exporter"),
        *("postgres", "prometheus", "valkey"),
    }


@EACH
def test_services__images_are_pinned(name):
    """No image without a version, none with a moving one."""
    assert PINNED.match(services()[name]["image"])


@EACH
def test_services__are_confined(name):
    """Not root, read-only, no capability, none to be gained, a bounded number of processes."""
    service = services()[name]
    user, _, _ = service["user"].partition(":")
    assert int(user) > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "privileged" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["pids_limit"] <= 512


@EACH
def test_services__memory_is_limited(name):
    """Each has a limit, and all limits together are at most 9 GiB."""
    factors = {"m": 1, "g": 1024}
    sizes = {n: s["mem_limit"] for n, s in services().items()}
    assert re.fullmatch(r"\d+[mg]", sizes[name])
    assert sum(int(size[:-1]) * factors[size[-1]] for size in sizes.values()) <= 9 * 1024


@EACH
def test_services__have_a_health_check(name):
    """Whoever runs on says whether it works; whoever ends says so by its code."""
    service = services()[name]
    if name in ONCE:
        assert service["restart"] == "no"
        return
    assert service["restart"] == "unless-stopped"
    check = service["healthcheck"]
    assert check["test"][0] in {"CMD", "CMD-SHELL"}
    assert len(check["test"]) > 1
    assert {"interval", "timeout", "retries", "start_period"} <= set(check)


@EACH
def test_services__publish_on_loopback_alone(name):
    """A published port begins with 127.0.0.1; no network of the host."""
    service = services()[name]
    for port in service.get("ports", []):
        assert re.fullmatch(r"127\.0\.0\.1:\d+:\d+(/udp)?", port)
    assert "network_mode" not in service


@EACH
def test_services__no_secret_in_the_environment(name):
    """Secrets are files: nothing of them is shown by whoever lists containers."""
    service = services()[name]
    assert secrets_in(service.get("environment", {})) == []
    assert not [word for word in service.get("command", []) if "password=" in word]


@EACH
def test_services__secrets_are_declared_and_used(name):
    """A variable that names a file of a secret names one that is mounted."""
    service = services()[name]
    given = {s if isinstance(s, str) else s["source"] for s in service.get("secrets", [])}
    assert given <= set(compose()["secrets"])
    files = [text for text in service.get("environment", {}).values() if "/run/secrets/" in text]
    assert {file.removeprefix("/run/secrets/") for file in files} <= given


@EACH
def test_services__what_is_mounted_exists(name):
    """Files and directories of this repository; the rest are volumes that are declared."""
    for mount in services()[name].get("volumes", []):
        source, target, *mode = mount.split(":")
        assert target.startswith("/")
        if source.startswith("./"):
            assert (COMPOSE / source).exists(), source
            assert mode == ["ro"]
        elif source != "/":
            assert source in compose()["volumes"]


def test_services__the_host_is_seen_by_the_node_exporter_alone():
    """Whoever else mounted the host's root, or its engine's socket, would be the host."""
    mounts = [(n, m) for n, s in services().items() for m in s.get("volumes", [])]
    assert [name for name, mount in mounts if mount.startswith("/")] == ["node-exporter"]
    assert not [mount for _, mount in mounts if "docker.sock" in mount]
    assert "/:/host:ro,rslave" in services()["node-exporter"]["volumes"]


@EACH_APP
def test_app__is_built_and_never_pulled(name):
    """One service builds the image; an image of that name from elsewhere is not ours."""
    service = services()[name]
    assert service["pull_policy"] == ("build" if name == "migrate" else "never")
    assert ("build" in service) is (name == "migrate")


def test_app__health_checks_are_its_own():
    """A web process is asked by HTTP, the others by what they write; nothing needs a shell."""
    own = ["CMD", "python", "-m", "zerostate_monitoring.health"]
    for name in ("web", "worker", "alerts", "beat"):
        service = services()[name]
        *command, probe, where = service["healthcheck"]["test"]
        assert command == own
        if name == "web":
            assert (probe, urlsplit(where).path) == ("get", "/health/ready")
        else:
            assert (probe, where) == ("live", service["environment"]["PULSE_FILE"])


@EACH_APP
def test_app__each_variable_is_read_and_each_required_one_set(name):
    """No variable that nobody reads, none missing without which it does not start."""
    environment = services()[name]["environment"]
    # OpenTelemetry reads its own.
    own = {name for name in environment if not name.startswith("OTEL_")}
    assert own <= variables()
    assert missing(environment) == []


@EACH_APP
def test_app__sends_its_traces_to_jaeger(name):
    """Switched on in each process, and to a port that Jaeger's configuration opens."""
    environment = services()[name]["environment"]
    assert environment["TRACING"] == "yes"
    assert environment["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://jaeger:4318"
    assert ":4318" in (COMPOSE / "jaeger" / "config.yaml").read_text()


def test_app__who_asks_finds_its_host_allowed():
    """Prometheus asks for ``web``: a host that is not allowed would be answered 400."""
    address = next(word for word in EXPORTED if word.startswith("--address="))
    host = address.removeprefix("--address=").partition(":")[0]
    assert host in services()["web"]["environment"]["ALLOWED_HOSTS"].split(",")


def test_app__only_the_network_may_write_to_the_platform():
    """The app reads the platform as a role of its own."""
    for name in APP:
        expected = "platform@" if name == "network" else "platform_reader@"
        assert f"//{expected}" in services()[name]["environment"]["PLATFORM_DATABASE"]


def test_beat__is_one():
    """Neither replicas nor a scale."""
    beat = services()["beat"]
    assert "scale" not in beat
    assert "deploy" not in beat


def test_retention__is_stated_for_each_that_keeps():
    """Prometheus, Alertmanager, Loki and Jaeger are told for how long."""
    assert {"--storage.tsdb.retention.time=30d", "--storage.tsdb.retention.size=10GB"} <= set(
        services()["prometheus"]["command"]
    )
    assert "--data.retention=120h" in services()["alertmanager"]["command"]
    loki = yaml.safe_load((COMPOSE / "loki/config.yaml").read_text())
    assert loki["limits_config"]["retention_period"] == "168h"
    assert loki["compactor"]["retention_enabled"] is True
    jaeger = yaml.safe_load((COMPOSE / "jaeger/config.yaml").read_text())
    backends = jaeger["extensions"]["jaeger_storage"]["backends"]
    assert backends["disk"]["badger"]["ttl"] == {"spans": "168h"}
    assert backends["disk"]["badger"]["ephemeral"] is False


def test_store__its_limit_leaves_room_within_the_containers():
    """The store refuses before the kernel kills it; nothing is evicted."""
    lines = dict(
        line.split(" ", 1)
        for line in (COMPOSE / "valkey/valkey.conf").read_text().splitlines()
        if line and not line.startswith("#")
    )
    assert lines["maxmemory-policy"] == "noeviction"
    assert int(lines["maxmemory"].removesuffix("mb")) <= 0.75 * 768
    assert services()["valkey"]["mem_limit"] == "768m"


def provisioned(path):
    return yaml.safe_load((COMPOSE / "grafana/provisioning" / path).read_text())


def test_grafana__dashboards_ask_for_sources_that_are_there():
    """Each data source that a generated dashboard names has its uid here."""
    uids = {each["uid"] for each in provisioned("datasources/zerostate.yaml")["datasources"]}
    assert {"prometheus", "loki", "jaeger", "alertmanager"} == uids
    named: set[str] = set()
    for file in sorted((COMPOSE / "generated/dashboards").glob("*.json")):
        text = file.read_text()
        json.loads(text)
        named |= set(re.findall(r'"uid": "((?:prometheus|loki|jaeger)[^"]*)"', text))
    assert named <= uids


def test_grafana__sources_are_services():
    """Each source's address is a service of this file."""
    for source in provisioned("datasources/zerostate.yaml")["datasources"]:
        found = re.fullmatch(r"http://([a-z-]+):\d+", source["url"])
        assert found
        assert found[1] in services()


def test_grafana__has_a_contact_point_that_the_policy_names():
    """Alerts made in Grafana go to the Alertmanager, by default and without a secret."""
    alerting = provisioned("alerting/zerostate.yaml")
    (point,) = alerting["contactPoints"]
    assert [policy["receiver"] for policy in alerting["policies"]] == [point["name"]]
    (receiver,) = point["receivers"]
    assert receiver["settings"] == {"url": "http://alertmanager:9093"}


def test_grafana__dashboards_lie_where_it_looks():
    """The provider's path and the home dashboard are in what is mounted."""
    (provider,) = provisioned("dashboards/zerostate.yaml")["providers"]
    grafana = services()["grafana"]
    assert f"./generated/dashboards:{provider['options']['path']}:ro" in grafana["volumes"]
    home = grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    directory, _, name = home.rpartition("/")
    assert directory == provider["options"]["path"]
    assert (COMPOSE / "generated/dashboards" / name).exists()


def test_prometheus__what_it_scrapes_are_services():
    """Each target is a service; each that serves numbers is a target."""
    targets = COMPOSE / "generated/prometheus/targets"
    hosts = {
        address.partition(":")[0]
        for file in targets.glob("*.yml")
        for group in yaml.safe_load(file.read_text())
        for address in group["targets"]
    }
    assert hosts <= set(services())
    assert hosts >= {"web", "node-exporter", "jaeger", "loki", "alloy", "grafana", "alertmanager"}


def test_prometheus__files_that_it_names_are_mounted():
    """Rules, targets and the token lie beside its configuration, by the paths in it."""
    text = (COMPOSE / "generated/prometheus/prometheus.yml").read_text()
    config = yaml.safe_load(text)
    prometheus = services()["prometheus"]
    assert "rules/*.yml" in config["rule_files"]
    assert "./generated/rules:/etc/prometheus/rules:ro" in prometheus["volumes"]
    assert "./generated/prometheus/targets:/etc/prometheus/targets:ro" in prometheus["volumes"]
    (job,) = [j for j in config["scrape_configs"] if j["job_name"] == "zerostate-monitoring"]
    token = job["authorization"]["credentials_file"]
    assert {"source": "metrics-token", "target": f"/etc/prometheus/{token}"} in prometheus[
        "secrets"
    ]


def test_alertmanager__tells_the_app_with_a_token_that_is_mounted():
    """Its file names the web service, and the secret where it is mounted."""
    config = yaml.safe_load((COMPOSE / "generated/alertmanager/alertmanager.yml").read_text())
    hooks = [hook for r in config["receivers"] for hook in r.get("webhook_configs", [])]
    (hook,) = [hook for hook in hooks if "//web:8000/" in hook["url"]]
    token = hook["http_config"]["authorization"]["credentials_file"]
    (secret,) = services()["alertmanager"]["secrets"]
    assert secret == {"source": "webhook-token", "target": f"/etc/alertmanager/{token}"}


def test_export__is_told_what_the_committed_files_were_told():
    """The script for the operator writes the same files as `make deploy`, of other rows."""
    text = (COMPOSE / "export").read_text()
    command = text.partition("--to /generated")[2].partition('"$@"')[0]
    assert tuple(command.replace("\\\n", " ").split()) == EXPORTED


def test_logs__streams_are_few():
    """Alloy makes streams of level, service and environment; ids are structured metadata."""
    text = (COMPOSE / "alloy/config.alloy").read_text()
    (labels,) = re.findall(r"stage\.labels \{\s*values = \{([^}]*)\}", text)
    assert re.findall(r"(\w+) =", labels) == ["level"]
    (metadata,) = re.findall(r"stage\.structured_metadata \{\s*values = \{([^}]*)\}", text)
    assert "trace_id" in metadata
    assert "http://loki:3100/" in text
