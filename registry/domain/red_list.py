"""The red list names organisations that arrears must not cut off; two other participants approve each, for a time."""

import datetime as dt
import uuid
from dataclasses import dataclass, field, replace

from protocol.codes import RedListGround
from protocol.messages.red_list import APPROVALS_NEEDED
from protocol.problems import FieldCode
from protocol.states import RedListState


class ExpiryOutOfBounds(Exception):
    """The day of expiry is not after today, or too far ahead; ``code`` says which."""

    def __init__(self, code: FieldCode) -> None:
        super().__init__(code)
        self.code = code


class NotIndependent(Exception):
    """The proposer of an entry may not approve it."""


class ApprovedAlready(Exception):
    """The two approvers must be different participants."""


class EntryStateForbids(Exception):
    """The entry's state does not allow the step."""

    def __init__(self, state: RedListState) -> None:
        super().__init__(state.value)
        self.state = state


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One participant's consent to an entry."""

    approver_id: str
    approved_at: dt.datetime
    log_entry_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RedListEntry:
    """One organisation on the red list, for one ground and until one day. Dates Beijing, times UTC."""

    subject_key: bytes = field(repr=False)
    entry_id: uuid.UUID
    ground: RedListGround
    proposed_by: str
    proposed_at: dt.datetime
    expires_on: dt.date
    """The first day on which the entry no longer holds."""
    rules_version: str
    approvals: tuple[Approval, ...] = ()
    revoked_at: dt.datetime | None = None
    log_entry_id: uuid.UUID
    """The access log's entry of the proposal or, later, of the revocation."""


def state_on(entry: RedListEntry, day: dt.date) -> RedListState:
    """Return the entry's state on a Beijing date."""
    if entry.revoked_at is not None:
        return RedListState.REVOKED
    if day >= entry.expires_on:
        return RedListState.EXPIRED
    return RedListState.EFFECTIVE if len(entry.approvals) >= APPROVALS_NEEDED else RedListState.PROPOSED


def effective(entry: RedListEntry, day: dt.date) -> bool:
    """Tell whether the entry is in force on a Beijing date."""
    return state_on(entry, day) is RedListState.EFFECTIVE


def check_expiry(expires_on: dt.date, today: dt.date, max_days: int) -> None:
    """Raise ExpiryOutOfBounds unless the entry would hold today and for at most ``max_days`` days."""
    if expires_on <= today:
        raise ExpiryOutOfBounds(FieldCode.NOT_AFTER_TODAY)
    if expires_on - today > dt.timedelta(days=max_days):
        raise ExpiryOutOfBounds(FieldCode.TOO_FAR_AHEAD)


def approve(entry: RedListEntry, approval: Approval, today: dt.date) -> RedListEntry:
    """Return the entry with one more approval; raises NotIndependent, ApprovedAlready or EntryStateForbids."""
    if approval.approver_id == entry.proposed_by:
        raise NotIndependent
    if any(each.approver_id == approval.approver_id for each in entry.approvals):
        raise ApprovedAlready
    state = state_on(entry, today)
    if state is not RedListState.PROPOSED:
        raise EntryStateForbids(state)
    return replace(entry, approvals=(*entry.approvals, approval))


def revoke(entry: RedListEntry, *, at: dt.datetime, today: dt.date, log_entry_id: uuid.UUID) -> RedListEntry:
    """Return the proposed or effective entry as revoked; raises EntryStateForbids if it has already ended."""
    state = state_on(entry, today)
    if state in (RedListState.EXPIRED, RedListState.REVOKED):
        raise EntryStateForbids(state)
    return replace(entry, revoked_at=at, log_entry_id=log_entry_id)
