"""Whatever is typed into a field, the page comes back and says what is wrong, or it is saved."""

from __future__ import annotations

import pytest

from tests.admin.rules.posting import (
    ADD,
    GROUP,
    GROUPS,
    PARTS,
    PROMQL,
    THRESHOLD,
    change_url,
    errors,
    text,
)
from tests.models.rules import make_rule
from zerostate_monitoring.models import Rule

pytestmark = pytest.mark.django_db

BAD = {
    "NUL": "a\x00b",
    "long": "x" * 10_000,
    "braces": "{{ .Labels.",
    "many braces": "{{" * 3_000,
    "brackets": "(" * 5_000,
    "PromQL": "sum(rate(",
    "quotes": "\"'`;--",
    "percent": "%(n)s %s %",
    "markup": "<script>alert(1)</script>",
    "unicode": "Ω\u202e💥\u2028\ufffe",
    "lines": "a: b\na: c\r\n : \n\t",
    "huge duration": "999999999999y",
    "long duration": "9223372036854775807ms",
    "many digits": "9" * 5_000,
    "negative": "-5m",
    "infinite": "1e999",
    "NaN": "nan",
}


ALL_FIELDS = [name for name in PROMQL if name != "enabled"]


def some_for(place):
    """Three of them for each field; neighbours get others."""
    every = [*BAD.values()]
    return [every[(place * 3 + step) % len(every)] for step in range(3)]


def cases(fields):
    return [
        pytest.param(name, bad, id=f"{name}-{step}")
        for place, name in enumerate(fields)
        for step, bad in enumerate(some_for(place))
    ]


def answered(response):
    assert response.status_code in {200, 302}
    assert "<script>alert(1)" not in text(response)


@pytest.mark.parametrize(("field", "bad"), cases(ALL_FIELDS))
def test_promql__any_text_in_any_field(browser, store, field, bad):
    """Previewed, and saved or refused."""
    for button in ("_preview", "_save"):
        answered(browser.post(ADD, {**PROMQL, field: bad, button: "1"}))


@pytest.mark.parametrize(("field", "bad"), cases(sorted(set(PARTS) - set(PROMQL))))
def test_threshold__any_text_in_any_field(browser, store, field, bad):
    """Saved or refused."""
    posted = {**PARTS, "function": "avg_over_time", "window": "5m", field: bad}
    answered(browser.post(ADD + THRESHOLD, posted))


@pytest.mark.parametrize(("field", "bad"), cases([name for name in GROUP if name != "enabled"]))
def test_group__any_text_in_any_field(browser, field, bad):
    """Saved or refused."""
    answered(browser.post(f"{GROUPS}add/", {**GROUP, field: bad}))


@pytest.mark.parametrize(("field", "bad"), cases(["expr", "metric", "name", "for_duration"]))
def test_all_at_once(browser, store, field, bad):
    """A form in which nothing is right."""
    every = {**PROMQL, **PARTS}
    answered(browser.post(ADD, dict.fromkeys(every, bad)))
    answered(browser.post(ADD + THRESHOLD, dict.fromkeys(every, bad)))


@pytest.mark.parametrize(("field", "bad"), cases(["version", "way", "group", "name"]))
def test_address__any_text(browser, store, field, bad):
    """What stands in the address of a form is no reason to fail."""
    answered(browser.get(ADD, {field: bad}))
    answered(browser.get(change_url(make_rule()), {field: bad}))


@pytest.mark.parametrize("field", [name for name in ALL_FIELDS if name != "kind"])
def test_nul__is_refused(browser, store, field):
    """PostgreSQL cannot keep it, so it is refused, also where it stands among other texts."""
    typed = "team: a\x00b" if field in {"labels", "annotations"} else "a\x00b"
    assert field.removesuffix("_0").removesuffix("_1") in str(
        errors(browser.post(ADD, {**PROMQL, field: typed}))
    )
    assert not Rule.objects.exists()
