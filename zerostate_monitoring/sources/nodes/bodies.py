"""The body of an answer: unpacked, and never larger than is allowed."""

from __future__ import annotations

import zlib
from typing import Final

from zerostate_monitoring.exceptions import SourceError

_GZIP: Final = 31  # zlib's word for a gzip header and the largest window
_MAX_MEMBERS: Final = 100


def decoded(raw: bytes, encoding: str, limit: int) -> bytes:
    """The body behind ``encoding``, at most ``limit`` bytes; gzip may have several parts.

    Raises:
        SourceError: ``invalid`` for damaged or cut gzip, and for any other encoding;
            ``too_large``.
    """
    if encoding in {"", "identity"}:
        return raw
    if encoding not in {"gzip", "x-gzip"}:
        raise SourceError("the answer is compressed, but not by gzip", kind="invalid")
    body = b""
    for _ in range(_MAX_MEMBERS):
        part, raw = _member(raw, limit - len(body))
        body = body + part if body else part
        if not raw:
            return body
    raise SourceError(f"the answer's gzip has more than {_MAX_MEMBERS} parts", kind="invalid")


def _member(raw: bytes, limit: int) -> tuple[bytes, bytes]:
    """The first member of a gzip file, and what follows it but padding."""
    decoder = zlib.decompressobj(_GZIP)
    try:
        body = decoder.decompress(raw, limit + 1)
    except zlib.error as error:
        raise SourceError("the answer is damaged gzip", kind="invalid") from error
    check_size(len(body), limit)
    if not decoder.eof:
        raise SourceError("the answer's gzip ends early", kind="invalid")
    return body, decoder.unused_data.lstrip(b"\0")


def check_size(size: int, limit: int) -> None:
    """Refuse a body of more than ``limit`` bytes.

    Raises:
        SourceError: ``too_large``.
    """
    if size > limit:
        raise SourceError("the answer has more bytes than are allowed", kind="too_large")
