"""The entrance for ASGI servers."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

from zerostate_monitoring.instrumentation.asgi import publish_at_shutdown

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_project.settings")

application = publish_at_shutdown(get_asgi_application())
