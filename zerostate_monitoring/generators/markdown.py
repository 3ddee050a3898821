"""The Markdown that our runbooks are written in, as HTML.

Headings, paragraphs, quotes, lists, tables, code, bold, links: what stands in files of ours, not
any Markdown. A block that is a comment is left out.
All text is escaped; nothing in it becomes HTML by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape
from itertools import groupby
from typing import Final

_HEADING: Final = re.compile(r"(#{1,4}) +(.*)")
_BULLET: Final = re.compile(r"[-*] +(.*)")
_NUMBERED: Final = re.compile(r"\d+\. +(.*)")
_QUOTE: Final = "> "
_COMMENT: Final = "<!--"
_CELLS: Final = re.compile(r"(?<!\\)\|")
_SPANS: Final = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)\s]+)\)")
_FENCE: Final = "```"

Resolve = Callable[[str], str]
Follow = Callable[[str, str], str]


def html(text: str, resolve: Resolve = str, follow: Follow | None = None) -> str:
    """``text`` as HTML; ``resolve`` says where a link really leads, empty for nowhere.

    ``follow`` gets the language of a block of code and what stands in it, and gives the HTML that
    comes after it.
    """
    return "\n".join(_blocks(text.splitlines(), resolve, follow or _nothing))


def _nothing(language: str, code: str) -> str:
    return ""


def _blocks(lines: list[str], resolve: Resolve, follow: Follow) -> Iterator[str]:
    for language, part in _fenced(lines):
        if language is not None:
            code = "\n".join(part)
            yield f"<pre><code>{escape(code)}</code></pre>{follow(language, code)}"
            continue
        for is_blank, block in groupby(part, key=lambda line: not line.strip()):
            if not is_blank:
                yield from _block(list(block), resolve)


def _fenced(lines: list[str]) -> Iterator[tuple[str | None, list[str]]]:
    """Parts of the text; those that are code with their language."""
    language, part = None, list[str]()
    for line in lines:
        if line.startswith(_FENCE):
            yield language, part
            language, part = (line.removeprefix(_FENCE).strip() if language is None else None), []
        else:
            part.append(line)
    yield language, part


def _block(lines: list[str], resolve: Resolve) -> Iterator[str]:
    if lines[0].startswith(_COMMENT):
        return
    if heading := _HEADING.match(lines[0]):
        level = len(heading[1])
        yield f"<h{level}>{_inline(heading[2], resolve)}</h{level}>"
        if lines[1:]:
            yield from _block(lines[1:], resolve)
    elif _BULLET.match(lines[0]):
        yield _list("ul", _BULLET, lines, resolve)
    elif _NUMBERED.match(lines[0]):
        yield _list("ol", _NUMBERED, lines, resolve)
    elif lines[0].startswith("|"):
        yield _table(lines, resolve)
    elif lines[0].startswith(_QUOTE):
        text = " ".join(line.removeprefix(_QUOTE) for line in lines)
        yield f"<blockquote><p>{_inline(text, resolve)}</p></blockquote>"
    else:
        yield f"<p>{_inline(' '.join(lines), resolve)}</p>"


def _list(tag: str, mark: re.Pattern[str], lines: list[str], resolve: Resolve) -> str:
    items: list[str] = []
    for line in lines:
        if found := mark.match(line):
            items.append(found[1])
        else:
            items[-1] += f" {line.strip()}"
    inside = "".join(f"<li>{_inline(item, resolve)}</li>" for item in items)
    return f"<{tag}>{inside}</{tag}>"


def _table(lines: list[str], resolve: Resolve) -> str:
    """The second line only parts the heads from the rows."""
    head, *rows = (_row(line, resolve) for number, line in enumerate(lines) if number != 1)
    inside = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    heads = "".join(f"<th>{cell}</th>" for cell in head)
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{inside}</tbody></table>"


def _row(line: str, resolve: Resolve) -> list[str]:
    cells = _CELLS.split(line.strip())[1:-1]
    return [_inline(cell.strip().replace("\\|", "|"), resolve) for cell in cells]


def _inline(text: str, resolve: Resolve) -> str:
    out, at = "", 0
    for found in _SPANS.finditer(text):
        out += escape(text[at : found.start()]) + _span(found, resolve)
        at = found.end()
    return out + escape(text[at:])


def _span(found: re.Match[str], resolve: Resolve) -> str:
    code, bold, label, target = found.groups()
    if code is not None:
        return f"<code>{escape(code)}</code>"
    if bold is not None:
        return f"<strong>{escape(bold)}</strong>"
    address = resolve(target)
    return f'<a href="{escape(address)}">{escape(label)}</a>' if address else escape(label)
