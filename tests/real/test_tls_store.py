"""A store behind TLS: Debian's redis-server with an authority of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import trustme

from tests.servers import StoreServer, free_port, running
from tests.storage.frames import gauge, shown, write
from zerostate_monitoring.exceptions import StoreUnavailableError
from zerostate_monitoring.storage.connection import Address
from zerostate_monitoring.storage.store import Store

pytestmark = pytest.mark.real


@pytest.fixture
def secured(tmp_path: Path) -> tuple[tuple[str, ...], int, Path]:
    """Options of a server that also listens with TLS, that port, and its authority."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    made = authority.issue_cert("localhost")
    made.private_key_pem.write_to_path(tmp_path / "key.pem")
    made.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    port = free_port()
    files = {"ca-cert-file": "ca.pem", "cert-file": "cert.pem", "key-file": "key.pem"}
    options = ["--tls-port", str(port), "--tls-auth-clients", "no"]
    for name, file in files.items():
        options += [f"--tls-{name}", str(tmp_path / file)]
    return tuple(options), port, tmp_path / "ca.pem"


def test_rediss__is_verified(secured):
    """With its authority the store is used; without, it is not spoken to."""
    options, port, authority = secured
    server = StoreServer(*options, binary=shutil.which("redis-server"))
    url = f"rediss://localhost:{port}/1"
    with running(server):
        store = Store(Address(url, 2, 4, {"ssl_ca_certs": str(authority)}), "zerostate")
        write(store, "a", gauge({"x": 1}))
        assert shown(store) == {"a": {"x": 1}}
        store.close()
        stranger = Store(Address(url, 2, 4), "zerostate")
        with pytest.raises(StoreUnavailableError, match="certificate"):
            stranger.lease("a", 1)
        stranger.close()
