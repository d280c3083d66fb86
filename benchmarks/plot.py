"""Draws the figures of a benchmark as a small SVG: bars in groups, or lines over time."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

_COLOURS: Final = ("#4269d0", "#efb118", "#ff725c", "#6cc5b0", "#3ca951", "#a463f2")
_WIDTH: Final = 760
_HEIGHT: Final = 320
_LEFT: Final = 60
_TOP: Final = 48
_BOTTOM: Final = 40


def bars(title: str, groups: Mapping[str, Mapping[str, float]], *, goal: float | None = None) -> str:
    """Draw a bar for each name in each group; ``goal`` is a dashed line at that height."""
    names = list(dict.fromkeys(name for group in groups.values() for name in group))
    top = max([each for group in groups.values() for each in group.values()] + [goal or 0.0])
    wide = (_WIDTH - _LEFT - 20) / len(groups)
    bar = wide * 0.8 / len(names)
    drawn = _frame(title, top) + _legend(names)
    for place, (group, values) in enumerate(groups.items()):
        left = _LEFT + place * wide + wide * 0.1
        drawn.append(_text(left + wide * 0.4, _HEIGHT - _BOTTOM + 18, group, "middle"))
        for number, name in enumerate(names):
            height = _scale(values.get(name, 0.0), top)
            x, y = left + number * bar, _HEIGHT - _BOTTOM - height
            drawn.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{bar * 0.9:.1f}" height="{height:.1f}" '
                f'fill="{_colour(number)}"/>'
            )
            drawn.append(_text(x + bar * 0.45, y - 4, f"{values.get(name, 0.0):.2f}", "middle"))
    if goal is not None:
        drawn.append(_dashed(goal, top))
    return _svg(drawn)


def lines(title: str, series: Mapping[str, Sequence[tuple[float, float]]], *, x_name: str) -> str:
    """Draw one line for each name through its points (x, y), both from 0 on."""
    furthest = max(x for points in series.values() for x, _ in points) or 1.0
    top = max(y for points in series.values() for _, y in points) or 1.0
    drawn = _frame(title, top) + _legend(list(series))
    drawn.append(_text(_WIDTH - 20, _HEIGHT - _BOTTOM + 18, f"{x_name} (to {furthest:,.0f})", "end"))
    for number, points in enumerate(series.values()):
        path = " ".join(
            f"{_LEFT + x / furthest * (_WIDTH - _LEFT - 20):.1f},{_HEIGHT - _BOTTOM - _scale(y, top):.1f}"
            for x, y in points
        )
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{_colour(number)}" stroke-width="2"/>')
    return _svg(drawn)


def _frame(title: str, top: float) -> list[str]:
    ground = _HEIGHT - _BOTTOM
    drawn = [
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        f'<text x="12" y="20" font-size="14" font-weight="bold">{escape(title)}</text>',
        f'<line x1="{_LEFT}" y1="{ground}" x2="{_WIDTH - 20}" y2="{ground}" stroke="#888888"/>',
    ]
    return drawn + [
        _text(_LEFT - 6, ground - _scale(top * part, top) + 4, f"{top * part:,.2f}", "end") for part in (0.0, 0.5, 1.0)
    ]


def _legend(names: Sequence[str]) -> list[str]:
    drawn = []
    for number, name in enumerate(names):
        x = 12 + number * 140
        drawn.append(f'<rect x="{x}" y="28" width="10" height="10" fill="{_colour(number)}"/>')
        drawn.append(_text(x + 14, 37, name, "start"))
    return drawn


def _dashed(value: float, top: float) -> str:
    y = _HEIGHT - _BOTTOM - _scale(value, top)
    return f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{_WIDTH - 20}" y2="{y:.1f}" stroke="#222222" stroke-dasharray="5 4"/>'


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="11" text-anchor="{anchor}">{escape(words)}</text>'


def _scale(value: float, top: float) -> float:
    return value / top * (_HEIGHT - _TOP - _BOTTOM - 14)


def _colour(number: int) -> str:
    return _COLOURS[number % len(_COLOURS)]


def _svg(drawn: Sequence[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" font-family="sans-serif">'
    return "\n".join([head, *drawn, "</svg>"]) + "\n"
