"""E-mail, through the backend that Django's settings name.

A try that is repeated has the same Message-ID, which mail servers and programs take for the
same mail; messages of one group refer to the same first one, so they stand together.
"""

from __future__ import annotations

import base64
import hashlib
import smtplib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from email.message import MIMEPart
from email.mime.image import MIMEImage
from email.utils import parseaddr
from typing import Any, ClassVar, Final

import django
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from zerostate_monitoring.notifiers.answers import redacted, shown
from zerostate_monitoring.notifiers.base import (
    Answer,
    Batch,
    Composed,
    DeliveryError,
    Fault,
    Target,
)
from zerostate_monitoring.notifiers.fields import Field, FieldsMixin, Text, secret_names
from zerostate_monitoring.notifiers.freezing import frozen
from zerostate_monitoring.notifiers.mail import html, pictures
from zerostate_monitoring.notifiers.subjects import subject
from zerostate_monitoring.notifiers.texts import plain

_FIELDS: Final = (
    Field(
        "recipients",
        _("Recipients"),
        _("One address on each line. All stand in the same mail."),
        shape="lines",
        is_required=True,
    ),
    Field("sender", _("Sender"), _("Empty for DEFAULT_FROM_EMAIL of the settings.")),
)
_URGENT: Final = {"Importance": "high", "X-Priority": "1"}
_AUTOMATIC: Final = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}


class EmailNotifier(FieldsMixin):
    """One mail to all recipients: text, HTML, and small charts inside."""

    kind: ClassVar[str] = "email"
    title: ClassVar[Any] = _("E-mail")
    blurb: ClassVar[Text] = _("Text, and HTML with small charts.")
    fields: ClassVar[Sequence[Field]] = _FIELDS
    secrets: ClassVar[frozenset[str]] = secret_names(_FIELDS)

    def faults(self, target: Target) -> Sequence[Fault]:
        """See ``Notifier``."""
        return [*self.shape_faults(target), *_faults(target)]

    def compose(self, batch: Batch, target: Target) -> Composed:
        """See ``Notifier``. The payload is text, HTML, pictures and what threads the mail."""
        images = pictures(batch.alerts)
        line = subject(batch)
        payload = {
            "text": plain(batch),
            "html": html(batch, images),
            "images": images,
            "thread": hashlib.sha256(batch.group_key.encode(errors="replace")).hexdigest()[:32],
            "is_urgent": any(
                alert.is_firing and alert.labels.get("severity") == "critical"
                for alert in batch.alerts
            ),
        }
        return Composed(str(frozen(line)), frozen(payload))

    def send(self, composed: Composed, target: Target, *, key: str, timeout: float) -> Answer:
        """See ``Notifier``. Each step of the conversation with the server has ``timeout``."""
        try:
            connection = get_connection(fail_silently=False, timeout=timeout)
            mail = mail_of(composed, target, key, connection)
            with _refusals(connection) as refused:
                taken = mail.send(fail_silently=False)
        except Exception as error:
            raise _told(error) from error
        if refused:
            # The others have it. Tried again it is the same mail; and a dead letter is seen.
            raise _told(smtplib.SMTPRecipientsRefused(refused))
        if not taken:
            raise DeliveryError("The mail backend took no mail and did not say why.")
        return Answer(_handed_over(mail.to))


@contextmanager
def _refusals(connection: Any) -> Iterator[dict[str, tuple[int, bytes]]]:
    """The recipients that a mail server refuses while it takes the mail for others.

    smtplib gives them back, and Django's backend does not look.
    """
    refused: dict[str, tuple[int, bytes]] = {}
    connection.open()
    try:
        server = getattr(connection, "connection", None)
        if isinstance(server, smtplib.SMTP):
            server.sendmail = _noting(server.sendmail, refused)  # type: ignore[method-assign]
        yield refused
    finally:
        connection.close()


def _noting(sendmail: Callable[..., Any], refused: dict[str, Any]) -> Callable[..., Any]:
    def noted(*args: Any, **kwargs: Any) -> Any:
        found = sendmail(*args, **kwargs)
        refused.update(found)
        return found

    return noted


class _Mail(EmailMultiAlternatives):
    """A mail whose pictures belong to its page: they are no attachments of their own."""

    def message(self, *args: Any, **kwargs: Any) -> Any:
        """As the base; Django 5 and 6 have different arguments and classes."""
        message = super().message(*args, **kwargs)
        if message.get_content_subtype() == "mixed":
            message.set_type("multipart/related")
        return message


