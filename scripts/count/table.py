"""Print the figures of two trees side by side, as Markdown."""

from collections.abc import Iterable, Iterator
from typing import Final

from scripts.count.figures import LONG_MODULE, SHORT_BODY, Figures

_ROWS: Final = (
    ("product_lines", "product lines", "3,000 fewer"),
    ("product_files", "product files", ""),
    ("costs_fen", "files that spell `costs_fen`", "8"),
    ("report_field_median", "files that spell a field of a report, median", ""),
    ("message_field_median", "files that spell a field of any message, median", ""),
    ("schema_classes", "schema classes", ""),
    ("message_builders", "`*_document` and `*_message` builders", ""),
    ("wire_methods", "definitions of `to_wire` and `from_wire`", ""),
    ("inquiry_at_registry", "files touched by one inquiry, at the registry", "45"),
    ("report_at_registry", "files touched by one report, at the registry", "60"),
    ("settlement_at_registry", "files touched by one settlement, at the registry", "48"),
    ("inquiry_whole_way", "files touched by one inquiry, from the counter to the store", ""),
    ("report_whole_way", "files touched by one report, from the export to the store", ""),
    ("settlement_whole_way", "files touched by one settlement, from the counter to the store", ""),
    ("loose_client_methods", "client methods that return `dict[str, Any]`", "0"),
    ("short_modules", f"modules under {SHORT_BODY} lines of body", "under 40"),
    ("long_modules", f"modules over {LONG_MODULE} lines", ""),
    ("import_percent", "import lines, % of product lines", ""),
    ("function_p50", "function length without docstring, p50", ""),
    ("function_p90", "function length without docstring, p90", ""),
)
"""The key of each figure, its text, and the aim of issue 11."""
_WORST: Final = 10


def tables(before: Figures, now: Figures) -> str:
    """Set both trees' figures side by side, then the fields of a report that stand in most files."""
    return "\n".join([*_figure_table(before, now), "", *_field_table(before, now)])


def lists(figures: Figures) -> str:
    """List the things that figures count."""
    texts = {key: text for key, text, _ in _ROWS}
    parts = [[f"{texts[key]}:", *(f"  {name}" for name in names)] for key, names in figures.lists.items()]
    return "\n".join(line for part in parts for line in part)


def _figure_table(before: Figures, now: Figures) -> Iterator[str]:
    yield from _head("figure", f"before ({before.revision})", f"now ({now.revision})", "change", "aim")
    for key, text, aim in _ROWS:
        old, new = before.numbers.get(key), now.numbers.get(key)
        yield _line((text, _number(old), _number(new), _change(old, new), aim))


def _field_table(before: Figures, now: Figures) -> Iterator[str]:
    yield from _head("field of a report", "files before", "files now", "change")
    worst = sorted(now.report_fields, key=lambda name: (-now.report_fields[name], name))
    for name in worst[:_WORST]:
        old, new = before.report_fields.get(name), now.report_fields[name]
        yield _line((f"`{name}`", _number(old), _number(new), _change(old, new)))


def _head(first: str, *others: str) -> tuple[str, str]:
    return _line((first, *others)), _line(("---", *("---:" for _ in others)))


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _number(value: float | None) -> str:
    """Write a number; a dash where it was not measured."""
    return "-" if value is None else f"{value:,}".removesuffix(".0")


def _change(old: float | None, new: float | None) -> str:
    return "" if old is None or new is None or old == new else f"{round(new - old, 1):+,}".removesuffix(".0")
