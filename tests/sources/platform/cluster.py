"""A private PostgreSQL, its standby and a PgBouncer before it: Debian's binaries, free ports."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.servers import free_port, wait_until

BINARIES: Final = Path("/usr/lib/postgresql/15/bin")
ROLE: Final = "platform"
SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server; everyone from this machine is let in, but with a password over TCP."""

    port: int
    directory: Path

    def alias(self, database: str = "postgres", **changes: Any) -> Mapping[str, Any]:
        """Django settings of a database on this server, for the superuser unless changed."""
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": database,
            "USER": ROLE,
            "PASSWORD": ROLE,
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            **changes,
        }


@contextlib.contextmanager
def cluster(**parameters: str) -> Iterator[Cluster]:
    """Start a server with these configuration parameters; it ends with the block."""
    with _home("zs-postgresql-") as home:
        password = home / "password"
        password.write_text(ROLE)
        _give(password)
        data = home / "data"
        _run("initdb", "-D", data, "-U", ROLE, "--pwfile", password, "-A", "scram-sha-256", "-N")
        with _started(home, **parameters) as server:
            yield server


@contextlib.contextmanager
def standby(primary: Cluster) -> Iterator[Cluster]:
    """Start a hot standby that follows ``primary``; it ends with the block."""
    with _home("zs-standby-") as home:
        source = f"postgresql://{ROLE}:{ROLE}@127.0.0.1:{primary.port}/"
        _run("pg_basebackup", "-D", home / "data", "-d", source, "-R", "-X", "stream", "-c", "fast")
        with _started(home) as server:
            yield server


@contextlib.contextmanager
def pooler(server: Cluster, **parameters: str) -> Iterator[Cluster]:
    """Start a PgBouncer before ``server``, by default in transaction mode."""
    with _home("zs-pgbouncer-") as home:
        port = free_port()
        settings = {
            "listen_addr": "127.0.0.1",
            "listen_port": str(port),
            "unix_socket_dir": "",
            "auth_type": "plain",
            "auth_file": str(home / "users"),
            "pool_mode": "transaction",
            **parameters,
        }
        told = "".join(f"{name} = {value}\n" for name, value in settings.items())
        upstream = f"* = host=127.0.0.1 port={server.port}"
        (home / "users").write_text(f'"{ROLE}" "{ROLE}"\n')
        (home / "ini").write_text(f"[databases]\n{upstream}\n[pgbouncer]\n{told}")
        for name in ("users", "ini"):
            _give(home / name)
        with (home / "log").open("wb") as log:
            process = subprocess.Popen(
                [*_unprivileged(), "/usr/sbin/pgbouncer", str(home / "ini")],
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                cwd="/",
            )
        try:
            wait_until(lambda: _listens(port), what="PgBouncer listens")
            yield Cluster(port, home)
        finally:
            process.terminate()
            process.wait(SECONDS)


@contextlib.contextmanager
def _home(prefix: str) -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix=prefix))
    try:
        _give(home)
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextlib.contextmanager
def _started(home: Path, **parameters: str) -> Iterator[Cluster]:
    port, data = free_port(), home / "data"
    settings = {
        "port": str(port),
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": str(home),
        "fsync": "off",
        **parameters,
    }
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    _run("pg_ctl", "-D", data, "-w", "-l", home / "log", "-o", options, "start")
    try:
        yield Cluster(port, home)
    finally:
        _run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _give(path: Path) -> None:
    if os.geteuid() == 0:
        shutil.chown(path, "postgres", "postgres")


def _unprivileged() -> list[str]:
    # PostgreSQL and PgBouncer refuse to run as root.
    return ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


def _run(program: str, *arguments: object) -> None:
    command = [*_unprivileged(), str(BINARIES / program), *map(str, arguments)]
    subprocess.run(
        command,
        check=True,
        timeout=SECONDS,
        cwd="/",
        stdout=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    )
