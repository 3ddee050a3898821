"""The one place where OpenTelemetry is looked for; it is an optional package.

Who never imported it pays a look into a dictionary: no SDK can be at work in a process that
has not loaded the API. Only ``configure()`` loads anything.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any, Final

from zerostate_monitoring.exceptions import ConfigurationError

_TRACE: Final = "opentelemetry.trace"
_PROVIDER: Final = "_TRACER_PROVIDER"
_SETUP: Final = "zerostate_monitoring.tracing.sdk.setup"
_SUPPRESSING: Final = "opentelemetry.instrumentation.utils"
_PROPAGATION: Final = "zerostate_monitoring.tracing.sdk.propagation"
_MISSING: Final = (
    "Tracing is switched on, but its packages are not installed: "
    "pip install 'zerostate-monitoring[tracing]'"
)


def loaded() -> Any:
    """The module ``opentelemetry.trace``, if this process has loaded it; else None."""
    return sys.modules.get(_TRACE)


def active() -> Any:
    """The same, if an SDK is at work: some libraries load the API and trace nothing.

    By a private name, for the public way to ask costs more than counting does.
    """
    trace = sys.modules.get(_TRACE)
    return None if trace is None or getattr(trace, _PROVIDER, None) is None else trace


def setup() -> Any:
    """What sets the SDK up.

    Raises:
        ConfigurationError: its packages are not installed; says what to install.
    """
    try:
        return importlib.import_module(_SETUP)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "opentelemetry":
            raise
        raise ConfigurationError(f"{_MISSING} ({error.name} is missing)") from error


def propagation() -> Any:
    """What writes and reads the W3C's headers; None where the API is not loaded."""
    return importlib.import_module(_PROPAGATION) if loaded() is not None else None


def suppressing() -> Any:
    """What keeps libraries' instrumentation quiet; None where none can be at work."""
    return sys.modules.get(_SUPPRESSING)
