"""Keep receipts of this carrier's own entries in a folder, each with its entry's opening, and verify them offline.

The registry's promise comes first: it is signed, and the receipt must be for the leaf that it names. The first one
stays, so that the registry cannot replace it by another.
"""

import hashlib
import logging
import os
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from auditlog.errors import LogRefused, LogRenamed
from auditlog.names import year_of
from auditlog.openings import MAX_LINE_BYTES
from auditlog.party import LogParty
from auditlog.receipts import MAX_PROMISE_BYTES, VerifiedReceipt, leaf_of, verify_kept
from client.errors import ClientError, IncarnationWentBack, RegistryAnswerBroken, RegistryRefused, RegistryUnreachable
from crypto.errors import TlogRefused
from crypto.tlog.proof import MAX_RECEIPT_BYTES, parse_receipt
from protocol.encodings import b64url_encode
from protocol.incarnation import FIRST
from protocol.problems import Problem
from protocol.receipts import Grade
from serving.files import locked, make_folder, read_bounded, remove_durably, write_durably

WAIT_SECONDS: Final = 2.0
"""The seconds that a caller waits for the receipt after the acknowledgement."""
_ENTRY_ID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
_NOT_FOUND: Final = Problem.NOT_FOUND.value.name
_LATER: Final = frozenset({Problem.RECEIPT_PENDING.value.name, Problem.LOG_REFUSED.value.name})
_NAME_CHARACTERS: Final = 16
_log = logging.getLogger("clearline.gateway")


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """The outcome for an acknowledged entry: a verified receipt at ``path``, or none and the reason.

    ``refused`` is the code of a receipt that is invalid, or could not be kept; None means that the receipt is just not
    there yet.
    """

    path: Path | None = None
    refused: str | None = None

    def to_answer(self) -> dict[str, Any]:
        """Build the part of an answer to the carrier's own systems."""
        told: dict[str, Any] = {
            "receipt": None if self.path is None else str(self.path),
            "receipt_pending": self.path is None and self.refused is None,
        }
        return told if self.refused is None else told | {"receipt_refused": self.refused}


