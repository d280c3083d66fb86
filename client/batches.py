"""Read the streamed answer to a batch: a verdict a row, and the closing line that says that it is whole."""

from collections.abc import Sequence
from typing import Final, TypeVar

from client.answers import message, read_object
from client.errors import RegistryRefused
from protocol import strict_json
from protocol.problems import Problem

_MAX_LINE: Final = 256 * 1024
"""A verdict may name many records that its row took out."""
_Verdict = TypeVar("_Verdict")


def whole(kind: type[_Verdict], stream: bytes) -> Sequence[_Verdict] | None:
    """Return the verdict lines of a whole answer; None where the closing line is missing.

    Raises RegistryRefused where an answer that is not whole ends with a refusal that the same rows get again.
    """
    *lines, rest = stream.split(b"\n")
    closing = read_object(lines.pop(), _MAX_LINE) if lines and not rest else {}
    if closing.get("end") is True:
        return [message(kind, read_object(line, _MAX_LINE)) for line in lines]
    _check_end(stream)
    return None


def _check_end(stream: bytes) -> None:
    last = stream.rstrip(b"\n").rpartition(b"\n")[2]
    try:
        problem = strict_json.load_object(last, max_bytes=_MAX_LINE).get("problem")
    except strict_json.StrictJsonError:
        return  # the answer was cut off in the middle of a line
    for hopeless in (Problem.TOO_MANY_MALFORMED_ROWS.value, Problem.IDEMPOTENCY_KEY_REUSED.value):
        if isinstance(problem, dict) and problem.get("type") == hopeless.urn:
            raise RegistryRefused(hopeless.name, hopeless.status, ())
