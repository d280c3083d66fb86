"""Path arguments: one without the canonical form of its kind names no resource (404) and is never repeated."""

import uuid
from typing import Any, Final

from flask import Flask
from werkzeug.routing import BaseConverter, ValidationError

from protocol.messages.limits import MAX_EPOCH
from protocol.names import (
    IDEMPOTENCY_KEY,
    KEY_ID,
    MONTH,
    PARTICIPANT_ID,
    REFERENCE,
    RULES_NAME,
    UUID_PATTERN,
    WITNESS_NAME,
)


class ParticipantIdConverter(BaseConverter):
    """A participant's id."""

    regex = PARTICIPANT_ID


class KeyIdConverter(BaseConverter):
    """A signing key's id."""

    regex = KEY_ID


class ReferenceConverter(BaseConverter):
    """A quote's unguessable reference."""

    regex = REFERENCE


class BatchKeyConverter(BaseConverter):
    """The Idempotency-Key that names a batch."""

    regex = IDEMPOTENCY_KEY


class RulesNameConverter(BaseConverter):
    """The name of a version of the rules."""

    regex = RULES_NAME


class MonthConverter(BaseConverter):
    """A calendar month such as 2026-11, as the number 202611."""

    regex = MONTH

    def to_python(self, value: str) -> int:
        return int(value.replace("-", ""))


class NumberConverter(BaseConverter):
    """The number of an epoch or of a committee."""

    regex = "[1-9][0-9]{0,9}"

    def to_python(self, value: str) -> int:
        number = int(value)
        if number > MAX_EPOCH:
            raise ValidationError
        return number


class YearConverter(BaseConverter):
    """A year of four digits, as a number."""

    regex = "[0-9]{4}"

    def to_python(self, value: str) -> int:
        return int(value)


class TilePathConverter(BaseConverter):
    """The path of a tile below ``tile/``, slashes included; the use case checks that it is canonical."""

    regex = r"[\s\S]+"
    part_isolating = False


class WitnessNameConverter(BaseConverter):
    """A witness's name, which may have slashes."""

    regex = WITNESS_NAME
    part_isolating = False


class CanonicalUuidConverter(BaseConverter):
    """A UUID_PATTERN in lower case."""

    regex = UUID_PATTERN

    def to_python(self, value: str) -> uuid.UUID:
        return uuid.UUID(value)


CONVERTERS: Final[dict[str, type[BaseConverter]]] = {
    "participant": ParticipantIdConverter,
    "key": KeyIdConverter,
    "reference": ReferenceConverter,
    "batch": BatchKeyConverter,
    "month": MonthConverter,
    "rules": RulesNameConverter,
    "number": NumberConverter,
    "year": YearConverter,
    "tile": TilePathConverter,
    "witness": WitnessNameConverter,
    "id": CanonicalUuidConverter,
}


def register(app: Flask) -> None:
    """Make the converters known to the router; before any blueprint is registered."""
    app.url_map.converters.update(CONVERTERS)


def parameter_schema(converter: BaseConverter) -> dict[str, Any]:
    """The OpenAPI schema of a path argument."""
    schema: dict[str, Any] = {"type": "string", "pattern": f"^(?:{converter.regex})$"}
    if isinstance(converter, CanonicalUuidConverter):
        schema["format"] = "uuid"
    return schema
