"""Reads the problem documents that peers send (RFC 9457), and trust nothing in them."""

import re
from typing import Final

from client.peer import Answer
from protocol import strict_json
from protocol.encodings import MAX_JSON_INTEGER
from protocol.names import UUID_PATTERN
from protocol.problems import URN, Problem

_KNOWN: Final = {each.value.name for each in Problem}
_MAX_PROBLEM: Final = 64 * 1024
_WORD: Final = re.compile(r"[A-Za-z0-9_.\[\]-]{1,64}")
_UUID: Final = re.compile(UUID_PATTERN)
_MAX_ERRORS: Final = 20


def problem_name(answer: Answer) -> str:
    """Read the stable name of the refusal; ``unknown`` for a name that our own table lacks."""
    kind = _document(answer).get("type")
    name = kind.removeprefix(URN) if isinstance(kind, str) else ""
    return name if name in _KNOWN else "unknown"


def problem_errors(answer: Answer) -> tuple[tuple[str, str], ...]:
    """Read the (field, code) pairs of a refusal, as far as they are plain words."""
    errors = _document(answer).get("errors")
    listed = errors[:_MAX_ERRORS] if isinstance(errors, list) else []
    pairs = [(_word(each.get("field")), _word(each.get("code"))) for each in listed if isinstance(each, dict)]
    return tuple((field, code) for field, code in pairs if field and code)


def problem_figures(answer: Answer) -> dict[str, int | str]:
    """Read the further members of a refusal that we know.

    ``missing_fen`` of a settlement that is not in full, ``left_fen`` of a deposit, ``creditor`` of a debt that was
    transferred, ``activation_id`` of the report that stands, ``party`` of a ceremony.
    """
    document, figures = _document(answer), dict[str, int | str]()
    activation = document.get("activation_id")
    for name in ("missing_fen", "left_fen"):
        fen = document.get(name)
        if type(fen) is int and 0 < fen <= MAX_JSON_INTEGER:
            figures[name] = fen
    for name in ("creditor", "party"):
        participant = _word(document.get(name))
        if participant:
            figures[name] = participant
    if isinstance(activation, str) and _UUID.fullmatch(activation) is not None:
        figures["activation_id"] = activation
    return figures


def _word(value: object) -> str:
    return value if isinstance(value, str) and _WORD.fullmatch(value) is not None else ""


def _document(answer: Answer) -> dict[str, object]:
    try:
        return strict_json.load_object(answer.body, max_bytes=_MAX_PROBLEM)
    except strict_json.StrictJsonError:
        return {}
