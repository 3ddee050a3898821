"""Where messages may go."""

from __future__ import annotations

import pytest

from zerostate_monitoring.conf.alerts import REFUSED_NETWORKS
from zerostate_monitoring.notifiers.addresses import Policy, place, url_problem

DEFAULT = Policy(REFUSED_NETWORKS)


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example/services/T0/B0/x",
        "http://127.0.0.1:9093/",
        "http://[::1]:8000/hook",
        "https://10.0.0.7/hook?token=x",
        "http://localhost/",
    ],
)
def test_url_problem__ordinary_addresses_are_good(url):
    """Loopback and private networks, too: receivers stand there."""
    assert url_problem(url, DEFAULT) == ""


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("", "no address"),
        ("file:///etc/passwd", "https://"),
        ("gopher://hooks.example/", "https://"),
        ("ftp://hooks.example/", "https://"),
        ("hooks.example/x", "https://"),
        ("https://", "no host"),
        ("https:///x", "no host"),
        ("https://user:pw@hooks.example/", "passwords"),
        ("https://hooks.example/#x", "#"),
        ("https://hooks.example:99999/", "no address"),
        ("https://hooks example/", "no address"),
        ("https://hooks.example/\r\nX: y", "no address"),
        ("https://[::1/", "no address"),
        ("http://169.254.169.254/latest/meta-data/", "REFUSED_NETWORKS"),
        ("http://[fe80::1]/", "REFUSED_NETWORKS"),
        ("http://[::ffff:169.254.169.254]/", "REFUSED_NETWORKS"),
        ("http://[64:ff9b::a9fe:a9fe]/", "REFUSED_NETWORKS"),
        ("http://[fd00:ec2::254]/", "REFUSED_NETWORKS"),
        ("http://metadata.google.internal/", "clouds"),
        ("http://METADATA.google.internal./", "clouds"),
        ("http://2852039166/", "no host"),
        ("http://0xa9.254.169.254/", "no host"),
        ("http://169.254.43518/", "no host"),
        ("http://0251.0376.0251.0376/", "no host"),
        ("http://%31%36%39.254.169.254/", "no host"),
        ("http://hooks.example\\.evil.example/", "no host"),
        ("http://[::ffff:a9fe:a9fe]/", "REFUSED_NETWORKS"),
        ("http://[::169.254.169.254]/", "REFUSED_NETWORKS"),
        ("http://[2002:a9fe:a9fe::1]/", "REFUSED_NETWORKS"),
        ("http://169.254.169.254./", "REFUSED_NETWORKS"),
        ("http://a@169.254.169.254/", "passwords"),
    ],
)
def test_url_problem__bad_ones_are_told_apart(url, word):
    """What can be known without asking is said when it is saved."""
    assert word in url_problem(url, DEFAULT)


def test_policy__an_allow_list_allows_its_hosts_and_no_other():
    """Hosts by name, hosts below a name, and networks."""
    policy = Policy(REFUSED_NETWORKS, ("hooks.example", ".ops.example", "10.0.0.0/8"))
    good = ["https://hooks.example/", "https://a.ops.example/", "https://10.1.2.3/"]
    assert [url_problem(url, policy) for url in good] == ["", "", ""]
    assert "ALLOWED_HOSTS" in url_problem("https://192.0.2.1/", policy)
    assert "ALLOWED_HOSTS" in policy.problem_of("other.example", "192.0.2.1")
    assert policy.problem_of("other.example", "10.0.0.1") == ""
    assert policy.problem_of("HOOKS.example", "192.0.2.1") == ""


def test_policy__names_alone_refuse_other_names_at_once():
    """Without networks there is nothing to look up."""
    policy = Policy(allowed=("hooks.example",))
    assert "ALLOWED_HOSTS" in url_problem("https://hooks.example.evil/", policy)
    assert "ALLOWED_HOSTS" in url_problem("https://evilhooks.example/", policy)


def test_policy__an_allowed_name_does_not_open_a_refused_network():
    """Whoever owns the name could point it at the metadata service."""
    policy = Policy(REFUSED_NETWORKS, ("hooks.example",))
    assert "REFUSED" in policy.problem_of("hooks.example", "169.254.169.254")


def test_place__is_what_may_be_shown_of_a_secret_address():
    """Scheme, host and port; neither login nor path."""
    assert place("https://u:p@hooks.example:8443/x?y=z") == "https://hooks.example:8443"
    assert place("nonsense") == ""
