"""The files of the deployment as values, and which variables the project's settings read."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import yaml

from tests.packages import ROOT

PROJECT = ROOT / "example_project"
DEPLOY = PROJECT / "deploy"
COMPOSE = DEPLOY / "compose"
KUBERNETES = DEPLOY / "kubernetes"
OVERLAYS = ("small", "production")

_READS = re.compile(r'\b(value|required|listed|choice|database|redis_address)\(\s*f?"([A-Z_]+)"')
_PLAIN = re.compile(r'os\.environ\.get\(\s*"([A-Z_]+)"')
_SHELL = re.compile(r"\$\{([A-Z_]+)")
PINNED = re.compile(r"[a-z0-9./-]+:v?\d+\.\d+(\.\d+)?(-[a-z0-9.]+)?\Z")
"""An image with a version of at least two numbers: what it names does not change by itself."""


@cache
def compose() -> dict[str, Any]:
    """The compose file; anchors and merges are resolved."""
    read: dict[str, Any] = yaml.safe_load((COMPOSE / "compose.yaml").read_text())
    return read


def services() -> dict[str, dict[str, Any]]:
    """Service by its name."""
    found: dict[str, dict[str, Any]] = compose()["services"]
    return found


@cache
def variables() -> frozenset[str]:
    """Environment variables that the image's processes read; each of ``value`` also as a file."""
    names: set[str] = set()
    for module in ("settings", "settings_production", "gunicorn"):
        text = (PROJECT / f"{module}.py").read_text()
        names |= set(_PLAIN.findall(text))
        for function, name in _READS.findall(text):
            names |= {name, f"{name}_FILE"}
            if function == "database":
                names |= {f"{name}_PASSWORD", f"{name}_PASSWORD_FILE"}
            if function == "redis_address":
                names |= {"REDIS_PASSWORD", "REDIS_PASSWORD_FILE"}
    names |= set(_SHELL.findall((PROJECT / "entrypoint").read_text()))
    return frozenset(names)


@cache
def required() -> frozenset[str]:
    """Those without which the production settings cannot be loaded."""
    text = (PROJECT / "settings_production.py").read_text()
    return frozenset(re.findall(r'required\(\s*"([A-Z_]+)"', text))


def missing(environment: dict[str, Any]) -> list[str]:
    """Required variables that are set neither as they are nor as a file."""
    return sorted(n for n in required() if not {n, f"{n}_FILE"} & set(environment))


def secrets_in(environment: dict[str, Any]) -> list[str]:
    """Variables that hold a secret themselves: by their names, or a password in an address."""
    secret = re.compile(r"PASSWORD|SECRET|TOKEN|_KEYS?\b|_KEY(_|$)")
    return sorted(
        name
        for name, text in environment.items()
        if (secret.search(name) and not name.endswith("_FILE"))
        or re.search(r"://[^/@:]*:[^/@]+@", str(text))
    )
