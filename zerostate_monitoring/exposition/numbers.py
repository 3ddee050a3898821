"""Values as text: each spelling reads back as the same float64."""

from __future__ import annotations

import numpy as np
import orjson

from zerostate_monitoring.frames.frame import Values


def spell(values: Values) -> list[bytes]:
    """The shortest text of each value, as a list of the same length."""
    if not len(values):
        return []
    contiguous = np.ascontiguousarray(values, dtype=np.float64)
    texts = orjson.dumps(contiguous, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1].split(b",")
    if np.isfinite(contiguous).all():
        return texts
    # JSON has no words for these.
    words = (
        (b"NaN", np.isnan(contiguous)),
        (b"+Inf", contiguous == np.inf),
        (b"-Inf", contiguous == -np.inf),
    )
    for word, places in words:
        for place in np.flatnonzero(places).tolist():
            texts[place] = word
    return texts
