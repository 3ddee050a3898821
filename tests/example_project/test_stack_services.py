"""What the stack runs and which files it writes; nothing is started."""

from __future__ import annotations

import re

import pytest
import yaml

from example_project.demo.control import CHILDREN
from example_project.demo.options import DemoError
from example_project.environment import BASE_DIR
from example_project.stack import (
    composed,
    configuration,
    ports,
    secret_files,
)
from example_project.stack.options import Options
from tests.example_project.stack_services import EVERY, every_service
from zerostate_monitoring.conf import conf
from zerostate_monitoring.generators import parts

# -- what runs ---------------------------------------------------------------------


def test_services__loopback_alone(tmp_path):
    """No command line, environment or file of ours names an address that is not loopback."""
    shown = re.compile(r"(?<![\d.])\d+\.\d+\.\d+\.\d+(?![\d.])")
    texts = [" ".join([*s.command, *s.environment.values()]) for s in every_service(tmp_path)]
    texts += composed.composed(Options(data=tmp_path), EVERY).values()
    found = [address for text in texts for address in shown.findall(text)]
    assert set(found) == {"127.0.0.1"}


def test_services__each_with_a_port_listens_where_it_is_told(tmp_path):
    """A server's command line, environment or file names its port; names are unique."""
    made = every_service(tmp_path)
    files = composed.composed(Options(data=tmp_path), EVERY)
    assert len({service.name for service in made}) == len(made)
    for service in made:
        words = [*service.command, *service.environment.values()]
        words += [text for name, text in files.items() if name.startswith(f"{service.name}/")]
        assert service.port is None or str(service.port) in " ".join(words), service.name


def test_services__queues_are_those_of_the_containers(tmp_path):
    """The workers consume the queues of the image's entrypoint, each queue once."""
    commands = [s.command for s in every_service(tmp_path) if "-Q" in s.command]
    queues = [c[c.index("-Q") + 1] for c in commands]
    assert sorted(",".join(queues).split(",")) == sorted(
        ["celery", conf.QUEUE, conf.EVALUATE_QUEUE, conf.DELIVER_QUEUE]
    )
    entrypoint = (BASE_DIR / "example_project" / "entrypoint").read_text()
    assert all(f" {each} " in entrypoint for each in queues)


def test_services__faults_find_their_processes(tmp_path):
    """Switches that stop a process of the demo stop the stack's, too; nothing is delivered here."""
    names = {service.name for service in every_service(tmp_path)}
    assert set(CHILDREN.values()) - names == {"delivery"}


def test_services__those_of_compose(tmp_path):
    """What compose starts is started here, but for what needs containers; names may differ."""
    compose = yaml.safe_load((composed.COMPOSE / "compose.yaml").read_text())
    names = {"postgres": "postgresql"}
    wanted = {names.get(name, name) for name in compose["services"]}
    assert wanted - {s.name for s in every_service(tmp_path)} == {
        "migrate",  # `prepare` does it.
        "alloy",  # takes what an engine writes of containers.
    }


def test_composed__no_host_of_containers_is_left(tmp_path):
    """Files of the compose stack name hosts, ports and directories of this machine."""
    files = composed.composed(Options(data=tmp_path), EVERY)
    assert set(files) == {
        "jaeger/config.yaml",
        "loki/config.yaml",
        "grafana/provisioning/alerting/zerostate.yaml",
        "grafana/provisioning/dashboards/zerostate.yaml",
        "grafana/provisioning/datasources/zerostate.yaml",
    }
    for name, text in files.items():
        assert yaml.safe_load(text), name
        assert not re.search(r"//(?!127\.0\.0\.1)[\w.]+:\d", text), name
        assert not re.search(r" /(etc|loki|tmp)(?!/pytest)\b", text), name


def test_composed__a_file_that_has_changed(tmp_path):
    """A file that no longer says what is replaced is named: nothing listens elsewhere unseen."""
    (tmp_path / "x.yaml").write_text("endpoint: 0.0.0.0:1\n")
    assert composed.File("x.yaml", (("0.0.0.0:1", "127.0.0.1:2"),)).read(tmp_path) == (
        "endpoint: 127.0.0.1:2\n"
    )
    with pytest.raises(DemoError, match=r"x\.yaml does not say '0\.0\.0\.0:9'"):
        composed.File("x.yaml", (("0.0.0.0:9", ""),)).read(tmp_path)
    with pytest.raises(DemoError, match=r"y\.yaml cannot be read"):
        composed.File("y.yaml", ()).read(tmp_path)


# -- configuration -----------------------------------------------------------------


@pytest.mark.django_db
def test_configuration__is_what_is_exported(tmp_path):
    """Without a lapse each file of the export stands where its server reads it, byte for byte."""
    options = Options(data=tmp_path)
    exported = parts.exported(configuration.export_options(options, EVERY), ["rules", "scrape"])
    placed = configuration.laid_out(exported, 1)
    assert placed["prometheus/rules/zerostate.yml"] == exported["rules/zerostate.yml"]
    assert placed["prometheus/prometheus.yml"] == exported["prometheus/prometheus.yml"]
    assert not [name for name in placed if "tests" in name]


@pytest.mark.django_db
def test_configuration__addresses_stand_in_files_of_targets(tmp_path):
    """prometheus.yml names no address, so that it is the same with containers."""
    options = Options(data=tmp_path)
    placed = configuration.laid_out(
        parts.exported(configuration.export_options(options, EVERY), ["scrape"]), 1
    )
    lines = placed["prometheus/prometheus.yml"].splitlines()
    assert "127.0.0.1" not in "".join(line for line in lines if not line.startswith("#"))
    page = yaml.safe_load(placed["prometheus/targets/page.yml"])
    assert page[0]["targets"] == [f"127.0.0.1:{EVERY['web']}"]


@pytest.mark.django_db
def test_configuration__prometheus_reads_what_the_container_reads(tmp_path, settings):
    """Without a lapse prometheus.yml is the very file that the compose stack mounts."""
    settings.ZEROSTATE_MONITORING_EVALUATE = False
    wanted = configuration.export_options(Options(data=tmp_path), EVERY)
    made = configuration.laid_out(parts.exported(wanted, ["scrape"]), 1)
    mounted = composed.COMPOSE / "generated" / "prometheus" / "prometheus.yml"
    assert made["prometheus/prometheus.yml"] == mounted.read_text()


@pytest.mark.django_db
def test_configuration__written(tmp_path):
    """Servers find their files and, beside them, the secrets; a second time changes nothing."""
    options = Options(data=tmp_path, lapse=10)
    secret_files.keep(options.secrets)
    chosen = {name: EVERY[name] for name in ports.names(["prometheus", "alertmanager"])}
    for _ in range(2):
        configuration.write(options, chosen)
    token = options.config / "prometheus" / "secrets" / "metrics-token"
    assert token.read_text() == (options.secrets / "metrics-token").read_text()
    config = yaml.safe_load((options.config / "prometheus" / "prometheus.yml").read_text())
    assert config["global"]["scrape_interval"] == "1s500ms"
    assert not (options.config / "dashboards").exists()
