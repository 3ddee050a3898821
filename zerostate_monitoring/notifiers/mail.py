"""A message as HTML mail: tables and inline styles, nothing from outside, pictures inside.

What the project's own templates are does not matter: the one file is read by an engine of its
own, which escapes all that it is given.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from django.template import Context, Engine
from django.utils.translation import get_language

from zerostate_monitoring.charts.png import png
from zerostate_monitoring.notifiers.base import AlertView, Batch
from zerostate_monitoring.notifiers.comparisons import comparison_of
from zerostate_monitoring.notifiers.subjects import subject
from zerostate_monitoring.notifiers.telling import PAST, Telling, opening, tellings
from zerostate_monitoring.notifiers.texts import more

MOST_PICTURES: Final = 3
_DIRECTORY: Final = Path(__file__).parent.parent / "templates" / "zerostate_monitoring"
_TONES: Final = {
    "critical": "#b42318",
    "error": "#b42318",
    "info": "#1d4ed8",
    "resolved": "#1a7f37",
}
_OTHER_TONE: Final = "#b54708"


def html(batch: Batch, images: Mapping[str, str]) -> str:
    """The whole page; ``images`` are those of ``pictures``."""
    values = {
        "language": get_language() or "en",
        "subject": subject(batch),
        "opening": opening(batch),
        "alerts": [_values(one, images) for one in tellings(batch)],
        "more": more(batch).removesuffix(f": {batch.external_url}"),
        "more_url": batch.external_url,
        "receiver": batch.receiver,
    }
    return _engine().get_template("mail/alerts.html").render(Context(values))


def pictures(alerts: Sequence[AlertView]) -> dict[str, str]:
    """Pictures of the first alerts that have values: content ID to PNG in base64."""
    drawn: dict[str, str] = {}
    for alert in alerts:
        if len(drawn) >= MOST_PICTURES:
            break
        if len(alert.samples) > 1 and (image := _picture(alert)):
            drawn[image_id(alert)] = base64.b64encode(image).decode()
    return drawn


def image_id(alert: AlertView) -> str:
    """What the page calls the picture of an alert."""
    text = f"{alert.fingerprint} {alert.starts_at.isoformat()}"
    return f"chart-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _values(told: Telling, images: Mapping[str, str]) -> dict[str, object]:
    """What the page says of one alert; a picture stands in place of its line."""
    image = image_id(told.alert)
    if image not in images:
        image = ""
    rows = [row for row in told.rows if not (image and row.is_ours and row.name == PAST)]
    return {"told": told, "tone": _TONES.get(told.tone, _OTHER_TONE), "image": image, "rows": rows}


def _picture(alert: AlertView) -> bytes:
    comparison = comparison_of(alert.expr, alert.value)
    return png(alert.samples, threshold=comparison.threshold if comparison else None)


@lru_cache(maxsize=1)
def _engine() -> Engine:
    return Engine(
        dirs=[str(_DIRECTORY)],
        libraries={"i18n": "django.templatetags.i18n"},
        autoescape=True,
    )
