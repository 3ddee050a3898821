"""The mailbox of the demonstration: what was sent can be looked at, and does nothing."""

from __future__ import annotations

import pytest
from django.core import mail
from django.test import override_settings
from django.urls import include, path
from django.utils import timezone

from example_project.mailbox import files
from example_project.mailbox.views import mail as mail_page
from example_project.mailbox.views import mailbox, page
from example_project.network.switches import switches
from tests.notifiers.batches import alert, batch, samples, target
from zerostate_monitoring.notifiers.base import DeliveryError
from zerostate_monitoring.notifiers.email import EmailNotifier

urlpatterns = [
    path("mailbox/", mailbox, name="mailbox"),
    path("mailbox/<str:name>/", mail_page, name="mailbox_mail"),
    path("mailbox/<str:name>/page/", page, name="mailbox_page"),
    path("", include("tests.urls")),
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [files.__file__.replace("files.py", "templates")],
    }
]


@pytest.fixture(autouse=True)
def _mailbox(tmp_path, monkeypatch):
    monkeypatch.setenv("DATA", str(tmp_path))
    with override_settings(
        EMAIL_BACKEND="example_project.mailbox.backend.MailboxBackend",
        MAILBOX_DIRECTORY=tmp_path / "box",
        ROOT_URLCONF=__name__,
        TEMPLATES=TEMPLATES,
    ):
        yield


def send(one, key="k"):
    notifier, to = EmailNotifier(), target(recipients=["ops@example.org"])
    return notifier.send(notifier.compose(batch(one), to), to, key=key, timeout=5)


def html_of(response):
    assert response.status_code == 200
    return response.content.decode()


def test_mailbox__empty_says_so(client):
    """Before the first mail there is no directory yet."""
    assert "No mail yet" in html_of(client.get("/mailbox/"))


def test_mailbox__shows_what_was_sent(client):
    """The newest first; one mail with its text, headers and page."""
    send(alert(samples=samples()))
    send(alert(ended=725), key="k2")

    html = html_of(client.get("/mailbox/"))
    assert html.index("RESOLVED after 12m 5s") < html.index("FIRING critical")

    fired = list(files.mails())[-1]
    html = html_of(client.get(f"/mailbox/{fired.name}/"))
    assert "fires above 0.2" in html
    assert "In-Reply-To" in html
    assert f'src="/mailbox/{fired.name}/page/"' in html


def test_page__has_its_pictures_and_may_do_nothing(client):
    """Pictures stand in it; no script, no connection."""
    send(alert(samples=samples()))
    name = next(files.mails()).name

    response = client.get(f"/mailbox/{name}/page/")

    html = html_of(response)
    assert "data:image/png;base64,iVBOR" in html
    assert "cid:" not in html
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "SAMEORIGIN"


def test_page__links_leave_the_frame(client):
    """Admin stands in no frame, and whoever follows a link may log in there."""
    send(alert())
    name = next(files.mails()).name
    escaping = "allow-popups allow-popups-to-escape-sandbox"

    page = client.get(f"/mailbox/{name}/page/")

    assert '<base target="_blank">' in html_of(page)
    assert f"sandbox {escaping};" in page["Content-Security-Policy"]
    assert f'sandbox="{escaping}"' in html_of(client.get(f"/mailbox/{name}/"))


def test_mailbox__other_mail_of_the_project_is_shown_as_text(client):
    """A password reset, say; its markup stays text."""
    mail.send_mail("<b>hello</b>", "<script>x</script>", None, ["a@example.org"])
    name = next(files.mails()).name

    html = html_of(client.get(f"/mailbox/{name}/"))

    assert "<b>hello" not in html
    assert "<script>x" not in html
    assert "<iframe" not in html


@pytest.mark.parametrize("name", ["x", "../../settings", "0" * 20 + "-00000000"])
def test_mail__no_other_file_is_read(client, name):
    """A name is a mail's name or nothing."""
    assert client.get(f"/mailbox/{name}/").status_code == 404


def test_keep__only_the_newest_stay(monkeypatch):
    """The demonstration does not fill a disk."""
    monkeypatch.setattr(files, "MOST_KEPT", 3)
    for number in range(5):
        mail.send_mail(str(number), "x", None, ["a@example.org"])

    assert [one.subject for one in files.mails()] == ["4", "3", "2"]


def test_receiver__refuses_every_mail_until_mended():
    """For good, as a mailbox that does not exist: such a message is given up at once."""
    switches().set("receiver", timezone.now())
    with pytest.raises(DeliveryError, match=r"550.*'receiver' is on") as refused:
        send(alert())
    assert refused.value.is_permanent
    assert not list(files.mails())

    switches().clear("receiver")
    send(alert())
    assert len(list(files.mails())) == 1
