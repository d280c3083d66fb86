"""Draws resident memory over reported rows as a small SVG."""

from collections.abc import Mapping, Sequence
from typing import Final

_WIDTH: Final = 640
_HEIGHT: Final = 260
_LEFT: Final = 60
_BOTTOM: Final = 40
_COLOURS: Final = ("#1f6f8b", "#b5541c", "#4b7f34")

Samples = Sequence[Sequence[float]]
"""(rows, MB) pairs."""


def memory_plot(lines: Mapping[str, Samples]) -> str:
    """Draw one line for each name, from zero on both axes."""
    most_rows = max(each[0] for samples in lines.values() for each in samples)
    most_mb = 1.2 * max(each[1] for samples in lines.values() for each in samples)
    wide, high = _WIDTH - _LEFT - 10, _HEIGHT - _BOTTOM - 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}"',
        ' font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
        f'<path d="M{_LEFT},10V{10 + high}H{_LEFT + wide}" fill="none" stroke="black"/>',
        f'<text x="{_LEFT + wide}" y="{_HEIGHT - 8}" text-anchor="end">{most_rows:,.0f} rows reported</text>',
        f'<text x="{_LEFT}" y="{_HEIGHT - 8}">0</text>',
        f'<text x="{_LEFT - 6}" y="20" text-anchor="end">{most_mb:.0f} MB</text>',
    ]
    for place, (name, samples) in enumerate(lines.items()):
        colour = _COLOURS[place % len(_COLOURS)]
        points = " ".join(
            f"{_LEFT + rows / most_rows * wide:.1f},{10 + high - mb / most_mb * high:.1f}" for rows, mb in samples
        )
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        most = max(each[1] for each in samples)
        words = f"{name}: resident memory of the registry's process, at most {most:.0f} MB"
        parts.append(f'<text x="{_LEFT + 12}" y="{high - 2 - 16 * place}" fill="{colour}">{words}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"
