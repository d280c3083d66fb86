"""The stream of openings as values: what an entry says, with what proves that it is what the public log commits to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from auditlog.errors import LogRefused
from protocol import strict_json
from protocol.encodings import b64url_decode
from protocol.log_entries import SALT_BYTES

PAGE: Final = 5_000
MAX_LINE_BYTES: Final = 256 * 1024
_SIGNATURE_BYTES: Final = 64
_MEMBERS: Final = frozenset(
    {"index", "id", "core", "core_salt", "personal", "personal_salt", "erased_by", "request"},
)

FetchPage = Callable[[int, int], bytes]
"""Gives the NDJSON from an index on, with a limit; `client.resources.log.openings` is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRequest:
    """The signed request that an entry came from, as its signer cannot deny it."""

    key_id: str
    signature_base: bytes = field(repr=False)
    signature: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """One entry opened; ``personal`` is gone once it was erased."""

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
    """The lines of one answer, None for one that cannot be read; ``next`` is where to go on."""

    lines: tuple[Opening | None, ...]
    next: int


def each_opening(fetch: FetchPage, start: int) -> Iterator[Opening | None]:
    """Every opening from an index on, page by page, up to the published head; None for a line that cannot be read."""
    while True:
        page = parse_page(fetch(start, PAGE))
        yield from page.lines
        if page.next <= start:
            return
        start = page.next


def parse_page(raw: bytes) -> Page:
    """The lines of an answer; raises LogRefused ``openings-cut`` without the closing line that a whole one has."""
    *lines, rest = raw.split(b"\n")
    closing = _object(lines.pop()) if lines and not rest else None
    if closing is None or closing.get("end") is not True or type(closing.get("next")) is not int:
        raise LogRefused("openings-cut", "the stream of openings has no end")
    return Page(tuple(map(parse_opening, lines)), closing["next"])


def parse_opening(line: bytes) -> Opening | None:
    """One line, or None where it does not have the agreed form."""
    document = _object(line)
    if document is None or not document.keys() <= _MEMBERS or type(document.get("index")) is not int:
        return None
    try:
        return Opening(
            index=document["index"],
            entry_id=_uuid(document["id"]),
            core=document["core"].encode("utf-8"),
            core_salt=b64url_decode(document["core_salt"], length=SALT_BYTES),
            personal=document["personal"].encode("utf-8") if "personal" in document else None,
            personal_salt=b64url_decode(document["personal_salt"], length=SALT_BYTES)
            if "personal_salt" in document
            else None,
            erased_by=_uuid(document["erased_by"]) if "erased_by" in document else None,
            request=_request(document["request"]) if "request" in document else None,
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _request(document: Any) -> KeptRequest:
    key_id = document["key_id"]
    if not isinstance(key_id, str) or set(document) != {"key_id", "signature_base", "signature"}:
        raise TypeError
    return KeptRequest(
        key_id=key_id,
        signature_base=b64url_decode(document["signature_base"]),
        signature=b64url_decode(document["signature"], length=_SIGNATURE_BYTES),
    )


def _uuid(text: Any) -> UUID:
    found = UUID(text)
    if str(found) != text:
        raise ValueError
    return found


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        return strict_json.load_object(line, max_bytes=MAX_LINE_BYTES)
    except strict_json.StrictJsonError:
        return None
