"""The compose stack's own files with real servers, without containers.

Its secrets, its store, its roles, and the entrypoint of its image: the same programs, started
by hand.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
import urllib3

from tests.deploy.files import COMPOSE, PROJECT, services
from tests.packages import ROOT
from tests.real.site import COMMAND_SECONDS
from tests.servers import StoreServer, free_port, running, wait_until
from tests.sources.platform.cluster import ROLE, Cluster, cluster

pytestmark = pytest.mark.real

SUPERUSER = "postgres"
SECONDS = 60


class ComposeStore(StoreServer):
    """A Valkey with the configuration of the compose stack, but for its places."""

    def __init__(self, secrets: Path) -> None:
        super().__init__(password=(secrets / "valkey-password").read_text().strip())
        self._acl = secrets / "valkey-acl"

    def start(self) -> None:
        """Start it; the one user has the password of the secrets."""
        changes = {
            "bind * -::*": "bind 127.0.0.1",
            "port 6379": f"port {self.port}",
            "dir /data": f"dir {self.directory.name}",
            "aclfile /run/secrets/valkey-acl": f"aclfile {self._acl}",
        }
        lines = (COMPOSE / "valkey/valkey.conf").read_text().splitlines()
        assert set(changes) <= set(lines)
        config = Path(self.directory.name) / "valkey.conf"
        config.write_text("".join(f"{changes.get(line, line)}\n" for line in lines))
        self.run([self.binary, str(config)])


@dataclass(frozen=True)
class Stack:
    """Where the servers are, and the environment of the app's processes."""

    secrets: Path
    store: StoreServer
    port: int
    environment: Mapping[str, str]

    def secret(self, name: str) -> str:
        return (self.secrets / name).read_text().strip()

    def connect(self, role: str, database: str) -> psycopg.Connection:
        """A connection of one of the roles."""
        password = {"monitoring": "database-password", "platform": "platform-password"}
        found = self.secret(password.get(role, "platform-reader-password"))
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user=role, password=found, dbname=database
        )

    def run(self, *arguments: str, **environment: str) -> str:
        """What the entrypoint of the image prints for these words; it must succeed."""
        done = subprocess.run(
            [PROJECT / "entrypoint", *arguments],
            cwd=ROOT,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def stack(tmp_path_factory) -> Iterator[Stack]:
    """Secrets, a store and a PostgreSQL with the stack's roles, and the app's tables in it."""
    place = tmp_path_factory.mktemp("stack")
    shutil.copy(COMPOSE / "make-secrets", place)
    subprocess.run([sys.executable, place / "make-secrets"], check=True, capture_output=True)
    secrets = place / "secrets"
    with running(ComposeStore(secrets)) as store, cluster() as server:
        make_roles(server, secrets)
        found = Stack(secrets, store, server.port, environment(place, store, server))
        found.run("migrate")
        yield found


def make_roles(server: Cluster, secrets: Path) -> None:
    """Run the script that PostgreSQL's image runs once; its superuser is called as there."""
    with psycopg.connect(**login(server, ROLE), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {SUPERUSER} SUPERUSER LOGIN PASSWORD '{ROLE}'")
    with psycopg.connect(**login(server, SUPERUSER), autocommit=True) as connection:
        connection.execute(f"ALTER ROLE {ROLE} RENAME TO bootstrap")
    subprocess.run(
        ["bash", COMPOSE / "postgres/roles.sh"],
        env={
            "PATH": os.environ["PATH"],
            "POSTGRES_USER": SUPERUSER,
            "SECRETS": str(secrets),
            "PGHOST": "127.0.0.1",
            "PGPORT": str(server.port),
            "PGPASSWORD": ROLE,
        },
        check=True,
        timeout=SECONDS,
    )


def login(server: Cluster, role: str) -> dict[str, Any]:
    return {
        "host": "127.0.0.1",
        "port": server.port,
        "user": role,
        "password": ROLE,
        "dbname": SUPERUSER,
    }


def environment(place: Path, store: StoreServer, server: Cluster) -> dict[str, str]:
    """The compose file's environment of ``web``, with the places of this machine."""
    places = {
        "postgres:5432": f"127.0.0.1:{server.port}",
        "valkey:6379": f"127.0.0.1:{store.port}",
        "/run/secrets": str(place / "secrets"),
    }
    found = dict(services()["web"]["environment"])
    for name, text in found.items():
        for theirs, ours in places.items():
            text = text.replace(theirs, ours)  # noqa: PLW2901 - one after the other.
        found[name] = text
    # The interpreter that has the packages is first, as in the image.
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {
        **found,
        "PATH": path,
        "PYTHONPATH": str(ROOT),
        "DATA": str(place),
        "STATIC_ROOT": str(place / "static"),
        "DJANGO_SETTINGS_MODULE": "example_project.settings_production",
        "WEB_WORKERS": "1",
    }


def test_store__wants_the_password_and_evicts_nothing(stack):
    """Nobody is answered without it; the limits of the file hold."""
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=stack.store.port).ping()
    client = stack.store.client
    assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert client.config_get("maxmemory") == {"maxmemory": str(512 * 1024 * 1024)}
    client.close()


def test_store__health_check_needs_no_password(stack):
    """What the health check looks for is what a server says to whoever has not logged in."""
    with socket.create_connection(("127.0.0.1", stack.store.port), 5) as connection:
        connection.sendall(b"PING\r\n")
        assert connection.recv(100).startswith(b"-NOAUTH")
    command = services()["valkey"]["healthcheck"]["test"][-1]
    assert "NOAUTH" in command


def test_roles__each_sees_its_own_database_alone(stack):
    """The app's role has no way into the platform, nor the platform's into the app."""
    for role, database in (("monitoring", "platform"), ("platform", "monitoring")):
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            stack.connect(role, database)


def test_app__lives_on_what_the_stack_gives_it(stack):
    """The network writes as its own role; the app reads as the reader, and can write nothing."""
    stack.run(
        *("python", "manage.py", "network", "run", "--nodes", "2", "--steps", "3"),
        PLATFORM_DATABASE=f"postgresql://platform@127.0.0.1:{stack.port}/platform",
        PLATFORM_DATABASE_PASSWORD_FILE=str(stack.secrets / "platform-password"),
    )
    stack.run("python", "manage.py", "monitoring_collect", "economic")
    with stack.connect("platform_reader", "platform") as connection:
        (count,) = connection.execute("SELECT count(*) FROM users").fetchone()
        assert count > 0
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM users")
    with (
        stack.connect("platform_reader", "platform") as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("CREATE TABLE mine (id integer)")


def test_web__serves_admin_and_the_page(stack):
    """gunicorn as the image starts it: the page for the token alone, admin with its files."""
    stack.run("python", "manage.py", "collectstatic", "--no-input", "--verbosity", "0")
    port = free_port()
    with (stack.secrets.parent / "web.log").open("wb") as log:
        process = subprocess.Popen(
            [PROJECT / "entrypoint", "web"],
            cwd=ROOT,
            env={**stack.environment, "WEB_BIND": f"127.0.0.1:{port}"},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    http = urllib3.PoolManager(retries=False, timeout=SECONDS)
    base = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: answers(http, base), SECONDS, "the web process answers")
        token = {"Authorization": f"Bearer {stack.secret('metrics-token')}", "Host": "web:8000"}
        page = http.request("GET", f"{base}/metrics", headers=token)
        assert page.status == 200
        assert b"zerostate_monitoring_store_up 1" in page.data
        assert b"zerostate_economic_" in page.data
        assert http.request("GET", f"{base}/metrics").status == 401
        login_page = http.request("GET", f"{base}/admin/login/").data.decode()
        style = login_page.partition('href="/static/')[2].partition('"')[0]
        assert http.request("GET", f"{base}/static/{style}").status == 200
        assert http.request("GET", base, headers={"Host": "elsewhere.example"}).status == 400
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0
    finally:
        http.clear()
        process.kill()
        process.wait()


def answers(http: urllib3.PoolManager, base: str) -> bool:
    try:
        return http.request("GET", f"{base}/admin/login/").status == 200
    except urllib3.exceptions.HTTPError:
        return False
