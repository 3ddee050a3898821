"""Who does an order: the first that asks. A broker may hand a task out twice."""

from __future__ import annotations

from functools import cache
from typing import Final

import redis
from celery import current_app

TIMEOUT_SECONDS: Final = 2.0
KEPT_SECONDS: Final = 3600


def claim(number: str) -> bool:
    """Whether nobody had this order before.

    Raises:
        redis.RedisError: it cannot be known.
    """
    return bool(_client().set(f"example:order:{number}", 1, nx=True, ex=KEPT_SECONDS))


@cache
def _client() -> redis.Redis:
    return redis.Redis.from_url(
        current_app.conf.broker_url,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
    )
