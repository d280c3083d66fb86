"""Lock and read the facts that judge the rows of one call: accounts first, then subjects, each in order."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias
from uuid import UUID

from protocol.codes import WithdrawalReason
from protocol.messages.records import RecordReport, RefusedRow
from protocol.states import RecordState
from protocol.values import quick
from registry.domain.accounts import AccountPointer, pointer_to
from registry.domain.endings import Ending
from registry.domain.households import NO_HOMES
from registry.domain.records import Record
from registry.domain.retention import SealedEnding
from registry.domain.subjects import PersonKeys
from registry.policy.relisting import History
from registry.policy.reporting import (
    Misdirected,
    OnAccount,
    Yardstick,
    first_listed_of,
    listing_verdict,
    misdirected_by,
)
from registry.usecases.act import Act
from registry.usecases.heads import Held, hold_subjects
from registry.usecases.pseudonyms import Pseudonyms
from registry.usecases.records.histories import Histories
from registry.usecases.records.homes import homes_given
from registry.usecases.tidying import up_to_date


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class NamedReport:
    """A report with the pseudonyms of its debtor."""

    report: RecordReport
    names: Pseudonyms


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class FiledReport(NamedReport):
    """A report with the key under which its debtor is filed."""

    subject_key: bytes = field(repr=False)


SentRow: TypeAlias = NamedReport | RefusedRow
Row: TypeAlias = FiledReport | RefusedRow


def row_of(row: SentRow) -> RecordReport | RefusedRow:
    """The row as the sender wrote it."""
    return row.report if isinstance(row, NamedReport) else row


class _Records:
    """A creditor's records, found by person, by person and account, and by id without a search."""

    __slots__ = ("_by_account", "_by_subject")

    def __init__(self, records: Iterable[Record]) -> None:
        self._by_subject: dict[bytes, dict[UUID, Record]] = {}
        self._by_account: dict[tuple[bytes, bytes], dict[UUID, None]] = {}
        for each in records:
            self.put(each)

    def put(self, record: Record) -> None:
        """Replace the record by its present version."""
        former = self.get(record.subject_key, record.record_id)
        if former is not None and former.account_ref != record.account_ref:
            del self._by_account[former.subject_key, former.account_ref][former.record_id]
        self._by_subject.setdefault(record.subject_key, {})[record.record_id] = record
        self._by_account.setdefault((record.subject_key, record.account_ref), {})[record.record_id] = None

    def get(self, subject_key: bytes, record_id: UUID) -> Record | None:
        return self._by_subject.get(subject_key, {}).get(record_id)

    def on_account(self, subject_key: bytes, refs: Iterable[bytes]) -> list[Record]:
        """Find the person's records under some references, in the order of the references."""
        own = self._by_subject.get(subject_key, {})
        return [own[record_id] for ref in sorted(refs) for record_id in self._by_account.get((subject_key, ref), ())]

    def count(self, subject_key: bytes | None) -> int:
        return 0 if subject_key is None else len(self._by_subject.get(subject_key, ()))

    def subjects(self) -> frozenset[bytes]:
        return frozenset(self._by_subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """The creditor's records, accounts and histories that a call touches; ``judge`` keeps it up to date."""

    act: Act
    rows: Sequence[Row]
    """The rows of the call, in order."""
    pointers: dict[bytes, AccountPointer]
    former_refs: Mapping[bytes, frozenset[bytes]]
    """The former references of each account, from all rows of the call."""
    records: _Records
    histories: Histories
    sealed: Mapping[bytes, Sequence[SealedEnding]]
    debtors: frozenset[bytes] = field(default=frozenset(), repr=False)
    """Subjects whose rows were locked because a report might list them."""
    withdrawn: dict[UUID, str] = field(default_factory=dict)
    """The reasons for which this call took records out, which are not in the histories read before."""
    left: set[bytes] = field(default_factory=set, repr=False)
    """The persons of these records."""

    def on_account(self, row: Row) -> OnAccount:
        """Find the facts on the row's account by which it is judged."""
        sent = row_of(row)
        subject_key = row.subject_key if isinstance(row, FiledReport) else None
        refs = frozenset((sent.account_ref, *self.former_refs.get(sent.account_ref, ())))
        record = self._open(refs, subject_key)
        person = subject_key if subject_key is not None or record is None else record.subject_key
        return OnAccount(
            creditor_id=self.act.actor_id,
            subject_key=subject_key,
            refs=refs,
            record=record,
            history=self._history(person),
            homes=homes_given(row.report, row.names) if isinstance(row, FiledReport) else NO_HOMES,
            held=self.records.count(subject_key),
            misdirected=self._misdirected(refs, subject_key),
        )

    def doubles(self, on_account: OnAccount) -> list[Record]:
        """Find open records of the same person that now share one account, all but the first listed."""
        first = on_account.record
        if first is None or len(on_account.refs) == 1:
            return []
        return [each for each in self._opens(on_account.refs, first.subject_key) if each.record_id != first.record_id]

    def take_over(self, on_account: OnAccount, account_ref: bytes) -> None:
        """Give all the judged person's records under former references the reference ``account_ref``.

        It does nothing while another person's open record is on the account.
        """
        former = on_account.refs - {account_ref}
        record = on_account.record
        person = on_account.subject_key if record is None else record.subject_key
        if not former or person is None or on_account.is_anothers:
            return
        moved = self.records.on_account(person, former)
        self.act.tx.records.rekey(moved, account_ref)
        for each in moved:
            self.records.put(replace(each, account_ref=account_ref))
        self._point_from(former, account_ref, record)

    def _point_from(self, former: frozenset[bytes], account_ref: bytes, record: Record | None) -> None:
        """Let the account's reference point to its open record, or else to that of its newest former reference."""
        accounts, creditor_id = self.act.tx.accounts, self.act.actor_id
        known = [self.pointers.pop(each) for each in sorted(former) if each in self.pointers]
        accounts.drop(creditor_id, [each.account_ref for each in known])
        place = self.pointers.get(account_ref)
        if record is not None:
            place = pointer_to(replace(record, account_ref=account_ref))
        elif place is None and known:
            place = replace(max(known, key=lambda each: each.record_id), account_ref=account_ref)
        if place is not None and place != self.pointers.get(account_ref):
            accounts.point([place], self.pointers)
            self.pointers[account_ref] = place

    def put(self, record: Record) -> None:
        """Keep a record as a row left it, for later rows."""
        self.records.put(record)

    def close(self, record: Record, reason: str) -> None:
        """Keep a record that a row took out as closed, with the reason, for later rows."""
        self.records.put(record)
        self.withdrawn[record.record_id] = reason
        self.left.add(record.subject_key)

    def _history(self, person: bytes | None) -> History:
        history = self.histories.of(person)
        return replace(history, last_unpaid=self.act.today) if person in self.left else history

    def _open(self, refs: frozenset[bytes], subject_key: bytes | None) -> Record | None:
        """Find the open record on the account: the person's own first, then the one that the account points to."""
        own = first_listed_of(self._opens(refs, subject_key)) if subject_key is not None else None
        return own or first_listed_of([each for each in self._pointed(refs) if each.is_open])

    def _opens(self, refs: frozenset[bytes], subject_key: bytes) -> list[Record]:
        return [each for each in self.records.on_account(subject_key, refs) if each.is_open]

    def _pointed(self, refs: Iterable[bytes]) -> list[Record]:
        """Find the records that the account's pointers name and that are still on the list."""
        pointers = [self.pointers[each] for each in refs if each in self.pointers]
        found = (self.records.get(each.subject_key, each.record_id) for each in pointers)
        return [each for each in found if each is not None]

    def _misdirected(self, refs: frozenset[bytes], subject_key: bytes | None) -> Misdirected | None:
        """Find the notices of another person's record that was withdrawn from this account as WRONG_SUBJECT."""
        if subject_key is None:
            return None
        for record in self._pointed(refs):
            wrong = record.subject_key != subject_key and record.state in (RecordState.WITHDRAWN, RecordState.CANCELLED)
            reason = self.withdrawn.get(record.record_id) or self.histories.reason(record)
            if wrong and reason == WithdrawalReason.WRONG_SUBJECT:
                return misdirected_by(record)
        for pointer in (self.pointers[each] for each in refs if each in self.pointers):
            for each in self.sealed.get(pointer.subject_key, ()) if pointer.subject_key != subject_key else ():
                # The archive does not keep the reason; treat a record that its creditor withdrew as a wrong one.
                if each.record_id == pointer.record_id and each.ending is Ending.TAKEN_BACK:
                    return Misdirected(due_until=each.listed_on, until=each.listed_on)
        return None


def open_files(act: Act, rows: Sequence[SentRow], by: Yardstick) -> Files:
    """Lock the rows' accounts, then all their subjects and the accounts' former owners, and read their records.

    The locks keep "one open record for an account" true when two reports of one account race.
    """
    former_refs = _former_refs(rows)
    refs = {*(row_of(each).account_ref for each in rows), *(ref for refs in former_refs.values() for ref in refs)}
    pointers = act.tx.accounts.lock(act.actor_id, refs)
    reports = [each for each in rows if isinstance(each, NamedReport)]
    # Only now: who lists on one of these accounts gives its person a key before it lets the account go.
    people = act.tx.people.look({each.names.index_key for each in reports})
    listable = {each.names.index_key: each.names for each in reports if listing_verdict(each.report, by) is None}
    named = [each for each in reports if each.names.index_key not in listable]
    others = {people.key_of(each.names.index_key) for each in named} | {each.subject_key for each in pointers.values()}
    held = hold_subjects(act, listable.values(), people, others)
    filed = [_filed(each, people, held) for each in rows]
    # Under a key that was drawn just now lies nothing.
    subjects = (others | set(held.keys.values())) - held.made
    stored = (each for owned in act.tx.records.of_subjects(subjects).values() for each in owned)
    records: dict[bytes, list[Record]] = {}
    for each in up_to_date(act, (record for record in stored if record.creditor_id == act.actor_id)):
        records.setdefault(each.subject_key, []).append(each)
    sealed = act.tx.archive.endings(subjects, act.actor_id)
    return Files(
        act=act,
        rows=filed,
        pointers=pointers,
        former_refs=former_refs,
        records=_Records(each for owned in records.values() for each in owned),
        histories=Histories.read(act, records, sealed),
        sealed=sealed,
        debtors=frozenset(held.keys.values()),
    )


def _filed(row: SentRow, people: PersonKeys, held: Held) -> Row:
    if not isinstance(row, NamedReport):
        return row
    index_key = row.names.index_key
    subject_key = held.keys.get(index_key) or people.key_of(index_key)
    return FiledReport(report=row.report, names=row.names, subject_key=subject_key)


def _former_refs(rows: Iterable[SentRow]) -> dict[bytes, frozenset[bytes]]:
    found: dict[bytes, set[bytes]] = defaultdict(set)
    for each in map(row_of, rows):
        if each.former_account_ref not in (None, each.account_ref):
            found[each.account_ref].add(each.former_account_ref or b"")
    return {account_ref: frozenset(refs) for account_ref, refs in found.items()}
