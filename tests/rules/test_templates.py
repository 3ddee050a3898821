"""Templates give what Prometheus gives; where that is an error, a plain sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.exceptions import QueryError, TemplateError
from zerostate_monitoring.rules.templates import Context, Template

LABELS = {"instance": "db-1.example.com:9090", "job": "api", "weird": "a<b>&\"'é"}
FOUND = [
    ({"__name__": "up", "instance": "b"}, 1.5),
    ({"__name__": "up", "instance": "a", "__value__": "x"}, 42.0),
]


def render(text, value=1.5, labels=LABELS, **others):
    """The text of a template of an alert with these labels and this value."""
    context = Context(
        labels=labels,
        value=float(value),
        external_labels={"cluster": "eu"},
        external_url="http://monitor.example/prom",
        now=1_700_000_000.5,
        query=lambda _: FOUND,
        **others,
    )
    return Template.parse(text).render(context)


def error_of(text, value=1.5):
    """The error of a template that cannot be parsed or filled in."""
    with pytest.raises(TemplateError) as caught:
        render(text, value)
    return caught.value


# -- the fixture of alert-semantics §4.5, measured with promtool -----------------

FIXTURE = """
0          | 0             | 0      | 0       | 0%         | 0s
0.1        | 0.1           | 100m   | 0.1     | 10%        | 100ms
0.123456   | 0.123456      | 123.5m | 0.1235  | 12.35%     | 123.5ms
0.00012    | 0.00012       | 120u   | 0.00012 | 0.012%     | 120us
0.000001   | 1e-06         | 1u     | 1e-06   | 0.0001%    | 1us
1.5e-9     | 1.5e-09       | 1.5n   | 1.5e-09 | 1.5e-07%   | 1.5ns
59.9999    | 59.9999       | 60     | 60      | 6000%      | 60s
999.99999  | 999.99999     | 1000   | 1000    | 1e+05%     | 16m 39s
1024       | 1024          | 1.024k | 1ki     | 1.024e+05% | 17m 4s
1234.5675  | 1234.5675     | 1.235k | 1.206ki | 1.235e+05% | 20m 34s
3725.5     | 3725.5        | 3.725k | 3.638ki | 3.726e+05% | 1h 2m 5s
100000     | 100000        | 100k   | 97.66ki | 1e+07%     | 1d 3h 46m 40s
1234567.5  | 1.2345675e+06 | 1.235M | 1.177Mi | 1.235e+08% | 14d 6h 56m 7s
21000000   | 2.1e+07       | 21M    | 20.03Mi | 2.1e+09%   | 243d 1h 20m 0s
-90061.5   | -90061.5      | -90.06k| -87.95ki| -9.006e+06%| -1d 1h 1m 1s
NaN        | NaN           | NaN    | NaN     | NaN%       | NaN
+Inf       | +Inf          | +Inf   | +Inf    | +Inf%      | +Inf
"""
FORMS = (
    "{{ $value }}",
    "{{ $value | humanize }}",
    "{{ $value | humanize1024 }}",
    "{{ $value | humanizePercentage }}",
    "{{ $value | humanizeDuration }}",
)


@pytest.mark.parametrize("row", FIXTURE.strip().splitlines(), ids=lambda row: row.split()[0])
def test_numbers__as_measured(row):
    """Each number and each way to humanize it, as promtool was seen to write it."""
    value, *expected = (cell.strip() for cell in row.split("|"))
    assert [render(form, value) for form in FORMS] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ humanizeDuration 1e21 }}", "1e+21s"),
        ("{{ humanizeTimestamp 1e21 }}", None),
        ("{{ toTime 1e21 }}", None),
        ("{{ toDuration 1e18 }}", None),
    ],
)
def test_numbers__nonsense_is_not_imitated(text, expected):
    """Where 64 bits overflow, Prometheus writes nonsense: here a number or a sentence stands."""
    if expected is None:
        assert "out of reach" in error_of(text).message or "292 years" in error_of(text).message
    else:
        assert render(text) == expected


# -- the language ---------------------------------------------------------------

LANGUAGE = [
    ('a {{- "b" -}} c', "abc"),
    ("a {{- /* note */ -}}  c", "ac"),
    ("{{ if gt $value 1.0 }}hi{{ else if lt $value 0.0 }}lo{{ else }}mid{{ end }}", "hi"),
    ("{{ with $labels.none }}{{ . }}{{ else with $labels.job }}{{ . }}{{ end }}", "api"),
    ("{{ range $k, $v := $externalLabels }}{{ $k }}={{ $v }};{{ end }}", "cluster=eu;"),
    ("{{ range $labels.none | len }}x{{ else }}none{{ end }}", "none"),
    ('{{ range query "up" | sortByLabel "instance" }}{{ .Labels.instance }}{{ end }}', "ab"),
    ('{{ query "up" | first | value }}', "1.5"),
    ("{{ range 4 }}{{ if eq . 1 }}{{ continue }}{{ end }}{{ . }}{{ end }}", "023"),
    ("{{ range 9 }}{{ if eq . 2 }}{{ break }}{{ end }}{{ . }}{{ end }}", "01"),
    ("{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ $x := 3 }}{{ end }}{{ $x }}", "2"),
    ('{{ define "a" }}<{{ . }}>{{ end }}{{ template "a" $labels.job }}', "<api>"),
    ('{{ define "a" }}{{ .arg0 }}{{ .arg1 }}{{ end }}{{ template "a" (args 5 "x") }}', "5x"),
    ('{{ block "b" $value }}[{{ . }}]{{ end }}', "[1.5]"),
    ("{{ .Labels.job }} {{ .Value }} {{ .ExternalLabels.cluster }}", "api 1.5 eu"),
    ("{{ $externalURL }} {{ pathPrefix }}", "http://monitor.example/prom /prom"),
    ("{{ $labels.missing }}", ""),
    ('{{ or $labels.missing "default" }}', "default"),
    ('{{ eq $labels.job "web" "api" }}', "true"),
    ("{{ 'x' }} {{ 0x10 }} {{ 1e3 }} {{ 1_000 }} {{ 017 }}", "120 16 1000 1000 15"),
    ('{{ print 1 2 "a" 3 4 }}', "1 2a3 4"),
    ("{{ $labels.instance | stripPort | stripDomain | toUpper }}", "DB-1"),
    ('{{ reReplaceAll "(.*):.*" "${1}!" $labels.instance }}', "db-1.example.com!"),
    ('{{ match "^db" $labels.instance }}', "true"),
    ("{{ html $labels.weird }}", "a&lt;b&gt;&amp;&#34;&#39;é"),
    ('{{ "hello don\'t 2nd x-y" | title }}', "Hello Don't 2Nd X-Y"),
    ('{{ graphLink "up > 1" }}', "/graph?g0.expr=up+%3E+1&g0.tab=0"),
    ('{{ parseDuration "-1h30m" }}', "-5400"),
    ("{{ now | humanizeTimestamp }}", "2023-11-14 22:13:20.5 +0000 UTC"),
    ('{{ (toTime $value).Format "2006-01-02 15:04:05.000" }}', "1970-01-01 00:00:01.500"),
    ("{{ toDuration 3661.5 }}", "1h1m1.5s"),
    (
        '{{ printf "%.2f|%6.1f|%-5d|%05d|%q|%x|%t|%%" 1.5 2.25 7 -7 "a" 255 true }}',
        '1.50|   2.2|7    |-0007|"a"|ff|true|%',
    ),
    ('{{ printf "%d" $value }}', "%!d(float64=1.5)"),
    ('{{ printf "%s %s" 1 }}', "%!s(int=1) %!s(MISSING)"),
    ('{{ printf "x" 1 }}', "x%!(EXTRA int=1)"),
    ('{{ printf "%[2]v %[1]v" 1 2 }}', "2 1"),
]


@pytest.mark.parametrize(("text", "expected"), LANGUAGE, ids=[row[0] for row in LANGUAGE])
def test_language__gives_what_go_gives(text, expected):
    """Each construct and function."""
    assert render(text) == expected


@pytest.mark.parametrize(
    ("text", "said", "marked"),
    [
        ("up {{ $lables.x }}", "not defined; there is $labels", "$lables"),
        ("{{ humanise 1 }}", "no function “humanise”; there is humanize", "humanise"),
        ("{{ if true }}x", "“if” has no {{ end }}", "if"),
        ("x {{ end }}", "closes nothing", "end"),
        ("{{ $value ", "braces are not closed", "{{"),
        ('{{ "x }}', "has no end", '"x }}'),
        ("{{ (print 1 }}", "not closed", "}}"),
        ("{{ 1 | 2 }}", "Behind “|” stands a function", "2"),
        ("{{ }}", "A value is missing", "}}"),
        ("{{ $labels.a-b }}", "“-” cannot stand directly behind a name", "-"),
        ("{{ break }}", "inside a range alone", "break"),
        ("{{ 99999999999999999999 }}", "more than 64 bits", "99999999999999999999"),
        ("{{/* x }}", "has no end", "{{/*"),
    ],
)
def test_parse__says_what_and_where(text, said, marked):
    """What is no template is refused with a sentence and its place."""
    error = error_of(text)
    assert said in error.message
    assert marked.startswith(text[error.start : error.end]) or text[
        error.start : error.end
    ].startswith(marked)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ if gt $value 1 }}{{ end }}", "with a decimal point"),
        ("{{ .Foo }}", "there is .Labels, .Value"),
        ("{{ $value.Foo }}", "has no field Foo"),
        ('{{ template "zz" }}', "no template “zz”"),
        ('{{ humanize "x" }}', "“x” is no number"),
        ("{{ toUpper $value }}", "takes a string here, not a float64"),
        ("{{ range $value }}{{ end }}", "A range goes over labels"),
        ('{{ match "(" "x" }}', "the regular expression cannot be used"),
        ("{{ humanize }}", "takes 1 argument, not 0"),
        ("{{ $value 1 }}", "no function"),
        ("{{ query 1 }}", "takes a string"),
    ],
)
def test_render__says_what_is_wrong(text, said):
    """What cannot be filled in is refused with a sentence."""
    assert said in error_of(text).message


def test_query__without_an_answerer():
    """A template that asks a query says that nobody answers."""
    with pytest.raises(TemplateError, match="not answered here"):
        Template.parse('{{ query "up" }}').render(Context())


def test_query__that_fails():
    """The reason of a query that has no answer stands in the error."""

    def fails(_):
        raise QueryError("too many samples")

    with pytest.raises(TemplateError, match="too many samples"):
        Template.parse('{{ query "up" }}').render(Context(query=fails))


# -- limits ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "{{ range 1000000000 }}{{ end }}",
        "{{ range 1000 }}{{ range 1000 }}x{{ end }}{{ end }}",
        '{{ define "a" }}{{ template "a" . }}{{ end }}{{ template "a" 1 }}',
        '{{ $x := "xxxxxxxxxx" }}{{ range 40 }}{{ $x = print $x $x }}{{ end }}{{ len $x }}',
        '{{ printf "%99999d" 1 }}',
        '{{ range 9000 }}{{ printf "%90d" 1 }}{{ end }}',
        '{{ $x := printf "%9000d" 1 }}{{ range 9000 }}{{ $y := reReplaceAll "" "" $x }}{{ end }}',
        '{{ range 9000 }}{{ $y := match (printf "(((a{9}){9}){9})%d" .) "x" }}{{ end }}',
        '{{ match "((((a{99}){99}){99}){99})" "x" }}',
        "{{ if 1 }}" * 40 + "{{ end }}" * 40,
        "{{ " + "(" * 2000 + "1" + ")" * 2000 + " }}",
        "x" * 70_000,
        "{{ if 0 }}" + "{{ else if 0 }}" * 2000 + "{{ end }}",
    ],
)
def test_limits__no_template_hangs_or_explodes(text):
    """Loops, recursion, doubling and nesting end with a sentence, soon."""
    assert error_of(text).message


@given(st.text(alphabet="{}()-|.$ \n\"`'ax1+_:=%/*,", max_size=60))
def test_parse__any_text_is_a_template_or_an_error(text):
    """Whatever is written: it is filled in, or refused with a place inside the text."""
    found = None
    try:
        render("{{" + text)
    except TemplateError as error:
        found = error
    if found is not None:
        assert 0 <= found.start <= found.end <= len(text) + 2
        assert found.message.endswith((".", "?"))


@given(st.floats())
def test_numbers__shortest_form_reads_back(value):
    """``{{ $value }}`` loses nothing of a float."""
    shown = float(render("{{ $value }}", value))
    assert shown == value or value != value


# -- what a template reads ---------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "labels", "value", "whole"),
    [
        ("nothing", set(), False, False),
        ("{{ $labels.a }}{{ .Labels.b }}{{ $.Labels.c }}", {"a", "b", "c"}, False, False),
        ('{{ index $labels "a" }}', {"a"}, False, False),
        ("{{ index $labels $labels.a }}", {"a"}, False, True),
        ("{{ $value }}", set(), True, False),
        ("{{ if gt .Value 1.0 }}x{{ end }}", set(), True, False),
        ("{{ with .Labels }}{{ .a }}{{ end }}", {"a"}, False, False),
        ("{{ range $labels }}{{ . }}{{ end }}", set(), False, True),
        ("{{ $l := $labels }}{{ $l.a }}", {"a"}, False, False),
        ('{{ define "t" }}{{ .Labels.a }}{{ end }}{{ template "t" . }}', {"a"}, False, False),
        ('{{ define "t" }}{{ .a }}{{ end }}{{ template "t" $labels }}', {"a"}, False, False),
        ("{{ . }}", set(), True, True),
        ('{{ range query "up" }}{{ .Labels.a }}{{ .Value }}{{ end }}', set(), False, False),
        ("{{ $labels.a | toUpper | print $value }}", {"a"}, True, False),
        ("{{ $externalLabels.a }}", set(), False, False),
    ],
)
def test_uses__labels_and_value(text, labels, value, whole):
    """What a template reads is known without filling it in."""
    uses = Template.parse(text).uses
    assert (set(uses.labels), uses.value is not None, uses.all_labels) == (labels, value, whole)


def test_uses__functions_and_places():
    """Functions are known, and where a label stands."""
    text = 'x {{ $labels.job | toUpper }} {{ query "up" | first | value }}'
    uses = Template.parse(text).uses
    start, end = uses.labels["job"]
    assert text[start:end] == "$labels.job"
    assert set(uses.functions) == {"toUpper", "query", "first", "value"}
    assert uses.queries
