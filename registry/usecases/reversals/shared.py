"""Share the steps of proposing and confirming a reversal: find it, lock its debt, check that it is possible."""

import uuid
from collections.abc import Mapping
from typing import Final

from protocol.beijing import beijing_date
from protocol.messages import reversals as messages
from protocol.problems import Problem, Refusal
from protocol.states import Action, Party
from protocol.wire.codec import message_of
from registry.domain.accounts import AccountPointer
from registry.domain.collected import CollectedPayment
from registry.domain.money import is_settled
from registry.domain.participants import Actor
from registry.domain.records import Record
from registry.domain.retention import expires_on
from registry.domain.reversals import Irreversible, NotReversible, Reversal, check_reversible, unpaid
from registry.domain.settlements import Settlement
from registry.store.transactions import Transaction
from registry.usecases import edges
from registry.usecases.act import Act
from registry.usecases.archive.shared import listed_on, terms_of
from registry.usecases.disputes.shared import pauses_of
from registry.usecases.inquiries.quotes import owed_on
from registry.usecases.standings import as_of_today
from registry.usecases.tidying import up_to_date

_WHY: Final = {
    Irreversible.WAIVED: "What was waived is not claimed again.",
    Irreversible.TOO_LATE: "The time in which a settlement may be reversed is over.",
}


def hold_debt(act: Act, creditor_id: str, subject_key: bytes, record_id: uuid.UUID) -> Mapping[bytes, AccountPointer]:
    """Lock the account of a record, then its subject and those that the account points to; returns the pointers.

    A record that is owed again is an open record of its account, which has at most one, of any person.
    """
    record = act.tx.records.find(record_id)
    pointers = {} if record is None else act.tx.accounts.lock(creditor_id, (record.account_ref,))
    act.tx.subjects.lock({subject_key, *(each.subject_key for each in pointers.values())})
    return pointers


def check_possible(act: Act, settlement: Settlement, pointers: Mapping[bytes, AccountPointer]) -> Record:
    """Return the record without the settlement's money, not yet written; the caller has the subject's lock.

    On a record that is still open it is a part payment that comes undone, and no edge is taken.
    Raises Refusal EDGE_NOT_ALLOWED or ALREADY_EXISTS.
    """
    subject_key = settlement.subject_key
    try:
        of_record = act.tx.settlements.of_record(subject_key, settlement.record_id)
        # Old rules for old cases: the debtor relies on the terms that were in force when the payment came in.
        rules = act.book.in_force(beijing_date(settlement.received_at))
        check_reversible(settlement, of_record, act.now, rules.reversal_max_days)
    except NotReversible as refused:
        raise Refusal(Problem.EDGE_NOT_ALLOWED, detail=_WHY[refused.why]) from None
    for each in act.tx.reversals.of_subject(subject_key):
        if each.settlement_id == settlement.settlement_id and each.confirmed_at is not None:
            raise Refusal(Problem.ALREADY_EXISTS, detail="The settlement was reversed before.")
    stored = act.tx.records.of_subjects((subject_key,))[subject_key]
    (record,) = up_to_date(act, (each for each in stored if each.record_id == settlement.record_id))
    records = as_of_today(act, (record if each.record_id == record.record_id else each for each in stored))
    if record.is_open:
        return unpaid(record, settlement)
    if expires_on(listed_on(record), terms_of(act)) <= act.today:
        raise Refusal(Problem.EDGE_NOT_ALLOWED, detail="The years of the record are over: nothing is owed on it here.")
    edges.take_edge(act, record, Action.REVERSE, Party.CREDITOR, "asked")  # refuses where the table has no such edge
    account = [
        each for each in records if (each.creditor_id, each.account_ref) == (record.creditor_id, record.account_ref)
    ]
    if any(each.is_open for each in account) or _is_anothers(act, record, pointers):
        raise Refusal(Problem.ALREADY_EXISTS, detail="The account has another open record.")
    reopened = unpaid(record, settlement)
    rules = act.rules_of(record)
    owed = owed_on(reopened, act.today, rules, pauses_of(act, record))
    if is_settled(owed.total_fen, rules.settlement_tolerance_fen):
        raise Refusal(Problem.EDGE_NOT_ALLOWED, detail="Nothing would be owed without this payment either.")
    return reopened


def _is_anothers(act: Act, record: Record, pointers: Mapping[bytes, AccountPointer]) -> bool:
    """Tell whether another person has an open record on the account by now."""
    pointer = pointers.get(record.account_ref)
    if pointer is None or pointer.subject_key == record.subject_key:
        return False
    owned = as_of_today(act, act.tx.records.of_subjects((pointer.subject_key,)).get(pointer.subject_key, ()))
    return any(each.is_open and each.record_id == pointer.record_id for each in owned)


def own_reversal(tx: Transaction, actor: Actor, reversal_id: uuid.UUID) -> tuple[Reversal, CollectedPayment | None]:
    """Find a reversal with the payment that it takes back, if it takes back one.

    Raises Refusal NOT_FOUND unless the actor's firm proposed it or took the money, giving nothing away.
    """
    reversal = tx.reversals.find(reversal_id)
    if reversal is None:
        raise Refusal(Problem.NOT_FOUND)
    payment = tx.collected.of_settlement(reversal.subject_key, reversal.settlement_id)
    parties = (reversal.creditor_id, None if payment is None else payment.collector_id)
    if actor.participant_id not in parties:
        raise Refusal(Problem.NOT_FOUND)
    return reversal, payment


def reversal_message(reversal: Reversal, *, names_record: bool) -> messages.Reversal:
    """Build the message; ``names_record`` for the creditor and for an office. No pseudonym is in it."""
    return message_of(messages.Reversal, reversal, record_id=reversal.record_id if names_record else None)
