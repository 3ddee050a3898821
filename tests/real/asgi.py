"""The test site for servers that take a module."""

from __future__ import annotations

from django.core.asgi import get_asgi_application

from zerostate_monitoring.instrumentation.asgi import publish_at_shutdown

application = publish_at_shutdown(get_asgi_application())
