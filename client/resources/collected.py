"""Call the registry about payments that carriers take for each other."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote, urlencode
from uuid import UUID

from client.errors import RegistryAnswerBroken
from client.incarnations import Steady
from client.registry import RegistryClient
from protocol.messages.collected import (
    MAX_LINES,
    Collection,
    CollectionAnswerBody,
    CollectionOrder,
    CollectionReceipt,
    NetStatement,
    NetStatementQuery,
    SignedCollection,
)
from protocol.states import Form
from protocol.wire.codec import write

_PATH = "/v1/collections"


def collect(registry: RegistryClient, order: CollectionOrder, *, key: str) -> CollectionReceipt:
    """Report that a whole quote was paid at the caller's counter."""
    return registry.post(_PATH, order, CollectionReceipt, key=key)


def read(registry: RegistryClient, collection_id: UUID) -> SignedCollection:
    """Read a payment that the caller took, or that was taken for it."""
    return registry.get(f"{_PATH}/{collection_id}", SignedCollection)


def answer(registry: RegistryClient, collection_id: UUID, body: CollectionAnswerBody) -> Collection:
    """Confirm or refuse a payment that was taken for the caller; the same answer again is the same answer."""
    key = f"collection-{body.answer}-{collection_id}"
    return registry.post(f"{_PATH}/{collection_id}/answer", body, Collection, key=key)


def net_statement(
    registry: RegistryClient, month: str, other: str, *, between: str | None = None, limit: int = MAX_LINES
) -> NetStatement:
    """Read a whole month with another carrier: the lines of all pages under the sums of the last one.

    An office names the first one of two carriers in ``between``.
    """
    pages = list(_pages(registry, month, other, NetStatementQuery(between=between, limit=limit)))
    counted = tuple(line for page in pages for line in page.counted)
    apart = tuple(line for page in pages for line in page.apart)
    return replace(pages[-1], counted=counted, apart=apart)


def net_lines(registry: RegistryClient, month: str, other: str, *, limit: int = MAX_LINES) -> str:
    """Read the lines of a whole month as one RFC 4180 table."""
    query, steady, lines = NetStatementQuery(format=Form.CSV, limit=limit), Steady(registry), []
    while True:
        table = registry.get_table(f"{_month(month, other)}?{urlencode(write(query))}")
        header, *page = table.splitlines(keepends=True)
        steady.check()
        lines += page
        if len(page) < limit:
            return header + "".join(lines)
        query = replace(query, after=_last_of(page))


def _pages(registry: RegistryClient, month: str, other: str, query: NetStatementQuery) -> Iterator[NetStatement]:
    steady = Steady(registry)
    while True:
        page = registry.get(_month(month, other), NetStatement, query)
        steady.check()
        yield page
        if page.next is None:
            return
        # A page that names itself as the next one would be read for ever.
        if page.next == query.after:
            raise RegistryAnswerBroken("the registry's net statement does not get on")
        query = replace(query, after=page.next)


def _month(month: str, other: str) -> str:
    return f"/v1/net-statements/{quote(month, safe='')}/{quote(other, safe='')}"


def _last_of(lines: list[str]) -> UUID:
    try:
        return UUID(lines[-1].partition(",")[0])
    except ValueError:
        raise RegistryAnswerBroken("the registry's table has a line without an id") from None
