"""E-mail: through Django's backends, and to a mail server that refuses."""

from __future__ import annotations

import smtplib
import socket

import orjson
import pytest
from django.core import mail

from tests.notifiers.batches import alert, batch, on, samples, target
from tests.notifiers.smtp import mail_server
from zerostate_monitoring.notifiers.base import DeliveryError
from zerostate_monitoring.notifiers.email import EmailNotifier

NOTIFIER = EmailNotifier()
TO = target(recipients=["ops@example.org", "boss@example.org"], sender="Alerts <a@mail.example>")


@pytest.fixture
def server(settings):
    """A real mail server, set as Django's."""
    with mail_server() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        yield running


def send(*alerts, to=TO, key="key-1", timeout=5, **changes):
    composed = NOTIFIER.compose(batch(*alerts, **changes), to)
    # What was frozen comes back from the database.
    thawed = type(composed)(composed.subject, orjson.loads(orjson.dumps(composed.payload)))
    return NOTIFIER.send(thawed, to, key=key, timeout=timeout)


def error_of(*alerts, **how):
    with pytest.raises(DeliveryError) as caught:
        send(*alerts, **how)
    return caught.value


def test_send__text_html_and_a_picture_in_one_mail():
    """The picture belongs to the page, and is no attachment beside it."""
    answer = send(alert(samples=samples()))

    assert answer.text == "Handed over for 2 recipients."
    [sent] = mail.outbox
    message = sent.message()
    assert message.get_content_type() == "multipart/related"
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds[1:] == ["multipart/alternative", "text/plain", "text/html", "image/png"]
    picture = list(message.walk())[-1]
    assert picture.get_content_disposition() == "inline"
    page = str(sent.alternatives[0][0])
    assert f"cid:{picture['Content-ID'].strip('<>')}" in page
    assert "0.42, fires above 0.2" in sent.body
    assert sent.subject == "[FIRING critical] ZeroStateNodeErrorsHigh node=edge-3"


def test_send__without_values_there_is_no_picture():
    """Then it is an ordinary mail of two forms."""
    send(alert())

    message = mail.outbox[0].message()
    assert message.get_content_type() == "multipart/alternative"
    assert "cid:" not in str(mail.outbox[0].alternatives[0][0])


def test_send__a_repeated_try_is_the_same_mail():
    """The same key gives the same Message-ID, another key another one."""
    for key in ("a", "a", "b"):
        send(alert(), key=key)

    one, same, other = (sent.message()["Message-ID"] for sent in mail.outbox)
    assert one == same != other
    assert one.endswith("@mail.example>")


def test_send__mails_of_a_group_stand_together():
    """All refer to the same first one; those of another group to another."""
    send(alert())
    send(alert(ended=60), key="key-2")
    send(alert(), key="key-3", group_key="another")

    first, second, third = (sent.message()["References"] for sent in mail.outbox)
    assert first == second == mail.outbox[0].message()["In-Reply-To"]
    assert third != first


def test_send__critical_is_urgent_and_all_are_automatic():
    """Nobody's holiday note answers, and a phone may ring."""
    send(alert())
    send(alert(ended=60))

    urgent, calm = (sent.message() for sent in mail.outbox)
    assert urgent["Importance"] == "high"
    assert "Importance" not in calm
    assert urgent["Auto-Submitted"] == calm["Auto-Submitted"] == "auto-generated"


def test_send__a_label_cannot_write_headers():
    """Line breaks in labels and names stay in their line."""
    labels = {"alertname": "A\r\nBcc: evil@example.org", "node": "x\ny"}

    send(alert(labels=labels))

    message = mail.outbox[0].message()
    assert "Bcc" not in message
    assert mail.outbox[0].subject == "[FIRING] A Bcc: evil@example.org node=x y"


