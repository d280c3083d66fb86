"""A household rebutted: the subject does not belong there, so neither side's arrears weigh on the other."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from protocol.codes import RebuttalGround
from registry.domain.records import Record
from registry.domain.subjects import HouseholdKind, HouseholdLink

EVIDENCE_BYTES: Final = 32
"""A SHA-256."""


class RebuttalState(StrEnum):
    """What a rebuttal is on a day; only one that HOLDS keeps anything apart."""

    HOLDS = "HOLDS"
    EXPIRED = "EXPIRED"
    WITHDRAWN = "WITHDRAWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuttal:
    """One subject kept out of one household, until the day ``until`` (not included) unless taken back before.

    The same ``rebuttal_id`` stands at both households where a filing names two. Dates Beijing, times UTC.
    """

    household_key: bytes = field(repr=False)
    subject_key: bytes = field(repr=False)
    rebuttal_id: uuid.UUID
    kind: HouseholdKind
    ground: RebuttalGround
    evidence_digest: bytes = field(repr=False)
    """SHA-256 of what the subject showed; the filer keeps the paper and produces it when it is asked to."""
    filed_by: str
    filed_at: dt.datetime
    until: dt.date
    withdrawn_at: dt.datetime | None = None
    withdrawn_by: str | None = None
    rules_version: str
    log_entry_id: uuid.UUID
    """The entry of the access log that tells of the filing or, later, of the end."""


def state_on(rebuttal: Rebuttal, day: dt.date) -> RebuttalState:
    """The rebuttal's state on a Beijing date."""
    if rebuttal.withdrawn_at is not None:
        return RebuttalState.WITHDRAWN
    return RebuttalState.HOLDS if day < rebuttal.until else RebuttalState.EXPIRED


def holds(rebuttal: Rebuttal, day: dt.date) -> bool:
    """Whether the rebuttal keeps anything apart on a Beijing date."""
    return state_on(rebuttal, day) is RebuttalState.HOLDS


def withdrawn(rebuttal: Rebuttal, *, at: dt.datetime, by: str, log_entry_id: uuid.UUID) -> Rebuttal:
    """The rebuttal, taken back."""
    return replace(rebuttal, withdrawn_at=at, withdrawn_by=by, log_entry_id=log_entry_id)


def outsiders(rebuttals: Iterable[Rebuttal], day: dt.date) -> frozenset[tuple[bytes, bytes]]:
    """(household key, subject key) of everybody who is kept out of a household on a Beijing date."""
    return frozenset((each.household_key, each.subject_key) for each in rebuttals if holds(each, day))


def weighing(
    asker: bytes,
    households: Collection[bytes],
    links: Mapping[bytes, Sequence[HouseholdLink]],
    records: Mapping[bytes, Sequence[Record]],
    apart: Collection[tuple[bytes, bytes]],
) -> tuple[Record, ...]:
    """Those of the ``records`` of others that may weigh on ``asker`` for the households' sake, by debtor.

    A link says whose records to look at; a record that was read under its debtor's lock says which households it has
    now, so a link that ended since, or that another record of the debtor has, makes nothing weigh.
    Nothing weighs through a household that the asker has rebutted, nor do the records of a debtor who has: a rebuttal
    cuts one household both ways and no other. Own records are not among these; no rebuttal hides them.
    """
    homes = [key for key in households if (key, asker) not in apart]
    debtors = {link.subject_key for key in homes for link in links.get(key, ())} - {asker}
    return tuple(
        record
        for debtor in sorted(debtors)
        for record in records.get(debtor, ())
        if any(key in record.household_keys and (key, debtor) not in apart for key in homes)
    )
