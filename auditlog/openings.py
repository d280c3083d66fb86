"""Read the stream of openings as values: an entry's content, and the proof that the public log commits to it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from auditlog.errors import LogRefused
from protocol import strict_json
from protocol.encodings import b64url_decode
from protocol.messages import log as messages
from protocol.messages.log import OpeningLine
from protocol.wire.codec import read

PAGE: Final = 5_000
MAX_LINE_BYTES: Final = 256 * 1024
_NEEDED: Final = frozenset({"index", "id", "core", "core_salt"})
_MEMBERS: Final = _NEEDED | {"personal", "personal_salt", "erased_by", "request"}
"""The members of an entry's line; the closing line has others."""

FetchPage = Callable[[int, int], bytes]
"""Gives the NDJSON from an index on, with a limit; `client.resources.log.openings` is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRequest:
    """The signed request behind an entry, which its signer cannot deny."""

    key_id: str
    signature_base: bytes = field(repr=False)
    signature: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """One opened entry; ``personal`` is None once it was erased."""

    index: int
    entry_id: UUID
    core: bytes = field(repr=False)
    core_salt: bytes = field(repr=False)
    personal: bytes | None = field(default=None, repr=False)
    personal_salt: bytes | None = field(default=None, repr=False)
    erased_by: UUID | None = None
    request: KeptRequest | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """The lines of one answer, None for an unreadable one; ``next`` is the index of the next page."""

    lines: tuple[Opening | None, ...]
    next: int


def each_opening(fetch: FetchPage, start: int) -> Iterator[Opening | None]:
    """Yield every opening from an index on, page by page, up to the published head; None for an unreadable line."""
    while True:
        page = parse_page(fetch(start, PAGE))
        yield from page.lines
        if page.next <= start:
            return
        start = page.next


def parse_page(raw: bytes) -> Page:
    """Parse the lines of an answer; raises LogRefused ``openings-cut`` where the closing line is missing."""
    *lines, rest = raw.split(b"\n")
    closing = _object(lines.pop()) if lines and not rest else None
    if closing is None or closing.get("end") is not True or type(closing.get("next")) is not int:
        raise LogRefused("openings-cut", "the stream of openings has no end")
    return Page(tuple(map(parse_opening, lines)), closing["next"])


def parse_opening(line: bytes) -> Opening | None:
    """Parse one line; None where it does not have the agreed form."""
    document = _object(line)
    if document is None or not _NEEDED <= document.keys() <= _MEMBERS:
        return None
    try:
        return _opening(read(OpeningLine, document))
    except ValueError:
        return None


def _opening(line: OpeningLine) -> Opening | None:
    if line.index is None or line.id is None or line.core is None or line.core_salt is None:
        return None
    return Opening(
        index=line.index,
        entry_id=line.id,
        core=line.core.encode("utf-8"),
        core_salt=line.core_salt,
        personal=None if line.personal is None else line.personal.encode("utf-8"),
        personal_salt=line.personal_salt,
        erased_by=line.erased_by,
        request=None if line.request is None else _request(line.request),
    )


def _request(request: messages.KeptRequest) -> KeptRequest:
    signature_base = b64url_decode(request.signature_base)
    return KeptRequest(key_id=request.key_id, signature_base=signature_base, signature=request.signature)


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        return strict_json.load_object(line, max_bytes=MAX_LINE_BYTES)
    except strict_json.StrictJsonError:
        return None
