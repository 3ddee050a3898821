"""The example as one would run it behind a TLS proxy; secrets come from the environment."""

from __future__ import annotations

import os

from example_project.environment import required
from example_project.settings import *  # noqa: F403 - the same project, with other values

SECRET_KEY = required("SECRET_KEY", "a long random text, kept secret and the same everywhere.")
DEBUG = False
ALLOWED_HOSTS = required("ALLOWED_HOSTS", "the host names of this site, by commas.").split(",")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]

SECURE_SSL_REDIRECT = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Scrapers inside the cluster speak plain HTTP to the pod.
SECURE_REDIRECT_EXEMPT = [r"^metrics$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True

# With neither of the two /metrics answers loopback alone.
ZEROSTATE_MONITORING_METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")
ZEROSTATE_MONITORING_METRICS_ALLOWED_NETWORKS = [
    network for network in os.environ.get("METRICS_ALLOWED_NETWORKS", "").split(",") if network
]
# Where the TLS proxy stands, such as 10.0.0.5/32: who asked through a proxy that is not
# named here is not known, and such a request is refused unless it carries the token.
ZEROSTATE_MONITORING_TRUSTED_PROXIES = [
    network for network in os.environ.get("TRUSTED_PROXIES", "").split(",") if network
]
