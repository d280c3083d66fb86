"""Follows the registry's feed of events with a cursor file: each event is given at least once, in order."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gateway.errors import CursorBroken, RegistryAnswerBroken
from gateway.registry_client import RegistryClient
from serving.files import write_durably

EVENTS_DROPPED = "EVENTS_DROPPED"
"""The kind of what is ours and not an event: a gap in the feed."""
_MAX_CURSOR = 16


def follow(registry: RegistryClient, cursor: Path) -> Iterator[dict[str, Any]]:
    """The events behind the cursor, up to the newest.

    The cursor moves when the reader has taken a whole page: whoever dies in between is given that page again. Whoever
    stayed away for so long that events were dropped unread is told so, where they stood: read the records anew.
    """
    after = _read(cursor)
    while True:
        page = registry.events(after)
        if after and page["oldest"] > after + 1:
            yield {"kind": EVENTS_DROPPED, "after": after, "oldest": page["oldest"]}
        yield from page["events"]
        reached = page["next"]
        if reached < after or (reached == after and page["more"]):
            raise RegistryAnswerBroken("the registry's feed goes backwards")
        if reached != after:
            _write(cursor, reached)
        after = reached
        if not page["more"]:
            return


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
