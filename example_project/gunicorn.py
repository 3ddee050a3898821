"""gunicorn's configuration in the image: what its command line does not say."""

from __future__ import annotations

import os

from zerostate_monitoring.health.gunicorn import drain_first

when_ready = drain_first(seconds=float(os.environ.get("DRAIN_SECONDS", "5")))
