"""What is written, in parts that do not hold the server up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

_FRAMES: Final = 200
_BYTES: Final = 8 * 1024 * 1024

_T = TypeVar("_T")


def batches(encoded: Sequence[tuple[_T, bytes]]) -> Iterator[list[tuple[_T, bytes]]]:
    """Parts of at most some hundred items and some MiB; one item is never cut."""
    batch: list[tuple[_T, bytes]] = []
    size = 0
    for item in encoded:
        if batch and (len(batch) >= _FRAMES or size + len(item[1]) > _BYTES):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += len(item[1])
    if batch:
        yield batch
