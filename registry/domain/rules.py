"""One participant proposes a whole version of the rules, another approves it, and it applies from its date on."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from protocol.problems import FieldCode
from protocol.states import RulesState


class ApproverNotAnother(Exception):
    """The proposer of a version may not approve it, nor may a participant with the same key."""


class VersionApproved(Exception):
    """The version is approved already."""


class EffectiveDateRefused(Exception):
    """The version may not take effect on its date; ``code`` is the reason."""

    def __init__(self, code: FieldCode) -> None:
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
    """The access log's entry of the latest step."""

    @property
    def state(self) -> RulesState:
        return RulesState.PROPOSED if self.approved_at is None else RulesState.APPROVED

    @property
    def digest(self) -> bytes:
        """Compute the SHA-256 of the document, which the log names."""
        return hashlib.sha256(self.document).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Approver:
    """The approving participant, its signing key, and the time."""

    participant_id: str
    key_id: str
    public_key: bytes
    at: dt.datetime


def check_effective_date(effective_from: dt.date, today: dt.date, notice_days: int, taken: Iterable[dt.date]) -> None:
    """Raise EffectiveDateRefused without ``notice_days`` of notice, or if a version of that day or later exists."""
    if effective_from - today < dt.timedelta(days=notice_days):
        raise EffectiveDateRefused(FieldCode.NOTICE_TOO_SHORT)
    if any(effective_from <= each for each in taken):
        raise EffectiveDateRefused(FieldCode.NOT_THE_LATEST)


def check_demand(required_from: dt.date | None, in_force: dt.date | None, today: dt.date, notice_days: int) -> None:
    """Raise EffectiveDateRefused where a version demands something new with less than ``notice_days`` of notice.

    ``in_force`` is the day from which it is demanded already.
    """
    is_new = required_from is not None and (in_force is None or required_from < in_force)
    if is_new and required_from is not None and required_from - today < dt.timedelta(days=notice_days):
        raise EffectiveDateRefused(FieldCode.NOTICE_TOO_SHORT)


def approved(proposal: RulesVersion, approver: Approver, proposers_key: bytes, log_entry_id: uuid.UUID) -> RulesVersion:
    """Approve the version; raises VersionApproved or ApproverNotAnother. ``proposers_key`` is the public key."""
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
