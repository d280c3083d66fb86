"""Read the ends of a person's records with one creditor, and the doubted ones among them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from protocol.beijing import beijing_date
from protocol.states import CLOSED_STATES, RecordState
from registry.domain.disputes import Dispute, by_record, open_case
from registry.domain.endings import STOPPED_STATES, DoubtedRecord, FormerRecord, account_digest, bars_due_by, ending_of
from registry.domain.records import Record, RecordTransition
from registry.domain.retention import SealedEnding, expires_on
from registry.policy.relisting import History
from registry.policy.retention import start_of
from registry.usecases.act import Act
from registry.usecases.archive.shared import listed_on, terms_of

_NOTHING = History()


@dataclass(frozen=True, slots=True)
class Histories:
    """The histories of the subjects of one call, and the events that closed their records."""

    _by_subject: Mapping[bytes, History]
    _closings: Mapping[UUID, RecordTransition]

    @classmethod
    def read(
        cls, act: Act, records: Mapping[bytes, Sequence[Record]], sealed: Mapping[bytes, Sequence[SealedEnding]]
    ) -> Self:
        """Read with two statements for subjects that have a closed or doubted record, and none for the others."""
        telling = CLOSED_STATES | STOPPED_STATES
        keys = {key for key, owned in records.items() if any(each.state in telling for each in owned)}
        closings = act.tx.transitions.closings(keys)
        # Group by record, or a firm would cost its records times its cases.
        found_cases = act.tx.disputes.of_subjects(keys)
        cases = by_record(case for owned in found_cases.values() for case in owned)
        found = {
            key: History.of(
                former=_former(act, records.get(key, ()), sealed.get(key, ()), closings, cases),
                doubted=_doubted(records.get(key, ()), cases),
                old_debts=frozenset(each.debt_digest for each in sealed.get(key, ()) if each.ending is None),
            )
            for key in {*keys, *sealed}
        }
        return cls(found, closings)

    def of(self, subject_key: bytes | None) -> History:
        """Return the history of a person; empty where no record was closed or doubted."""
        return _NOTHING if subject_key is None else self._by_subject.get(subject_key, _NOTHING)

    def reason(self, record: Record) -> str | None:
        """Return the reason for which a record was closed; None for one that this call closed itself."""
        closing = self._closings.get(record.record_id)
        return None if closing is None else closing.reason


def former_record(act: Act, record: Record, closing: RecordTransition, cases: Sequence[Dispute]) -> FormerRecord:
    """Build the former record, for later reports, from a closed one that is still on the list."""
    ending, closed_on = ending_of(record, closing, cases), _closed_on(act, listed_on(record), record.state_since)
    minimum_days = act.rules_of(record).listing.minimum_days_past_due
    return FormerRecord(
        account_digest=account_digest(record.creditor_id, record.account_ref),
        ending=ending,
        bars_due_by=bars_due_by(ending, record.due_date, closed_on, minimum_days),
        listed_at=record.received_at,
        closed_on=closed_on,
        record=record,
    )


def _former(
    act: Act,
    records: Sequence[Record],
    sealed: Sequence[SealedEnding],
    closings: Mapping[UUID, RecordTransition],
    cases: Mapping[UUID, Sequence[Dispute]],
) -> tuple[FormerRecord, ...]:
    closed = [each for each in records if each.state in CLOSED_STATES]
    return (
        *(former_record(act, each, closings[each.record_id], cases.get(each.record_id, ())) for each in closed),
        *(
            FormerRecord(
                account_digest=each.account_digest,
                ending=each.ending,
                bars_due_by=each.bars_due_by,
                listed_at=start_of(each.listed_on),
                closed_on=_closed_on(act, each.listed_on, each.closed_at),
            )
            for each in sealed
            if each.ending is not None and each.account_digest is not None
        ),
    )


def _open_case(record: Record, cases: Mapping[UUID, Sequence[Dispute]]) -> Dispute | None:
    """Find the case that stopped a record; an order that froze it has none."""
    if record.state is RecordState.FROZEN:
        return None
    return open_case(cases.get(record.record_id, ()), record.record_id)


def _closed_on(act: Act, listed: dt.date, closed_at: dt.datetime) -> dt.date:
    """Return the Beijing day on which a record closed: an expired one by its date, however late that was written."""
    return min(beijing_date(closed_at), expires_on(listed, terms_of(act)))


def _doubted(records: Sequence[Record], cases: Mapping[UUID, Sequence[Dispute]]) -> tuple[DoubtedRecord, ...]:
    """Find the doubted records, each since the filing of its case or the order that froze it."""
    found = []
    for record in records:
        if record.state in STOPPED_STATES:
            case = _open_case(record, cases)
            found.append(DoubtedRecord(since=beijing_date(record.state_since) if case is None else case.filed_on))
    return tuple(found)