class ReceiptBook:
    """The receipts below the folder of ``[log] state``; several processes may use it at once."""

    def __init__(self, party: LogParty) -> None:
        self._party = party
        self._folder = party.settings.state / "receipts"

    def takes_writes(self) -> bool:
        """Tell whether a receipt could be kept now, by writing and deleting a small file."""
        try:
            make_folder(self._folder)
            probe = self._folder / f".probe-{os.getpid()}-{threading.get_ident()}"
            write_durably(probe, b"probe\n")
            remove_durably(probe)
        except OSError as error:
            _log.warning("no receipt can be kept: %s", error.strerror or type(error).__name__)
            return False
        return True

    def note(self, entry_id: UUID, *, wait_seconds: float = WAIT_SECONDS) -> Noted:
        """Keep the receipt of an acknowledged entry; no failure here undoes the acknowledged act."""
        try:
            return Noted(path=self.keep(entry_id, wait_seconds=wait_seconds))
        except RegistryUnreachable:
            return Noted()
        except RegistryRefused as refusal:
            if refusal.problem in _LATER:
                return Noted()
            refused = refusal.problem
        except IncarnationWentBack as broken:
            refused = broken.code
        except RegistryAnswerBroken:
            refused = "answer-broken"
        except LogRefused as refusal:
            refused = refusal.code
        except OSError:
            refused = "not-kept"
        # The entry is acknowledged but not in the log as it should be: a person has to look at the registry.
        _log.error("receipt refused entry=%s code=%s", entry_id, refused)
        return Noted(refused=refused)

    def keep(self, entry_id: UUID, grade: Grade = Grade.INTEGRATED, *, wait_seconds: float) -> Path:
        """Fetch a receipt, verify it and keep it; raises RegistryRefused while there is none, or LogRefused.

        A kept receipt is verified again without a request; one of a log that had another name, and whose
        former key is not known here, is moved aside for a receipt of the present log.
        """
        path = self.path(entry_id, grade)
        former = self._former_log(path, entry_id)
        if path.exists():
            try:
                self.verified(entry_id, grade)
            except LogRefused:
                if former is None:
                    raise
            else:
                return path
        claims = self.promise(entry_id)
        try:
            proven = self._party.receipt(entry_id, grade, wait_seconds)
        except RegistryRefused as refused:
            raise self._explained(refused, claims) from None
        if claims["leaf"] != b64url_encode(leaf_of(proven.opening)):
            raise LogRefused("leaf-differs", "the receipt is for another leaf than the one that was promised")
        if former is not None:
            for each in (opening_beside(path), path):
                each.replace(_aside(each, path, former))
        # Write the opening first, so that every kept receipt can be verified.
        self._write(opening_beside(path), proven.opening)
        self._write(path, proven.raw)
        return path

    def promise(self, entry_id: UUID) -> Mapping[str, Any]:
        """Return the registry's promise of an entry, from the folder or else fetched and kept; raises LogRefused.

        A log that began anew under another name after a restore needs another promise. It has to be for the same leaf,
        and the first one stays beside it.
        """
        path = self.path(entry_id, Grade.PROMISE)
        kept, former = read_bounded(path, MAX_PROMISE_BYTES), None
        if kept is not None:
            try:
                return self._party.verified_promise(kept, entry_id)
            except LogRenamed as renamed:
                former = renamed.claims
        try:
            promise, claims = self._party.promise(entry_id)
        except RegistryRefused as refused:
            raise refused if former is None else self._explained(refused, former) from None
        if former is not None:
            if claims["leaf"] != former["leaf"]:
                raise LogRefused("leaf-differs", "the registry promises another leaf than it promised before")
            path.replace(_aside(path, path, former["log"]))
        self._write(path, promise)
        return claims

    def path(self, entry_id: UUID, grade: Grade) -> Path:
        """Return the path of a receipt of this grade, or of the promise."""
        suffix = {
            Grade.PROMISE: "promise",
            Grade.INTEGRATED: "tlog-proof",
            Grade.WITNESSED: "witnessed.tlog-proof",
        }[grade]
        return self._folder / f"{entry_id}.{suffix}"

    def verified(self, entry_id: UUID, grade: Grade = Grade.INTEGRATED) -> VerifiedReceipt:
        """Read a kept receipt and verify it offline, under the pinned or the former keys; raises LogRefused."""
        path = self.path(entry_id, grade)
        raw, opening = read_bounded(path, MAX_RECEIPT_BYTES), read_bounded(opening_beside(path), MAX_LINE_BYTES)
        if raw is None or opening is None:
            raise LogRefused("receipt-missing", f"{path}: is not kept with what opens its entry")
        trust = self._party.trust_in_kept(raw, year_of(entry_id), grade)
        return verify_kept(raw, opening, entry_id=entry_id, trust=trust)

    def years(self) -> tuple[int, ...]:
        """Return the years of whose logs something is kept, oldest first."""
        kept = {path.name.partition(".")[0] for path in self._folder.glob("*.*")}
        return tuple(sorted({year_of(UUID(name)) for name in kept if _ENTRY_ID.fullmatch(name)}))

    def _explained(self, refused: RegistryRefused, promised: Mapping[str, Any]) -> ClientError:
        """Explain a missing receipt of a promised entry: a restored registry may have lost the entry."""
        made_under = promised.get("incarnation", FIRST)
        if refused.problem != _NOT_FOUND or made_under >= self._party.registry.incarnations.newest:
            return refused
        what = "the registry was restored from a backup that has not this entry: send again what it was about"
        return LogRefused("lost-in-restore", f"{what}; the promise in {self._folder} shows that it was acknowledged")

    def _former_log(self, path: Path, entry_id: UUID) -> str | None:
        """Return the log of a kept receipt, where its name differs from the pinned one."""
        raw = read_bounded(path, MAX_RECEIPT_BYTES)
        try:
            origin = None if raw is None else parse_receipt(raw).signed.checkpoint.origin
        except TlogRefused:
            return None  # its verification reports the fault
        return None if origin == self._party.key(year_of(entry_id)).name else origin

    def _write(self, path: Path, content: bytes) -> None:
        make_folder(self._folder)
        with locked(self._folder / "lock"):
            write_durably(path, content)


def _aside(file: Path, receipt: Path, log: str) -> Path:
    """Return the path to which a receipt of another log is moved; its opening goes beside it."""
    name = f"{receipt.name}.{hashlib.sha256(log.encode()).hexdigest()[:_NAME_CHARACTERS]}"
    return file.with_name(name + file.name.removeprefix(receipt.name))


def opening_beside(path: Path) -> Path:
    """Return the path of the opening of a receipt's entry."""
    return path.with_name(f"{path.name}.opening")
