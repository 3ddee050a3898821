"""The promises of the Kubernetes files, of what kustomize makes of them."""

from __future__ import annotations

import re

import pytest

from tests.deploy.files import (
    COMPOSE,
    KUBERNETES,
    OVERLAYS,
    PINNED,
    missing,
    secrets_in,
    variables,
)
from tests.deploy.programs import containers, objects, of_kind, pods
from zerostate_monitoring.generators.kubernetes_names import is_name

pytestmark = [pytest.mark.deploy, pytest.mark.parametrize("overlay", OVERLAYS)]

ONCE = {"migrate"}
SERVING = {"web", "bootnode", "edge", "relay", "valkey", "postgres"}
APP = {"web", "worker", "alerts", "beat", "migrate"}
PULSE = ["-m", "zerostate_monitoring.health", "live", "/tmp/pulse"]
IN_MEMORY = {"emptyDir", "secret", "configMap"}
EXPANDED = {"POD_IP", "SITE_HOSTS"}
"""Variables that others are made of, and that nobody reads."""


def environment(container):
    """What is set in the container itself; references are empty."""
    return {each["name"]: each.get("value", "") for each in container.get("env", [])}


def configured(overlay):
    """What the app's ConfigMap sets."""
    maps = of_kind(overlay, "ConfigMap")
    (data,) = [m["data"] for n, m in maps.items() if n.startswith("monitoring-")]
    return data


def test_objects__have_valid_names_in_one_namespace(overlay):
    """Names by RFC 1123, nothing outside of the namespace, nothing twice."""
    named = [(o["kind"], o["metadata"]["name"]) for o in objects(overlay)]
    assert len(set(named)) == len(named)
    assert all(is_name(name) for _, name in named)
    places = {o["metadata"].get("namespace") for o in objects(overlay) if o["kind"] != "Namespace"}
    assert places == {"zerostate"}


def test_objects__no_secret_is_among_them(overlay):
    """Secrets are made by whoever runs this; here they are named alone."""
    assert of_kind(overlay, "Secret") == {}
    assert secrets_in(configured(overlay)) == []
    for _, container in containers(overlay):
        assert secrets_in(environment(container)) == []


def test_pods__are_restricted(overlay):
    """The restricted standard of Kubernetes, and a root file system that is read-only."""
    (namespace,) = of_kind(overlay, "Namespace").values()
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    for name, pod in pods(overlay).items():
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["runAsUser"] > 0
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)
        kinds = {kind for volume in pod["volumes"] for kind in volume if kind != "name"}
        assert kinds <= IN_MEMORY, name
    for name, container in containers(overlay):
        context = container["securityContext"]
        assert context["allowPrivilegeEscalation"] is False, name
        assert context["readOnlyRootFilesystem"] is True
        assert context["capabilities"] == {"drop": ["ALL"]}


def test_pods__images_are_pinned(overlay):
    """No image without a version."""
    assert all(PINNED.match(container["image"]) for _, container in containers(overlay))


def test_pods__ask_for_resources_and_have_a_limit_of_memory(overlay):
    """The scheduler knows what each needs; none can take a whole machine's memory."""
    for name, container in containers(overlay):
        assert set(container["resources"]["requests"]) == {"cpu", "memory"}, name
        assert "memory" in container["resources"]["limits"]


def test_pods__what_is_mounted_is_there(overlay):
    """Each mount has its volume, each volume of a ConfigMap its map, each key its name."""
    maps = of_kind(overlay, "ConfigMap")
    claims = {
        (name, claim["metadata"]["name"])
        for name, each in of_kind(overlay, "StatefulSet").items()
        for claim in each["spec"].get("volumeClaimTemplates", [])
    }
    for name, pod in pods(overlay).items():
        volumes = {volume["name"] for volume in pod["volumes"]}
        for _, container in ((n, c) for n, c in containers(overlay) if n == name):
            for mount in container.get("volumeMounts", []):
                assert mount["name"] in volumes or (name, mount["name"]) in claims
        named = [v["configMap"]["name"] for v in pod["volumes"] if "configMap" in v]
        assert set(named) <= set(maps)


def test_pods__secret_files_are_those_that_make_secrets_makes(overlay):
    """Keys of the Secret are the names of the files that the compose stack has."""
    script = (COMPOSE / "make-secrets").read_text()
    made = set(re.findall(r'^    "([a-z-]+)":', script, re.MULTILINE)) | {"valkey-acl"}
    files = [
        text
        for _, container in containers(overlay)
        for text in environment(container).values()
        if text.startswith("/run/secrets/")
    ]
    assert {file.rpartition("/")[2] for file in files} <= made
    for pod in pods(overlay).values():
        for volume in pod["volumes"]:
            if "secret" in volume:
                assert volume["secret"]["secretName"] == "zerostate-monitoring"
                assert {i["key"] for i in volume["secret"].get("items", [])} <= made


def test_app__each_variable_is_read_and_each_required_one_set(overlay):
    """No variable that nobody reads, none missing without which it does not start."""
    for name, container in containers(overlay):
        if name not in APP:
            continue
        given = {**configured(overlay), **environment(container)}
        assert set(given) - EXPANDED <= variables(), name
        assert missing(given) == []
        used = " ".join(environment(container).values())
        assert all(f"$({variable})" in used for variable in EXPANDED)


