"""The last verified head of a log, kept in a folder, and the evidence that stops everything about a log that forked."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from auditlog.errors import LogForked, LogRefused
from auditlog.fork import Fork
from crypto.errors import TlogRefused
from crypto.tlog.checkpoint import Checkpoint, SignedCheckpoint, open_checkpoint
from crypto.tlog.keys import VerifierKey
from crypto.tlog.note import MAX_NOTE_BYTES
from serving.files import locked, make_folder, read_bounded, write_durably

FOLLOWED: Final = "head"
COSIGNED: Final = "cosigned"
_HASH_CHARACTERS: Final = 16


class HeadKeeper:
    """One log's last head in a folder that may hold those of many; several processes may use it at once.

    ``kind`` separates read heads from cosigned ones: a witness signs no head below the last that it signed,
    and may well have read a newer one.
    """

    def __init__(self, folder: Path, key: VerifierKey, *, kind: str = FOLLOWED) -> None:
        self.key = key
        self._folder = folder
        self._name = hashlib.sha256(key.name.encode()).hexdigest()[:_HASH_CHARACTERS]
        self._path = folder / f"{self._name}.{kind}"

    def held(self) -> SignedCheckpoint | None:
        """Read the last head; raises LogRefused ``state-foreign`` for a file that was not written here."""
        raw = read_bounded(self._path, MAX_NOTE_BYTES)
        if raw is None:
            return None
        try:
            signed = open_checkpoint(raw, origin=self.key.name, log_keys=[self.key])
        except TlogRefused as refused:
            raise LogRefused("state-foreign", f"{self._path}: is no head of this log ({refused.code})") from None
        if signed.note.encode() != raw:
            raise LogRefused("state-foreign", f"{self._path}: is no head of this log")
        return signed

    def replace(self, before: SignedCheckpoint | None, after: SignedCheckpoint) -> bool:
        """Keep a new head if the last one is still ``before``; when this returns True, it is on the disk."""
        make_folder(self._folder)
        with locked(self._folder / f"{self._name}.lock"):
            if self.held() != before:
                return False
            write_durably(self._path, after.note.encode())
            return True

    @contextmanager
    def unmoved(self, head: Checkpoint) -> Iterator[bool]:
        """Tell whether this is the kept head; no other process replaces it while the block runs."""
        with locked(self._folder / f"{self._name}.lock"):
            held = self.held()
            yield held is not None and (held.checkpoint.size, held.checkpoint.root) == (head.size, head.root)

    def refuse_stopped(self) -> None:
        """Raise LogForked where there is evidence against this log, until a person has taken it away."""
        for evidence in sorted((self._folder / "evidence").glob(f"{self._name}-*.fork")):
            raise LogForked(evidence)

    def keep(self, fork: Fork) -> Path:
        """Keep two heads that contradict each other; proof of a fork stops this log, and the first evidence stays."""
        folder = self._folder / "evidence"
        make_folder(folder)
        kind = "fork" if fork.is_proven else "unproven"
        path = folder / f"{self._name}-{fork.sizes}.{kind}"
        with locked(self._folder / f"{self._name}.lock"):
            if not path.exists():
                write_durably(path, fork.encode())
        return path
