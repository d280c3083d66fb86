"""Refuse a harmful file before anything is sent: damaged numbers, or records taken out in bulk."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from client.registry import RegistryClient
from gateway.bulk.damaged_numbers import DamagedNumbers
from gateway.bulk.open_records import OpenRecords
from gateway.bulk.scan import Findings
from gateway.errors import FileSuspicious

NUMBERS_DAMAGED: Final = "numbers-damaged"
PAYMENTS_OLD: Final = "payments-old"
TAKES_OUT_MANY: Final = "takes-out-many"
TAKES_OUT_OTHERS: Final = "takes-out-another-number"
_NOTHING_SENT: Final = "; nothing was sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The user's confirmations that an unusual file is right."""

    accept_numbers: bool = False
    """Go on although numbers look damaged."""
    take_out: int | None = None
    """Go on if the file takes out, or moves to another person, exactly so many records."""
    accept_old: bool = False
    """Go on although payments are older than the registry's memory of them."""
    withdraw_missing: int | None = None
    """Withdraw the records of accounts that the file lacks, if they are exactly so many."""


NOTHING_KNOWN: Final = Consent()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Matched:
    """The open records of this carrier that rows of the file take from their persons, and the rows about them."""

    open_records: int
    refused: tuple[int, ...]
    taken_out: int
    moved: int
    """Those of ``taken_out`` that a row gives to another person."""
    still_open: frozenset[UUID]
    """Those of the wanted records that are open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The refused rows that are about an open record, and the wanted records that are open."""

    refused: tuple[int, ...] = ()
    still_open: frozenset[UUID] = frozenset()


def refuse_damaged(path: Path, numbers: DamagedNumbers, consent: Consent, *, accounts_declared: bool = False) -> None:
    """Raise FileSuspicious where numbers look as a spreadsheet leaves them."""
    complaint = None if consent.accept_numbers else numbers.complaint(accounts_declared=accounts_declared)
    if complaint is not None:
        cure = "export the numbers as text, or say --accept-numbers if they are right"
        raise FileSuspicious(path, NUMBERS_DAMAGED, f"{complaint}{_NOTHING_SENT}; {cure}")


def refuse_forgotten(path: Path, old: int, days: int, consent: Consent) -> None:
    """Raise FileSuspicious for payments of so long ago that the registry may have forgotten a first report of them."""
    if old and not consent.accept_old:
        what = f"{old} payments are older than {days} days; the registry no longer knows whether it was told of them"
        raise FileSuspicious(path, PAYMENTS_OLD, f"{what}{_NOTHING_SENT}; say --accept-old if it was not")


def told_rows(
    path: Path,
    registry: RegistryClient,
    findings: Findings,
    consent: Consent,
    *,
    open_records: OpenRecords,
    wanted: frozenset[UUID] = frozenset(),
) -> Told:
    """Find the refused rows about an open record of this carrier; raises FileSuspicious if the file takes out too many.

    The carrier's records are listed only if a row of the file may be about one of them, or if somebody asks which of
    the ``wanted`` ones are open. Records that are moved to another person are taken out, as far as they were reported
    with a reference of their person.
    """
    if not findings.candidates and not findings.persons and not wanted:
        _refuse_another_number(path, 0, consent)
        return Told()
    matched = _match(open_records, findings, wanted)
    _refuse_another_number(path, matched.taken_out, consent)
    bound = registry.rules().take_outs.bound(matched.open_records)
    if consent.take_out is None and matched.taken_out > bound:
        what = f"rows take out {matched.taken_out} of {matched.open_records} open records, more than {bound} at once"
        moved = f", {matched.moved} of them to another person" if matched.moved else ""
        cure = f"say --take-out {matched.taken_out} if so"
        raise FileSuspicious(path, TAKES_OUT_MANY, f"{what}{moved}{_NOTHING_SENT}; {cure}")
    return Told(refused=matched.refused, still_open=matched.still_open)


def _refuse_another_number(path: Path, found: int, consent: Consent) -> None:
    if consent.take_out is not None and consent.take_out != found:
        what = f"rows take out {found} open records, and not {consent.take_out}{_NOTHING_SENT}"
        raise FileSuspicious(path, TAKES_OUT_OTHERS, what)


def _match(open_records: OpenRecords, findings: Findings, wanted: frozenset[UUID]) -> _Matched:
    candidates = findings.candidates
    references = {reference for each in candidates for reference in each.references}
    ids = {each.bytes for each in wanted}
    still_open: set[UUID] = set()
    held: set[bytes] = set()
    moved: set[bytes] = set()
    count = 0
    for record in open_records:
        count += 1
        if record.record in ids:
            still_open.add(UUID(bytes=record.record))
        if record.account in references:
            held.add(record.account)
        if findings.persons.move(record.account, record.person, record.last_due):
            moved.add(record.account)
    about = [each for each in candidates if not held.isdisjoint(each.references)]
    taken = {reference for each in about if each.takes_out for reference in held.intersection(each.references)}
    return _Matched(
        open_records=count,
        refused=tuple(each.row for each in about if each.refused),
        taken_out=len(taken | moved),
        moved=len(moved - taken),
        still_open=frozenset(still_open),
    )
