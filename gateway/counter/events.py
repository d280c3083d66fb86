"""Follow the registry's feed of events with a cursor file: each event is given at least once, in order."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from client.errors import RegistryAnswerBroken, RegistryRefused
from client.incarnations import refuse_fall
from client.registry import RegistryClient
from client.resources.events import read_page
from gateway.errors import CursorBroken
from protocol.incarnation import read_cursor
from protocol.messages.events import MAX_EVENTS, FeedPage
from protocol.problems import Problem
from serving.files import write_durably

EVENTS_DROPPED = "EVENTS_DROPPED"
"""The gateway's own kind for a gap in the feed, which is no event of the registry."""
TOO_OLD = "TOO_OLD"
RESTORED = "RESTORED"
_MAX_CURSOR = 16
_ENDS_BEFORE = (
    "the registry's feed ends before the cursor: it was put back to a backup and says nothing of it; ask its operator"
)


def follow(registry: RegistryClient, cursor: Path, *, limit: int = MAX_EVENTS) -> Iterator[dict[str, Any]]:
    """Yield the events behind the cursor, up to the newest.

    The cursor moves when the reader has taken a whole page: a reader that dies in between is given that page again.
    A reader that stayed away for so long that events were dropped unread gets an EVENTS_DROPPED in their place, and has
    to read its records anew. So does every reader after a restore of the registry, which then gets the restored feed
    from its beginning. A cursor names the incarnation that gave it; raises IncarnationWentBack for a later one.
    """
    after = _read(cursor)
    while True:
        page = _page(registry, after, limit)
        if after and page.oldest > after + 1:
            yield {"kind": EVENTS_DROPPED, "reason": _reason(after, page), "after": after, "oldest": page.oldest}
        yield from page.events
        reached = page.next
        if reached < after or (reached == after and page.more):
            raise RegistryAnswerBroken("the registry's feed goes backwards")
        if reached != after:
            _write(cursor, reached)
        after = reached
        if not page.more:
            return


def _page(registry: RegistryClient, after: int, limit: int) -> FeedPage:
    try:
        return read_page(registry, after, limit=limit)
    except RegistryRefused as refused:
        if refused.problem != Problem.INCARNATION_DIFFERS.value.name:
            raise
        made_under, now = read_cursor(after)[0], registry.incarnations.newest
        refuse_fall(made_under, now)
        # The incarnation is the same, but it never gave this place: nobody declared the restore of a backup.
        raise RegistryAnswerBroken(_ENDS_BEFORE, "feed-went-back") from None


def _reason(after: int, page: FeedPage) -> str:
    return TOO_OLD if read_cursor(after)[0] == read_cursor(page.oldest)[0] else RESTORED


def dropped_words(event: Mapping[str, Any]) -> str:
    """Explain a gap in the feed to a clerk."""
    why = {
        RESTORED: "the registry was restored from a backup: some events were lost, and what it has comes once more",
        TOO_OLD: "events were dropped before they were read",
    }[event["reason"]]
    return f"{why}; look at your records and at your open disputes with their terms anew"


def _read(cursor: Path) -> int:
    if not cursor.exists():
        return 0
    text = cursor.read_bytes()[: _MAX_CURSOR + 2].removesuffix(b"\n").decode("ascii", "replace")
    if not text.isascii() or not text.isdigit() or str(int(text)) != text or len(text) > _MAX_CURSOR:
        raise CursorBroken(f"{cursor}: is no cursor of ours")
    return int(text)


def _write(cursor: Path, position: int) -> None:
    """Replace the file whole and only after its content is on the disk."""
    write_durably(cursor, f"{position}\n".encode())
