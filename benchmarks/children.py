"""Processes of a benchmark's own: each answers orders, a line each, with a line of JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import django
from django.conf import settings

_ROOT: Final = Path(__file__).resolve().parent.parent
_LONGEST_SECONDS: Final = 600

APPS: Final = (
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django_prometheus",
)


def _installed() -> dict[str, str]:
    """The environment with compiled modules, as an installed app has them."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(_ROOT / ".cache" / "bytecode")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


class Child:
    """``python -m module arguments…``, ended with the block."""

    def __init__(self, module: str, *arguments: object) -> None:
        self._process: Final = subprocess.Popen(
            [sys.executable, "-m", module, *map(str, arguments)],
            cwd=_ROOT,
            env=_installed(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, order: str) -> Any:
        """Send ``order`` and wait for the answer.

        Raises:
            RuntimeError: the process ended, or took ten minutes.
        """
        pipe_in, pipe_out = self._process.stdin, self._process.stdout
        if pipe_in is None or pipe_out is None:
            raise RuntimeError("no pipes")
        watch = threading.Timer(_LONGEST_SECONDS, self._process.kill)
        watch.start()
        try:
            print(order, file=pipe_in, flush=True)
            line = pipe_out.readline()
        finally:
            watch.cancel()
        if not line:
            raise RuntimeError(f"{self._process.args!r} gave no answer to {order!r}")
        return json.loads(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


def obey(orders: dict[str, Callable[[], object]]) -> None:
    """Be such a process until nobody orders any more."""
    for line in sys.stdin:
        print(json.dumps(orders[line.strip()]()), flush=True)


def set_up(url: str, **changes: Any) -> None:
    """Make this process a small Django project with the app, on the store at ``url``."""
    every: dict[str, Any] = {
        "SECRET_KEY": "only-here",
        "ALLOWED_HOSTS": ["*"],
        "USE_TZ": True,
        "ROOT_URLCONF": "zerostate_monitoring.urls",
        "INSTALLED_APPS": (*APPS, "zerostate_monitoring"),
        "DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        "ZEROSTATE_MONITORING_REDIS_URL": url,
        "ZEROSTATE_MONITORING_REDIS_TIMEOUT_SECONDS": 10,
    }
    settings.configure(**{**every, **changes})
    django.setup()
