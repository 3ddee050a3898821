"""What the parser says about a text."""

from __future__ import annotations

import pytest

from zerostate_monitoring.exceptions import QuerySyntaxError
from zerostate_monitoring.promql.parser import parse_expr


def refused(text):
    """The message for ``text``, and the part of it that the error points to."""
    with pytest.raises(QuerySyntaxError) as caught:
        parse_expr(text)
    error = caught.value
    assert 0 <= error.start <= error.end <= len(text)
    return error.message, text[error.start : error.end]


def attempt(text):
    """The error for ``text``, if it is no query."""
    try:
        parse_expr(text)
    except QuerySyntaxError as error:
        return error
    return None
