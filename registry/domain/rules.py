"""A change of the rules: one party proposes a whole version, another approves it, and it applies from its date on."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum


class RulesState(StrEnum):
    """Only an APPROVED version is ever in force."""

    PROPOSED = "PROPOSED"
    APPROVED = "APPROVED"


class ApproverNotAnother(Exception):
    """Who proposed a version does not approve it, nor does anybody with the same key."""


class VersionApproved(Exception):
    """The version is approved already."""


class EffectiveDateRefused(Exception):
    """The version may not take effect on its date; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesVersion:
    """One stored version; ``document`` is the canonical JSON of all its figures. Dates Beijing, times UTC."""

    version: str
    effective_from: dt.date
    document: bytes = field(repr=False)
    proposed_by: str
    proposed_key_id: str
    proposed_at: dt.datetime
    approved_by: str | None = None
    approved_key_id: str | None = None
    approved_at: dt.datetime | None = None
    log_entry_id: uuid.UUID
    """The entry of the access log that tells of the latest step."""

    @property
    def state(self) -> RulesState:
        return RulesState.PROPOSED if self.approved_at is None else RulesState.APPROVED

    @property
    def digest(self) -> bytes:
        """SHA-256 of the document: what the log names."""
        return hashlib.sha256(self.document).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Approver:
    """Who approves: a participant, the key it signed with, and when."""

    participant_id: str
    key_id: str
    public_key: bytes
    at: dt.datetime


def check_effective_date(effective_from: dt.date, today: dt.date, notice_days: int, taken: Iterable[dt.date]) -> None:
    """Raise EffectiveDateRefused unless all are told ``notice_days`` before, and no version of that day or later is."""
    if effective_from - today < dt.timedelta(days=notice_days):
        raise EffectiveDateRefused("notice-too-short")
    if any(effective_from <= each for each in taken):
        raise EffectiveDateRefused("not-the-latest")


def approved(proposal: RulesVersion, approver: Approver, proposers_key: bytes, log_entry_id: uuid.UUID) -> RulesVersion:
    """The version, approved; raises VersionApproved or ApproverNotAnother. ``proposers_key`` is the public key."""
    if proposal.state is RulesState.APPROVED:
        raise VersionApproved
    if approver.participant_id == proposal.proposed_by or approver.public_key == proposers_key:
        raise ApproverNotAnother
    return replace(
        proposal,
        approved_by=approver.participant_id,
        approved_key_id=approver.key_id,
        approved_at=approver.at,
        log_entry_id=log_entry_id,
    )
