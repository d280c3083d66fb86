"""Compare the erasures of a log with the entries that name them as the reason that their personal part is gone."""

import datetime as dt
import hashlib
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from auditlog.audit.findings import Findings
from auditlog.errors import LogRefused
from auditlog.names import moment_of
from protocol.log_entries import erasure_digest

_LATER: Final = dt.timedelta(minutes=1)
"""Entries get their places within seconds, but not in the order of their ids."""


MAX_RECORDS: Final = 50_000_000
"""A gigabyte on the disk, and while they are compared some in memory."""
_ID_BYTES: Final = 16
_RECORD: Final = struct.Struct(">I16s")
"""An entry whose personal part is gone: the number of the erasure that it names, and its own id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """The content of an entry of the kind ``erasure``."""

    index: int
    count: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The erasures that could not be judged here.

    ``elsewhere``: entries that name an erasure of another year, or of after the audited head. ``later``: erasures made
    after the audit had begun, which took more than it saw.
    """

    elsewhere: int
    later: int


class Erasures:
    """Every erasure that an entry reports, and every one that erased entries name; the two have to agree.

    The named erasures are kept as records in one piece, in the order of the log, since they may be a good part of it:
    the piece grows at its end only, so a file beside the audit's state grows with it (`auditlog.audit.state`).
    """

    def __init__(self, most: int = MAX_RECORDS) -> None:
        self._most = most
        self.told: dict[UUID, Erasure] = {}
        self.records = bytearray()
        self.kept = 0
        """The number of bytes of the records that are in the file already."""
        self._first: dict[UUID, int] = {}
        self._numbers: dict[UUID, int] = {}
        self._digest = hashlib.sha256()
        self._elsewhere: dict[UUID, bytes] = {}
        self.newest: dt.datetime | None = None
        """The newest moment of all entries so far."""

    @property
    def is_full(self) -> bool:
        """Tell that more entries were erased than are kept: then nothing can be compared."""
        return len(self.records) >= self._most * _RECORD.size

    def seen(self, entry_id: UUID) -> dt.datetime:
        """Note an entry of the log; returns the newest moment of all so far."""
        moment = moment_of(entry_id)
        self.newest = moment if self.newest is None else max(moment, self.newest)
        return self.newest

    def tell(self, entry_id: UUID, erasure: Erasure) -> None:
        """Note an entry of the kind ``erasure``."""
        self.told[entry_id] = erasure

    def name(self, erased_by: UUID, entry_id: UUID, index: int) -> None:
        """Note an entry whose personal part is gone, and the erasure that it names for it."""
        if self.is_full:
            return
        number = self._numbers.setdefault(erased_by, len(self._numbers))
        self._first.setdefault(erased_by, index)
        record = _RECORD.pack(number, entry_id.bytes)
        self.records += record
        self._digest.update(record)

    def name_elsewhere(self, erased_by: UUID, erased: bytes) -> None:
        """Note entries of another year; they belong to that year's audit, and each run notes them anew."""
        self._elsewhere[erased_by] = self._elsewhere.get(erased_by, b"") + erased

    def named(self) -> dict[UUID, bytes]:
        """Return each erasure that entries of this log name, with the ids of those entries, 16 bytes each."""
        erased = [bytearray() for _ in self._numbers]
        for number, entry_id in _RECORD.iter_unpack(self.records):
            erased[number] += entry_id
        return dict(zip(self._numbers, map(bytes, erased), strict=True))

    def check(self, year: int, findings: Findings, *, judged_to: int) -> Compared:
        """Compare. Of an erasure from the index ``judged_to`` on, entries may have been read before it took them.

        Such an erasure may have taken more entries than name it, which is no finding; having taken fewer is one.
        """
        unseen = later = 0
        named = self.named()
        for erased_by, elsewhere in self._elsewhere.items():
            named[erased_by] = named.get(erased_by, b"") + elsewhere
        for erased_by, erased in named.items():
            if erased_by in self.told:
                continue
            if self._is_elsewhere(erased_by, year):
                unseen += len(erased) // _ID_BYTES
            else:
                findings.add("erasure-unknown", self._first.get(erased_by, 0))
        for entry_id, erasure in self.told.items():
            erased = named.get(entry_id, b"")
            count = len(erased) // _ID_BYTES
            if count < erasure.count:
                if erasure.index < judged_to:
                    findings.add("erasure-short", erasure.index)
                else:
                    later += 1
            elif count > erasure.count or erasure_digest(_ids(erased)).hex() != erasure.digest:
                findings.add("erasure-mismatch", erasure.index)
        return Compared(elsewhere=unseen, later=later)

    def _is_elsewhere(self, erased_by: UUID, year: int) -> bool:
        moment = moment_of(erased_by)
        return moment.year != year or (self.newest is not None and moment > self.newest - _LATER)

    def _restore(self, first: dict[UUID, int], records: bytes, newest: str) -> None:
        self._first = first
        self._numbers = {each: number for number, each in enumerate(first)}
        self.records += records
        self.kept = len(records)
        self._digest.update(records)
        self.newest = dt.datetime.fromisoformat(newest) if newest else None

    def to_document(self) -> dict[str, Any]:
        """Write the document for the state file, which commits to the records beside it."""
        return {
            "told": {str(each): [one.index, one.count, one.digest] for each, one in self.told.items()},
            "named": [[str(each), first] for each, first in self._first.items()],
            "records": len(self.records) // _RECORD.size,
            "digest": self._digest.hexdigest(),
            "newest": "" if self.newest is None else self.newest.isoformat(),
        }


def _ids(raw: bytes) -> Iterator[UUID]:
    return (UUID(bytes=raw[at : at + _ID_BYTES]) for at in range(0, len(raw), _ID_BYTES))


def records_size(document: Mapping[str, Any]) -> int:
    """Count the bytes of records that a document of `Erasures.to_document` commits to."""
    count = document["records"]
    if type(count) is not int or not 0 <= count <= MAX_RECORDS:
        raise ValueError
    return count * _RECORD.size


def read_erasures(document: Mapping[str, Any], records: bytes) -> Erasures:
    """Read what `Erasures.to_document` wrote; raises ValueError where the records are not those it commits to."""
    read = Erasures()
    for each, (index, count, digest) in document["told"].items():
        read.tell(UUID(each), Erasure(index=index, count=count, digest=digest))
    first = {UUID(each): index for each, index in document["named"]}
    numbers = {number for number, _ in _RECORD.iter_unpack(records)}
    if len(records) != records_size(document) or numbers != set(range(len(first))):
        raise ValueError
    if hashlib.sha256(records).hexdigest() != document["digest"]:
        raise ValueError
    read._restore(first, records, document["newest"])  # noqa: SLF001 (its own constructor)
    return read


def add_from_other_years(erasures: Erasures, others: Iterable[Erasures], year: int) -> None:
    """Add the entries of other years that name erasures of this year."""
    for other in others:
        for erased_by, erased in other.named().items():
            if moment_of(erased_by).year == year:
                if any(moment_of(each).year == year for each in _ids(erased)):
                    raise LogRefused("state-foreign", "another year's audit is one of this year")
                erasures.name_elsewhere(erased_by, erased)
