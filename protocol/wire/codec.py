"""Read JSON values into messages, strictly, and write messages as JSON values: from their annotations alone.

A message is a frozen dataclass. A member without a default is always there; a member with one is left out where it
has its default, and is not null. ``X | None`` without a default is written as null. A member's annotation tells the
kind of its value, see protocol.wire.fields.
"""

import dataclasses
import datetime as dt
import json
import types
import typing
import uuid
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final, TypeVar, cast

from protocol.encodings import canonical_json
from protocol.problems import FieldCode
from protocol.wire.kinds import Added, Code, Day, Fault, Identifier, Items, Key, Kind, Moment, Note, Nullable, YesNo

M = TypeVar("M")

WHOLE: Final = "."
"""The path of the message itself in ``Malformed.faults``."""
_PLAIN: Final[dict[Any, Kind]] = {bool: YesNo(), dt.date: Day(), dt.datetime: Moment(), uuid.UUID: Identifier()}


class Malformed(ValueError):
    """A malformed message; ``faults`` maps wrong paths to reasons. No value and no unknown name is repeated."""

    def __init__(self, faults: Mapping[str, FieldCode]) -> None:
        super().__init__("malformed")
        self.faults = faults


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One member of a message: ``name`` is Python's, ``key`` the wire's."""

    name: str
    key: str
    kind: Kind
    nullable: bool
    """Null is one of its values."""
    default: Any
    """The meaning of an absent member; ``dataclasses.MISSING`` where it has to be present."""
    note: str | None
    added: Added | None = None
    """The meaning of an absent member in an answer of an earlier release."""

    @property
    def required(self) -> bool:
        """Tell whether the member has to be present."""
        return self.default is dataclasses.MISSING


class Shape:
    """A message's members, with their readers and writers."""

    __slots__ = ("_added", "_keys", "_needed", "_readers", "_required", "_writers", "members", "message")

    def __init__(self, message: type[Any]) -> None:
        self.message = message
        hints = typing.get_type_hints(message, include_extras=True)
        self.members = tuple(_member(each, hints[each.name]) for each in dataclasses.fields(message) if each.init)
        self._keys = {each.key: each for each in self.members}
        self._added = {each.key: each.added.value for each in self.members if each.added is not None}
        self._needed = tuple(each for each in self.members if each.required)
        self._required = frozenset(each.name for each in self._needed)
        self._readers = {each.key: (each.name, each.kind.read, each.nullable) for each in self.members}
        self._writers = tuple((each.name, each.key, each.kind.write, each.default) for each in self.members)

    def read(self, document: Any, *, open_ended: bool = False) -> Any:
        """Read the message; raises Malformed. ``open_ended``: the sender may be of another release, see ``read``."""
        if type(document) is not dict:
            raise Malformed({WHOLE: FieldCode.WRONG_TYPE})
        if open_ended:
            document = {**self._added, **document}
        else:
            try:
                return self._read_whole(document)
            except (KeyError, ValueError):
                pass  # read it again, member by member, to name every fault
        faults = {} if open_ended or document.keys() <= self._keys.keys() else {WHOLE: FieldCode.UNKNOWN_FIELD}
        present = [(member, document[key]) for key, member in self._keys.items() if key in document]
        return self._built(present, faults, _read_newer if open_ended else _read)

    def _read_whole(self, document: dict[str, Any]) -> Any:
        """Read a message without a fault; raises KeyError or ValueError for any other."""
        values: dict[str, Any] = {}
        for key, value in document.items():
            name, read, nullable = self._readers[key]
            if value is None and not nullable:
                raise ValueError
            values[name] = None if value is None else read(value)
        if not self._required <= values.keys():
            raise ValueError
        return self.message(**values)

    def read_query(self, texts: Mapping[str, str]) -> Any:
        """Read the message of a query's parameters; raises Malformed."""
        faults = {} if texts.keys() <= self._keys.keys() else {WHOLE: FieldCode.UNKNOWN_FIELD}
        present = [(member, texts[key]) for key, member in self._keys.items() if key in texts]
        return self._built(present, faults, lambda kind, text: kind.read_text(text))

    def _built(
        self, present: list[tuple[Member, Any]], faults: dict[str, FieldCode], read: Callable[[Kind, Any], Any]
    ) -> Any:
        values: dict[str, Any] = {}
        for member, value in present:
            values[member.name] = None
            if value is not None:
                try:
                    values[member.name] = read(member.kind, value)
                except (Fault, Malformed) as wrong:
                    _note(faults, member.key, wrong)
            elif not member.nullable:
                faults[member.key] = FieldCode.NULL
        faults |= {each.key: FieldCode.REQUIRED for each in self._needed if each.name not in values}
        if faults:
            raise Malformed(faults)
        try:
            return self.message(**values)
        except ValueError:
            raise Malformed({WHOLE: FieldCode.INVALID}) from None

    def write(self, value: Any) -> dict[str, Any]:
        """Write the JSON-ready object; members that have their default are left out."""
        document: dict[str, Any] = {}
        for name, key, write, default in self._writers:
            member = getattr(value, name)
            if member is None:
                if default is dataclasses.MISSING:
                    document[key] = None
            elif default is dataclasses.MISSING or member != default:
                document[key] = write(member)
        return document


class Part(Kind):
    """A member that is a message of its own."""

    __slots__ = ("_message",)

    def __init__(self, message: type[Any]) -> None:
        self._message = message

    @property
    def shape(self) -> Shape:
        """The part's own members."""
        return shape_of(self._message)

    def read(self, value: Any) -> Any:
        return self.shape.read(value)

    def read_newer(self, value: Any) -> Any:
        return self.shape.read(value, open_ended=True)

    def write(self, value: Any) -> dict[str, Any]:
        return self.shape.write(value)


