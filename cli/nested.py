"""Lay out a value with members of its own for people: a short one on its line, a list of messages as a table."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from unicodedata import east_asian_width

_LINE: Final = 100
"""The columns of a value that still stands on the line of its name."""
_TABLE: Final = 150
"""The columns of the widest table; a wider one is written item by item."""
_INDENT: Final = "  "


def plain(value: object) -> str:
    """Write a value on one line; an absent or empty one is a dash."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {plain(member)}" for name, member in value.items()) or "-"
    if isinstance(value, list | tuple):
        return ", ".join(plain(item) for item in value) or "-"
    return "-" if value is None else str(value)


def laid_out(members: Mapping[str, Any]) -> list[str]:
    """Write members as lines: the names, padded to one width, and the values; longer ones below, indented."""
    width = max((_columns(_label(name)) for name in members), default=0)
    lines = []
    for name, value in members.items():
        below = _below(value)
        if below:
            lines += [_label(name), *(_INDENT + line for line in below)]
        else:
            lines.append(f"{_padded(_label(name), width)}{_INDENT}{plain(value)}")
    return lines


def _below(value: object) -> list[str]:
    """Return the lines of a value that does not stand on the line of its name; none for one that does."""
    if isinstance(value, Mapping):
        nested = any(isinstance(member, Mapping | list | tuple) and member for member in value.values())
        return laid_out(value) if nested or _columns(plain(value)) > _LINE else []
    if isinstance(value, list | tuple) and value and all(isinstance(item, Mapping) for item in value):
        return _table(value)
    return []


def _table(items: Sequence[Mapping[str, Any]]) -> list[str]:
    names = list(dict.fromkeys(name for item in items for name in item))
    rows = [[_label(name) for name in names], *([plain(item.get(name)) for name in names] for item in items)]
    widths = [max(_columns(row[place]) for row in rows) for place in range(len(names))]
    if sum(widths) + len(_INDENT) * len(widths) > _TABLE:
        return [line for number, item in enumerate(items, 1) for line in _item(number, item)]
    return [
        _INDENT.join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _item(number: int, item: Mapping[str, Any]) -> list[str]:
    return [f"{number}.", *(_INDENT + line for line in laid_out(item))]


def _label(name: str) -> str:
    return name.replace("_", " ")


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _columns(text))


def _columns(text: str) -> int:
    """Count the columns of a terminal: Chinese characters take two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
