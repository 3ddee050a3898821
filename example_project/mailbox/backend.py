"""A backend of Django's mail that puts mails into the mailbox."""

from __future__ import annotations

import smtplib
from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from example_project.mailbox.files import keep
from example_project.network.switches import switches

_REFUSED = (550, b"The fault switch 'receiver' is on")


class MailboxBackend(BaseEmailBackend):
    """Keeps each mail as a file."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Keep them; how many were kept.

        Raises:
            SMTPRecipientsRefused: the fault *receiver* is on.
        """
        refuses = "receiver" in switches().broken()
        for message in email_messages:
            if refuses:
                raise smtplib.SMTPRecipientsRefused(dict.fromkeys(message.to, _REFUSED))
            keep(message.message().as_bytes())
        return len(email_messages)
