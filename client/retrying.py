"""Decides when a call that the registry refused is worth repeating, and after which pause."""

from typing import Final

from client.peer import Answer
from client.problems import problem_name
from protocol.problems import Problem

BUSY_SECONDS: Final = 300.0
"""The seconds that a batch waits for its turn, beside the attempts: the registry is up and names the pause."""
_AGAIN: Final = frozenset({429, 502, 503, 504})
_IN_FLIGHT: Final = 409


def worth_repeating(answer: Answer) -> bool:
    """Tell whether the same request may get another answer."""
    return answer.status in _AGAIN or (answer.status == _IN_FLIGHT and problem_name(answer) == "in-flight")


def waits_for_its_turn(answer: Answer) -> bool:
    """Tell whether the registry already runs as many batches as it may: that is no failed attempt."""
    return problem_name(answer) == Problem.TOO_MANY_BATCHES.value.name


def asked_pause(answer: Answer, pause: float, longest: float) -> float:
    """Read the pause that the answer asks for, up to the longest; ``pause`` where it asks for none."""
    asked = answer.headers.get("Retry-After", "")
    return min(float(asked), longest) if asked.isascii() and asked.isdigit() else pause
