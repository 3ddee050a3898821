"""Programs that read the files of the deployment find nothing wrong with their form."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys

import pytest

from tests.deploy.files import COMPOSE, DEPLOY, KUBERNETES, OVERLAYS, services
from tests.deploy.programs import built, documents, passed, run

pytestmark = pytest.mark.deploy


@pytest.fixture(scope="module")
def with_secrets(tmp_path_factory):
    """A copy of the compose directory with secrets in it: the checkout's own are left alone."""
    place = tmp_path_factory.mktemp("deploy") / "a" / "b" / "compose"
    shutil.copytree(COMPOSE, place, ignore=shutil.ignore_patterns("secrets"))
    subprocess.run([sys.executable, place / "make-secrets"], check=True, capture_output=True)
    return place


def test_hadolint__is_content_with_the_dockerfile():
    """No rule of it is switched off."""
    assert (
        passed("hadolint", "--no-color", "--failure-threshold", "style", DEPLOY / "Dockerfile")
        == ""
    )
    assert "hadolint ignore" not in (DEPLOY / "Dockerfile").read_text()


def test_hadolint__would_find_something(tmp_path):
    """The check can fail: an image without a version is told."""
    (tmp_path / "Dockerfile").write_text("FROM python\n")
    assert run("hadolint", tmp_path / "Dockerfile").returncode == 1


def test_yamllint__is_content():
    """Every YAML file that people write here."""
    passed("yamllint", "--strict", "--config-file", DEPLOY / "yamllint.yaml", DEPLOY)


def test_compose__reads_the_file_as_it_is_meant(with_secrets):
    """Compose itself resolves it: all services, each with its limit and its health check."""
    text = passed("docker-compose", "config", "--format", "json", cwd=with_secrets)
    read = json.loads(text)["services"]
    assert set(read) == set(services())
    for name, service in read.items():
        assert int(service["mem_limit"]) > 0
        assert service["read_only"] is True
        assert {port["host_ip"] for port in service.get("ports", [])} <= {"127.0.0.1"}, name
    command = read["node-exporter"]["command"]
    assert any(word.endswith(("($$|/)", "($|/)")) for word in command)


def test_compose__tells_what_nobody_wrote(with_secrets):
    """The check can fail: a key that Compose does not know is told."""
    broken = with_secrets / "broken.yaml"
    broken.write_text("services: {web: {image: 'x:1.0', memory: 1g}}\n")
    done = run("docker-compose", "--file", broken, "config", "--quiet", cwd=with_secrets)
    broken.unlink()
    assert done.returncode != 0


def test_compose__fits_its_specification():
    """The schema of the compose specification."""
    passed("check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE / "compose.yaml")


RULES_AND_SCRAPES = ("PrometheusRule", "ScrapeConfig", "ServiceMonitor")


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_kubernetes__every_object_is_valid(overlay, tmp_path):
    """kustomize builds it, and each object of Kubernetes itself fits its schema, strictly."""
    file = tmp_path / f"{overlay}.yaml"
    file.write_text(built(overlay))
    done = run("kubernetes-validate", "--strict", file)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    unknown = set(re.findall(r"find schema for kind (\w+)", said))
    assert unknown <= {"AlertmanagerConfig", *RULES_AND_SCRAPES}, said
    assert said.count("passed for resource") > 20


def test_kubernetes__would_find_something(tmp_path):
    """The check can fail: a field that there is not is told."""
    file = tmp_path / "wrong.yaml"
    file.write_text(
        "apiVersion: v1\nkind: Service\nmetadata: {name: x}\nspec: {ports: [{prot: 1, port: 1}]}\n"
    )
    assert run("kubernetes-validate", "--strict", file).returncode != 0


def test_kubernetes__base_and_components_stand_by_themselves():
    """The base builds without an overlay; what is generated is a kustomization, too."""
    for place in ("base", "generated/kubernetes"):
        text = passed("kubectl", "kustomize", KUBERNETES / place)
        assert documents(text)
