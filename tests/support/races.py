"""Calls that begin at the same moment, and how each ended."""

import threading
from collections.abc import Callable
from typing import Any

from protocol.problems import Refusal


def at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Run ``work`` in threads that start together; what each gave, or the exception that it raised."""
    start = threading.Barrier(count)
    answers: list[Any] = [None] * count

    def run(number: int) -> None:
        start.wait(10)
        try:
            answers[number] = work(number)
        except Exception as error:  # noqa: BLE001 - handed to the test, which looks at it
            answers[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    return answers


def outcome_of(step: Callable[[], object]) -> str:
    try:
        return str(step())
    except Refusal as refusal:
        return refusal.problem.value.name
