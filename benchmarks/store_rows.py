"""Makes the rows of the store's benchmark, of the size and in the disorder of real ones."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from protocol.codes import Category, DecisionCode, NoticeChannel, ReasonCode, Role, ServiceClass
from protocol.states import Action, HouseholdKind, Party, RecordState
from registry.domain.epochs import KeyEpoch
from registry.domain.inquiries import Inquiry
from registry.domain.log import LogEntry
from registry.domain.participants import Participant
from registry.domain.records import Record, RecordTransition
from registry.domain.subjects import Household, HouseholdLink, Person, SealedToken, Subject
from registry.store.transactions import Transaction

NOW = dt.datetime(2026, 11, 21, 4, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 21)
_KINDS = (HouseholdKind.REGISTER, HouseholdKind.ADDRESS)


def key(kind: str, number: int) -> bytes:
    """Make an index key that falls anywhere, as real ones do."""
    return hashlib.sha256(f"{kind}/{number}".encode()).digest()[:16]


def _an_id(kind: int, number: int) -> uuid.UUID:
    return uuid.UUID(int=(1_770_000_000_000 << 80) | (7 << 76) | (0b10 << 62) | (kind << 40) | number)


def _sealed(number: int) -> SealedToken:
    return SealedToken(
        epoch=1, suite="AES-256-GCM", kek_epoch=1, wrapped_key=b"w" * 60, ciphertext=number.to_bytes(60, "big")
    )


def _a_record(number: int) -> Record:
    return Record(
        subject_key=key("subject", number),
        record_id=_an_id(1, number),
        creditor_id="carrier-a",
        account_ref=hashlib.sha256(str(number).encode()).digest(),
        state=RecordState.ACTIVE,
        service_class=ServiceClass.BROADBAND,
        category=Category.MISSED_CYCLE,
        principal_fen=12_000,
        paid_fen=0,
        due_date=TODAY - dt.timedelta(days=200),
        suspended_on=TODAY - dt.timedelta(days=170),
        ended_on=None,
        notice_date=TODAY - dt.timedelta(days=150),
        notice_channel=NoticeChannel.SMS,
        enforceable_from=TODAY - dt.timedelta(days=120),
        clock_on=TODAY - dt.timedelta(days=120),
        figures_on=TODAY - dt.timedelta(days=150),
        dealer="D-0117",
        rules_version="2026-01",
        late_fee_daily_ppm=3_000,
        late_fee_cap_ppm=1_000_000,
        version=2,
        received_at=NOW,
        state_since=NOW,
        log_entry_id=_an_id(2, number),
        register_key=key("home-0", number // 2),
        address_key=key("home-1", number // 2),
    )


def _an_event(record: Record, number: int, part: int) -> RecordTransition:
    return RecordTransition(
        subject_key=record.subject_key,
        event_id=_an_id(2 + part, number),
        record_id=record.record_id,
        source=RecordState.PENDING,
        target=RecordState.ACTIVE,
        action=Action.ENFORCE,
        party=Party.CLOCK,
        actor_id="registry",
        reason="lead-time-over",
        at=NOW,
        rules_version="2026-01",
        log_entry_id=_an_id(2 + part, number),
    )


def _an_entry(subject_key: bytes | None, number: int, part: int) -> LogEntry:
    return LogEntry(
        subject_key=subject_key,
        entry_id=_an_id(2 + part, number),
        kind="REPORT_LISTED",
        at=NOW,
        participant_id="carrier-a",
        request_id=None,
        core=b"c" * 420,
        core_salt=b"s" * 32,
        personal=None if subject_key is None else b"p" * 150,
        personal_salt=None if subject_key is None else b"t" * 32,
    )


def _an_inquiry(number: int) -> Inquiry:
    return Inquiry(
        subject_key=key("subject", number),
        inquiry_id=_an_id(7, number),
        month=202611,
        participant_id="carrier-a",
        service_class=ServiceClass.MOBILE,
        decision=DecisionCode.ALLOW,
        reasons=(ReasonCode.NO_ARREARS,),
        rules_version="2026-01",
        decided_at=NOW,
        quote_id=None,
        log_entry_id=_an_id(7, number),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """The rows of one request of many reports, built before the measurement."""

    people: Sequence[Person]
    subjects: Sequence[Subject]
    records: Sequence[Record]
    events: Sequence[RecordTransition]
    households: Sequence[Household]
    links: Sequence[HouseholdLink]
    entries: Sequence[LogEntry]

    @classmethod
    def of(cls, numbers: range) -> "Reports":
        records = [_a_record(each) for each in numbers]
        homes = [(each, part) for each in numbers for part in range(2)]
        return cls(
            people=[
                Person(index_key=key("index", each), epoch=1, subject_key=key("subject", each)) for each in numbers
            ],
            subjects=[
                Subject(subject_key=key("subject", each), sealed=_sealed(each), created_at=NOW) for each in numbers
            ],
            records=records,
            events=[
                _an_event(record, each, part)
                for record, each in zip(records, numbers, strict=True)
                for part in range(2)
            ],
            households=[
                Household(
                    household_key=key(f"home-{part}", each // 2),
                    kind=_KINDS[part],
                    sealed=_sealed(each),
                    created_at=NOW,
                )
                for each, part in homes
            ],
            links=[
                HouseholdLink(
                    household_key=key(f"home-{part}", each // 2),
                    subject_key=key("subject", each),
                    record_id=_an_id(1, each),
                    kind=_KINDS[part],
                    linked_at=NOW,
                )
                for each, part in homes
            ],
            entries=[_an_entry(key("subject", each), each, part) for each, part in homes],
        )

    def write(self, tx: Transaction) -> None:
        """Write one bulk report: for each row a subject, a record, two transitions, homes, links and log entries."""
        keys = [each.subject_key for each in self.subjects]
        tx.people.look([each.index_key for each in self.people])
        tx.people.ensure(self.people)
        tx.subjects.ensure(self.subjects)
        tx.subjects.lock(keys)
        tx.records.of_subjects(keys)
        tx.openings.append(self.entries)
        tx.records.add(self.records)
        tx.transitions.add(self.events)
        tx.households.ensure(self.households)
        tx.households.link(self.links)


def found(tx: Transaction) -> None:
    """Write the participants, which all other rows need."""
    tx.openings.append([_an_entry(None, number, 7) for number in (1, 2)])
    tx.participants.add(
        Participant(
            participant_id="carrier-a",
            name="A",
            roles=frozenset({Role.REPORTER}),
            contact=None,
            created_at=NOW,
            log_entry_id=_an_id(9, 1),
        )
    )
    tx.epochs.add(
        KeyEpoch(
            epoch=1, joint_public_key=b"j" * 32, threshold=2, custodians=3, created_at=NOW, log_entry_id=_an_id(9, 2)
        )
    )


def inquire_once(tx: Transaction, number: int) -> None:
    """Run the statements of one inquiry: its look-ups, the inquiry and its log entry."""
    subject_key = key("subject", number)
    tx.people.look([key("index", number)])
    tx.records.active_of_subjects([subject_key])
    tx.households.links([key("home-0", number), key("home-1", number)])
    tx.openings.append([_an_entry(subject_key, number, 5)])
    tx.inquiries.add([_an_inquiry(number)])
