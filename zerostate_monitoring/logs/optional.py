"""The one place where packages are loaded that may not be there."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any, Final

from zerostate_monitoring.exceptions import ConfigurationError

_EXTRAS: Final = {"structlog": "logs", "django_structlog": "logs", "opentelemetry": "tracing"}
_ADVICE: Final = (
    "structured log lines need {name}, which is not installed: "
    "pip install 'zerostate-monitoring[{extra}]'. Without it use "
    "zerostate_monitoring.logs.KeyValueFormatter in LOGGING."
)


def needed(name: str) -> ModuleType:
    """The module ``name``, of this app or of a package of the extra ``logs``.

    Raises:
        ConfigurationError: a package of the extra is missing; the message says what to do.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in _EXTRAS:
            raise
        said = _ADVICE.format(name=missing.replace("_", "-"), extra=_EXTRAS[missing])
        raise ConfigurationError(said) from error


def loaded(name: str) -> Any:
    """The module ``name`` if somebody has loaded it; nothing is loaded for this."""
    return sys.modules.get(name)
