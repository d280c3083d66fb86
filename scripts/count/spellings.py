"""Count the product's files that spell a field of a wire message."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml

from scripts.count.source import Module


def message_fields(openapi: Path) -> dict[str, list[str]]:
    """Read the field names of each published message from openapi.yaml."""
    document = yaml.safe_load(openapi.read_text(encoding="utf-8"))
    schemas: Mapping[str, Mapping[str, Mapping[str, object]]] = document["components"]["schemas"]
    return {message: list(schema.get("properties", {})) for message, schema in schemas.items()}


def files_per_field(modules: Iterable[Module], fields: Iterable[str]) -> dict[str, int]:
    """Count, for each field, the files in which its name stands as a word, comments and docstrings included."""
    words = [set(re.findall(r"\w+", module.text)) for module in modules]
    return {field: sum(field in spelled for spelled in words) for field in sorted(set(fields))}