def test_probes__liveness_and_readiness_differ(overlay):
    """Who serves can be left alone without being killed; liveness is never the sooner one."""
    for name, pod in pods(overlay).items():
        (container,) = pod["containers"]
        if name in ONCE:
            assert not [key for key in container if key.endswith("Probe")]
            continue
        live, started = container["livenessProbe"], container["startupProbe"]
        assert patience(started) >= 120, name
        if name in SERVING:
            ready = container["readinessProbe"]
            assert ready != live
            assert patience(live) > patience(ready)


def patience(probe):
    """For how many seconds it may fail."""
    return probe["periodSeconds"] * probe["failureThreshold"]


def test_probes__liveness_depends_on_nobody_else(overlay):
    """Not on peers, not on Redis, not on a database: a port, a static answer, or a file."""
    for name, pod in pods(overlay).items():
        live = pod["containers"][0].get("livenessProbe", {})
        if "exec" in live:
            assert live["exec"]["command"][1:] == PULSE, name
            assert environment(pod["containers"][0])["PULSE_FILE"] == PULSE[-1]
        elif "httpGet" in live:
            assert live["httpGet"]["path"] == ("/health/live" if name == "web" else "/healthz")
            assert name in {"web", "bootnode", "edge", "relay"}
        elif name not in ONCE:
            assert "tcpSocket" in live


def test_probes__ports_are_those_of_the_container(overlay):
    """A probe asks a port that the container names."""
    for name, container in containers(overlay):
        ports = {port["name"] for port in container.get("ports", [])}
        for key in ("livenessProbe", "readinessProbe", "startupProbe"):
            probe = container.get(key, {})
            for kind in ("httpGet", "tcpSocket"):
                if kind in probe:
                    assert probe[kind]["port"] in ports, name


def test_beat__is_one_and_never_two(overlay):
    """One replica, which ends before the next one begins."""
    beat = of_kind(overlay, "Deployment")["beat"]["spec"]
    assert beat["replicas"] == 1
    assert beat["strategy"] == {"type": "Recreate"}


def test_budgets__leave_somebody_to_drain(overlay):
    """A budget never asks for as many as there are: a node could not be drained."""
    makers = of_kind(overlay, "Deployment", "StatefulSet")
    for name, budget in of_kind(overlay, "PodDisruptionBudget").items():
        replicas = makers[name]["spec"]["replicas"]
        spec = budget["spec"]
        assert spec["selector"]["matchLabels"] == makers[name]["spec"]["selector"]["matchLabels"]
        assert spec.get("maxUnavailable", replicas - spec.get("minAvailable", 0)) >= 1, name
    assert set(of_kind(overlay, "PodDisruptionBudget")) == {
        *("web", "worker", "alerts", "edge", "relay")
    }


def test_network__nothing_but_what_is_said(overlay):
    """There is a policy that forbids all; the web is reached from two namespaces alone."""
    policies = {n: p["spec"] for n, p in of_kind(overlay, "NetworkPolicy").items()}
    assert policies["nothing"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    (rule,) = policies["web"]["ingress"]
    assert all("namespaceSelector" in each for each in rule["from"])
    assert rule["ports"] == [{"port": "http"}]


def test_services__select_pods_that_are_there(overlay):
    """A service without pods would be found by nobody before it is needed."""
    labels = [
        each["spec"]["template"]["metadata"]["labels"]
        for each in of_kind(overlay, "Deployment", "StatefulSet").values()
    ]
    for name, service in of_kind(overlay, "Service").items():
        wanted = service["spec"]["selector"].items()
        assert any(wanted <= found.items() for found in labels), name


def test_monitoring__asks_a_service_and_a_secret_that_are_there(overlay):
    """The ScrapeConfig names the web service, whose host is allowed; pods have the same labels."""
    web = of_kind(overlay, "Service")["web"]
    (scrape,) = of_kind(overlay, "ScrapeConfig").values()
    (group,) = scrape["spec"]["staticConfigs"]
    host, _, port = group["targets"][0].partition(":")
    assert host == "web.zerostate.svc"
    assert int(port) == web["spec"]["ports"][0]["port"]
    allowed = dict(environment(pods(overlay)["web"]["containers"][0]))["ALLOWED_HOSTS"]
    assert host in allowed.split(",")
    (monitor,) = of_kind(overlay, "ServiceMonitor").values()
    assert monitor["spec"]["selector"]["matchLabels"].items() <= web["metadata"]["labels"].items()
    assert monitor["spec"]["endpoints"][0]["port"] == web["spec"]["ports"][0]["name"]


def test_monitoring__dashboards_and_rules_are_there(overlay):
    """Nine dashboards for the sidecar, each below the limit; rules that Prometheus evaluates."""
    maps = of_kind(overlay, "ConfigMap").values()
    boards = [m for m in maps if m["metadata"].get("labels", {}).get("grafana_dashboard") == "1"]
    assert len(boards) == 9
    assert all(len(str(board["data"])) < 1024 * 1024 for board in boards)
    assert of_kind(overlay, "PrometheusRule")
    assert configured(overlay)["EVALUATE"] == "no"


def test_copies__are_the_same_as_those_of_compose(overlay):
    """kustomize reads no file outside of itself, so two files stand twice."""
    for ours, theirs in (("store/valkey.conf", "valkey"), ("database/roles.sh", "postgres")):
        copy = KUBERNETES / "components" / ours
        assert copy.read_text() == (COMPOSE / theirs / copy.name).read_text()
