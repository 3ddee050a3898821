"""Text of a discovery document to its groups: JSON or YAML."""

from __future__ import annotations

import json
from typing import Any

from zerostate_monitoring.exceptions import ConfigurationError


def read_groups(text: str) -> Any:
    """What a ``file_sd`` or ``http_sd`` document holds, unchecked.

    Raises:
        ConfigurationError: it is neither.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        return _read_yaml(text, error)


def _read_yaml(text: str, not_json: Exception) -> Any:
    import yaml  # noqa: PLC0415 - who writes JSON waits for no parser of it

    try:
        # All scalars as they are written: a label 08 or yes is a text, as it is for
        # Prometheus. This loader makes nothing but texts, lists and dicts.
        return yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - safer than the safe one
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        said = " ".join(str(error).split())
        raise ConfigurationError(f"not JSON: {not_json}; not YAML: {said}") from error
