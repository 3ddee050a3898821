"""The files of the mailbox: one for each mail, the newest last by name."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Final

from django.conf import settings

from example_project.environment import data_directory

MOST_KEPT: Final = 500
_NAME: Final = re.compile(r"\d{20}-[0-9a-f]{8}\Z")


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as the page shows it."""

    name: str
    subject: str
    sender: str
    recipients: str
    at: datetime | None
    text: str
    html: str
    headers: tuple[tuple[str, str], ...]
    images: dict[str, bytes]


def directory() -> Path:
    """Where the mails lie."""
    return Path(getattr(settings, "MAILBOX_DIRECTORY", data_directory() / "mailbox"))


def keep(message: bytes) -> None:
    """Keep one mail; the oldest ones go."""
    place = directory()
    place.mkdir(parents=True, exist_ok=True)
    name = f"{time.time_ns():020}-{uuid.uuid4().hex[:8]}"
    # A reader sees a whole mail or none.
    part = place / f"{name}.part"
    part.write_bytes(message)
    part.rename(place / f"{name}.eml")
    for old in sorted(place.glob("*.eml"))[:-MOST_KEPT]:
        old.unlink(missing_ok=True)


def mails() -> Iterator[Mail]:
    """All mails, the newest first."""
    for file in sorted(directory().glob("*.eml"), reverse=True):
        if (mail := read(file.stem)) is not None:
            yield mail


def read(name: str) -> Mail | None:
    """The mail of this name; ``None`` if there is none."""
    file = directory() / f"{name}.eml"
    if not _NAME.match(name) or not file.is_file():
        return None
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    return _mail(name, message)


def _mail(name: str, message: EmailMessage) -> Mail:
    date = message["Date"]
    return Mail(
        name=name,
        subject=str(message["Subject"] or "").strip(),
        sender=str(message["From"] or ""),
        recipients=str(message["To"] or ""),
        at=date.datetime if date is not None else None,
        text=_body(message, "plain"),
        html=_body(message, "html"),
        headers=tuple((key, str(value)) for key, value in message.items()),
        images=dict(_images(message)),
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part is not None else ""


def _images(message: EmailMessage) -> Iterator[tuple[str, bytes]]:
    for part in message.walk():
        name = str(part["Content-ID"] or "").strip("<>")
        if name and part.get_content_maintype() == "image":
            yield name, part.get_content()
