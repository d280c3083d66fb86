"""Open the finished run that a report follows: find its rows by digest and by account, in a few bytes a row."""

import csv
import hmac
import mmap
import struct
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from gateway.bulk.progress import read_progress, withdrawal_of
from gateway.bulk.row_digests import seal
from gateway.bulk.rows_file import (
    ACCOUNT_AT,
    CANONICAL_FORM,
    ENTRY_BYTES,
    HEADER_BYTES,
    ROW_AT,
    RowEntry,
    RowsHeader,
    entry_at,
    file_digest,
    header_for,
    places_of,
    read_header,
    rows_of,
)
from gateway.errors import LastRunUnusable
from gateway.target import Target
from protocol.table_cells import text_of_cell

SAME_OUTPUT: Final = "since-same-output"
TAKEN_BACK: Final = "since-taken-back"
UNFINISHED: Final = "since-unfinished"
NO_ROWS: Final = "since-without-rows"
ROWS_BROKEN: Final = "since-rows-broken"
CHANGED: Final = "since-changed"
OTHER_CARRIER: Final = "since-other-carrier"
OTHER_REGISTRY: Final = "since-other-registry"
OTHER_EPOCH: Final = "since-other-epoch"
OTHER_ACCOUNTS: Final = "since-other-accounts"
OTHER_MAPPING: Final = "since-other-mapping"
_BLOCK: Final = 1 << 20


class LastRun:
    """The rows of a run, and which of its accounts the present export names."""

    def __init__(self, path: Path, header: RowsHeader, data: memoryview) -> None:
        """Read the entries in ``data``; ``path`` is the output. Raises ValueError for an entry that nobody wrote."""
        self.path = path
        self.header = header
        self._data = data
        open_, comparable = places_of(data)
        self._rows = _Index(data, comparable, ROW_AT)
        self._accounts = _Index(data, open_, ACCOUNT_AT)
        self._seen = bytearray(len(open_))

    def stamp(self) -> str:
        """Return a text that names the run and all that it holds."""
        return f"{self.header.run}:{self.header.output}:{self.header.seal}"

    def find(self, row: bytes) -> RowEntry | None:
        """Find the entry of a row with the same digest, the last of several, whose record may be confirmed."""
        places = self._rows.places(row)
        return entry_at(self._data, places[-1]) if places else None

    def see_account(self, reference: bytes) -> None:
        """Note that the present export names an account."""
        for rank in self._accounts.ranks(reference):
            self._seen[rank] = 1

    def gone(self) -> list[tuple[int, RowEntry]]:
        """List the entries whose account was never noted, each record once, in the order of their places."""
        places = sorted(self._accounts.place(rank) for rank, seen in enumerate(self._seen) if not seen)
        last = {(entry := entry_at(self._data, place)).record: (place, entry) for place in places}
        return sorted(last.values(), key=lambda each: each[0])

    def accounts_at(self, places: Iterable[int]) -> dict[int, str]:
        """Read from the output how it spells the accounts of some places."""
        wanted = set(places)
        if not wanted:
            return {}
        with self.path.open(encoding="utf-8", newline="") as file:
            lines = csv.reader(file)
            next(lines, None)
            return {place: text_of_cell(cells[0]) for place, cells in enumerate(lines) if place in wanted}


class _Index:
    """Finds places by a field of 32 bytes: 12 bytes a place, sorted by the field's first eight."""

    def __init__(self, data: memoryview, places: Sequence[int], at: int) -> None:
        self._data = data
        self._at = at
        first = struct.Struct(">Q")
        keys = array("Q", (first.unpack_from(data, place * ENTRY_BYTES + at)[0] for place in places))
        order = sorted(range(len(keys)), key=keys.__getitem__)
        self._keys = array("Q", (keys[each] for each in order))
        self._places = array("I", (places[each] for each in order))

    def place(self, rank: int) -> int:
        return self._places[rank]

    def places(self, field: bytes) -> list[int]:
        """List the places with this field, ascending."""
        return [self._places[rank] for rank in self.ranks(field)]

    def ranks(self, field: bytes) -> Iterator[int]:
        key = int.from_bytes(field[:8], "big")
        rank = bisect_left(self._keys, key)
        while rank < len(self._keys) and self._keys[rank] == key:
            start = self._places[rank] * ENTRY_BYTES + self._at
            if self._data[start : start + len(field)] == field:
                yield rank
            rank += 1


