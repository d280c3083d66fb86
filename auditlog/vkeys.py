"""Read a file of vkeys, which were pinned before the log got another name or another key."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from auditlog.errors import LogRefused
from auditlog.names import log_key
from crypto.tlog.checkpoint import SignedCheckpoint
from crypto.tlog.keys import VerifierKey
from serving.files import read_bounded

_MAX_BYTES: Final = 1 << 16
_COMMENT: Final = "#"


def read_vkeys(path: Path) -> tuple[VerifierKey, ...]:
    """Read the vkeys of a file, one a line; empty lines and lines that begin with # are skipped.

    Raises LogRefused ``vkeys-missing`` or ``vkeys-malformed``, which names the line and repeats nothing of it.
    """
    raw = read_bounded(path, _MAX_BYTES)
    if raw is None:
        raise LogRefused("vkeys-missing", f"{path}: is not there")
    if len(raw) > _MAX_BYTES:
        raise LogRefused("vkeys-malformed", f"{path}: is too long")
    found = []
    for number, line in enumerate(raw.decode("utf-8", "replace").split("\n"), 1):
        text = line.strip()
        if text and not text.startswith(_COMMENT):
            try:
                found.append(log_key(text))
            except LogRefused:
                raise LogRefused("vkeys-malformed", f"{path}: line {number} is no vkey of a year's log") from None
    return tuple(found)


def signing_key(signed: SignedCheckpoint, keys: Iterable[VerifierKey]) -> VerifierKey | None:
    """Find the first key whose name and key id sign a checkpoint, if any; nothing is verified yet."""
    origin = signed.checkpoint.origin
    return next((key for key in keys if key.name == origin and signed.note.signature_of(key) is not None), None)
