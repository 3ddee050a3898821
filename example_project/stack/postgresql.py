"""A PostgreSQL cluster of the stack's own, in a directory of its own."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

import psycopg

from example_project.demo.options import DemoError
from example_project.demo.processes import as_user
from example_project.stack.composed import COMPOSE

SUPERUSER: Final = "postgres"
DATABASES: Final = frozenset({"monitoring", "platform"})
ROLES: Final = COMPOSE / "postgres" / "roles.sh"
"""The compose stack's own: databases, and who may do what there."""

SECONDS: Final = 120
_USERS: Final = ("postgres", "nobody")
_ELSEWHERE: Final = Path("/var/tmp")  # noqa: S108 - a directory of its own is made there, see below


def user() -> str:
    """Who the server runs as: PostgreSQL refuses root. Empty where we are somebody else.

    Raises:
        DemoError: we are root, and there is nobody else.
    """
    if os.geteuid() != 0:
        return ""
    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in _USERS:
        if name in known:
            return name
    raise DemoError("PostgreSQL does not run as root, and there is no user postgres or nobody.")


def binaries(server: str) -> Path:
    """Where the programs beside the server are: what is on PATH may be a link."""
    return Path(server).resolve().parent


def directory(data: Path, owner: str) -> Path:
    """The cluster's directory: ``data``/postgresql, or what that links to.

    A user for whom the way to ``data`` is closed gets a directory elsewhere, and a link to it.
    """
    place = data / "postgresql"
    if not place.exists():
        place.unlink(missing_ok=True)
        if owner and not _may_enter(data, owner):
            mark = hashlib.sha256(str(data).encode()).hexdigest()[:12]
            place.symlink_to(Path(tempfile.mkdtemp(prefix=f"zerostate-{mark}-", dir=_ELSEWHERE)))
        else:
            place.mkdir(mode=0o700)
    real = place.resolve()
    _give(real, owner)
    return real


def _give(path: Path, owner: str) -> None:
    if owner:
        entry = pwd.getpwnam(owner)
        os.chown(path, entry.pw_uid, entry.pw_gid)


def _may_enter(path: Path, owner: str) -> bool:
    """Whether ``owner`` can pass through every directory on the way to ``path``."""
    entry = pwd.getpwnam(owner)
    for step in (path, *path.parents):
        status = step.stat()
        shift = 6 if status.st_uid == entry.pw_uid else 3 if status.st_gid == entry.pw_gid else 0
        if not status.st_mode >> shift & 1:
            return False
    return True


def prepare(programs: Path, cluster: Path, password: str, owner: str) -> None:
    """Make the cluster unless it is there.

    Raises:
        DemoError: what initdb said.
    """
    if (cluster / "PG_VERSION").exists():
        _forget_server(cluster / "postmaster.pid")
        return
    # What initdb left half done, it would refuse.
    for left in cluster.iterdir():
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    # Not by standard input: another user may not open our pipe by its name.
    with tempfile.NamedTemporaryFile("w", prefix="zerostate-") as file:
        file.write(password)
        file.flush()
        _give(Path(file.name), owner)
        made = subprocess.run(
            [
                *(str(programs / "initdb"), "-D", str(cluster), "-U", SUPERUSER, "-E", "UTF8"),
                *("--locale=C", "-A", "scram-sha-256", f"--pwfile={file.name}"),
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
            cwd="/",
            **as_user(owner),
        )
    if made.returncode:
        raise DemoError(f"initdb of {cluster} failed:\n{made.stderr.strip()}")


def _forget_server(note: Path) -> None:
    """Remove the note of a server that was killed with its supervisor.

    A new one would believe it where nobody has taken the dead process away, as in containers
    without an init: its number is still there. Who holds the stack's lock is alone here.
    """
    if not note.exists():
        return
    number = note.read_text().partition("\n")[0]
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return
    if state == "Z":
        note.unlink()


def command(programs: Path, cluster: Path, port: int) -> list[str]:
    """How to start the server: TCP on loopback, no socket file, passwords for everybody."""
    settings = {
        "port": str(port),
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "max_connections": "50",
        "shared_buffers": "32MB",
    }
    told = (word for pair in settings.items() for word in ("-c", "=".join(pair)))
    return [str(programs / "postgres"), "-D", str(cluster), *told]


def probe(programs: Path, port: int) -> tuple[str, ...]:
    """A command that ends with 0 once the server lets people in."""
    return (str(programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port), "-t", "5")


def create_databases(programs: Path, port: int, secrets: Path) -> None:
    """Make databases and roles, unless they are there.

    Raises:
        DemoError: what psql said.
    """
    password = (secrets / "postgres-password").read_text()
    server = address(port, SUPERUSER, "postgres")
    with psycopg.connect(server, password=password) as connection:
        found = {row[0] for row in connection.execute("SELECT datname FROM pg_database")}
    if found >= DATABASES:
        return
    told = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PGHOST": "127.0.0.1",
        "PGPORT": str(port),
        "PGPASSWORD": password,
        "POSTGRES_USER": SUPERUSER,
        "SECRETS": str(secrets),
    }
    made = subprocess.run(
        ["bash", str(ROLES)], env=told, capture_output=True, text=True, check=False, timeout=SECONDS
    )
    if made.returncode:
        text = f"{ROLES} failed; `make clean` begins anew. It said:\n{made.stderr.strip()}"
        raise DemoError(text)


def address(port: int, role: str, database: str) -> str:
    """What Django's settings read; the password stands elsewhere."""
    return f"postgresql://{role}@127.0.0.1:{port}/{database}"
