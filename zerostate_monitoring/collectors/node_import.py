"""Take nodes from a document, or show what that would change."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlsplit

from django.db import transaction

from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import SourceError
from zerostate_monitoring.sources.nodes.client import ACCEPT_JSON, NodeClient, ok
from zerostate_monitoring.sources.nodes.discovery import (
    Changes,
    Discovered,
    apply,
    parse_csv,
    parse_targets,
)
from zerostate_monitoring.sources.nodes.references import current_secrets
from zerostate_monitoring.sources.nodes.target import Target, checked_token

CSV: Final = "csv"
SD: Final = "sd"
_MAX_NAMES: Final = 20

PARSERS: Final[Mapping[str, Callable[[str], list[Discovered]]]] = {
    CSV: parse_csv,
    SD: parse_targets,
}
"""How to read a document, by its format."""


def import_nodes(text: str, *, document_format: str, origin: str, dry_run: bool) -> Changes:
    """Make the rows of ``origin`` those of the document; with ``dry_run`` only say how.

    A dry run does all of it and takes it back, so it finds what the real one would.

    Raises:
        ConfigurationError: the document cannot be used; the message names each line.
    """
    discovered = PARSERS[document_format](text)
    if not dry_run:
        return apply(discovered, origin)
    with transaction.atomic():
        changes = apply(discovered, origin)
        transaction.set_rollback(True)
    return changes


def fetch_document(url: str, *, token: str = "", ca: str = "") -> str:
    """A document from an http:// or https:// address, under the limits of nodes.

    ``token`` is a reference, ``env:NAME`` or ``file:/path``, as far as those of nodes
    reach; ``ca`` is a PEM text.

    Raises:
        ConfigurationError: the reference or the certificate cannot be used.
        SourceError: it cannot be had, or is not UTF-8 text.
    """
    parts = urlsplit(url)
    target = Target(
        name="discovery",
        role="",
        base_url=f"{parts.scheme}://{parts.netloc}",
        token=checked_token(current_secrets().resolve(token)),
        ca=ca,
        timeout=conf.NODE_TIMEOUT_SECONDS,
        max_bytes=conf.NODE_MAX_BYTES,
        refused=tuple(conf.NODE_REFUSED_NETWORKS),
    )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    client = NodeClient()
    try:
        deadline = time.monotonic() + target.timeout
        return ok(client.get(target, path, accept=ACCEPT_JSON, deadline=deadline)).body.decode()
    except SourceError as error:
        raise SourceError(f"{url}: {error}", kind=error.kind) from error
    except UnicodeDecodeError as error:
        raise SourceError(f"{url} is not UTF-8 text", kind="invalid") from error
    finally:
        client.close()


def summary(changes: Changes) -> str:
    """How many nodes an import touches, and which of them need their secrets anew."""
    counts = (
        f"{len(changes.added)} added, {len(changes.changed)} changed, "
        f"{len(changes.removed)} removed"
    )
    if not changes.cleared:
        return counts
    names = ", ".join(changes.cleared[:_MAX_NAMES])
    cleared = f"secrets cleared, for the address is another one: {names}"
    if (more := len(changes.cleared) - _MAX_NAMES) > 0:
        cleared = f"secrets cleared, for the address is another one: {names} and {more} more"
    return f"{counts}; {cleared}"


def format_of(name: str) -> str:
    """The format that a file's name suggests."""
    return CSV if name.lower().endswith(".csv") else SD
