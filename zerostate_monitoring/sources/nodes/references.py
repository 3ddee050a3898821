"""Secrets of nodes, by value or by reference.

Whoever may change node rows chooses the references, and the secret is sent to the
node's address. So a reference reaches no further than two settings allow.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from zerostate_monitoring.conf import PREFIX, conf
from zerostate_monitoring.exceptions import ConfigurationError

_MAX_SECRET_BYTES: Final = 64 * 1024
_ENV_SETTING: Final = f"{PREFIX}NODE_SECRETS_ENV_PREFIX"
_DIRECTORY_SETTING: Final = f"{PREFIX}NODE_SECRETS_DIRECTORY"


@dataclass(frozen=True, slots=True)
class Secrets:
    """Where references may lead; an empty one of the two refuses its references all.

    ``env_prefix`` is what names of variables begin with, ``directory`` what files lie in.
    """

    env_prefix: str
    directory: str

    def resolve(self, text: str) -> str:
        """The secret behind ``env:NAME`` or ``file:/path``; any other text is the secret.

        Raises:
            ConfigurationError: the reference leads nowhere, or where it may not. The
                message names the reference, never the secret.
        """
        if not text:
            return ""
        if text.startswith("env:"):
            return self._variable(text)
        if text.startswith("file:"):
            return self._file(text)
        return text.strip()

    def _variable(self, reference: str) -> str:
        name = reference.removeprefix("env:")
        if not self.env_prefix or not name.startswith(self.env_prefix):
            allowed = f"only {self.env_prefix}…" if self.env_prefix else "none"
            message = f"{reference} may not be read: {_ENV_SETTING} allows {allowed}"
            raise ConfigurationError(message)
        value = os.environ.get(name)
        if value is None:
            raise ConfigurationError(f"{reference} is not set in the worker's environment")
        return value.strip()

    def _file(self, reference: str) -> str:
        try:
            # Links are followed first: what is compared is what will be read.
            path = Path(reference.removeprefix("file:")).resolve()
            self._check(path, reference)
            with path.open(encoding="utf-8") as file:
                return file.read(_MAX_SECRET_BYTES).strip()
        except (OSError, ValueError, RuntimeError) as error:
            reason = getattr(error, "strerror", None) or "is not text"
            raise ConfigurationError(f"{reference} cannot be read: {reason}") from error

    def _check(self, path: Path, reference: str) -> None:
        if not self.directory or not path.is_relative_to(Path(self.directory).resolve()):
            allowed = f"only files in {self.directory}" if self.directory else "no files"
            message = f"{reference} may not be read: {_DIRECTORY_SETTING} allows {allowed}"
            raise ConfigurationError(message)


def current_secrets() -> Secrets:
    """Where references may lead as the settings are now."""
    return Secrets(conf.NODE_SECRETS_ENV_PREFIX, conf.NODE_SECRETS_DIRECTORY)
