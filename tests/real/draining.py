"""gunicorn's configuration: it drains until it is told a second time."""

from __future__ import annotations

from zerostate_monitoring.health.gunicorn import drain_first

control_socket_disable = True
when_ready = drain_first(seconds=3600)
