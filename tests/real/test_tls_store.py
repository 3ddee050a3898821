"""A store behind TLS, however it is run: Debian's redis-server with an authority of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from tests.deployments import SERVICE, SentinelServer, tell
from tests.servers import StoreServer, free_port, running, wait_until
from tests.storage.frames import gauge, shown, write
from zerostate_monitoring.exceptions import StoreUnavailableError
from zerostate_monitoring.storage.connection import Address
from zerostate_monitoring.storage.store import Store

pytestmark = pytest.mark.real

BINARY = shutil.which("redis-server")
FILES = {"ca-cert-file": "ca.pem", "cert-file": "cert.pem", "key-file": "key.pem"}


@dataclass(frozen=True)
class Certificates:
    """An authority, and what it gave to this host, in a directory."""

    directory: Path

    @property
    def authority(self) -> str:
        """The file that a client needs."""
        return str(self.directory / "ca.pem")

    def settings(self, port: int) -> dict[str, str]:
        """What a server must be told to speak TLS on ``port``."""
        files = {f"tls-{name}": str(self.directory / file) for name, file in FILES.items()}
        return {"tls-port": str(port), "tls-auth-clients": "no", **files}

    def options(self, port: int, **further: str) -> list[str]:
        """The same on a command line."""
        every = {**self.settings(port), **further}
        return [word for name, value in every.items() for word in (f"--{name}", value)]


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    """An authority of the test's own."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    made = authority.issue_cert("localhost", "127.0.0.1")
    made.private_key_pem.write_to_path(tmp_path / "key.pem")
    made.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    return Certificates(tmp_path)


@pytest.fixture
def opened() -> Iterator[list[Store]]:
    """Stores that are closed at the end."""
    stores: list[Store] = []
    yield stores
    for store in stores:
        store.close()


def serves_friends_alone(url: str, certificates: Certificates, opened: list[Store]) -> None:
    """With its authority the store is used; without, it is not spoken to."""
    friend = Store(Address(url, 2, 4, {"ssl_ca_certs": certificates.authority}), "zerostate")
    stranger = Store(Address(url, 2, 4), "zerostate")
    opened += [friend, stranger]
    write(friend, "a", gauge({"x": 1}))
    assert shown(friend) == {"a": {"x": 1}}
    with pytest.raises(StoreUnavailableError, match="certificate"):
        stranger.lease("a", 1)


def test_rediss__is_verified(certificates, opened):
    """One server with TLS."""
    port = free_port()
    with running(StoreServer(*certificates.options(port), binary=BINARY)):
        serves_friends_alone(f"rediss://localhost:{port}/1", certificates, opened)


def test_rediss_sentinel__servers_and_sentinels_are_verified(certificates, opened):
    """Sentinel and master both speak TLS, and nothing else to this client."""
    master_port, sentinel_port = free_port(), free_port()
    master = StoreServer(*certificates.options(master_port), binary=BINARY)
    lines = [f"{name} {value}" for name, value in certificates.settings(sentinel_port).items()]
    sentinel = SentinelServer(master_port, "tls-replication yes", *lines, binary=BINARY)
    with running(master), running(sentinel):
        url = f"rediss+sentinel://localhost:{sentinel_port}/{SERVICE}/1"
        serves_friends_alone(url, certificates, opened)


def test_rediss_cluster__is_verified(certificates, opened):
    """Every node is spoken to with TLS, also those that the first one names."""
    port, bus = free_port(), free_port()
    yes = {"cluster-enabled": "yes", "tls-cluster": "yes", "cluster-port": str(bus)}
    server = StoreServer(*certificates.options(port, **yes), binary=BINARY)
    server.database = 0
    with running(server):
        tell(server, "CLUSTER", "ADDSLOTSRANGE", "0", "16383")
        wait_until(lambda: b"cluster_state:ok" in tell(server, "CLUSTER", "INFO"), 30, "whole")
        serves_friends_alone(f"rediss+cluster://localhost:{port}", certificates, opened)
