"""Makes what the store keeps, with visible defaults; numbers stand for identities."""

import datetime as dt
import uuid
from typing import Any

from protocol.codes import (
    DecisionCode,
    DisputeGround,
    ReasonCode,
    RedListGround,
    Role,
    ServiceClass,
    SettlementKind,
    TransferGround,
)
from protocol.messages.rules import DisputeTerms
from protocol.states import Action, DisputeState, HouseholdKind, MediaType, Party, RecordState, Side, TransferState
from registry.domain.batches import BatchChunk
from registry.domain.disputes import Dispute, Paper, VictimMarker, deadlines
from registry.domain.epochs import KeyEpoch
from registry.domain.households import LinkEnd
from registry.domain.idempotency import StoredAnswer
from registry.domain.inquiries import Inquiry, Quote, QuoteLine, totals_of
from registry.domain.log import LogEntry
from registry.domain.participants import Participant, ParticipantKey
from registry.domain.records import Record, RecordTransition
from registry.domain.red_list import Approval, RedListEntry
from registry.domain.requests import KeptRequest
from registry.domain.settlements import Clearance, Settlement
from registry.domain.subjects import Household, HouseholdLink, SealedToken, Subject
from registry.domain.transfers import Transfer, TransferItem
from registry.store.log.personal import log_personal
from registry.store.prepared import FEW, Insert
from registry.store.transactions import Store, Transaction
from tests.support.builders import NOW, TODAY, a_record

_ABOUT = Insert(log_personal, new_only=True)
LATER = NOW + dt.timedelta(hours=1, microseconds=7)


def key(number: int) -> bytes:
    """The index key of subject or household ``number``; keys sort like their numbers."""
    return number.to_bytes(16, "big")


def an_id(number: int) -> uuid.UUID:
    """A UUIDv7-shaped id; ids sort like their numbers."""
    return uuid.UUID(int=(1_700_000_000_000 << 80) | (7 << 76) | (0b10 << 62) | number)


def sealed(number: int = 1) -> SealedToken:
    return SealedToken(
        epoch=1,
        suite="AES-256-GCM",
        kek_epoch=3,
        wrapped_key=b"w" * 60,
        ciphertext=number.to_bytes(60, "big"),
    )


def a_participant(name: str = "carrier-a", **changes: Any) -> Participant:
    values: dict[str, Any] = {
        "participant_id": name,
        "name": name.upper(),
        "roles": frozenset({Role.REPORTER, Role.INQUIRER}),
        "contact": "any counter",
        "created_at": NOW,
        "log_entry_id": an_id(1),
    }
    return Participant(**(values | changes))


def a_signing_key(key_id: str = "carrier-a-1", holder: str = "carrier-a") -> ParticipantKey:
    return ParticipantKey(
        key_id=key_id,
        participant_id=holder,
        public_key=b"p" * 32,
        added_at=NOW,
        revoked_at=None,
        log_entry_id=an_id(1),
    )


def an_epoch(number: int = 1) -> KeyEpoch:
    return KeyEpoch(
        epoch=number, joint_public_key=b"j" * 32, threshold=2, custodians=3, created_at=NOW, log_entry_id=an_id(1)
    )


def a_subject(number: int) -> Subject:
    return Subject(subject_key=key(number), sealed=sealed(number), created_at=NOW)


def a_household(number: int, kind: HouseholdKind = HouseholdKind.REGISTER) -> Household:
    return Household(household_key=key(number), kind=kind, sealed=sealed(number), created_at=NOW)


def a_link(household: int, subject: int, record: int, **changes: Any) -> HouseholdLink:
    values: dict[str, Any] = {
        "household_key": key(household),
        "subject_key": key(subject),
        "record_id": an_id(record),
        "kind": HouseholdKind.REGISTER,
        "linked_at": NOW,
    }
    return HouseholdLink(**(values | changes))


def an_end(link: HouseholdLink, at: dt.datetime = LATER) -> LinkEnd:
    return LinkEnd(
        household_key=link.household_key, subject_key=link.subject_key, record_id=link.record_id, ended_at=at
    )


def record_of(subject: int, number: int, **changes: Any) -> Record:
    """Record ``number`` of a subject, on an account of its own."""
    values = {
        "subject_key": key(subject),
        "record_id": an_id(number),
        "account_ref": number.to_bytes(32, "big"),
        "version": 1,
        "log_entry_id": an_id(number),
    }
    return a_record(**(values | changes))


