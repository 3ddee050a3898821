"""Making very many small objects at once."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

MOST_FROZEN_BY_PYTHON: Final = 1_000
"""Objects. Python 3.12.1 starts with 375 frozen ones of its own, 3.11 and 3.13 with none; a
server that freezes has loaded its application: 163,053 after ``django.setup()`` of the tests."""


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Do not look for garbage inside the block.

    Python looks through its objects again and again while many are made, up to all that a
    process holds, and finds nothing: label sets are tuples of text, without cycles. With
    100,000 of them that took a third of a first answer; modules that are loaded are many, too.
    Blocks are short, and may overlap in threads: whoever comes first ends it for all.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def loading() -> Iterator[None]:
    """``uninterrupted``, for modules: what they bring stays as long as the process does.

    It counts as old afterwards without having been looked through, which took a tenth of a
    start. Python does this by freezing and thawing; where somebody has frozen objects, as
    servers do before they fork, those stay frozen and the new ones stay young.
    """
    with uninterrupted():
        yield
        if gc.get_freeze_count() <= MOST_FROZEN_BY_PYTHON:
            gc.freeze()
            gc.unfreeze()
