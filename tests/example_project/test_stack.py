"""What the stack is told, and where it finds things; nothing is started."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from example_project.demo.options import DemoError
from example_project.environment import BASE_DIR
from example_project.stack import (
    ports,
    postgresql,
    programs,
    secret_files,
    surroundings,
)
from example_project.stack.__main__ import main
from example_project.stack.options import Options, read
from tests.example_project.stack_services import EVERY
from tests.servers import wait_until
from zerostate_monitoring.conf import conf
from zerostate_monitoring.tracing.wishes import wishes

# -- what it is told ---------------------------------------------------------------


def test_options__defaults():
    """Without variables: ten full nodes at their own pace, what is exported as it is exported."""
    options = read({})
    assert (options.nodes, options.profile, options.speed, options.lapse) == (10, "full", 1, 1)
    assert options.data == BASE_DIR / ".stack"


def test_options__read(tmp_path):
    """Each variable is taken over."""
    told = {"DATA": str(tmp_path), "STACK_NODES": "3", "STACK_PROFILE": "head"}
    options = read({**told, "STACK_SPEED": "2.5", "STACK_LAPSE": "10"})
    assert options == Options(data=tmp_path, nodes=3, profile="head", speed=2.5, lapse=10)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("STACK_NODES", "many"), ("STACK_NODES", "0"), ("STACK_PROFILE", "none"),
        ("STACK_SPEED", "-1"), ("STACK_LAPSE", "0.5"), ("STACK_LAPSE", "100"),
    ],
)  # fmt: skip
def test_options__refused(name, text):
    """What cannot be read is refused with the variable's name."""
    with pytest.raises(DemoError, match=name):
        read({name: text})


# -- ports -------------------------------------------------------------------------


@pytest.fixture
def taken():
    """A port on which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


def test_ports__told_then_remembered(taken, tmp_path):
    """A port is the one that was told, else the one of the last time, else any; all differ."""
    path = tmp_path / ports.FILE
    assert ports.remembered(path) == {}
    first = ports.choose(["web", "valkey"], {})
    assert len(set(first.values())) == 2
    ports.remember(path, first)
    assert ports.choose(["web", "valkey"], ports.remembered(path)) == first
    told = ports.choose(["web", "valkey"], first, {"STACK_WEB_PORT": str(first["valkey"])})
    assert told["web"] == first["valkey"]
    assert told["valkey"] not in {told["web"], taken}


def test_ports__remembered_one_is_taken(taken):
    """A remembered port that somebody else has now is given up."""
    assert ports.choose(["valkey"], {"valkey": taken})["valkey"] != taken


def test_ports__told_one_is_taken(taken):
    """A port that was told and is taken is refused with the variable's name."""
    with pytest.raises(DemoError, match="STACK_NODE_EXPORTER_PORT"):
        ports.choose(["node-exporter"], {}, {"STACK_NODE_EXPORTER_PORT": str(taken)})


def test_ports__half_written_file(tmp_path):
    """A file of ports that cannot be read is as none."""
    (tmp_path / ports.FILE).write_text('{"web": 80')
    assert ports.remembered(tmp_path / ports.FILE) == {}


def test_ports__of_what_is_found():
    """Servers that are not there want no port; those with several want all of them."""
    assert ports.names(["prometheus"]) == ["web", "valkey", "prometheus"]
    assert {"jaeger", "otlp", "otlp-grpc"} <= set(ports.names(["jaeger"]))


# -- programs ----------------------------------------------------------------------


def test_programs__missing_ones_are_named_with_their_packages(tmp_path):
    """All needed programs that are missing are named at once, with Debian's packages."""
    with pytest.raises(DemoError) as caught:
        programs.find({}, lambda name: None, tmp_path)
    said = str(caught.value)
    for package in ("postgresql", "prometheus", "prometheus-alertmanager"):
        assert f"apt-get install {package}," in said
    assert "grafana" not in said


def test_programs__found(tmp_path):
    """A setting comes before PATH, the newest PostgreSQL is taken, what is missing is said."""
    for version in ("9", "15", "x"):
        (tmp_path / version / "bin").mkdir(parents=True)
        (tmp_path / version / "bin" / "postgres").touch()
    there = {"prometheus": "/p", "alertmanager": "/a", "/own": "/own"}
    server = str(tmp_path / "15" / "bin" / "postgres")
    which = {**there, "/p": "/p", "/a": "/a", server: server}.get
    found = programs.find({"STACK_LOKI_PROGRAM": "/own"}, which, tmp_path)
    assert found.paths == {
        "postgresql": server, "prometheus": "/p", "alertmanager": "/a", "loki": "/own",
    }  # fmt: skip
    assert set(found.missing) == {"node-exporter", "jaeger", "grafana"}
    assert "Debian has no package" in found.missing["grafana"]
    assert "apt-get install prometheus-node-exporter" in found.missing["node-exporter"]


def test_programs__setting_that_names_none(tmp_path):
    """A variable that names no program is refused, not passed over."""
    known = {name: name for name in ("postgres", "prometheus", "alertmanager")}
    with pytest.raises(DemoError, match="STACK_GRAFANA_PROGRAM is '/nothing'"):
        programs.find({"STACK_GRAFANA_PROGRAM": "/nothing"}, known.get, tmp_path)


