"""The example project, where everybody who asks is its operator, and has a language."""

from __future__ import annotations

from tests.real.settings_chronicle import *  # noqa: F403
from tests.real.settings_chronicle import MIDDLEWARE

MIDDLEWARE = [
    *MIDDLEWARE,
    "django.middleware.locale.LocaleMiddleware",
    "tests.real.screens.logged_in.OperatorMiddleware",
]
# The debug page would hide what an operator sees.
DEBUG = False
