"""redis-py's errors in this app's words."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import redis

from zerostate_monitoring.exceptions import (
    FrameError,
    StoreError,
    StoreFullError,
    StoreUnavailableError,
)
from zerostate_monitoring.storage.waiting import one_call

_AWAY = (
    redis.ConnectionError,
    redis.TimeoutError,
    redis.exceptions.ClusterError,
    redis.exceptions.RedisClusterException,
    redis.exceptions.ReadOnlyError,
    redis.exceptions.TryAgainError,
)


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Raise ``StoreError`` and its kinds instead of redis-py's errors.

    What the block waits for the store is added up; one within another is a part of it.
    """
    try:
        with one_call():
            yield
    except redis.exceptions.OutOfMemoryError as error:
        raise StoreFullError(f"the store is full: {error}") from error
    except _AWAY as error:
        raise StoreUnavailableError(f"the store does not answer: {error}") from error
    except redis.RedisError as error:
        if str(error).startswith("OOM") or "OOM command not allowed" in str(error):
            raise StoreFullError(f"the store is full: {error}") from error
        raise StoreError(f"the store refused: {error}") from error


@contextlib.contextmanager
def readable() -> Iterator[None]:
    """Raise ``StoreError`` where history cannot be read: that is the store's fault."""
    try:
        yield
    except FrameError as error:
        raise StoreError(f"history cannot be read: {error}") from error
