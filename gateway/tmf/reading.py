"""Read a message of TM Forum's by its shape, and refuse members that it has no place for; values are never repeated."""

import datetime as dt
import re
from typing import Any, Final, TypeVar

from gateway.local import members
from protocol.problems import Problem, Refusal
from protocol.wire.codec import ListOf, Malformed, Part, Shape, read, shape_of
from protocol.wire.kinds import Kind

_TIME: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_MICROSECONDS: Final = 6
_YEARS: Final = (1900, 9998)
_Message = TypeVar("_Message")


def read_message(message: type[_Message], document: dict[str, Any], *, is_open: bool = False) -> _Message:
    """Read a message; raises Refusal, which names members by their paths (``relatedParty.0.role``).

    Members of TM Forum's that we do not read are passed over, and null is as good as absent. Any other member is
    refused, unless the message ``is_open``.
    """
    try:
        return read(message, _read_members(shape_of(message), document, "", is_open=is_open))
    except Malformed as wrong:
        codes = {path: code.name for path, code in wrong.faults.items()}
        raise Refusal(Problem.INVALID_FIELD, fields=codes) from None


def read_time(text: str, path: str) -> tuple[dt.datetime, dt.timedelta]:
    """Read a time of RFC 3339 as a moment in UTC, and its fineness; raises Refusal."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise members.invalid(path, "NOT_A_TIME")
    seconds, fraction, offset = found[1], (found[2] or "")[:_MICROSECONDS], found[3]
    try:
        moment = dt.datetime.fromisoformat(seconds + ("+00:00" if offset == "Z" else offset)).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise members.invalid(path, "NOT_A_TIME") from None
    if not _YEARS[0] <= moment.year <= _YEARS[1]:
        raise members.invalid(path, "OUT_OF_RANGE")
    microseconds = int(fraction.ljust(_MICROSECONDS, "0"))
    fineness = dt.timedelta(microseconds=10 ** (_MICROSECONDS - len(fraction)))
    return moment.replace(microsecond=microseconds), fineness


def _read_members(shape: Shape, document: dict[str, Any], path: str, *, is_open: bool) -> dict[str, Any]:
    """Keep the members that the shape has, in its parts too; raises Refusal for those that nobody agreed on."""
    kinds = {each.key: each.kind for each in shape.members}
    if not is_open:
        members.only(document, kinds.keys() | shape.message.NOT_READ, path)
    return {
        name: _read_part(kinds[name], value, f"{path}{name}", is_open=is_open)
        for name, value in document.items()
        if name in kinds and value is not None
    }


def _read_part(kind: Kind, value: Any, path: str, *, is_open: bool) -> Any:
    if isinstance(kind, ListOf) and isinstance(value, list):
        within = kind.member
        return [_read_part(within, each, f"{path}.{place}", is_open=is_open) for place, each in enumerate(value)]
    if isinstance(kind, Part) and isinstance(value, dict):
        return _read_members(kind.shape, value, f"{path}.", is_open=is_open)
    return value
