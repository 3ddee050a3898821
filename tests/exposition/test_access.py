"""Who may read the page."""

from __future__ import annotations

import pytest

from zerostate_monitoring.exposition.access import Caller, Policy, refusal

CLOSED = Policy(token="", networks=(), trusted_proxies=(), debug=False)
TOKEN = Policy(token="s3cret", networks=(), trusted_proxies=(), debug=False)
NETWORK = Policy(token="", networks=("10.0.0.0/8",), trusted_proxies=(), debug=False)
BOTH = Policy(token="s3cret", networks=("10.0.0.0/8",), trusted_proxies=(), debug=False)
PROXIED = Policy(
    token="", networks=("10.0.0.0/8",), trusted_proxies=("127.0.0.1", "192.0.2.0/24"), debug=False
)
OPEN = Policy(token="", networks=(), trusted_proxies=(), debug=True)


def status(policy, remote, forwarded="", authorization=""):
    """200, or the status of the refusal."""
    refused = refusal(Caller(remote, forwarded, authorization), policy)
    return refused.status if refused else 200


@pytest.mark.parametrize(
    ("policy", "caller", "expected"),
    [
        (CLOSED, ("127.0.0.1",), 200),
        (CLOSED, ("::1",), 200),
        (CLOSED, ("::ffff:127.0.0.1",), 200),
        (CLOSED, ("10.1.2.3",), 403),
        (CLOSED, ("",), 403),
        (CLOSED, ("not an address",), 403),
        # A proxy on this machine makes everyone look local.
        (CLOSED, ("127.0.0.1", "198.51.100.7"), 403),
        (CLOSED, ("127.0.0.1", "127.0.0.1"), 403),
        (OPEN, ("10.1.2.3",), 200),
        (TOKEN, ("10.1.2.3", "", "Bearer s3cret"), 200),
        (TOKEN, ("10.1.2.3", "", "bearer s3cret"), 200),
        (TOKEN, ("127.0.0.1",), 401),
        (TOKEN, ("127.0.0.1", "", "Bearer s3cre"), 401),
        (TOKEN, ("127.0.0.1", "", "Bearer \N{SNOWMAN}"), 401),
        (TOKEN, ("127.0.0.1", "", "Basic s3cret"), 401),
        (NETWORK, ("10.1.2.3",), 200),
        (NETWORK, ("127.0.0.1",), 403),
        (NETWORK, ("192.0.2.1", "10.1.2.3"), 403),
        (BOTH, ("10.1.2.3", "", "Bearer s3cret"), 200),
        (BOTH, ("10.1.2.3",), 401),
        (BOTH, ("11.1.2.3", "", "Bearer s3cret"), 403),
        (PROXIED, ("127.0.0.1", "10.1.2.3"), 200),
        (PROXIED, ("127.0.0.1", "10.1.2.3, 192.0.2.9"), 200),
        (PROXIED, ("127.0.0.1", "10.1.2.3, 198.51.100.7"), 403),
        (PROXIED, ("127.0.0.1", "10.1.2.3, nonsense"), 403),
        (PROXIED, ("10.1.2.3",), 200),
    ],
)
def test_refusal(policy, caller, expected):
    """Token, networks, loopback and proxies, each alone and together."""
    assert status(policy, *caller) == expected


def test_refusal__names_the_settings():
    """Whoever is refused learns what to set."""
    reason = refusal(Caller("10.1.2.3"), CLOSED).reason
    for name in ("METRICS_TOKEN", "METRICS_ALLOWED_NETWORKS", "TRUSTED_PROXIES"):
        assert f"ZEROSTATE_MONITORING_{name}" in reason
