"""Definitions that nobody would write through a form, and some that anybody would."""

from __future__ import annotations

from hypothesis import strategies as st

from zerostate_monitoring.generators.alertmanager.values import (
    Definitions,
    InhibitionValue,
    Mail,
    ReceiverValue,
    RouteValue,
    WindowValue,
)
from zerostate_monitoring.rules.matchers import Matcher, format_matchers

TEXTS = st.one_of(
    st.sampled_from(
        [
            *(
                "",
                " ",
                "{{ x }}",
                "}} {{",
                "'",
                '"',
                "\\",
                "\\n",
                "a\nb",
                "a\r\nb",
                "#",
                "- a",
                "!x",
            ),
            *("null", "~", "yes", "0x1F", "1e3", "1_000", "2026-11-26", "<<", "=", "*a", "&a", "%"),
            *("Zürich → 東京 \U0001f980", "\u2028", "\x85", "\ufeff", "\x07", "{a: b}", "x: y"),
        ]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20),
)
NAMES = st.sampled_from(["severity", "node", "alertname", "_x", "layer"])
ANY_NAMES = st.one_of(NAMES, TEXTS)
PATTERNS = st.sampled_from(
    ["a|b", "edge-.*", ".+", ".*", "", r"\d{2}", "[^x]", r"a\.b", "a.b", r"(?i)A", '"', "{{2}"]
)
VALUES = st.one_of(st.sampled_from(["critical", "warning", "a", "a.b", "a\nb", "edge-1"]), TEXTS)


def matchers(names=NAMES):
    """Matchers as text."""
    some = st.one_of(
        st.builds(Matcher, names, st.sampled_from(["=", "!="]), VALUES),
        st.builds(Matcher, names, st.sampled_from(["=~", "!~"]), PATTERNS),
    )
    return st.lists(some, max_size=3).map(format_matchers)


NUMBERS = st.one_of(
    st.sampled_from([0.0, 30.0, 300.0, -1.0, 1e-9, 1e300, float("nan"), float("inf")]),
    st.floats(),
)
CONFIGS = st.dictionaries(
    st.sampled_from(["url", "channel", "recipients", "sender", "username", "api_url"]),
    st.one_of(
        TEXTS,
        st.lists(TEXTS, max_size=2),
        st.sampled_from(["https://h.example/x?y=%20", "http://[::1]:9/", "http://u:p@h.example/"]),
    ),
    max_size=3,
)
RECEIVERS = st.builds(
    ReceiverValue,
    pk=st.just(0),
    name=TEXTS,
    kind=st.one_of(st.sampled_from(["email", "webhook", "slack", "pagerduty", "canary"]), TEXTS),
    config=CONFIGS,
    secrets=st.frozensets(
        st.sampled_from(["url", "secret_url", "token", "password", "routing_key", "signing_secret"])
    ),
    send_resolved=st.booleans(),
    fault=st.one_of(st.just(""), TEXTS),
)
TIMES = st.one_of(st.none(), st.times())
WINDOWS = st.builds(
    WindowValue,
    name=TEXTS,
    matchers=st.one_of(matchers(), TEXTS),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"]),
    weekdays=st.lists(st.integers(0, 6), min_size=1, max_size=3).map(tuple),
    start=TIMES,
    end=TIMES,
    once=st.one_of(st.none(), st.just(("2026-11-26T00:00:00Z", "2026-11-27T00:00:00Z"))),
    fault=st.sampled_from(["", "", "It must end after it starts."]),
)
INHIBITIONS = st.builds(
    InhibitionValue,
    name=TEXTS,
    source=matchers(ANY_NAMES.filter(bool)),
    target=st.one_of(matchers(), TEXTS),
    equal=st.lists(ANY_NAMES, max_size=2).map(tuple),
)
MAILS = st.builds(
    Mail,
    host=st.sampled_from(["", "localhost", "mail.example", "::1"]),
    port=st.sampled_from([25, 465, 587, 0]),
    sender=TEXTS.filter(bool),
    username=TEXTS,
    has_password=st.booleans(),
    starts_tls=st.booleans(),
    is_tls=st.booleans(),
)


def unlike(values):
    """Values of which no two have one name; the database holds no others."""
    return list({value.name: value for value in values}.values())


@st.composite
def definitions(draw):
    """Any of them."""
    receivers = unlike(draw(st.lists(RECEIVERS, max_size=5)))
    pks = list(range(len(receivers)))
    routes = st.builds(
        RouteValue,
        name=TEXTS,
        matchers=st.one_of(matchers(ANY_NAMES.filter(bool)), TEXTS),
        is_continued=st.booleans(),
        steps=st.lists(st.sampled_from(pks), max_size=3).map(tuple) if pks else st.just(()),
        group_by=st.lists(st.one_of(ANY_NAMES, st.just("...")), max_size=3).map(tuple),
        group_wait_seconds=NUMBERS,
        group_interval_seconds=NUMBERS,
        repeat_interval_seconds=NUMBERS,
    )
    return Definitions(
        receivers=dict(enumerate(receivers)),
        routes=unlike(draw(st.lists(routes, max_size=4))),
        inhibitions=unlike(draw(st.lists(INHIBITIONS, max_size=3))),
        windows=unlike(draw(st.lists(WINDOWS, max_size=3))),
        mail=draw(MAILS),
        webhook_url=draw(st.sampled_from(["", "http://127.0.0.1:8000/webhook"])),
        evaluates=draw(st.booleans()),
        has_heartbeat=draw(st.booleans()),
    )
