"""Open single entries of a log, each proved under the signed tree: by place, by id, and where a time begins."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from auditlog.audit.entry_filter import SUBJECT, read_personal
from auditlog.audit.proving import LATE, SAME_MOMENT, personal_fault, read_core
from auditlog.errors import LogRefused
from auditlog.names import moment_of, refusing, year_of
from auditlog.openings import FetchPage, Opening, parse_page
from client.errors import ClientError, RegistryRefused
from crypto.tlog.authentic import AuthenticTiles
from crypto.tlog.merkle import Node, leaf_hash
from crypto.tlog.proof import parse_receipt
from protocol.log_entries import leaf_data
from protocol.problems import Problem

MARGIN: Final = LATE + SAME_MOMENT
"""The most by which an entry may come after younger ones: beyond it an audit finds it dated back."""


class EntryRefused(ClientError):
    """An entry that was given as an example is none; ``code`` is stable."""

    def __init__(self, code: str, what: str) -> None:
        super().__init__(f"{code}: {what}")
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The entries of one year's log below a signed head of ``size`` entries; ``receipt`` finds an entry's place."""

    year: int
    size: int
    tiles: AuthenticTiles
    openings: FetchPage
    receipt: Callable[[UUID], bytes]

    def subjects_of(self, entry_ids: Iterable[UUID]) -> frozenset[str]:
        """Return the pseudonyms of the people whom these entries are about; raises EntryRefused, LogRefused."""
        return frozenset(self._subject_of(entry_id) for entry_id in entry_ids)

    def first_since(self, moment: dt.datetime, size: int) -> int:
        """Return a place before which no entry is as young as this, among the first ``size`` entries.

        An audit has to have found that none of those was dated back: then no entry before one that is older than
        the moment by ``MARGIN`` is younger than that moment.
        """
        before, behind = -1, size
        while behind - before > 1:
            middle = (before + behind) // 2
            opening, _ = self._proved(middle)
            if moment_of(opening.entry_id) < moment - MARGIN:
                before = middle
            else:
                behind = middle
        return before + 1

    def _subject_of(self, entry_id: UUID) -> str:
        opening, core = self._proved(self._place_of(entry_id))
        if opening.entry_id != entry_id:
            raise LogRefused("opening-mismatch", "the entry at the receipt's place is another one")
        fault = personal_fault(opening, core)
        if fault is not None:
            raise LogRefused(fault, "the entry that was given does not hold")
        if opening.erased_by is not None:
            raise EntryRefused("entry-erased", f"{entry_id}: its personal part was erased; give a younger entry")
        subject = None if opening.personal is None else read_personal(opening.personal).get(SUBJECT)
        if not isinstance(subject, str):
            raise EntryRefused("entry-of-nobody", f"{entry_id}: this entry is about no person")
        return subject

    def _place_of(self, entry_id: UUID) -> int:
        unknown = EntryRefused("entry-unknown", f"{entry_id}: the log has no such entry for this reader")
        try:
            year = year_of(entry_id)
        except LogRefused:
            raise unknown from None
        if year != self.year:
            raise EntryRefused("entry-of-another-year", f"{entry_id}: is of the log of {year}, not of {self.year}")
        try:
            raw = self.receipt(entry_id)
        except RegistryRefused as refused:
            if refused.problem == Problem.NOT_FOUND.value.name:
                raise unknown from None
            if refused.problem == Problem.RECEIPT_PENDING.value.name:
                raise self._too_young(entry_id) from None
            raise
        with refusing("the receipt"):
            place = parse_receipt(raw).index
        if place >= self.size:
            raise self._too_young(entry_id)
        return place

    @staticmethod
    def _too_young(entry_id: UUID) -> EntryRefused:
        return EntryRefused("entry-too-young", f"{entry_id}: no signed head has it yet; try again in a moment")

    def _proved(self, place: int) -> tuple[Opening, Mapping[str, Any]]:
        """Open the entry at a place, and prove its core; nothing is said of its other parts."""
        opening = next(iter(parse_page(self.openings(place, 1)).lines), None)
        if opening is None or opening.index != place:
            raise LogRefused("opening-missing", f"the registry does not open entry {place}")
        with refusing("the tiles"):
            signed = self.tiles.hashes([Node(level=0, index=place)])[0]
        core = read_core(opening.core)
        if core is None or leaf_hash(leaf_data(opening.core, opening.core_salt)) != signed:
            raise LogRefused("opening-mismatch", f"the opening of entry {place} is another entry's")
        if core["id"] != str(opening.entry_id):
            raise LogRefused("opening-id", f"the opening of entry {place} has another id than its core")
        return opening, core
