"""Keeps the last rule book, so that an act reads the names of the approved versions and not their documents."""

from collections.abc import Callable

from registry.policy.rules import RuleBook
from registry.store.rules import Approvals


class KnownBooks:
    """One in each process. An approved version never changes, and the entry of its approval tells it from all others.

    Of two threads that read different books at once the last one's is kept: both judge by the book that they named.
    """

    def __init__(self) -> None:
        self._last: tuple[RuleBook, Approvals, RuleBook] | None = None

    def find(self, founding: RuleBook, approvals: Approvals, read: Callable[[], RuleBook]) -> RuleBook:
        """Return the book of the founding and these approved versions, or read it and keep it."""
        last = self._last
        if last is None or last[0] is not founding or last[1] != approvals:
            self._last = last = (founding, approvals, read())
        return last[2]
