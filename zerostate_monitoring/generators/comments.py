"""What is said in a generated file beside what it configures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

WARNING: Final = "# Warning: "
"""How a warning begins; whoever exports repeats it."""
_FURTHER: Final = "#   "
_WIDTH: Final = 96


def comment(*sentences: str) -> str:
    """Sentences as comment lines."""
    return "".join(f"# {line}\n" for text in sentences for line in _folded(text, _WIDTH))


def warnings(sentences: Iterable[str]) -> str:
    """Warnings as comment lines, each once, in their order."""
    return "".join(_warning(sentence) for sentence in dict.fromkeys(sentences))


def commented_out(text: str) -> str:
    """Lines of a file as comments, which become those lines again without ``#`` and a blank."""
    return "".join(f"# {line}\n" if line else "#\n" for line in text.splitlines())


def _warning(sentence: str) -> str:
    first, *others = _folded(sentence, _WIDTH - len(WARNING))
    return "".join([f"{WARNING}{first}\n", *(f"{_FURTHER}{line}\n" for line in others)])


def _folded(text: str, width: int) -> Iterator[str]:
    """Lines of whole words; whatever ends a line in some reader of YAML is a blank."""
    line = ""
    for word in _printable(text).split():
        if line and len(line) + len(word) >= width:
            yield line
            line = ""
        line = f"{line} {word}".strip()
    yield line


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)