def mail_of(
    composed: Composed, target: Target, key: str, connection: Any = None
) -> EmailMultiAlternatives:
    """The mail; the same each time for the same key."""
    payload = composed.payload
    sender = str(target.config.get("sender") or settings.DEFAULT_FROM_EMAIL)
    mail = _Mail(
        subject=composed.subject,
        body=payload["text"],
        from_email=sender,
        to=list(target.config.get("recipients", ())),
        connection=connection,
        headers=_headers(payload, key, _domain(sender)),
    )
    mail.attach_alternative(payload["html"], "text/html")
    for name, image in payload["images"].items():
        mail.attach(_inline(name, base64.b64decode(image)))
    return mail


def _headers(payload: Mapping[str, Any], key: str, domain: str) -> dict[str, str]:
    own = hashlib.sha256(key.encode()).hexdigest()[:32]
    first = f"<group-{payload['thread']}@{domain}>"
    return {
        "Message-ID": f"<{own}@{domain}>",
        "In-Reply-To": first,
        "References": first,
        "X-Zerostate-Key": key,
        **_AUTOMATIC,
        **(_URGENT if payload["is_urgent"] else {}),
    }


def _domain(sender: str) -> str:
    domain = parseaddr(sender)[1].rpartition("@")[2]
    return domain if domain.isascii() and domain else "localhost"


def _inline(name: str, image: bytes) -> Any:
    """A picture that the page names; Django 6 takes another class than Django 5."""
    if django.VERSION < (6,):
        old = MIMEImage(image, "png")
        old.add_header("Content-ID", f"<{name}>")
        old.add_header("Content-Disposition", "inline", filename=f"{name}.png")
        return old
    part = MIMEPart()
    part.set_content(
        image,
        maintype="image",
        subtype="png",
        disposition="inline",
        filename=f"{name}.png",
        cid=f"<{name}>",
    )
    return part


def _told(error: Exception) -> DeliveryError:
    """Say what went wrong; backends of many kinds raise what they like."""
    secret = str(getattr(settings, "EMAIL_HOST_PASSWORD", "") or "")
    reason, status, is_permanent = _judged(error)
    text = redacted(reason, [secret])
    return DeliveryError(shown(text), is_permanent=is_permanent, status=status)


def _judged(error: Exception) -> tuple[str, int | None, bool]:
    """Reason, status, and whether it is for good: by SMTP 4 is for now, and 5 for good."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = {code for code, _ in error.recipients.values()}
        words = "; ".join(f"{who}: {_said(*why)}" for who, why in error.recipients.items())
        return (
            f"It refuses the recipients: {words}",
            min(codes, default=None),
            min(codes, default=0) >= 500,
        )
    if isinstance(error, smtplib.SMTPResponseException):
        said = _said(error.smtp_code, error.smtp_error)
        return f"The mail server answers {said}", error.smtp_code, error.smtp_code >= 500
    if isinstance(error, smtplib.SMTPNotSupportedError | ValueError | TypeError):
        return f"The mail cannot be sent as it is: {error}", None, True
    if isinstance(error, TimeoutError):
        return (
            "The mail server did not answer in time; whether it has it is not known.",
            None,
            False,
        )
    if isinstance(error, OSError):
        return f"The connection to the mail server failed: {error}", None, False
    return f"The mail backend failed: {type(error).__name__}: {error}", None, False


def _said(code: int, words: bytes | str) -> str:
    text = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
    return f"{code} {text}"


def _handed_over(recipients: Sequence[str]) -> str:
    if len(recipients) == 1:
        return "Handed over for 1 recipient."
    return f"Handed over for {len(recipients)} recipients."


def _faults(target: Target) -> Iterator[Fault]:
    found = target.config.get("recipients") or []
    recipients = found if isinstance(found, list) else []
    for one in recipients:
        if isinstance(one, str) and not _is_address(one):
            yield Fault("recipients", f"{one}: This is no address of e-mail.")
    if len(set(recipients)) < len(recipients):
        yield Fault("recipients", "An address stands there twice.")
    sender = target.config.get("sender", "")
    if isinstance(sender, str) and sender and not _is_address(parseaddr(sender)[1]):
        yield Fault("sender", "This is no address, nor a name with an address in < >.")


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True
