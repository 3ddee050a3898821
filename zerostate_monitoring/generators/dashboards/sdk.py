"""The door to grafana-foundation-sdk: the classes of a dashboard, named as Grafana's schema."""

from __future__ import annotations

import warnings

from zerostate_monitoring.exceptions import ConfigurationError

try:
    with warnings.catch_warnings():
        # It prefers a schema that Grafana takes only from 12 on, and says so when it is imported.
        warnings.simplefilter("ignore", DeprecationWarning)
        from grafana_foundation_sdk.cog.encoder import JSONEncoder
        from grafana_foundation_sdk.models import (
            bargauge,
            common,
            dashboard,
            heatmap,
            logs,
            loki,
            prometheus,
            stat,
            statetimeline,
            table,
            timeseries,
        )
except ImportError as error:
    raise ConfigurationError(
        "Dashboards are made with grafana-foundation-sdk, which is not installed;"
        ' pip install "zerostate-monitoring[dashboards]".'
    ) from error

__all__ = [
    "JSONEncoder",
    "bargauge",
    "common",
    "dashboard",
    "heatmap",
    "logs",
    "loki",
    "prometheus",
    "stat",
    "statetimeline",
    "table",
    "timeseries",
]
