"""Where this app's own pages are found by those who read what is exported."""

from __future__ import annotations

from django.conf import settings
from django.urls import NoReverseMatch, reverse

from zerostate_monitoring.conf import conf
from zerostate_monitoring.generators.options import ExportOptions


def path_of(view: str, *args: str) -> str:
    """The path of one of our views; empty where the project has not mounted our addresses."""
    if not getattr(settings, "ROOT_URLCONF", ""):
        return ""
    try:
        return reverse(f"zerostate_monitoring:{view}", args=args)
    except NoReverseMatch:
        return ""


def runbook_url(name: str) -> str:
    """Where the runbook of a built-in rule can be opened; empty where it cannot be said.

    With ``ZEROSTATE_MONITORING_BASE_URL`` it is a whole address, without it a path.
    """
    if conf.RUNBOOK_URL:
        return conf.RUNBOOK_URL.replace("{name}", name)
    path = path_of("runbook", name)
    return f"{conf.BASE_URL}{path}" if path else ""


def program_url(options: ExportOptions, view: str) -> str:
    """Where a program finds one of our views: on the web processes, as it finds the page."""
    path = path_of(view)
    return f"{options.scheme}://{options.address}{path}" if path else ""
