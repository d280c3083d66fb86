"""Derive marshmallow schemas from the messages of protocol/: flask-smorest documents and reads them.

The fields of a schema serve the interface's document only. The codec reads the message that a schema loads.
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

from marshmallow import Schema, fields

from protocol.messages.collected import CollectionAnswerBody
from protocol.messages.disputes import DisputeAnswerBody, DisputeDecisionBody
from protocol.messages.evidence import EvidenceManifest
from protocol.messages.service import ProblemDocument
from protocol.problems import Problem, Refusal
from protocol.wire import codec, kinds
from protocol.wire.json_schema import limits_of

_COMPONENTS: Final[Mapping[type, str]] = {
    CollectionAnswerBody: "CollectionAnswer",
    DisputeAnswerBody: "DisputeAnswer",
    DisputeDecisionBody: "DisputeDecision",
    EvidenceManifest: "Evidence",
    ProblemDocument: "Problem",
}
"""Messages that the interface's document calls by another name than Python, where a vocabulary has that one."""


class MessageSchema(Schema):
    """Reads a JSON object as its message."""

    message: ClassVar[type[Any]]

    def load(self, data: Any, **_: Any) -> Any:
        """The message; raises Refusal INVALID_FIELD."""
        return _read(codec.read, self.message, data)


class QuerySchema(MessageSchema):
    """Reads a query's parameters as its message."""

    def load(self, data: Any, **_: Any) -> Any:
        """The message; raises Refusal INVALID_FIELD."""
        return _read(codec.read_query, self.message, data)


def schema_of(message: type[Any]) -> Schema:
    """The schema of a message that stands in a body or an answer."""
    return _made(message, MessageSchema)()


def query_schema_of(message: type[Any]) -> Schema:
    """The schema of a message that stands in a query."""
    return _made(message, QuerySchema)()


def _read(read: Callable[[type[Any], Any], Any], message: type[Any], data: Any) -> Any:
    try:
        return read(message, data)
    except codec.Malformed as wrong:
        raise Refusal(Problem.INVALID_FIELD, fields=dict(wrong.faults)) from None


_MADE: Final[dict[tuple[type[Any], type[MessageSchema]], type[MessageSchema]]] = {}
"""One class for each message: two of one name would be two components of the interface's document."""


def _made(message: type[Any], base: type[MessageSchema]) -> type[MessageSchema]:
    if (message, base) not in _MADE:
        members = {each.name: _documented(each) for each in codec.shape_of(message).members}
        name = _COMPONENTS.get(message, message.__name__)
        _MADE[message, base] = type(f"{name}Schema", (base,), {"message": message, **members})
    return _MADE[message, base]


def _documented(member: codec.Member) -> fields.Field[Any]:
    options: dict[str, Any] = {"required": member.required, "allow_none": member.nullable}
    if member.key != member.name:
        options["data_key"] = member.key
    if member.default not in (dataclasses.MISSING, ()) and (member.default is not None or member.nullable):
        options["load_default"] = member.default
    field = _field(member.kind, options)
    # A JSON Schema enum lists every allowed value, null included.
    null = {"enum": [*field.metadata["enum"], None]} if member.nullable and isinstance(member.kind, kinds.Code) else {}
    note = {} if member.note is None else {"description": member.note}
    field.metadata = {**field.metadata, **null, **note}
    return field


def _field(kind: kinds.Kind, options: dict[str, Any]) -> fields.Field[Any]:
    return next(make for known, make in _FIELDS if isinstance(kind, known))(kind, options)


def _text(kind: kinds.Kind, options: dict[str, Any]) -> fields.Field[Any]:
    return fields.String(metadata=limits_of(kind), **options)


def _whole(kind: kinds.Whole, options: dict[str, Any]) -> fields.Field[Any]:
    return fields.Integer(strict=True, metadata=limits_of(kind), **options)


def _moment(kind: kinds.Moment, options: dict[str, Any]) -> fields.Field[Any]:
    return fields.AwareDateTime(default_timezone=None, metadata=limits_of(kind), **options)


def _object(kind: kinds.OpenObject, options: dict[str, Any]) -> fields.Field[Any]:
    values = fields.List(fields.Dict(keys=fields.String())) if kind.of_lists else None
    return fields.Dict(keys=fields.String(), values=values, **options)


def _list(kind: codec.ListOf, options: dict[str, Any]) -> fields.Field[Any]:
    member = _field(kind.member, {})
    return fields.List(member, metadata=limits_of(kind), **options)


def _part(kind: codec.Part, options: dict[str, Any]) -> fields.Field[Any]:
    return fields.Nested(_made(kind.shape.message, MessageSchema), **options)


_FIELDS: Final[tuple[tuple[type[kinds.Kind], Callable[[Any, dict[str, Any]], fields.Field[Any]]], ...]] = (
    (kinds.Whole, _whole),
    (kinds.Text, _text),
    (kinds.OpenText, lambda _, options: fields.String(**options)),
    (kinds.OpenObject, _object),
    (kinds.Identifier, _text),
    (kinds.Code, _text),
    (kinds.YesNo, lambda _, options: fields.Boolean(**options)),
    (kinds.Day, lambda _, options: fields.Date(**options)),
    (kinds.Moment, _moment),
    (kinds.Octets, _text),
    (kinds.Blob, _text),
    (codec.ListOf, _list),
    (codec.Part, _part),
)
"""The marshmallow field that documents each kind of member."""
