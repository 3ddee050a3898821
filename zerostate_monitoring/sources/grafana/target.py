"""Which Grafana, and the token that opens it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.sources.nodes.target import Target, checked_token

TOKEN_VARIABLE: Final = "GRAFANA_TOKEN"  # noqa: S105 - the name of a variable
"""Where the token stands, if in no file. An argument would be seen by all on the machine."""

MAX_BYTES: Final = 16 * 1024 * 1024
_LONGEST_TOKEN: Final = 4096
_HOW: Final = (
    f"Put the token of a service account with the role Editor into the variable {TOKEN_VARIABLE}, "
    "or into a file and name that with --grafana-token-file."
)


def token_of(environment: Mapping[str, str], file: Path | None) -> str:
    """The token of a file, or else of the environment.

    Raises:
        ConfigurationError: there is none, or it cannot be one. It is never repeated.
    """
    text = environment.get(TOKEN_VARIABLE, "") if file is None else _read(file)
    token = text.strip()
    if not token:
        place = f"{file} is empty." if file else f"{TOKEN_VARIABLE} is not set."
        raise ConfigurationError(f"Grafana wants a token, but {place} {_HOW}")
    if len(token) > _LONGEST_TOKEN:
        raise ConfigurationError(f"What was given is too long to be a token. {_HOW}")
    return checked_token(token)


def grafana_target(url: str, token: str, ca_file: Path | None, timeout_seconds: float) -> Target:
    """Where Grafana is.

    Raises:
        ConfigurationError: the address is none, or the authority's file cannot be read.
    """
    if problem := _problem(url):
        raise ConfigurationError(f"--grafana {problem}")
    if not timeout_seconds > 0:
        raise ConfigurationError("--grafana-timeout is not above 0.")
    return Target(
        name="grafana",
        role="grafana",
        base_url=url.rstrip("/"),
        token=token,
        ca="" if ca_file is None else _read(ca_file),
        timeout=timeout_seconds,
        max_bytes=MAX_BYTES,
    )


def _problem(url: str) -> str:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return "is no address."
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return "is an address such as https://grafana.example, with https:// or http://."
    if "@" in parts.netloc:
        return f"holds a name or a password. {_HOW}"
    if parts.query or parts.fragment:
        return "ends with its path: what stands behind ? or # is not Grafana's address."
    is_plain = all("!" <= character <= "~" for character in url)
    return "" if is_plain else "holds blanks or characters that no address has."


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise ConfigurationError(f"{file} cannot be read: {reason}.") from error