def test_main__without_programs(tmp_path, monkeypatch, capsys):
    """Without Prometheus nothing starts: code 2, and a line that names the package."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("DATA", str(tmp_path / "state"))
    assert main() == 2
    assert "apt-get install prometheus," in capsys.readouterr().err
    assert not (tmp_path / "state" / "secrets").exists()


# -- secrets and surroundings ------------------------------------------------------


def test_secrets__made_once_for_the_owner_alone(tmp_path):
    """Secrets stay from start to start, differ, and nobody else may read them."""
    first = secret_files.keep(tmp_path / "secrets")
    assert secret_files.keep(tmp_path / "secrets") == first
    assert len(set(first.values())) == len(first)
    modes = {path.stat().st_mode & 0o077 for path in (tmp_path / "secrets").iterdir()}
    assert modes == {0}
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0


def test_secrets__an_empty_file_is_none(tmp_path):
    """A file that a crash left empty is no secret: it is made anew."""
    first = secret_files.keep(tmp_path)
    (tmp_path / "webhook-token").write_text("")
    again = secret_files.keep(tmp_path)
    assert again["webhook-token"]
    assert again["webhook-token"] != first["webhook-token"]


def test_surroundings__send_traces_where_there_is_a_jaeger(tmp_path):
    """All of them, to its port; where it was not found nobody traces."""
    ports = {"postgresql": 1, "valkey": 2, "web": 3}
    assert "TRACING" not in surroundings.own(Options(data=tmp_path), ports)
    told = surroundings.own(Options(data=tmp_path), {**ports, "otlp": 4})
    assert told["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://127.0.0.1:4"
    wished = wishes(conf, told)
    assert (wished.ratio, told["TRACING"]) == (1, "yes")


def test_surroundings__hold_no_secret(tmp_path, monkeypatch):
    """Processes are told files, not secrets, and none that we inherit comes between."""
    monkeypatch.setenv("METRICS_TOKEN", "of another")
    options = Options(data=tmp_path)
    made = secret_files.keep(options.secrets)
    own = surroundings.own(options, EVERY)
    surroundings.write(tmp_path / "environment", own)
    text = (tmp_path / "environment").read_text()
    assert not [secret for secret in made.values() if secret in text]
    assert "METRICS_TOKEN" not in surroundings.whole(own)
    for name, file in surroundings.SECRETS.items():
        assert Path(own[f"{name}_FILE"]).read_text() == made[file]


# -- PostgreSQL --------------------------------------------------------------------


def test_postgresql__elsewhere_where_the_way_is_closed(tmp_path, monkeypatch):
    """A user who may not enter gets a directory elsewhere, behind a link; the next time, too."""
    monkeypatch.setattr(postgresql, "_ELSEWHERE", tmp_path)
    monkeypatch.setattr(postgresql, "_may_enter", lambda path, owner: False)
    monkeypatch.setattr(postgresql, "_give", lambda path, owner: None)
    data = tmp_path / "state"
    data.mkdir()
    real = postgresql.directory(data, "somebody")
    assert (data / "postgresql").is_symlink()
    assert real.parent == tmp_path
    assert postgresql.directory(data, "somebody") == real
    shutil.rmtree(real)
    assert postgresql.directory(data, "somebody").is_dir()


def test_postgresql__who_may_enter(tmp_path, monkeypatch):
    """Each directory on the way counts, for its owner, its group and all others."""
    stranger = SimpleNamespace(pw_uid=os.getuid() + 1, pw_gid=os.getgid() + 1)
    monkeypatch.setattr("pwd.getpwnam", lambda name: stranger)
    inner = tmp_path / "open" / "shut" / "open"
    inner.mkdir(parents=True)
    above = list(tmp_path.parents)
    monkeypatch.setattr(Path, "parents", property(lambda self: _below(self, tmp_path)))
    assert above
    inner.parent.chmod(0o711)
    assert postgresql._may_enter(inner, "stranger")
    inner.parent.chmod(0o700)
    assert not postgresql._may_enter(inner, "stranger")
    monkeypatch.setattr(stranger, "pw_uid", os.getuid())
    assert postgresql._may_enter(inner, "stranger")


def _below(path: Path, top: Path) -> list[Path]:
    found = []
    while (path := path.parent) != top:
        found.append(path)
    return found


def test_postgresql__note_of_a_server_that_is_dead(tmp_path):
    """A note of a dead process that nobody has waited for is removed; of a living one it stays."""
    (tmp_path / "PG_VERSION").write_text("15\n")
    note = tmp_path / "postmaster.pid"
    note.write_text(f"{os.getpid()}\n/somewhere\n")
    postgresql.prepare(tmp_path, tmp_path, "", "")
    assert note.exists()
    dead = subprocess.Popen(["true"])
    note.write_text(f"{dead.pid}\n/somewhere\n")
    stat = Path(f"/proc/{dead.pid}/stat")
    wait_until(lambda: " Z " in stat.read_text(), what="it is dead")
    postgresql.prepare(tmp_path, tmp_path, "", "")
    assert not note.exists()
    dead.wait()
