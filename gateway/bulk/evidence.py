"""Promise the documents behind a report by salted digests, and keep their places in a book to show them later.

No document and no file name leaves before a demand asks for one. The salts follow from the account key, so that an
interrupted run promises the same again and a repeated report changes nothing.
"""

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID

from client.registry import RegistryClient
from client.resources import evidence
from gateway.bulk.mapping import FileMapping
from gateway.errors import EvidenceMissing
from protocol import strict_json
from protocol.encodings import EncodingError, b64url_decode, b64url_encode
from protocol.messages.evidence import (
    DIGEST_BYTES,
    SALT_BYTES,
    Demand,
    EvidenceAnswer,
    EvidenceManifest,
    document_digest,
)
from protocol.messages.limits import MAX_BILLS, MAX_DOCUMENT_BYTES
from serving.files import append_to, settle

_SALT_DOMAIN: Final = b"clearline/evidence-salt/v1\n"
_MAX_LINE: Final = 16 * 1024


class EvidenceIncomplete(Exception):
    """A row has a folder, but not the documents that a manifest needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """One promised document: its path, and the salt of its digest."""

    file: Path
    salt: bytes = field(repr=False)
    digest: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The manifest of one row, and its entries for the book."""

    manifest: EvidenceManifest
    promised: tuple[Promised, ...]


class EvidenceFolder:
    """``ROOT/<account>/`` with ``bill-*`` (1 to 24, in the order of their names), ``notice.*`` and ``contract.*``."""

    def __init__(self, root: Path, account_key: bytes) -> None:
        self._root = root.resolve()
        self._key = account_key

    def gather(
        self, names: Sequence[str], account_ref: bytes, contract_date: dt.date, notice_at: dt.datetime
    ) -> Gathered | None:
        """Gather the row's folder, under the first of its names; None without one. Raises EvidenceIncomplete."""
        found = self.look(names)
        if found is None:
            return None
        *bills, notice, contract = (self._promise(each, account_ref) for each in found)
        manifest = EvidenceManifest(
            contract_date=contract_date,
            notice_at=notice_at,
            bills=tuple(each.digest for each in bills),
            notice=notice.digest,
            contract=contract.digest,
        )
        return Gathered(manifest=manifest, promised=(*bills, notice, contract))

    def look(self, names: Sequence[str]) -> tuple[Path, ...] | None:
        """List the bills, the notice and the contract, unread; None without a folder. Raises EvidenceIncomplete."""
        folder = next((each for each in map(self._folder, names) if each is not None), None)
        if folder is None:
            return None
        bills, notice, contract = (_files(folder, pattern) for pattern in ("bill-*", "notice.*", "contract.*"))
        if not 1 <= len(bills) <= MAX_BILLS or len(notice) != 1 or len(contract) != 1:
            raise EvidenceIncomplete
        found = (*bills, *notice, *contract)
        # The registry refuses a larger document, so that its promise could not be met.
        if not all(0 < each.stat().st_size <= MAX_DOCUMENT_BYTES for each in found):
            raise EvidenceIncomplete
        return found

    def stamp(self) -> str:
        """Compute a stamp that changes when a document is added, removed or written: then it is another run."""
        found = sorted(path for path in self._root.glob("*/*") if path.is_file())
        facts = [(str(path.relative_to(self._root)), path.stat().st_size, path.stat().st_mtime_ns) for path in found]
        return hashlib.sha256(json.dumps(facts).encode("ascii")).hexdigest()

    def marks(self, names: Sequence[str]) -> str:
        """Describe a row's documents by name, size and time; empty without a folder. Raises EvidenceIncomplete.

        It changes when a document is added, removed or written, and reads none of them.
        """
        facts = [(each.name, each.stat().st_size, each.stat().st_mtime_ns) for each in self.look(names) or ()]
        return json.dumps(facts) if facts else ""

    def _folder(self, name: str) -> Path | None:
        """Find the folder of an account; a number from a file may name a direct subfolder only."""
        folder = self._root / name
        if folder.parent != self._root or name in ("", ".", "..") or folder.is_symlink() or not folder.is_dir():
            return None
        return folder

    def _promise(self, file: Path, account_ref: bytes) -> Promised:
        content = file.read_bytes()
        salt = hmac.digest(self._key, _SALT_DOMAIN + account_ref + hashlib.sha256(content).digest(), "sha256")
        return Promised(file=file, salt=salt, digest=document_digest(salt, content))


def evidence_of(source: Path, mapping: FileMapping, account_key: bytes) -> EvidenceFolder | None:
    """Return the folder of an export's documents, which lies beside the export; None where the mapping names none."""
    folder = mapping.evidence_folder
    return None if folder is None else EvidenceFolder(source.parent / folder, account_key)


def _files(folder: Path, pattern: str) -> list[Path]:
    return sorted(each for each in folder.glob(pattern) if each.is_file() and not each.is_symlink())


def keep(book: Path, promised: Iterable[Promised]) -> None:
    """Append to the evidence book, durably; only its owner can read it. A repeated chunk is in the book twice."""
    lines = b"".join(_line(each) for each in promised)
    if not lines:
        return
    with append_to(book) as file:
        file.write(lines)
        settle(file)


def show(registry: RegistryClient, demand_id: UUID, books: Sequence[Path]) -> Demand:
    """Answer a demand with the promised document. Raises EvidenceMissing."""
    digest = evidence.read(registry, demand_id).digest
    promised = next((each for book in books for each in _read(book) if each.digest == digest), None)
    if promised is None:
        raise EvidenceMissing("no evidence book given here holds the document that is demanded")
    try:
        content = promised.file.read_bytes()
    except OSError as trouble:
        raise EvidenceMissing(f"{promised.file}: cannot be read ({trouble.strerror})") from None
    if document_digest(promised.salt, content) != digest:
        raise EvidenceMissing(f"{promised.file}: is not the document any more that was promised")
    return evidence.show(registry, demand_id, EvidenceAnswer(salt=promised.salt, content=content))


def _line(promised: Promised) -> bytes:
    entry = {
        "digest": b64url_encode(promised.digest),
        "salt": b64url_encode(promised.salt),
        "file": str(promised.file),
    }
    return json.dumps(entry, sort_keys=True).encode("ascii") + b"\n"


def _read(book: Path) -> Iterator[Promised]:
    try:
        with book.open("rb") as file:
            for line in file:
                entry = strict_json.load_object(line, max_bytes=_MAX_LINE)
                yield Promised(
                    file=Path(entry["file"]),
                    salt=b64url_decode(entry["salt"], length=SALT_BYTES),
                    digest=b64url_decode(entry["digest"], length=DIGEST_BYTES),
                )
    except OSError as trouble:
        raise EvidenceMissing(f"{book}: cannot be read ({trouble.strerror})") from None
    except (strict_json.StrictJsonError, KeyError, TypeError, EncodingError):
        raise EvidenceMissing(f"{book}: is no evidence book") from None
