"""The example as one would run it behind a TLS proxy; secrets come from the environment.

Each variable that is read here may be given as a file: ``SECRET_KEY_FILE`` and so on.
"""

from __future__ import annotations

from pathlib import Path

from example_project.environment import BASE_DIR, choice, listed, required, value
from example_project.settings import *  # noqa: F403 - the same project, with other values
from example_project.settings import MIDDLEWARE
from zerostate_monitoring.logs import logging_settings

SECRET_KEY = required("SECRET_KEY", "a long random text, kept secret and the same everywhere.")
DEBUG = False
ALLOWED_HOSTS = required("ALLOWED_HOSTS", "the host names of this site, by commas.").split(",")

# How browsers reach the site. ``http`` is for loopback alone: nothing is encrypted.
SCHEME = choice("SITE_SCHEME", "https", "http")
_HAS_TLS = SCHEME == "https"
CSRF_TRUSTED_ORIGINS = [f"{SCHEME}://{host}" for host in ALLOWED_HOSTS]
SECURE_SSL_REDIRECT = _HAS_TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _HAS_TLS else None
# Programs inside the cluster speak plain HTTP to the pod, each with its token.
SECURE_REDIRECT_EXEMPT = [r"^metrics$", r"^monitoring/api/v1/"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _HAS_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = _HAS_TLS
CSRF_COOKIE_SECURE = _HAS_TLS

# Admin's own files come from the web process itself, compressed, under names that change with
# their content. `manage.py collectstatic` puts them there.
STATIC_URL = "/static/"
# No other site needs to load them.
WHITENOISE_ALLOW_ALL_ORIGINS = False
STATIC_ROOT = Path(value("STATIC_ROOT") or BASE_DIR / "staticfiles")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
_SECURITY = "django.middleware.security.SecurityMiddleware"
_AFTER_SECURITY = MIDDLEWARE.index(_SECURITY) + 1
MIDDLEWARE = [
    *MIDDLEWARE[:_AFTER_SECURITY],
    "whitenoise.middleware.WhiteNoiseMiddleware",
    *MIDDLEWARE[_AFTER_SECURITY:],
]

LOGGING = logging_settings(
    "json",
    level=choice("LOG_LEVEL", "INFO", "DEBUG", "WARNING", "ERROR"),
    service=value("SERVICE", "web"),
    environment=value("ENVIRONMENT", "production"),
)

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = value("EMAIL_HOST", "localhost")
EMAIL_PORT = int(value("EMAIL_PORT", "25"))
EMAIL_HOST_USER = value("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = value("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = choice("EMAIL_USE_TLS", "no", "yes") == "yes"
EMAIL_TIMEOUT = 10

# Encrypt the secrets of receivers; the first encrypts, all decrypt.
ZEROSTATE_MONITORING_SECRET_KEYS = required(
    "MONITORING_SECRET_KEYS", "keys of Fernet.generate_key(), the newest first, by commas."
).split(",")
ZEROSTATE_MONITORING_BASE_URL = value("BASE_URL") or f"{SCHEME}://{ALLOWED_HOSTS[0]}"

# With neither of the two /metrics answers loopback alone.
ZEROSTATE_MONITORING_METRICS_TOKEN = value("METRICS_TOKEN")
ZEROSTATE_MONITORING_METRICS_ALLOWED_NETWORKS = listed("METRICS_ALLOWED_NETWORKS")
# Where the TLS proxy stands, such as 10.0.0.5/32: who asked through a proxy that is not
# named here is not known, and such a request is refused unless it carries the token.
ZEROSTATE_MONITORING_TRUSTED_PROXIES = listed("TRUSTED_PROXIES")

# "no" where a Prometheus evaluates the rules and its Alertmanager tells people and this app:
# docs/prometheus.md, the third way. The token is what Alertmanager sends.
ZEROSTATE_MONITORING_EVALUATE = choice("EVALUATE", "yes", "no") == "yes"
ZEROSTATE_MONITORING_WEBHOOK_TOKEN = value("WEBHOOK_TOKEN")
# What programs send that ask in PromQL, and Prometheus where it asks for the nodes.
ZEROSTATE_MONITORING_API_TOKEN = value("API_TOKEN")
