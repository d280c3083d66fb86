"""Reads what the registry answers: strict JSON of the agreed form, or RegistryAnswerBroken."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from client.errors import RegistryAnswerBroken
from protocol import strict_json
from protocol.wire import codec

MAX_ANSWER: Final = 16 * 1024 * 1024
FORM: Final = "answer-form"
"""The code of an answer whose members are not the agreed ones."""

_Value = TypeVar("_Value")


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
