"""Read the registry's answers: strict JSON of the agreed form, or RegistryAnswerBroken."""

from typing import Any, Final, TypeVar

from client.errors import RegistryAnswerBroken
from protocol import strict_json
from protocol.wire import codec

MAX_ANSWER: Final = 16 * 1024 * 1024
FORM: Final = "answer-form"
"""The code of an answer whose members are not the agreed ones."""

_Value = TypeVar("_Value")


def read_object(raw: bytes, limit: int) -> dict[str, Any]:
    """Read one JSON object of at most ``limit`` bytes."""
    try:
        return strict_json.load_object(raw, max_bytes=limit)
    except strict_json.StrictJsonError as trouble:
        what = f"the registry's answer is not acceptable JSON ({trouble.code.value})"
        raise RegistryAnswerBroken(what, "answer-not-json") from None


def message(kind: type[_Value], document: dict[str, Any]) -> _Value:
    """Read a message of the agreed form; members that a later release added are skipped."""
    try:
        return codec.read(kind, document, open_ended=True)
    except codec.Malformed:
        raise RegistryAnswerBroken("the registry's answer does not have the agreed form", FORM) from None
