"""For servers that end their workers by a signal, without Python's own exit: uvicorn."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import sync_to_async

from zerostate_monitoring import tracing
from zerostate_monitoring.instrumentation import publisher

Application = Callable[[Any, Any, Any], Awaitable[None]]


def publish_at_shutdown(application: Application) -> Application:
    """``application``, which publishes what its process counted when the server shuts down.

    Speaks the lifespan protocol, which Django's own application refuses; all else is passed
    on. In ``asgi.py``: ``application = publish_at_shutdown(get_asgi_application())``.
    """

    async def published(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await application(scope, receive, send)
            return
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await sync_to_async(publisher.stop)()
        await sync_to_async(tracing.flush)()
        await send({"type": "lifespan.shutdown.complete"})

    return published
