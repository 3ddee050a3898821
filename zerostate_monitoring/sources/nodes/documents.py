"""Text of a discovery document to its groups: JSON, or YAML where PyYAML is installed."""

from __future__ import annotations

import json
from typing import Any

from zerostate_monitoring.exceptions import ConfigurationError

HAS_YAML = True
try:
    import yaml
except ImportError:
    # file_sd may be YAML; who writes JSON needs no parser for it.
    HAS_YAML = False


def read_groups(text: str) -> Any:
    """What a ``file_sd`` or ``http_sd`` document holds, unchecked.

    Raises:
        ConfigurationError: it is neither, or it is no JSON and nothing here reads YAML.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        return _read_yaml(text, error)


def _read_yaml(text: str, not_json: Exception) -> Any:
    if not HAS_YAML:
        raise ConfigurationError(
            f"not JSON: {not_json}; to read YAML, install PyYAML (pip install pyyaml), or write "
            "the document as JSON"
        )
    try:
        # All scalars as they are written: a label 08 or yes is a text, as it is for
        # Prometheus. This loader makes nothing but texts, lists and dicts.
        return yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - safer than the safe one
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        said = " ".join(str(error).split())
        raise ConfigurationError(f"not JSON: {not_json}; not YAML: {said}") from error
