"""What a row may hold."""

from __future__ import annotations

import re
from os.path import normpath
from pathlib import PurePath
from typing import Any, Final
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from zerostate_monitoring.conf import PREFIX, conf

_LABEL: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")
RESERVED_LABELS: Final = frozenset({"node", "node_role", "job", "instance", "le", "quantile"})
_PATH: Final = re.compile(r'/(?!/)[!-"$-~]*\Z')
_ENV: Final = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*\Z")
_FILE: Final = re.compile(r"file:/.+\Z")


def validate_base_url(value: str) -> None:
    """Refuse what is not an http or https address without user, query and fragment."""
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError as error:
        raise ValidationError(_("Not a URL: %(error)s"), params={"error": error}) from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise ValidationError(_("Enter an http:// or https:// address with a host."))
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValidationError(_("Leave user, password, query and fragment out of the address."))


def validate_metrics_path(value: str) -> None:
    """Refuse what is not a path on the node itself, as it stands in a request."""
    if not _PATH.match(value):
        message = _("Enter a path such as /metrics: one /, no host, no blanks, no fragment.")
        raise ValidationError(message)


def validate_node_labels(value: Any) -> None:
    """Refuse labels that are not text to text, badly named, or ours."""
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        raise ValidationError(_('Enter an object of text values, such as {"site": "fra1"}.'))
    for name in value:
        if not _LABEL.match(name) or name.startswith("__"):
            raise ValidationError(_("%(name)s is not a label name."), params={"name": name})
        if name in RESERVED_LABELS:
            raise ValidationError(_("The label %(name)s is set by the app."), params={"name": name})


def validate_secret_reference(value: str) -> None:
    """Refuse a reference that names nothing, or what it may not; other text is the secret."""
    if value.startswith("env:"):
        if not _ENV.match(value):
            raise ValidationError(_("After env: stands the name of an environment variable."))
        prefix = conf.NODE_SECRETS_ENV_PREFIX
        _refuse_unless(
            bool(prefix) and value.startswith(f"env:{prefix}"), "NODE_SECRETS_ENV_PREFIX"
        )
    if value.startswith("file:"):
        if not _FILE.match(value):
            raise ValidationError(_("After file: stands an absolute path."))
        # Where links lead is seen by the worker alone, which may be another host.
        directory = conf.NODE_SECRETS_DIRECTORY
        path = normpath(value.removeprefix("file:"))
        _refuse_unless(
            bool(directory) and PurePath(path).is_relative_to(directory), "NODE_SECRETS_DIRECTORY"
        )


def _refuse_unless(allowed: bool, setting: str) -> None:  # noqa: FBT001
    if not allowed:
        message = _("The setting %(setting)s does not allow this reference.")
        raise ValidationError(message, params={"setting": PREFIX + setting})