def open_last_run(path: Path, *, output: Path, target: Target, mapping: str, account_key: bytes) -> LastRun:
    """Open the run behind a finished output. Raises LastRunUnusable, each cause with its own code."""
    if path.resolve() == output.resolve():
        raise LastRunUnusable(path, SAME_OUTPUT, "is the output of this report; write this one under another --out")
    if read_progress(withdrawal_of(path)) is not None:
        raise LastRunUnusable(path, TAKEN_BACK, "the report behind it was taken back; leave --since out")
    progress = read_progress(path)
    if progress is None or not progress.finished or not path.exists():
        raise LastRunUnusable(path, UNFINISHED, "is not the output of a finished report")
    data = _mapped(path)
    try:
        header = read_header(bytes(data[:HEADER_BYTES]))
    except ValueError as trouble:
        raise _broken(path, str(trouble)) from None
    if header.run != progress.run:
        raise LastRunUnusable(path, CHANGED, f"{rows_of(path)} is of another run")
    _refuse_other(path, header, header_for(target, run="", mapping=mapping, rules="", incarnation=1))
    entries = data[HEADER_BYTES:]
    if len(entries) != header.rows * ENTRY_BYTES or not _is_sealed(entries, header, account_key):
        raise _broken(path, "it is not as the run wrote it")
    if file_digest(path) != header.output:
        raise LastRunUnusable(path, CHANGED, "was changed since the report wrote it; leave --since out")
    try:
        return LastRun(path, header, entries)
    except ValueError as trouble:
        raise _broken(path, str(trouble)) from None


def why_in_full(last: LastRun, *, rules: str, incarnation: int) -> str | None:
    """Say why every row has to be judged, though the last run is known; None where unchanged rows may be confirmed."""
    header = last.header
    if header.incarnation != incarnation:
        return "the registry was restored since the last run"
    if header.rules is None or header.rules != rules:
        return "the rules are of another version than those of the last run"
    if header.form != CANONICAL_FORM:
        return "this release reads documents, addresses or accounts otherwise than that of the last run"
    return None


def _mapped(path: Path) -> memoryview:
    try:
        with rows_of(path).open("rb") as file:
            return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except FileNotFoundError:
        what = f"{rows_of(path).name} is not beside it: an earlier release wrote it, or it was moved; leave --since out"
        raise LastRunUnusable(path, NO_ROWS, what) from None
    except OSError as trouble:
        raise _broken(path, f"it cannot be read ({trouble.strerror})") from None
    except ValueError:
        raise _broken(path, "it is empty") from None


def _refuse_other(path: Path, found: RowsHeader, ours: RowsHeader) -> None:
    """Refuse a run whose digests, references or records are not comparable with those of this gateway's next one."""
    causes = (
        (OTHER_CARRIER, found.carrier, ours.carrier, "is a report of another carrier"),
        (OTHER_REGISTRY, found.registry, ours.registry, "was reported to another registry"),
        (OTHER_EPOCH, (found.epoch, found.joint_key), (ours.epoch, ours.joint_key), "is of another key epoch"),
        (OTHER_ACCOUNTS, found.accounts, ours.accounts, "is under another account key or another form of accounts"),
        (
            OTHER_MAPPING,
            found.mapping,
            ours.mapping,
            "was read by another mapping file, or by this one before a change",
        ),
    )
    for code, theirs, own, what in causes:
        if theirs != own:
            raise LastRunUnusable(path, code, f"{what}; leave --since out")


def _is_sealed(entries: memoryview, header: RowsHeader, account_key: bytes) -> bool:
    digest = seal(account_key)
    for start in range(0, len(entries), _BLOCK):
        digest.update(entries[start : start + _BLOCK])
    return hmac.compare_digest(digest.hexdigest(), header.seal)


def _broken(path: Path, what: str) -> LastRunUnusable:
    return LastRunUnusable(path, ROWS_BROKEN, f"{rows_of(path).name}: {what}; leave --since out")
