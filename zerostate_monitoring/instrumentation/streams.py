"""Streams of bytes that are counted on their way out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Final, Protocol


class Sized(Protocol):
    """What knows how many bytes were sent."""

    sent: int


class CountedStream:
    """A stream whose bytes are counted, and whose end is told."""

    def __init__(self, stream: Any, sized: Sized, end: Callable[[], None]) -> None:
        self._stream: Final[Iterator[bytes]] = iter(stream)
        self._sized: Final = sized
        self._end: Final = end

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            part = next(self._stream)
        except BaseException:
            self._end()
            raise
        self._sized.sent += len(part)
        return part

    def close(self) -> None:
        """The server gives the stream up."""
        close = getattr(self._stream, "close", None)
        if close is not None:
            close()
        self._end()


class CountedAsyncStream:
    """The same for an asynchronous stream."""

    def __init__(self, stream: Any, sized: Sized, end: Callable[[], None]) -> None:
        self._stream: Final[AsyncIterator[bytes]] = aiter(stream)
        self._sized: Final = sized
        self._end: Final = end

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        try:
            part = await anext(self._stream)
        except BaseException:
            self._end()
            raise
        self._sized.sent += len(part)
        return part

    async def aclose(self) -> None:
        """The client is gone."""
        close = getattr(self._stream, "aclose", None)
        if close is not None:
            await close()
        self._end()