def test_send__goes_through_a_real_server(server):
    """What arrives there is what was composed, for all recipients."""
    send(on("a", 1, samples=samples()), on("ü", 2))

    [arrived] = server.mails
    assert arrived["To"] == "ops@example.org, boss@example.org"
    assert arrived["From"] == "Alerts <a@mail.example>"
    assert (
        arrived["Subject"].strip().startswith("[FIRING critical] ZeroStateNodeErrorsHigh node=a,ü")
    )
    text = arrived.get_body(("plain",)).get_content()
    assert "node=ü" in text
    assert "▁" in text
    picture = next(part for part in arrived.walk() if part.get_content_type() == "image/png")
    assert picture.get_content().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("line", "answer", "is_permanent"),
    [
        ("MAIL", "451 later", False),
        ("MAIL", "550 not you", True),
        ("RCPT", "450 greylisted", False),
        ("RCPT", "550 no such user", True),
        ("DATA", "452 full", False),
        ("DATA", "554 spam", True),
    ],
)
def test_send__what_the_server_refuses_is_for_now_or_for_good(server, line, answer, is_permanent):
    """By the first figure of its answer, which is told."""
    server.refusals[line] = answer

    error = error_of(alert())

    assert error.is_permanent == is_permanent
    assert answer in str(error)
    assert error.status == int(answer[:3])


@pytest.mark.parametrize(
    ("answer", "is_permanent"), [("550 no such user", True), ("452 mailbox full", False)]
)
def test_send__one_recipient_that_is_refused_is_told_of(server, answer, is_permanent):
    """The others have the mail; that this one has not must not look as if all were told."""
    server.refusals["RCPT TO:<boss@example.org>"] = answer

    error = error_of(alert())

    assert len(server.mails) == 1
    assert f"boss@example.org: {answer}" in str(error)
    assert "ops@example.org" not in str(error)
    assert (error.is_permanent, error.status) == (is_permanent, int(answer[:3]))
    server.refusals.clear()
    assert send(alert()).text == "Handed over for 2 recipients."
    first, second = server.mails
    assert first["Message-ID"] == second["Message-ID"]


def test_send__leaves_no_connection_open(server, monkeypatch):
    """Whatever comes of it: a worker sends for weeks."""
    ended = []
    real = smtplib.SMTP.quit
    monkeypatch.setattr(smtplib.SMTP, "quit", lambda self: ended.append(real(self)))
    send(alert())
    server.refusals["DATA"] = "554 spam"
    error_of(alert())
    assert len(ended) == 2


def test_send__a_server_that_is_away_or_hangs_is_tried_again(settings):
    """Both within the timeout."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = silent.getsockname()[1]
        assert not error_of(alert()).is_permanent
        silent.listen()
        error = error_of(alert(), timeout=0.3)
    assert not error.is_permanent
    assert "timed out" in str(error)


def test_send__a_password_is_not_in_the_error(settings, monkeypatch):
    """Whatever a backend puts into its error."""
    settings.EMAIL_HOST_PASSWORD = "s3cret-password"

    def fail(*args, **kwargs):
        raise smtplib.SMTPAuthenticationError(535, b"wrong: s3cret-password")

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", fail)

    error = error_of(alert())

    assert error.is_permanent
    assert "s3cret" not in str(error)


def test_send__a_backend_that_takes_nothing_has_not_sent_it(monkeypatch):
    """Silence is no success."""
    monkeypatch.setattr(
        "django.core.mail.backends.locmem.EmailBackend.send_messages", lambda *args: 0
    )
    assert not error_of(alert()).is_permanent


def test_faults__recipients_and_sender():
    """By address."""

    def fields_of(**config):
        return [fault.field for fault in NOTIFIER.faults(target(**config))]

    assert fields_of(recipients=["a@example.org"]) == []
    assert fields_of(recipients=["a@example.org"], sender="Me <m@example.org>") == []
    assert fields_of() == ["recipients"]
    assert fields_of(recipients=["nobody"]) == ["recipients"]
    assert fields_of(recipients=["a@example.org", "a@example.org"]) == ["recipients"]
    assert fields_of(recipients="a@example.org") == ["recipients"]
    assert fields_of(recipients=[7]) == ["recipients"]
    assert fields_of(recipients=["a@example.org\nBcc: b@example.org"]) == ["recipients"] * 2
    assert fields_of(recipients=["a@example.org"], sender="nobody") == ["sender"]
