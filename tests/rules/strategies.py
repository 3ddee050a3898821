"""Rules, groups and tests of rules that a file can hold."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st

from zerostate_monitoring.rules.definitions import AlertingRule, Group, RecordingRule

EXPRS = st.sampled_from(
    [
        "up == 0",
        'sum by (job) (rate(http_requests_total{status=~"5.."}[5m])) > 0.5',
        "vector(1)",
        'absent(up{job="a: b"})',
        "# why\nup\n  > 1",
        "a{x='\\'\"#'} > 1\n\n",
        "  up > 1",
        "max_over_time(up[5m:1m]) > 1",
    ]
)
_ANY = st.text(
    st.characters(exclude_categories=("Cs", "Co", "Cn"), exclude_characters="{}\ufffe\uffff"),
    max_size=30,
)
_ODD = st.sampled_from(
    [
        *("", " ", "~", "null", "yes", "1", "1.0", "0x1f", "2001-01-01", "a: b", "# c", "- d"),
        *("a\nb", "a\nb\n", "\na", " a\n b", "a\n\n", "\t", "é ü", "\x85", "\u2028", "\ufeff"),
        *("'", '"', "`", "\\", "|", ">", "&a", "*a", "!x", "%", "@", "=", "<<", "12:30", "🜁"),
        *("{{ $value | humanize }}", "{{ if $labels.a }}\nx\n{{ end }}", "a\r\nb", "trailing \n"),
    ]
)
TEXTS = st.one_of(_ODD, _ANY)
NAMES = st.from_regex(r"[A-Z][A-Za-z0-9]{0,8}", fullmatch=True)
LABEL_NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True)
LABELS = st.dictionaries(LABEL_NAMES, TEXTS, max_size=3)
DURATIONS = st.integers(0, 10**10).map(lambda ms: timedelta(milliseconds=ms))
SOME_DURATIONS = st.integers(1, 10**10).map(lambda ms: timedelta(milliseconds=ms))

ALERTING = st.builds(
    AlertingRule,
    alert=st.one_of(NAMES, _ODD.filter(lambda text: text.strip() and text.isprintable())),
    expr=EXPRS,
    for_=DURATIONS,
    keep_firing_for=DURATIONS,
    labels=LABELS,
    annotations=LABELS,
)
RECORDING = st.builds(
    RecordingRule,
    record=st.from_regex(r"[a-z]{1,4}:[a-z_]{1,6}:[a-z0-9]{1,4}", fullmatch=True),
    expr=EXPRS,
    labels=LABELS,
)


def _distinct(groups):
    """Whether no rule stands twice with the same labels."""
    keys = [
        (rule.name, frozenset({**group.labels, **rule.labels}.items()))
        for group in groups
        for rule in group.rules
    ]
    return len(keys) == len(set(keys))


GROUPS = st.lists(
    st.builds(
        Group,
        name=NAMES,
        rules=st.lists(st.one_of(ALERTING, RECORDING), max_size=4).map(tuple),
        interval=st.one_of(st.none(), SOME_DURATIONS),
        query_offset=st.one_of(st.none(), DURATIONS),
        limit=st.integers(0, 1000),
        labels=LABELS,
    ),
    max_size=3,
    unique_by=lambda group: group.name,
).filter(_distinct)
