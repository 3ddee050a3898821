"""Other services, through apprise: what little it says is told."""

from __future__ import annotations

import logging
import socket
import sys

import pytest

from tests.notifiers.batches import LABELS, alert, batch, target
from zerostate_monitoring.notifiers.apprise import AppriseNotifier
from zerostate_monitoring.notifiers.base import DeliveryError

# Loading its plug-ins, apprise imports what later Pythons have no more.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

NOTIFIER = AppriseNotifier()


@pytest.fixture(autouse=True)
def _schemes(settings):
    settings.ZEROSTATE_MONITORING_APPRISE_SCHEMES = ["json", "ntfys", "tgram"]


def to(receiver, path="topic-0123456789"):
    return target({"url": f"json://localhost:{receiver.port}/{path}"})


def send(to, *alerts):
    return NOTIFIER.send(NOTIFIER.compose(batch(*alerts), to), to, key="k", timeout=2)


def error_of(to):
    with pytest.raises(DeliveryError) as caught:
        send(to)
    return caught.value


def reason(url):
    """Why an address is refused; empty if it is not."""
    return "".join(fault.reason for fault in NOTIFIER.faults(target({"url": url})))


def test_send__arrives_with_subject_text_and_kind(receiver):
    """As apprise's own JSON says."""
    answer = send(to(receiver), alert())

    body = receiver.posted[0].json
    assert body["title"] == "[FIRING critical] ZeroStateNodeErrorsHigh node=edge-3"
    assert "0.42, fires above 0.2" in body["message"]
    assert body["type"] == "failure"
    assert "taken" in answer.text


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, "failure"),
        ({"labels": {**LABELS, "severity": "warning"}}, "warning"),
        ({"labels": {**LABELS, "severity": "info"}}, "info"),
        ({"ended": 60}, "success"),
    ],
)
def test_compose__kinds(changes, kind):
    """Apprise colours by them."""
    assert NOTIFIER.compose(batch(alert(**changes)), target()).payload["type"] == kind


def test_send__a_refusal_is_told_with_apprises_words_and_without_the_address(receiver, caplog):
    """It may pass or not, so it is tried again; nothing of it goes into the log."""
    receiver.answer((500, b"no"))
    # Where it is used for the first time in a process it speaks of its locale.
    NOTIFIER.faults(to(receiver))

    with caplog.at_level(logging.DEBUG):
        error = error_of(to(receiver))

    assert not error.is_permanent
    assert "500" in str(error)
    assert "topic-0123456789" not in str(error)
    assert [record for record in caplog.records if record.name == "apprise"] == []


def test_send__redirects_are_not_followed(receiver):
    """Not even where the address asks for it."""
    receiver.answer((302, b"", {"Location": f"{receiver.url}/elsewhere"}), (200, b"ok"))

    error_of(target({"url": f"json://localhost:{receiver.port}/a?redirect=yes"}))

    assert [posted.path for posted in receiver.posted] == ["/a"]


def test_send__a_name_that_leads_to_a_refused_address_gets_nothing(receiver, monkeypatch):
    """As far as it can be seen before apprise connects by itself."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)

    assert error_of(to(receiver)).is_permanent


def test_faults__schemes_and_addresses():
    """The list of the settings, hosts, and what apprise makes of it."""
    assert reason("ntfys://ntfy.example/topic") == ""
    assert "APPRISE_SCHEMES" in reason("mailto://me:pw@example.org")
    assert "APPRISE_SCHEMES" in reason("file:///etc/passwd")
    assert "makes no service" in reason("tgram://nonsense")
    assert "REFUSED_NETWORKS" in reason("json://169.254.169.254/")
    assert reason("tgram://123456789:abcdefghijklmnopqrstuvwxyz123456789/1234/") == ""
    assert "required" in reason("")


def test_faults__an_allow_list_admits_only_hosts_that_can_be_seen(settings):
    """What does not name its host goes nobody knows where."""
    settings.ZEROSTATE_MONITORING_DELIVERY_ALLOWED_HOSTS = ["ntfy.example"]
    assert reason("ntfys://ntfy.example/topic") == ""
    assert "ALLOWED_HOSTS" in reason("json://other.example/")
    assert "ALLOWED_HOSTS" in reason("tgram://123456789:abcdefghijklmnopqrstuvwxyz123456789/1234/")


def test_faults__without_the_library_it_says_what_to_install(monkeypatch):
    """It is an extra of the package."""
    monkeypatch.setitem(sys.modules, "apprise", None)
    assert "pip install" in reason("json://localhost/")
    assert error_of(target({"url": "json://localhost/"})).is_permanent