def event_of(record: Record, number: int) -> RecordTransition:
    return RecordTransition(
        subject_key=record.subject_key,
        event_id=an_id(number),
        record_id=record.record_id,
        source=RecordState.PENDING,
        target=RecordState.ACTIVE,
        action=Action.ENFORCE,
        party=Party.CLOCK,
        actor_id="registry",
        reason="lead-time-over",
        at=LATER,
        rules_version="2026-01",
        log_entry_id=an_id(number),
    )


def an_inquiry(subject: int, number: int, month: int = 202611) -> Inquiry:
    return Inquiry(
        subject_key=key(subject),
        inquiry_id=an_id(number),
        month=month,
        participant_id="carrier-a",
        service_class=ServiceClass.BROADBAND,
        decision=DecisionCode.PAY_FIRST,
        reasons=(ReasonCode.OWN_ARREARS, ReasonCode.HOUSEHOLD_ARREARS),
        rules_version="2026-01",
        decided_at=LATER,
        quote_id=None,
        log_entry_id=an_id(number),
    )


def a_quote(subject: int, number: int, *debtors: int) -> Quote:
    lines = tuple(
        QuoteLine(
            subject_key=key(debtor),
            record_id=an_id(debtor),
            creditor_id="carrier-a",
            service_class=ServiceClass.IPTV,
            principal_fen=12_000 + debtor,
            late_fee_fen=300,
            costs_fen=7,
        )
        for debtor in debtors
    )
    return Quote(
        subject_key=key(subject),
        quote_id=an_id(number),
        reference=f"reference-{number}",
        inquiry_id=an_id(number),
        lines=lines,
        totals=totals_of(lines),
        quoted_at=NOW,
        valid_until=LATER,
        log_entry_id=an_id(number),
    )


def settlement_of(record: Record, number: int) -> Settlement:
    return Settlement(
        subject_key=record.subject_key,
        settlement_id=an_id(number),
        record_id=record.record_id,
        creditor_id=record.creditor_id,
        kind=SettlementKind.FULL,
        amount_fen=record.principal_fen,
        settled_at=NOW,
        received_at=LATER,
        statement="a.b.c",
        log_entry_id=an_id(number),
    )


def clearance_of(settlement: Settlement, number: int) -> Clearance:
    return Clearance(
        subject_key=settlement.subject_key,
        clearance_id=an_id(number),
        settlement_id=settlement.settlement_id,
        jws="a.b.c",
        issued_at=LATER,
        issued_to="carrier-b",
        log_entry_id=an_id(number),
    )


def a_red_list_entry(subject: int, number: int, **changes: Any) -> RedListEntry:
    values: dict[str, Any] = {
        "subject_key": key(subject),
        "entry_id": an_id(number),
        "ground": RedListGround.EMERGENCY_SERVICE,
        "proposed_by": "carrier-a",
        "proposed_at": LATER,
        "expires_on": TODAY + dt.timedelta(days=365),
        "rules_version": "2026-01",
        "log_entry_id": an_id(number),
    }
    return RedListEntry(**(values | changes))


def an_approval(approver: str = "carrier-b", minute: int = 1) -> Approval:
    return Approval(
        approver_id=approver, approved_at=LATER + dt.timedelta(minutes=minute), log_entry_id=an_id(100 + minute)
    )


def dispute_of(record: Record, number: int, **changes: Any) -> Dispute:
    """Case ``number`` about a record, filed today."""
    answer_due, close_due, lapse_due = deadlines(TODAY, DisputeTerms(answer_days=15, close_days=20, lapse_days=30))
    values: dict[str, Any] = {
        "subject_key": record.subject_key,
        "dispute_id": an_id(number),
        "record_id": record.record_id,
        "creditor_id": record.creditor_id,
        "ground": DisputeGround.ALREADY_PAID,
        "principal_fen": record.principal_fen,
        "costs_fen": record.costs_fen,
        "paid_fen": record.paid_fen,
        "filed_by": "carrier-b",
        "filed_at": LATER,
        "filed_on": TODAY,
        "stopped_on": TODAY,
        "answer_due": answer_due,
        "close_due": close_due,
        "lapse_due": lapse_due,
        "state": DisputeState.OPEN,
        "rules_version": "2026-01",
        "version": 1,
        "log_entry_id": an_id(number),
    }
    return Dispute(**(values | changes))


