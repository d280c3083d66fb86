"""Reads what the registry answers: strict JSON of the agreed form, or RegistryAnswerBroken."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from client.errors import RegistryAnswerBroken, RegistryRefused
from protocol import strict_json
from protocol.messages.records import RowVerdict
from protocol.problems import Problem
from protocol.wire import codec

MAX_ANSWER: Final = 16 * 1024 * 1024
FORM: Final = "answer-form"
"""The code of an answer whose members are not the agreed ones."""
_MAX_LINE: Final = 256 * 1024
"""A verdict may name many records that its row took out."""

_Value = TypeVar("_Value")


def verdicts(stream: bytes) -> list[RowVerdict] | None:
    """The verdict lines of a whole answer, or None without the closing line that only a whole one has."""
    *lines, rest = stream.split(b"\n")
    closing = read_object(lines.pop(), _MAX_LINE) if lines and not rest else {}
    if closing.get("end") is not True:
        return None
    return [message(RowVerdict, read_object(line, _MAX_LINE)) for line in lines]


def check_end(stream: bytes) -> None:
    """Raise RegistryRefused where an answer that is not whole ends with a refusal that the same rows get again."""
    last = stream.rstrip(b"\n").rpartition(b"\n")[2]
    try:
        problem = strict_json.load_object(last, max_bytes=_MAX_LINE).get("problem")
    except strict_json.StrictJsonError:
        return  # cut off in the middle of a line
    for hopeless in (Problem.TOO_MANY_MALFORMED_ROWS.value, Problem.IDEMPOTENCY_KEY_REUSED.value):
        if isinstance(problem, dict) and problem.get("type") == hopeless.urn:
            raise RegistryRefused(hopeless.name, hopeless.status, ())


def read_object(raw: bytes, limit: int) -> dict[str, Any]:
    """One JSON object of at most ``limit`` bytes."""
    try:
        return strict_json.load_object(raw, max_bytes=limit)
    except strict_json.StrictJsonError as trouble:
        what = f"the registry's answer is not acceptable JSON ({trouble.code.value})"
        raise RegistryAnswerBroken(what, "answer-not-json") from None


def items(document: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The list of objects under a name."""
    found = document.get(name)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise RegistryAnswerBroken(f"the registry's answer has no list {name}", FORM)
    return found


def have(document: dict[str, Any], members: Mapping[str, type | None]) -> dict[str, Any]:
    """The document, which has each of these members, of exactly that type (None: of any)."""
    for name, kind in members.items():
        if name not in document or (kind is not None and type(document[name]) is not kind):
            raise RegistryAnswerBroken(f"the registry's answer has no {name} of the agreed form", FORM)
    return document


def read(reader: Callable[[dict[str, Any]], _Value], document: dict[str, Any]) -> _Value:
    """What ``reader`` makes of a document of the agreed form."""
    try:
        return reader(document)
    except (KeyError, TypeError, ValueError):
        raise RegistryAnswerBroken("the registry's answer does not have the agreed form", FORM) from None


def message(kind: type[_Value], document: dict[str, Any]) -> _Value:
    """The message of the agreed form; members that a later release added are skipped."""
    try:
        return codec.read(kind, document, open_ended=True)
    except codec.Malformed:
        raise RegistryAnswerBroken("the registry's answer does not have the agreed form", FORM) from None
