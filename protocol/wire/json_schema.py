"""Write the JSON Schema (2020-12) of a message from its annotations, as the codec reads and writes it."""

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any, Final

from protocol.names import UUID_PATTERN
from protocol.wire import codec, kinds
from protocol.wire.sums import Yuan

MOMENT: Final = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{6}Z$"
COMPONENTS: Final = "#/components/schemas/"
Schema = dict[str, Any]


def limits_of(kind: kinds.Kind) -> Schema:
    """Return the keywords that bound a value of a kind, beside its type; none for a kind without bounds."""
    match kind:
        case kinds.Text():
            return {"pattern": f"^(?:{kind.pattern})$", "minLength": kind.least, "maxLength": kind.most}
        case kinds.Identifier():
            return {"pattern": f"^(?:{UUID_PATTERN})$", "minLength": 36, "maxLength": 36, "format": "uuid"}
        case kinds.Code():
            return {"enum": [each.value for each in kind.vocabulary]}
        case kinds.Whole():
            return {"minimum": kind.least, "maximum": kind.most}
        case kinds.Moment():
            return {"pattern": MOMENT}
        case kinds.Octets():
            characters = (kind.length * 8 + 5) // 6
            pattern = f"^[A-Za-z0-9_-]{{{characters}}}$"
            return {"pattern": pattern, "minLength": characters, "maxLength": characters}
        case kinds.Blob():
            return {"pattern": "^[A-Za-z0-9_-]*$", "minLength": 2, "maxLength": kind.characters}
        case codec.ListOf():
            return {"minItems": kind.least, "maxItems": kind.most}
        case _:
            return {}


def properties_of(message: type[Any]) -> dict[str, Schema]:
    """Return the schema of each member by its name on the wire; parts are references to COMPONENTS."""
    return {each.key: _member(each) for each in codec.shape_of(message).members}


def required_of(message: type[Any]) -> frozenset[str]:
    """Return the names of the members that are always there."""
    return frozenset(each.key for each in codec.shape_of(message).members if each.required)


def parts_of(message: type[Any]) -> Iterator[type[Any]]:
    """Yield the messages that stand in a message, those within them too; one may come more than once."""
    for member in codec.shape_of(message).members:
        kind = member.kind
        while isinstance(kind, codec.ListOf):
            kind = kind.member
        if isinstance(kind, codec.Part):
            yield kind.shape.message
            yield from parts_of(kind.shape.message)


def object_of(properties: dict[str, Schema], required: frozenset[str], *, closed: bool) -> Schema:
    """Write the schema of an object; ``closed``: other members are refused."""
    schema: Schema = {"type": "object", "properties": properties}
    if required:
        schema["required"] = sorted(required)
    return schema | ({"additionalProperties": False} if closed else {})


def reference_to(message: type[Any]) -> Schema:
    """Refer to the component of a message."""
    return {"$ref": COMPONENTS + message.__name__}


def _member(member: codec.Member) -> Schema:
    schema = _schema(member.kind)
    if member.nullable:
        schema = _or_null(schema)
    if member.default not in (dataclasses.MISSING, (), None):
        schema["default"] = member.kind.write(member.default)
    return schema if member.note is None else schema | {"description": member.note}


def _or_null(schema: Schema) -> Schema:
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    # A JSON Schema enum lists every allowed value, null included.
    null = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return schema | {"type": [schema["type"], "null"]} | null


def _schema(kind: kinds.Kind) -> Schema:
    return next(make(kind) for known, make in _SCHEMAS if isinstance(kind, known))


def _plain(type_: str, **more: Any) -> Callable[[Any], Schema]:
    return lambda kind: {"type": type_, **more, **limits_of(kind)}


def _list(kind: codec.ListOf) -> Schema:
    return {"type": "array", **limits_of(kind), "items": _schema(kind.member)}


def _object(kind: kinds.OpenObject) -> Schema:
    lists = {"type": "array", "items": {"type": "object"}}
    return {"type": "object", "additionalProperties": lists if kind.of_lists else {}}


_SCHEMAS: Final[tuple[tuple[type[kinds.Kind], Callable[[Any], Schema]], ...]] = (
    (kinds.Whole, _plain("integer")),
    (Yuan, _plain("number")),
    (kinds.OpenObject, _object),
    (kinds.YesNo, _plain("boolean")),
    (kinds.Day, _plain("string", format="date")),
    (kinds.Moment, _plain("string", format="date-time")),
    (codec.ListOf, _list),
    (codec.Part, lambda kind: reference_to(kind.shape.message)),
    (kinds.Kind, _plain("string")),
)
"""The schema of each kind of member; texts, codes and bytes are strings."""
