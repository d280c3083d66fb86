"""Measure a whole tree: each figure by its name, and the names of the things that a figure counts."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from scripts.count import source, spellings, walks

SHORT_BODY: Final = 25
LONG_MODULE: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of one tree at one revision."""

    revision: str
    numbers: dict[str, float]
    report_fields: dict[str, int]
    """The number of files that spell each field of a report."""
    lists: dict[str, list[str]] = field(default_factory=dict)
    """The things that a figure counts, if a reader may want to see them."""


def measure(root: Path, *, revision: str, walked: bool) -> Figures:
    """Measure the tree at ``root``; Python must import from it where it is walked."""
    modules = source.read_modules(root)
    messages = spellings.message_fields(root / "openapi.yaml")
    fields = spellings.files_per_field(modules, (name for names in messages.values() for name in names))
    report_fields = {name: fields[name] for name in messages["RecordReport"]}
    lists = {
        "loose_client_methods": source.loose_client_methods(modules),
        "short_modules": source.short_modules(modules, SHORT_BODY),
        "long_modules": [module.path for module in modules if module.lines > LONG_MODULE],
        **(walks.touched_files(root) if walked else {}),
    }
    numbers = {
        **_sizes(modules),
        "costs_fen": fields["costs_fen"],
        "report_field_median": statistics.median(report_fields.values()),
        "message_field_median": statistics.median(fields.values()),
        "schema_classes": source.schema_classes(modules),
        "message_builders": source.message_builders(modules),
        "wire_methods": source.wire_methods(modules),
        **{name: len(things) for name, things in lists.items()},
    }
    return Figures(revision=revision, numbers=numbers, report_fields=report_fields, lists=lists)


def _sizes(modules: Iterable[source.Module]) -> dict[str, float]:
    modules = list(modules)
    lines = sum(module.lines for module in modules)
    imports = sum(len(source.import_lines(module)) for module in modules)
    lengths = source.function_lengths(modules)
    return {
        "product_lines": lines,
        "product_files": len(modules),
        "import_percent": round(100 * imports / lines, 1),
        "function_p50": source.percentile(lengths, 50),
        "function_p90": source.percentile(lengths, 90),
    }
