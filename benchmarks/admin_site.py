"""A process with a large installation, whose admin is asked: what ``benchmarks.admin`` starts."""

from __future__ import annotations

import sys
from typing import Any, Final

from benchmarks.children import APPS, obey, set_up
from benchmarks.postgresql import postgresql

_CONTEXT: Final = (
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
)
PROJECT: Final[dict[str, Any]] = {
    "ROOT_URLCONF": "benchmarks.admin_urls",
    "INSTALLED_APPS": (*APPS, "django.contrib.staticfiles", "zerostate_monitoring"),
    "STATIC_URL": "static/",
    "MIDDLEWARE": (
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ),
    "TEMPLATES": [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {"context_processors": _CONTEXT},
        }
    ],
}


def main(url: str, port: int, size: int, live: int, past: int) -> None:
    """Answer ``set up``, ``time`` and ``count``."""
    set_up(url, DATABASES=postgresql(port), **PROJECT)
    from benchmarks.admin_asking import Asked  # noqa: PLC0415 - after Django is set up

    asked = Asked()
    obey(
        {
            "set up": lambda: asked.prepare(size, live, past),
            "time": asked.times,
            "count": asked.queries,
        }
    )


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
