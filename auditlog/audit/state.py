"""Keep the progress of an audit in a file: the verified right edge of the tree, and the facts from openings so far.

A second file, ``<state>.erased``, holds the erasure that each erased entry names, 20 bytes each. It only grows
while an audit goes on, and the state commits to its beginning by length and digest: bytes behind that are
left from a crash and are overwritten.
"""

import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from auditlog.audit.erasures import Erasures, read_erasures, records_size
from auditlog.audit.requests import KeyBook, KnownKey
from auditlog.errors import LogRefused
from crypto.errors import TlogRefused
from crypto.tlog.frontier import Frontier
from protocol import strict_json
from protocol.encodings import canonical_json
from serving.files import append_durably, read_bounded, remove_durably, write_durably

MAX_STATE_BYTES: Final = 1 << 30
_VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditState:
    """``frontier`` was compared with a signed head; ``is_whole`` is False where an audit was interrupted there.

    ``began_at`` is the size of the head at which an interrupted audit began with the first entry; what was erased up
    to there was erased when the first opening was read. 0 for an audit of what is new.
    """

    origin: str
    frontier: Frontier = field(default_factory=Frontier, repr=False)
    is_whole: bool = True
    began_at: int = 0
    with_openings: bool = False
    book: KeyBook = field(default_factory=KeyBook, repr=False)
    erasures: Erasures = field(default_factory=Erasures, repr=False)

    def encode(self) -> bytes:
        """Encode the state file."""
        document: dict[str, Any] = {
            "v": _VERSION,
            "origin": self.origin,
            "size": self.frontier.size,
            "edges": [each.hex() for each in self.frontier.edges],
            "whole": int(self.is_whole),
            "began_at": self.began_at,
            "openings": int(self.with_openings),
            "keys": {
                name: [key.participant, key.public_key.hex(), key.revoked_at] for name, key in self.book.keys.items()
            },
            "erasures": self.erasures.to_document(),
        }
        return canonical_json(document) + b"\n"


def save_state(path: Path, state: AuditState) -> None:
    """Replace the state file, after the records that it commits to; the disk has both when this returns."""
    erasures, beside = state.erasures, _beside(path)
    if len(erasures.records) > erasures.kept:
        if not erasures.kept and beside.exists():
            # The records are of another audit: delete its state first, so that a crash leaves no broken one.
            remove_durably(path)
        append_durably(beside, erasures.records, erasures.kept)
        erasures.kept = len(erasures.records)
    write_durably(path, state.encode())


def load_state(path: Path) -> AuditState | None:
    """Load the saved state; raises LogRefused ``state-foreign`` for a foreign file. None without a file."""
    raw = read_bounded(path, MAX_STATE_BYTES)
    if raw is None:
        return None
    foreign = LogRefused("state-foreign", f"{path}: is not the state of an audit")
    try:
        document = strict_json.load_object(raw, max_bytes=MAX_STATE_BYTES)
        size = records_size(document["erasures"])
        state = _read(document, (read_bounded(_beside(path), size) or b"")[:size])
        written = state.encode()
    except (KeyError, TypeError, ValueError, AttributeError, struct.error, TlogRefused, LogRefused):
        raise foreign from None
    if written != raw:
        raise foreign
    return state


def _beside(path: Path) -> Path:
    return path.with_name(path.name + ".erased")


def _read(document: dict[str, Any], records: bytes) -> AuditState:
    keys = {
        name: KnownKey(participant=participant, public_key=bytes.fromhex(public_key), revoked_at=revoked_at)
        for name, (participant, public_key, revoked_at) in document["keys"].items()
    }
    return AuditState(
        origin=document["origin"],
        frontier=Frontier(size=document["size"], edges=tuple(bytes.fromhex(each) for each in document["edges"])),
        is_whole=bool(document["whole"]),
        began_at=document["began_at"],
        with_openings=bool(document["openings"]),
        book=KeyBook(keys),
        erasures=read_erasures(document["erasures"], records),
    )
