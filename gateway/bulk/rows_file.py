"""Keep ``OUT.rows`` beside a finished output: an entry of fixed size for each row, by which the next run knows it.

No raw value is in it: digests under a key of the carrier, keyed references, ids of records, codes. It grows as the
output's partial file does, and appears with the output.
"""

import hashlib
import json
import os
import struct
from array import array
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID

from gateway.bulk.row_digests import seal
from gateway.bulk.row_values import LINES
from gateway.errors import OutputOfAnotherInput
from gateway.target import Target
from protocol import accounts, household, identifiers, strict_json
from protocol.codes import Verdict
from protocol.states import HouseholdKeyState, RowNote
from serving.files import append_to, begin_file, open_private, settle, settle_folder

CANONICAL_FORM: Final = f"{LINES}+{identifiers.FORM}+{household.FORM}+{accounts.FORM}"
"""The forms of the texts of a row: under another one an unchanged row may be another report."""
HEADER_BYTES: Final = 2048
_FORMAT: Final = 1
_ENTRY: Final = struct.Struct(">32s32s16sIBBBB8s8s8s")
_CODES: Final = struct.Struct(">64x16sIBBBB24x")
"""The same without its digests."""
ENTRY_BYTES: Final = _ENTRY.size
ROW_AT: Final = 0
ACCOUNT_AT: Final = 32
_OPEN: Final = (Verdict.ACTIVE, Verdict.PENDING, Verdict.UPDATED, Verdict.DUPLICATE)
"""The verdicts that name an open record; their places, from 1, are in files: never change the order."""
_STATES: Final = (
    HouseholdKeyState.GIVEN,
    HouseholdKeyState.NOT_GIVEN,
    HouseholdKeyState.NOT_CANONICAL,
    HouseholdKeyState.COLLECTIVE,
    HouseholdKeyState.NOT_APPLICABLE,
)
_FIGURES_STAND: Final = 1
_COMPARABLE: Final = 2
_NO_RECORD: Final = bytes(16)
_BLOCK: Final = 1 << 20


class RowEntry(NamedTuple):
    """One row as the run left it; ``verdict`` is None for a row that named no open record."""

    row: bytes
    """The row's digest."""
    account: bytes
    """The keyed reference of its account."""
    record: bytes
    version: int
    verdict: Verdict | None
    register: HouseholdKeyState
    address: HouseholdKeyState
    notes: tuple[RowNote, ...]
    comparable: bool
    """The same row again may be confirmed: it was a report that speaks against nothing."""
    facts: bytes
    person: bytes
    former_person: bytes
    """Digests of the references of its person, under the account and under its former spelling."""

    @property
    def record_id(self) -> UUID:
        return UUID(bytes=self.record)

    def packed(self) -> bytes:
        """Write the entry in its fixed form."""
        flags = _FIGURES_STAND * (RowNote.FIGURES_STAND in self.notes) + _COMPARABLE * self.comparable
        verdict = 0 if self.verdict is None else _OPEN.index(self.verdict) + 1
        states = (_STATES.index(self.register), _STATES.index(self.address))
        digests = (self.facts, self.person, self.former_person)
        return _ENTRY.pack(self.row, self.account, self.record, self.version, verdict, *states, flags, *digests)


NOTHING: Final = bytes(ENTRY_BYTES)
"""The entry of a row that named no open record."""


def is_open(verdict: Verdict) -> bool:
    """Tell whether a row with the verdict stands, so that its record is the carrier's open one."""
    return verdict in _OPEN


def entry_at(data: memoryview, place: int) -> RowEntry:
    """Read an entry, counted from 0, of the bytes behind the header, whose codes ``places_of`` has checked."""
    row, account, record, version, verdict, register, address, flags, *digests = _ENTRY.unpack_from(
        data, place * ENTRY_BYTES
    )
    return RowEntry(
        row,
        account,
        record,
        version,
        _OPEN[verdict - 1] if verdict else None,
        _STATES[register],
        _STATES[address],
        (RowNote.FIGURES_STAND,) if flags & _FIGURES_STAND else (),
        bool(flags & _COMPARABLE),
        *digests,
    )


def places_of(data: memoryview) -> "tuple[array[int], array[int]]":
    """List the places of entries that name an open record, and of those whose row may be confirmed.

    Raises ValueError for an entry that nobody wrote.
    """
    named, comparable = array("I"), array("I")
    for place, (record, version, verdict, register, address, flags) in enumerate(_CODES.iter_unpack(data)):
        if verdict > len(_OPEN) or max(register, address) >= len(_STATES):
            raise ValueError("a code of an entry is not known")
        if verdict and record != _NO_RECORD:
            named.append(place)
            if version and flags & _COMPARABLE:
                comparable.append(place)
    return named, comparable


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsHeader:
    """The facts about the run that wrote a file of rows."""

    run: str
    carrier: str
    registry: str
    """The registry's public key, and below the custodians' joint one, in hexadecimal."""
    joint_key: str
    epoch: int
    accounts: str
    """A digest of the stamp of the account key and of the form of accounts."""
    mapping: str
    form: str
    rules: str | None
    """The version of the rules that judged every row; None where they changed while the run went on."""
    incarnation: int
    rows: int = 0
    output: str = ""
    """The SHA-256 of the finished output."""
    seal: str = ""
    """The keyed digest of all entries."""
    format: int = _FORMAT

    def encoded(self) -> bytes:
        """Write the header at its fixed length."""
        return json.dumps(asdict(self), sort_keys=True).encode("ascii").ljust(HEADER_BYTES - 1) + b"\n"


