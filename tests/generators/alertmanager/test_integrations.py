"""Kinds of receivers, as Alertmanager's."""

from __future__ import annotations

import pytest

from zerostate_monitoring.generators.alertmanager.integrations import (
    Place,
    integration,
    literal,
    url_fault,
)
from zerostate_monitoring.generators.alertmanager.values import Mail, ReceiverValue, Version
from zerostate_monitoring.notifiers import KINDS

MAIL = Mail(host="mail.example", port=587, sender="ops@a.example", starts_tls=True)


def made(kind, config=None, secrets=(), *, version="0.25", mail=MAIL, fault="", heartbeat=False):
    receiver = ReceiverValue(
        pk=1, name="r", kind=kind, config=config or {}, secrets=frozenset(secrets), fault=fault
    )
    known = Version.parse(version)
    place = Place(version=known, mail=mail, slug="r", directory="/etc/am", has_heartbeat=heartbeat)
    return integration(receiver, place)


def test_email__by_the_servers_of_django():
    """All recipients in one mail; the password is a file."""
    mail = Mail(host="::1", port=465, username="u", has_password=True, is_tls=True)
    config = {"recipients": ["a@x.example", "b@x.example"], "sender": "{{ x }}"}
    found = made("email", config, mail=mail)
    assert found.key == "email_configs"
    assert found.config == {
        "to": "a@x.example, b@x.example",
        "from": '{{ "{{" }} x }}',
        "smarthost": "[::1]:465",
        "require_tls": False,
        "auth_username": "u",
        "auth_password_file": "/etc/am/smtp-password",
    }


@pytest.mark.parametrize(
    ("mail", "said"),
    [
        (Mail(), "name no SMTP server"),
        (Mail(host="a", port=994, is_tls=True), "port 465 alone"),
    ],
)
def test_email__that_alertmanager_cannot_send(mail, said):
    """No server, or one that it does not speak to."""
    found = made("email", {"recipients": ["a@x.example"]}, mail=mail)
    assert not found.config
    assert said in found.warnings[0]


def test_webhook__with_its_login():
    """Token or user and password; both are files beside Alertmanager's own."""
    url = {"url": "https://h.example/x"}
    found = made("webhook", url, ["token"])
    assert found.config["http_config"] == {
        "follow_redirects": False,
        "authorization": {"type": "Bearer", "credentials_file": "secrets/r.token"},
    }
    found = made("webhook", {**url, "username": "u"}, ["password"])
    basic = {"username": "u", "password_file": "secrets/r.password"}
    assert found.config["http_config"] == {"follow_redirects": False, "basic_auth": basic}
    assert set(found.files) == {"secrets/r.password"}


def test_webhook__signatures_are_lost_and_said():
    """The message goes, but whoever checks it refuses it."""
    found = made("webhook", {"url": "https://h.example/x"}, ["signing_secret"])
    assert found.config
    assert "signs no messages" in found.warnings[0]


def test_webhook__with_a_secret_address_needs_a_newer_one():
    """0.25 has no file for it; what it has not is named with its version."""
    found = made("webhook", secrets=["secret_url"])
    assert not found.config
    assert "0.26 can" in found.warnings[0]
    found = made("webhook", secrets=["secret_url"], version="0.26.0")
    assert found.config["url_file"] == "/etc/am/r.url"


def test_slack__by_webhook_or_bot():
    """A bot's token goes to the API's address, with its channel."""
    assert made("slack", secrets=["url"]).config == {"api_url_file": "/etc/am/r.url"}
    assert made("slack", {"channel": "C1"}, ["token"]).config == {
        "api_url": "https://slack.com/api/chat.postMessage",
        "channel": "C1",
        "http_config": {"authorization": {"type": "Bearer", "credentials_file": "secrets/r.token"}},
    }


def test_pagerduty__with_its_key_in_a_file():
    """And the address of Europe where it is set."""
    url = "https://events.eu.pagerduty.com/v2/enqueue"
    found = made("pagerduty", {"url": url}, ["routing_key"])
    assert found.config == {"routing_key_file": "/etc/am/r.routing-key", "url": url}


@pytest.mark.parametrize(
    ("kind", "fault", "said"),
    [
        ("apprise", "", "no such kind as apprise"),
        ("pagerduty", "routing_key: This is required.", "This is required."),
        ("canary", "", "notes inside this app"),
    ],
)
def test_receivers__that_cannot_be_said_tell_nobody_and_why(kind, fault, said):
    """No such kind there, no secret here."""
    found = made(kind, fault=fault)
    assert not found.config
    assert said in found.warnings[0]


def test_canary__calls_whoever_misses_it():
    """The heartbeat's address is a secret, too."""
    assert "0.26 can" in made("canary", heartbeat=True).warnings[0]
    assert made("canary", heartbeat=True, version="0.28").config["url_file"] == "/etc/am/r.url"


def test_kinds__of_this_app_are_all_known_or_named():
    """A new kind of receiver is not forgotten here."""
    unknown = {kind for kind in KINDS if "no such kind" in " ".join(made(kind).warnings)}
    assert unknown == {"apprise"}


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://h.example:8443/a?b=c%20d", ""),
        ("http://[::1]:9/", ""),
        ("http://user:pass@h.example/", "password in its address"),
        ("https://h.example/a b", "plain"),
        ("https://h.example/%zz", "plain"),
        ("ftp://h.example/", "plain"),
        ("", "plain"),
    ],
)
def test_addresses__that_would_cost_the_whole_file_are_left_out(url, said):
    """Alertmanager refuses a file for one address."""
    assert (said in url_fault(url)) if said else url_fault(url) == ""


def test_templates__are_text():
    """Braces of an operator's are no template of Alertmanager's."""
    assert literal("a {{ .x }} }}") == 'a {{ "{{" }} .x }} }}'
