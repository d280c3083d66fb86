"""Follow a list of the registry page by page."""

from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar
from uuid import UUID

from client.errors import RegistryAnswerBroken
from client.incarnations import Steady
from client.registry import RegistryClient


class Page(Protocol):
    """One page of a list; the next page follows the id ``next``; None on the last page."""

    @property
    def next(self) -> UUID | None: ...


P = TypeVar("P", bound=Page)


def pages(registry: RegistryClient, what: str, ask: Callable[[UUID | None], P]) -> Iterator[P]:
    """Yield all pages; ``ask`` gives the page behind an id.

    Raises RegistryAnswerBroken where the list of ``what`` does not advance, IncarnationChanged after a restore.
    """
    after, steady = None, Steady(registry)
    while True:
        page = ask(after)
        steady.check()
        yield page
        if page.next is None:
            return
        if page.next == after:
            raise RegistryAnswerBroken(f"the registry's list of {what} does not get on")
        after = page.next
