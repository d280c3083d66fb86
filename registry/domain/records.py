"""A record of arrears and its transitions are frozen values."""

import datetime as dt
import uuid
from dataclasses import dataclass, field, replace

from protocol.codes import Category, NoticeChannel, ServiceClass
from protocol.messages.rules import LateFeeRules
from protocol.states import OPEN_STATES, Action, Party, RecordState
from protocol.values import quick
from registry.domain.life import next_state


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One listed debt of one subject to one creditor. Money in fen, dates Beijing, times UTC.

    ``subject_key`` is the 16-byte pseudonym, ``account_ref`` the creditor's own 32-byte keyed reference.
    """

    subject_key: bytes = field(repr=False)
    record_id: uuid.UUID
    creditor_id: str
    account_ref: bytes = field(repr=False)
    state: RecordState
    service_class: ServiceClass
    category: Category
    principal_fen: int
    paid_fen: int
    costs_fen: int = 0
    fee_free_days: int = 0
    """Days without a late fee under plans that have ended."""
    due_date: dt.date
    suspended_on: dt.date | None
    ended_on: dt.date | None
    notice_date: dt.date
    notice_channel: NoticeChannel | None
    enforceable_from: dt.date
    clock_on: dt.date
    """While PENDING, the first day on which the scheduler has a step for it."""
    confirmed_on: dt.date | None = None
    """The last day on which the creditor confirmed that it is still unpaid; a report confirms it too."""
    asked_on: dt.date | None = None
    """The last day on which the creditor was asked."""
    figures_on: dt.date
    """The day of the report that set the present figures: a higher one needs a notice later than that."""
    settled_on: dt.date | None = None
    """The day on which the debt was paid or waived, or its plan agreed; None while it is owed."""
    plan_breaks: int = 0
    """The number of plans that broke, under former creditors too."""
    last_break_on: dt.date | None = None
    """The day on which the latest of them broke."""
    evidence_digest: bytes | None = field(default=None, repr=False)
    """The digest of the creditor's manifest of evidence, or None."""
    dealer: str | None
    rules_version: str
    late_fee_daily_ppm: int
    late_fee_cap_ppm: int
    """The fee of the day of listing, for the record's whole life: the creditor's own if that is lower."""
    version: int
    received_at: dt.datetime
    state_since: dt.datetime
    log_entry_id: uuid.UUID
    """The access log's entry of the record's latest change."""
    origin_record_id: uuid.UUID | None = None
    """The former creditor's record; this one continues its dates and figures."""
    register_key: bytes | None = field(default=None, repr=False)
    address_key: bytes | None = field(default=None, repr=False)
    """The debtor's current households, as the creditor last reported them: one of each kind at most."""
    person_ref: bytes | None = field(default=None, repr=False)
    """The creditor's own 32-byte keyed reference of the person on this account; only the creditor gets it back."""

    @property
    def blocks(self) -> bool:
        """Tell whether the record blocks: only ACTIVE does."""
        return self.state is RecordState.ACTIVE

    @property
    def claimed_fen(self) -> int:
        """The principal and the costs, before payments and without a late fee."""
        return self.principal_fen + self.costs_fen

    @property
    def late_fee(self) -> LateFeeRules:
        return LateFeeRules(daily_ppm=self.late_fee_daily_ppm, cap_ppm=self.late_fee_cap_ppm)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def household_keys(self) -> tuple[bytes, ...]:
        """Return the keys of the current households, that of the register first."""
        return tuple(key for key in (self.register_key, self.address_key) if key is not None)


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class RecordTransition:
    """One transition of one record; the pair (record, event) is never changed afterwards."""

    subject_key: bytes = field(repr=False)
    event_id: uuid.UUID
    record_id: uuid.UUID
    source: RecordState
    target: RecordState
    action: Action
    party: Party
    actor_id: str
    """The participant that acted, or ``registry`` for the scheduler and the registry itself."""
    reason: str
    at: dt.datetime
    rules_version: str
    log_entry_id: uuid.UUID


def take_edge(
    record: Record,
    action: Action,
    party: Party,
    *,
    actor_id: str,
    reason: str,
    at: dt.datetime,
    rules_version: str,
    event_id: uuid.UUID,
) -> tuple[Record, RecordTransition]:
    """Return the record after ``action``, one version later, and its transition.

    The transition's id is also the id of its log entry: state change and entry are one commit.
    Raises EdgeNotAllowed or WrongParty.
    """
    event = transition(
        subject_key=record.subject_key,
        record_id=record.record_id,
        source=record.state,
        action=action,
        party=party,
        actor_id=actor_id,
        reason=reason,
        at=at,
        rules_version=rules_version,
        event_id=event_id,
        log_entry_id=event_id,
    )
    changed = replace(record, state=event.target, version=record.version + 1, state_since=at, log_entry_id=event_id)
    return changed, event


def transition(
    *,
    subject_key: bytes,
    record_id: uuid.UUID,
    source: RecordState,
    action: Action,
    party: Party,
    actor_id: str,
    reason: str,
    at: dt.datetime,
    rules_version: str,
    event_id: uuid.UUID,
    log_entry_id: uuid.UUID,
) -> RecordTransition:
    """Return the transition of an edge; raises EdgeNotAllowed or WrongParty.

    ``log_entry_id`` is the entry of the act: an act that takes several edges of a record has one entry for all.
    """
    return RecordTransition(
        subject_key=subject_key,
        event_id=event_id,
        record_id=record_id,
        source=source,
        target=next_state(source, action, party),
        action=action,
        party=party,
        actor_id=actor_id,
        reason=reason,
        at=at,
        rules_version=rules_version,
        log_entry_id=log_entry_id,
    )
