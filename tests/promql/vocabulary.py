"""The words of PromQL that are compared, by the form of what they take."""

from __future__ import annotations

from typing import Final

ELEMENTWISE: Final = (
    *("abs", "acos", "acosh", "asin", "asinh", "atan", "atanh", "ceil", "cos", "cosh", "deg"),
    *("exp", "floor", "ln", "log10", "log2", "rad", "sgn", "sin", "sinh", "sqrt", "tan", "tanh"),
)
DATES: Final = (
    *("day_of_month", "day_of_week", "day_of_year", "days_in_month", "hour", "minute", "month"),
    "year",
)
OVER_TIME: Final = (
    *("avg_over_time", "count_over_time", "first_over_time", "last_over_time", "max_over_time"),
    *("min_over_time", "present_over_time", "stddev_over_time", "stdvar_over_time"),
    *("sum_over_time", "changes", "delta", "deriv", "idelta", "resets", "absent_over_time"),
)
OF_COUNTERS: Final = ("rate", "increase", "irate", "resets", "changes")
OF_NATIVES: Final = (
    *("histogram_avg", "histogram_count", "histogram_stddev", "histogram_stdvar"),
    "histogram_sum",
)
AGGREGATIONS: Final = (
    *("sum", "avg", "min", "max", "count", "stddev", "stdvar", "group"),
    *("topk", "bottomk", "quantile", "count_values"),
)
ARITHMETIC: Final = ("+", "-", "*", "/", "%", "^", "atan2")
COMPARISONS: Final = ("==", "!=", "<", ">", "<=", ">=")
SETS: Final = ("and", "or", "unless")
OTHERS: Final = (
    *("absent", "clamp", "clamp_max", "clamp_min", "histogram_fraction", "histogram_quantile"),
    *("label_join", "label_replace", "pi", "predict_linear", "quantile_over_time", "round"),
    *("scalar", "sort", "sort_desc", "time", "timestamp", "vector"),
)
FUNCTIONS: Final = frozenset({*ELEMENTWISE, *DATES, *OVER_TIME, *OF_COUNTERS, *OF_NATIVES, *OTHERS})

FAMILIES: Final = (
    *("load", "memory", "queue", "sparse", "requests_total", "seconds_total", "size_bucket"),
    *("odd_bucket", "build_info", "same", "odd", "huge", "near", "brief", "nothing"),
)
COUNTERS: Final = ("requests_total", "seconds_total", "brief")
PAIRED: Final = ("load", "memory", "queue", "seconds_total")
"""Families with one series for each job and instance."""
LABELS: Final = ("job", "instance", "zone", "code", "le", "kind", "missing")
MATCHERS: Final = (
    'job="api"',
    'job!="api"',
    'job=~"api|db"',
    'job!~"d.*"',
    'instance=~"[01]"',
    'instance!="0"',
    'instance=~".+"',
    'instance=~"(?i:A|0)|1"',
    'zone=""',
    'zone!=""',
    'zone="zürich"',
    "zone='東京'",
    'zone="quo\\"te"',
    "zone=`back\\slash`",
    'zone=~"a.b|東.+"',
    'code=~"4..|500"',
    'code!~"2.*"',
    'le!="+Inf"',
    'missing=""',
    'instance!="9"',
    'job=~"a.*|.+b"',
    'kind!="1"',
    'missing!="x"',
    'job="none"',
)
NUMBERS: Final = (
    *("0", "1", "2", "-1", "0.5", "3", "1e3", "0x1f", "-0.25", "1e-9", "100", "NaN", "Inf"),
    *("-Inf", "+1", "1.5e300", "7.5"),
)
RANGES: Final = ("1m", "5m", "47s", "90s", "2m30s", "10m", "15s", "1s", "1h")
STEPS: Final = ("", "1m", "30s", "15s", "2m", "7s")
OFFSETS: Final = ("1m", "-1m", "5m", "17s", "-3m20s", "1h")
LENGTHS: Final = ("30s", "1m", "5", "2", "0.25", "1h", "7s", "0", "step()", "range()", "step()")
"""What durations are computed of."""
REPLACEMENTS: Final = (
    '"new", "$1", "job", "(.*)"',
    '"new", "$1-${2}", "job", "(.)(.*)"',
    '"instance", "x", "job", "a.*"',
    '"job", "", "instance", ".*"',
    '"zone", "$name", "zone", "(?P<name>.+)"',
    '"new", "é$1", "missing", "()"',
    '"instance", "same", "", ""',
    '"__name__", "renamed", "job", "api"',
    '"new", "$1", "job", "b"',
)
