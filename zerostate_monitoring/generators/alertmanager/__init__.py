"""The part ``alertmanager``: ``alertmanager.yml`` from receivers, routes, windows, inhibitions.

The same as an AlertmanagerConfig, for the Prometheus operator, is made of that document.
``definitions`` reads the rows once; the other modules make values of values. What Alertmanager
cannot do is left out and said, in the file and to whoever exports. Secrets are named by their
files, and stand in none of ours.
"""

from __future__ import annotations

from zerostate_monitoring.generators.alertmanager.definitions import defined
from zerostate_monitoring.generators.alertmanager.document import FILE, written
from zerostate_monitoring.generators.alertmanager.objects import config_object
from zerostate_monitoring.generators.options import ExportOptions, Files

__all__ = ["FILE", "config_object", "files"]


def files(options: ExportOptions) -> Files:
    """``alertmanager.yml``.

    Raises:
        ConfigurationError: an option cannot be.
    """
    return {FILE: written(defined(options), options)}
