"""Parts of dates: of the step, of values, of leap years, and of what is no time."""

from __future__ import annotations

from typing import Final

from tests.promql.cases.case import Case

_MOMENTS: Final = {
    "1970-01-01 00:00:00": 0,
    "1969-12-31 23:59:59": -1,
    "2000-02-29 12:34:56": 951_827_696,
    "2100-02-28 23:59:59": 4_107_542_399,
    "2100-03-01 00:00:00": 4_107_542_400,
    "2023-12-31 23:59:59": 1_704_067_199,
    "2024-12-31 00:00:00": 1_735_603_200,
    "0001-01-01 00:00:00": -62_135_596_800,
}

_PARTS: Final = {
    "day_of_month": (1, 31, 29, 28, 1, 31, 31, 1),
    "day_of_week": (4, 3, 2, 0, 1, 0, 2, 1),
    "day_of_year": (1, 365, 60, 59, 60, 365, 366, 1),
    "days_in_month": (31, 31, 29, 28, 31, 31, 31, 31),
    "hour": (0, 23, 12, 23, 0, 23, 0, 0),
    "minute": (0, 59, 34, 59, 0, 59, 0, 0),
    "month": (1, 12, 2, 2, 3, 12, 12, 1),
    "year": (1970, 1969, 2000, 2100, 2100, 2023, 2024, 1),
}


def _of_values(name: str, parts: tuple[int, ...]) -> Case:
    data = "\n".join(f'x{{k="{text}"}} {at}' for text, at in _MOMENTS.items())
    expected = "\n".join(
        f'{{k="{text}"}} {part}' for text, part in zip(_MOMENTS, parts, strict=True)
    )
    return Case(says=f"{name} of values", query=f"{name}(x)", data=data, expected=expected)


CASES: Final = (
    *(_of_values(name, parts) for name, parts in _PARTS.items()),
    *(
        Case(says=f"{name} of now", query=f"{name}()", at=951_827_696, expected=f"{{}} {parts[2]}")
        for name, parts in _PARTS.items()
    ),
    Case(
        says="now moves with the steps",
        query="minute()",
        at=3_540,
        expected="{} 59 0 1",
    ),
    Case(
        says="a fraction of a second belongs to the second",
        query="minute(x)",
        data="x 59.999 60.001 -0.5",
        expected="{} 0 1 0",
    ),
    Case(
        says="no time at all is the year that its integer wraps around to",
        query="year(x)",
        data='x{k="a"} NaN\nx{k="b"} Inf\nx{k="c"} -Inf\nx{k="d"} 1e300',
        expected="\n".join(f'{{k="{k}"}} 292277026596' for k in "abcd"),
    ),
    Case(
        says="no time at all is a December in a leap year",
        query="day_of_year(x)",
        data="x NaN",
        expected="{} 339",
    ),
)