def header_for(target: Target, *, run: str, mapping: str, rules: str, incarnation: int) -> RowsHeader:
    """Make the header of a run that begins."""
    return RowsHeader(
        run=run,
        carrier=target.carrier,
        registry=target.registry_key.hex(),
        joint_key=target.joint_key.hex(),
        epoch=target.epoch,
        accounts=hashlib.sha256(target.accounts).hexdigest(),
        mapping=mapping,
        form=CANONICAL_FORM,
        rules=rules,
        incarnation=incarnation,
    )


def read_header(raw: bytes) -> RowsHeader:
    """Read the header at the beginning of a file. Raises ValueError."""
    try:
        document = strict_json.load_object(raw[:HEADER_BYTES].rstrip(), max_bytes=HEADER_BYTES)
        header = RowsHeader(**document)
    except (strict_json.StrictJsonError, TypeError):
        raise ValueError("the header cannot be read") from None
    kinds: dict[str, Any] = {"rules": str | None} | dict.fromkeys(("epoch", "incarnation", "rows", "format"), int)
    if not all(isinstance(getattr(header, each.name), kinds.get(each.name, str)) for each in fields(header)):
        raise ValueError("a value of the header has another kind")
    if header.format != _FORMAT:
        raise ValueError("another release wrote it")
    return header


def rows_of(output: Path) -> Path:
    """Return the path of the rows of a finished output."""
    return output.with_name(output.name + ".rows")


class RowsFile:
    """Writes ``OUT.rows.partial``, and puts ``OUT.rows`` in place.

    A run that an earlier release began has none, and gets none.
    """

    def __init__(self, output: Path, header: RowsHeader, account_key: bytes) -> None:
        self._whole = rows_of(output)
        self._partial = self._whole.with_name(self._whole.name + ".partial")
        self._header = header
        self._key = account_key
        self._grows = False

    def begin(self, rows_done: int) -> None:
        """Begin the file, or cut it back to the rows of finished chunks."""
        self._grows = rows_done == 0 or self._partial.exists()
        if rows_done == 0:
            with begin_file(self._partial) as file:
                file.write(self._header.encoded())
                settle(file)
        elif self._grows:
            self._cut(HEADER_BYTES + rows_done * ENTRY_BYTES)

    def append(self, entries: bytes) -> None:
        """Append the entries of a chunk, durably: before the progress that counts them."""
        if self._grows:
            with append_to(self._partial) as file:
                file.write(entries)
                settle(file)

    def finish(self, output: Path) -> None:
        """Complete the header and give the file its name; ``output`` is the complete output under any name.

        If we die before the output has its name too, the next run finds this one in place.
        """
        if not self._grows:
            if not self._is_in_place():
                self._whole.unlink(missing_ok=True)
            return
        kept = self._partial.stat().st_size - HEADER_BYTES
        digest = seal(self._key)
        for block in blocks_of(self._partial, HEADER_BYTES):
            digest.update(block)
        done = replace(self._header, rows=kept // ENTRY_BYTES, output=file_digest(output), seal=digest.hexdigest())
        with os.fdopen(open_private(self._partial), "r+b") as file:
            file.write(done.encoded())
            settle(file)
        self._partial.replace(self._whole)
        settle_folder(self._whole.parent)

    def _cut(self, length: int) -> None:
        with os.fdopen(open_private(self._partial), "r+b") as file:
            if os.fstat(file.fileno()).st_size < length:
                raise OutputOfAnotherInput(f"{self._partial}: is shorter than its progress; --restart begins again")
            header = None
            with suppress(ValueError):  # if we died while the header was completed, it says nothing
                header = read_header(file.read(HEADER_BYTES))
            if header is None or (header.rules, header.form) != (self._header.rules, self._header.form):
                self._header = replace(self._header, rules=None)
            file.seek(0)
            file.write(self._header.encoded())
            file.truncate(length)
            settle(file)

    def _is_in_place(self) -> bool:
        try:
            with self._whole.open("rb") as file:
                return read_header(file.read(HEADER_BYTES)).run == self._header.run
        except (OSError, ValueError):
            return False


def blocks_of(path: Path, start: int = 0) -> Iterator[bytes]:
    """Read a file in blocks, from a place in it."""
    with path.open("rb") as file:
        file.seek(start)
        while block := file.read(_BLOCK):
            yield block


def file_digest(path: Path) -> str:
    """Compute the SHA-256 of a file in hexadecimal."""
    digest = hashlib.sha256()
    for block in blocks_of(path):
        digest.update(block)
    return digest.hexdigest()