def document_of(dispute: Dispute, number: int, **changes: Any) -> Paper:
    values: dict[str, Any] = {
        "subject_key": dispute.subject_key,
        "document_id": an_id(number),
        "dispute_id": dispute.dispute_id,
        "side": Side.FILER,
        "added_by": "carrier-b",
        "added_at": LATER,
        "media_type": MediaType.PDF,
        "content_bytes": 9,
        "suite": "AES-256-GCM",
        "kek_epoch": 3,
        "wrapped_key": b"w" * 40,
        "ciphertext": b"c" * 37,
        "log_entry_id": an_id(number),
    }
    return Paper(**(values | changes))


def a_marker(subject: int, number: int, days: int = 730) -> VictimMarker:
    return VictimMarker(
        subject_key=key(subject),
        marker_id=an_id(number),
        set_by="carrier-b",
        set_at=LATER,
        until=TODAY + dt.timedelta(days=days),
        log_entry_id=an_id(number),
    )


def a_log_entry(number: int, subject: int = 0, **changes: Any) -> LogEntry:
    values: dict[str, Any] = {
        "subject_key": key(subject) if subject else None,
        "entry_id": an_id(number),
        "kind": "REPORT_LISTED",
        "at": LATER,
        "participant_id": "carrier-a",
        "request_id": None,
        "core": b"{}",
        "core_salt": b"s" * 32,
        "personal": b"{}" if subject else None,
        "personal_salt": b"t" * 32 if subject else None,
    }
    return LogEntry(**(values | changes))


def some_evidence(number: int = 1) -> KeptRequest:
    return KeptRequest(
        request_id=an_id(number),
        participant_id="carrier-a",
        key_id="carrier-a-1",
        signature_base=b"base",
        signature=b"g" * 64,
        received_at=NOW,
    )


def an_answer(idempotency_key: str = "k1", **changes: Any) -> StoredAnswer:
    values: dict[str, Any] = {
        "participant_id": "carrier-a",
        "idempotency_key": idempotency_key,
        "operation": "report",
        "request_digest": b"d" * 32,
        "status": 201,
        "body": b"{}",
        "created_at": NOW,
    }
    return StoredAnswer(**(values | changes))


def a_chunk(number: int, batch: str = "b1", rows: int = 10) -> BatchChunk:
    return BatchChunk(
        participant_id="carrier-a",
        batch_key=batch,
        chunk_number=number,
        rows=rows,
        rows_digest=b"r" * 32,
        verdicts=b"{}\n",
        completed_at=NOW,
    )


def with_entries(store: Store, *numbers: int) -> Store:
    """The store with the log entries that rows of these numbers name: the database refuses a row without one."""
    entries = [a_log_entry(each, kind="TESTED") for each in numbers]
    store.write(lambda tx: tx.openings.append(entries))
    return store


def founded(store: Store, *subjects: int, entries: int = 400) -> Store:
    """The store with carriers a and b, an epoch, the head rows of the subjects, and the entries numbered so far."""
    with_entries(store, *range(entries + 1))

    def work(tx: Transaction) -> None:
        tx.participants.add(a_participant("carrier-a"))
        tx.participants.add(a_participant("carrier-b"))
        tx.epochs.add(an_epoch())
        tx.subjects.ensure([a_subject(each) for each in subjects])
        # PostgreSQL wants the entry of a row under the row's own subject.
        few = set(subjects[:FEW]) | {1, 2, 3}
        pairs = [(each, number) for each in few for number in range(entries + 1)]
        pairs += [(each, each) for each in subjects if each not in few]
        _ABOUT.run_rows(tx.connection, [(key(each), an_id(number), "TESTED", None, None) for each, number in pairs])

    store.write(work)
    return store


TRANSFER = Transfer(
    participant_id="carrier-a",
    transfer_id=an_id(70),
    buyer_id="carrier-b",
    ground=TransferGround.MERGER,
    state=TransferState.PROPOSED,
    proposed_at=LATER,
    proposed_key_id="carrier-a-1",
    lapses_on=LATER.date(),
    rules_version="2026-01",
    log_entry_id=an_id(70),
)


def an_item(record: int) -> TransferItem:
    return TransferItem(participant_id="carrier-a", transfer_id=TRANSFER.transfer_id, record_id=an_id(record))
