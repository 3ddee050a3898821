"""``python -m zerostate_monitoring.health``: a probe for where there is no shell and no curl.

- ``live FILE`` and ``ready FILE`` read what a worker or a beat writes into
  ``ZEROSTATE_MONITORING_PULSE_FILE``;
- ``get URL`` asks a web process.

Ends with 0 if the probe passes, with 1 if not, and says why. Only the standard library is
loaded, and no settings.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from http.client import HTTPException
from pathlib import Path
from typing import Final
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from zerostate_monitoring.health.pulse import Answer, read

TIMEOUT_SECONDS: Final = 4.0
_USAGE: Final = "Use: python -m zerostate_monitoring.health live FILE | ready FILE | get URL"


def get(url: str) -> Answer:
    """Whether a web process answers a probe with 200."""
    if urlsplit(url).scheme not in {"http", "https"}:
        return Answer(passes=False, reason=f"{url} is no http:// address")
    # As a proxy would say it: a redirect to https is no answer of a probe.
    asked = Request(url, headers={"X-Forwarded-Proto": "https"})  # noqa: S310 - looked at above
    try:
        with urlopen(asked, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - as above
            return Answer(passes=answer.status == 200, reason=f"{url} answers {answer.status}")
    except HTTPError as error:
        error.close()
        return Answer(passes=False, reason=f"{url} answers {error.code}")
    except (OSError, HTTPException) as error:
        return Answer(passes=False, reason=f"{url} does not answer: {error}")


def main(arguments: Sequence[str]) -> int:
    """Run one probe; its exit code."""
    if len(arguments) != 2 or arguments[0] not in {"live", "ready", "get"}:
        sys.stderr.write(_USAGE + "\n")
        return 2
    probe, where = arguments
    answer = get(where) if probe == "get" else read(Path(where), probe)
    (sys.stdout if answer.passes else sys.stderr).write(answer.reason + "\n")
    return 0 if answer.passes else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
