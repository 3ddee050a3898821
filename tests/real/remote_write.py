"""Samples into a Prometheus as they are: with stale markers, which no text format can say."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

import numpy as np
import urllib3

from zerostate_monitoring.frames.exemplar import Labels

_HEADERS = {
    "Content-Encoding": "snappy",
    "Content-Type": "application/x-protobuf",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
}


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _series(labels: Labels, times: Iterable[int], values: Iterable[float]) -> bytes:
    out = [
        _field(1, _field(1, name.encode()) + _field(2, value.encode())) for name, value in labels
    ]
    # By way of numpy: the bits of a NaN are to stay as they are.
    bits = np.asarray(values, dtype=np.float64).view(np.uint64)
    for time, value in zip(times, bits.tolist(), strict=True):
        out.append(_field(2, b"\x09" + struct.pack("<Q", value) + b"\x10" + _varint(time)))
    return _field(1, b"".join(out))


def _snappy(content: bytes) -> bytes:
    """In snappy's block format, as one literal: nothing is saved."""
    return _varint(len(content)) + b"\xfc" + struct.pack("<I", len(content) - 1) + content


def _batches(
    rows: Iterable[tuple[Labels, Iterable[int], Iterable[float]]], size: int = 50
) -> Iterator[bytes]:
    written = [_series(*row) for row in rows]
    for first in range(0, len(written), size):
        yield b"".join(written[first : first + size])


def write(url: str, rows: Iterable[tuple[Labels, Iterable[int], Iterable[float]]]) -> None:
    """Send series with all their samples; each series once."""
    with urllib3.PoolManager() as http:
        for batch in _batches(rows):
            answer = http.request(
                "POST", f"{url}/api/v1/write", body=_snappy(batch), headers=_HEADERS
            )
            assert answer.status in {200, 204}, answer.data.decode()
