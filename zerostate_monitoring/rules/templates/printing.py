"""``print``, ``printf`` and ``println``.

Source of the rules: ``doPrintf`` and ``doPrint`` in ``fmt/print.go`` of Go 1.26.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from zerostate_monitoring.rules.templates.values import Refusal, Value, type_name
from zerostate_monitoring.rules.templates.verbs import Spec, by_verb, shown

_FLAGS: Final = {"#": "sharp", "0": "zero", "+": "plus", "-": "minus", " ": "space"}
_MAX_IN_GO: Final = 1_000_000
MAX_WIDTH: Final = 10_000


def sprint(*values: Value) -> str:
    """All values; between two of which neither is a string stands a blank."""
    out: list[str] = []
    previous_is_string = True
    for value in values:
        is_string = isinstance(value, str)
        if not is_string and not previous_is_string:
            out.append(" ")
        out.append(shown(value))
        previous_is_string = is_string
    return "".join(out)


def sprintln(*values: Value) -> str:
    """All values with blanks between them and a new line behind them."""
    return " ".join(map(shown, values)) + "\n"


def sprintf(form: str, *values: Value) -> str:
    """``form`` with the values in the places of its verbs.

    As Go does, it notes in the text where verbs and values do not fit: ``%!d(string=x)``.

    Raises:
        Refusal: a width or a precision beyond ``MAX_WIDTH``.
    """
    return _Printf(form, values).run()


class _Printf:
    def __init__(self, form: str, values: Sequence[Value]) -> None:
        self._form: Final = form
        self._values: Final = values
        self._at = 0
        self._index = 0
        self._reordered = False
        self._good = True
        self._notes = ""

    def run(self) -> str:
        out: list[str] = []
        while self._at < len(self._form):
            found = self._form.find("%", self._at)
            end = len(self._form) if found < 0 else found
            out.append(self._form[self._at : end])
            self._at = end
            if found >= 0:
                self._at += 1
                out.append(self._directive())
        return "".join(out) + self._extra()

    def _extra(self) -> str:
        rest = self._values[self._index :]
        if self._reordered or not rest:
            return ""
        noted = ("<nil>" if v is None else f"{type_name(v)}={shown(v)}" for v in rest)
        return f"%!(EXTRA {', '.join(noted)})"

    # -- one directive ---------------------------------------------------------

    def _directive(self) -> str:
        self._good, self._notes = True, ""
        spec = self._flags()
        after_index = self._argument_index()
        spec, after_index = self._width(spec, after_index=after_index)
        spec, after_index = self._precision(spec, after_index=after_index)
        if not after_index:
            self._argument_index()
        if self._at >= len(self._form):
            return f"{self._notes}%!(NOVERB)"
        verb = self._form[self._at]
        self._at += 1
        return self._notes + self._filled(verb, spec)

    def _filled(self, verb: str, spec: Spec) -> str:
        if verb == "%":
            return "%"
        if not self._good:
            return f"%!{verb}(BADINDEX)"
        if self._index >= len(self._values):
            return f"%!{verb}(MISSING)"
        for size in (spec.width, spec.precision):
            if size is not None and size > MAX_WIDTH:
                raise Refusal(f"a width of {size:,} is too large; the largest is {MAX_WIDTH:,}")
        value = self._values[self._index]
        self._index += 1
        if verb == "v":
            spec = replace(spec, plus=False, sharp=False, syntax=spec.sharp)
        return by_verb(value, verb, spec)

    def _flags(self) -> Spec:
        flags: dict[str, bool] = {}
        while (name := _FLAGS.get(self._form[self._at : self._at + 1])) is not None:
            flags[name] = True
            self._at += 1
        return Spec(**flags)

    def _width(self, spec: Spec, *, after_index: bool) -> tuple[Spec, bool]:
        if self._next_is("*"):
            width = self._from_values("%!(BADWIDTH)")
            if width is not None and width < 0:
                return replace(spec, width=-width, minus=True, zero=False), False
            return replace(spec, width=width), False
        width = self._number()
        if after_index and width is not None:
            self._good = False
        return replace(spec, width=width), after_index

    def _precision(self, spec: Spec, *, after_index: bool) -> tuple[Spec, bool]:
        # A dot at the very end is a verb, as in Go.
        if self._at + 1 >= len(self._form) or not self._next_is("."):
            return spec, after_index
        if after_index:
            self._good = False
        after_index = self._argument_index()
        if self._next_is("*"):
            given = self._from_values("%!(BADPREC)", least=0)
            return replace(spec, precision=given), False
        number = self._number()
        return replace(spec, precision=0 if number is None else number), after_index

    def _next_is(self, char: str) -> bool:
        if self._form[self._at : self._at + 1] != char:
            return False
        self._at += 1
        return True

    def _number(self) -> int | None:
        start = self._at
        while self._form[self._at : self._at + 1] in set("0123456789"):
            self._at += 1
        digits = self._form[start : self._at]
        if not digits:
            return None
        if len(digits) > 7:
            # Go gives up on the rest of the text.
            self._at = len(self._form)
            return None
        return int(digits)

    def _from_values(self, note: str, least: int = -_MAX_IN_GO) -> int | None:
        value = self._values[self._index] if self._index < len(self._values) else None
        self._index += self._index < len(self._values)
        is_integer = isinstance(value, int) and not isinstance(value, bool)
        number = int(value) if is_integer and value is not None else least - 1
        if least <= number <= _MAX_IN_GO:
            return number
        self._notes += note
        return None

    def _argument_index(self) -> bool:
        if self._form[self._at : self._at + 1] != "[":
            return False
        self._reordered = True
        end = self._form.find("]", self._at)
        if end < 0:
            self._at += 1
            self._good = False
            return False
        digits = self._form[self._at + 1 : end]
        self._at = end + 1
        valid = digits.isascii() and digits.isdigit() and len(digits) < 7
        if valid and 1 <= int(digits) <= len(self._values):
            self._index = int(digits) - 1
            return True
        self._good = False
        return valid
