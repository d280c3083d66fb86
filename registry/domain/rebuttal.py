"""A household rebutted: the subject does not belong there, so neither side's arrears weigh on the other."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from protocol.codes import RebuttalGround
from registry.domain.subject import HouseholdKind, HouseholdLink

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


def household_debtors(
    asker: bytes,
    households: Collection[bytes],
    links: Mapping[bytes, Sequence[HouseholdLink]],
    apart: Collection[tuple[bytes, bytes]],
) -> dict[uuid.UUID, bytes]:
    """Records that may weigh on ``asker`` for the households' sake, each with its debtor.

    Nothing does through a household that the asker has rebutted, nor the records of a debtor who has: a rebuttal cuts
    one household both ways and no other. Own records are not among these; no rebuttal hides them.
    """
    return {
        link.record_id: link.subject_key
        for key in households
        if (key, asker) not in apart
        for link in links.get(key, ())
        if link.subject_key != asker and (key, link.subject_key) not in apart
    }
