"""What a page with figures loads."""

from __future__ import annotations

from typing import Any, Final

from django.forms.widgets import Media, Script

STYLES: Final[Any] = {"all": ["zerostate_monitoring/chart.css"]}
SCRIPTS: Final[Any] = (Script("zerostate_monitoring/chart.js", type="module"),)
"""For a ``class Media``."""
MEDIA: Final = Media(css=STYLES, js=SCRIPTS)
"""The same, to be added to the ``media`` of a page's context."""