class ListOf(Kind):
    """A list of ``least`` to ``most`` members of one kind, as a tuple."""

    __slots__ = ("least", "member", "most")

    def __init__(self, member: Kind, bounds: Items) -> None:
        self.member, self.least, self.most = member, bounds.least, bounds.most

    def read(self, value: Any) -> tuple[Any, ...]:
        if isinstance(value, list) and not self.least <= len(value) <= self.most:
            raise Fault(FieldCode.OUT_OF_RANGE)
        return self._each(value, self.member.read)

    def read_newer(self, value: Any) -> tuple[Any, ...]:
        return self._each(value, self.member.read_newer)

    def _each(self, value: Any, read: Callable[[Any], Any]) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise Fault(FieldCode.WRONG_TYPE)
        members: list[Any] = []
        faults: dict[str, FieldCode] = {}
        for place, member in enumerate(value):
            if member is None:
                faults[str(place)] = FieldCode.NULL
                continue
            try:
                members.append(read(member))
            except (Fault, Malformed) as wrong:
                _note(faults, str(place), wrong)
        if faults:
            raise Malformed(faults)
        return tuple(members)

    def write(self, value: tuple[Any, ...]) -> list[Any]:
        return [self.member.write(each) for each in value]


_SHAPES: Final[dict[type[Any], Shape]] = {}
"""Made once for each message; two threads that make the same one make equal ones."""


def shape_of(message: type[Any]) -> Shape:
    """Return the shape of a message class."""
    shape = _SHAPES.get(message)
    if shape is None:
        shape = _SHAPES[message] = Shape(message)
    return shape


def read(message: type[M], document: Any, *, open_ended: bool = False) -> M:
    """Read the message in a JSON value; raises Malformed.

    ``open_ended``: the sender may be of another release. Members that ours added are completed, unknown members are
    skipped, numbers and lists may pass our bounds, and an unknown word of a vocabulary is given as a plain text, unless
    somebody acts on that vocabulary.
    """
    value: M = shape_of(message).read(document, open_ended=open_ended)
    return value


def read_query(message: type[M], texts: Mapping[str, str]) -> M:
    """Read the message in a query's parameters, each there once; raises Malformed."""
    value: M = shape_of(message).read_query(texts)
    return value


def write(value: Any) -> dict[str, Any]:
    """Write the JSON-ready object of a message."""
    return shape_of(type(value)).write(value)


def message_of(message: type[M], value: object, **members: Any) -> M:
    """Build a message from a value's attributes of the same names; ``members`` are the others."""
    names = (member.name for member in shape_of(message).members if member.name not in members)
    return message(**{name: getattr(value, name) for name in names}, **members)


def write_sorted(value: Any) -> dict[str, Any]:
    """Write a message for somebody to read: members in the order of their names, as canonical JSON has them."""
    document: dict[str, Any] = json.loads(canonical_json(write(value)))
    return document


def _read(kind: Kind, value: Any) -> Any:
    return kind.read(value)


def _read_newer(kind: Kind, value: Any) -> Any:
    return kind.read_newer(value)


def _note(faults: dict[str, FieldCode], key: str, wrong: "Fault | Malformed") -> None:
    if isinstance(wrong, Fault):
        faults[key] = wrong.code
        return
    for path, code in wrong.faults.items():
        faults[key if path == WHOLE else f"{key}.{path}"] = code


def _member(field: dataclasses.Field[Any], hint: Any) -> Member:
    bare, marks, nullable = _unwrapped(hint)
    default = field.default
    required = default is dataclasses.MISSING
    key = next((each.name for each in marks if isinstance(each, Key)), field.name)
    note = next((each.text for each in marks if isinstance(each, Note)), None)
    added = next((each for each in marks if isinstance(each, Added)), None)
    may_be_null = nullable and (required or any(isinstance(each, Nullable) for each in marks))
    kind = _kind(bare, marks)
    return Member(name=field.name, key=key, kind=kind, nullable=may_be_null, default=default, note=note, added=added)


def _unwrapped(hint: Any) -> tuple[Any, tuple[Any, ...], bool]:
    """Unwrap a type: without ``Annotated`` and ``| None``, with its marks, and whether it may be None."""
    marks: tuple[Any, ...] = ()
    nullable = False
    while True:
        if typing.get_origin(hint) is typing.Annotated:
            hint, *more = typing.get_args(hint)
            marks += tuple(more)
        elif typing.get_origin(hint) in (types.UnionType, typing.Union):
            (hint,) = (each for each in typing.get_args(hint) if each is not type(None))
            nullable = True
        else:
            return hint, marks, nullable


def _kind(bare: Any, marks: tuple[Any, ...]) -> Kind:
    for each in marks:
        if isinstance(each, Kind):
            return each
    if typing.get_origin(bare) is tuple:
        inner, inner_marks, _ = _unwrapped(typing.get_args(bare)[0])
        bounds = next(each for each in marks if isinstance(each, Items))
        return ListOf(_kind(inner, inner_marks), bounds)
    if bare in _PLAIN:
        return _PLAIN[bare]
    if isinstance(bare, type) and issubclass(bare, StrEnum):
        return Code(tuple(bare))
    if dataclasses.is_dataclass(bare):
        return Part(cast("type[Any]", bare))
    raise TypeError(f"{bare} needs a kind")
