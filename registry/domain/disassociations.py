"""A subject rebuts a household to which it does not belong, so that neither side's arrears weigh on the other."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from protocol.codes import RebuttalGround
from protocol.states import HouseholdKind, RebuttalState
from registry.domain.records import Record
from registry.domain.subjects import HouseholdLink

EVIDENCE_BYTES: Final = 32
"""The bytes of a SHA-256."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuttal:
    """One subject kept out of one household until the day ``until`` (excluded), unless withdrawn before.

    A filing that names two households has one ``rebuttal_id`` at both. Dates Beijing, times UTC.
    """

    household_key: bytes = field(repr=False)
    subject_key: bytes = field(repr=False)
    rebuttal_id: uuid.UUID
    kind: HouseholdKind
    ground: RebuttalGround
    evidence_digest: bytes = field(repr=False)
    """SHA-256 of the subject's proof; the filer keeps the paper and produces it on demand."""
    filed_by: str
    filed_at: dt.datetime
    until: dt.date
    withdrawn_at: dt.datetime | None = None
    withdrawn_by: str | None = None
    rules_version: str
    log_entry_id: uuid.UUID
    """The access log's entry of the filing or, later, of the end."""


def state_on(rebuttal: Rebuttal, day: dt.date) -> RebuttalState:
    """Return the rebuttal's state on a Beijing date."""
    if rebuttal.withdrawn_at is not None:
        return RebuttalState.WITHDRAWN
    return RebuttalState.HOLDS if day < rebuttal.until else RebuttalState.EXPIRED


def holds(rebuttal: Rebuttal, day: dt.date) -> bool:
    """Tell whether the rebuttal is in force on a Beijing date."""
    return state_on(rebuttal, day) is RebuttalState.HOLDS


def withdrawn(rebuttal: Rebuttal, *, at: dt.datetime, by: str, log_entry_id: uuid.UUID) -> Rebuttal:
    """Return the rebuttal as withdrawn."""
    return replace(rebuttal, withdrawn_at=at, withdrawn_by=by, log_entry_id=log_entry_id)


def outsiders(rebuttals: Iterable[Rebuttal], day: dt.date) -> frozenset[tuple[bytes, bytes]]:
    """Return (household key, subject key) of each subject that is kept out of a household on a Beijing date."""
    return frozenset((each.household_key, each.subject_key) for each in rebuttals if holds(each, day))


def weighing(
    asker: bytes,
    households: Collection[bytes],
    links: Mapping[bytes, Sequence[HouseholdLink]],
    records: Mapping[bytes, Sequence[Record]],
    apart: Collection[tuple[bytes, bytes]],
) -> tuple[Record, ...]:
    """Select from other people's ``records`` those that may weigh on ``asker`` through the households, by debtor.

    A link leads to a debtor; a record that was read under its debtor's lock holds its present households, so that an
    ended link, or one of another record of the debtor, counts for nothing. A rebuttal of asker or debtor cuts one
    household both ways and no other. ``records`` holds no record of the asker; no rebuttal hides those.
    """
    homes = [key for key in households if (key, asker) not in apart]
    debtors = {link.subject_key for key in homes for link in links.get(key, ())} - {asker}
    return tuple(
        record
        for debtor in sorted(debtors)
        for record in records.get(debtor, ())
        if any(key in record.household_keys and (key, debtor) not in apart for key in homes)
    )
