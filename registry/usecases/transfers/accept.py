"""Accept a transfer as the buyer: each debt goes on under its new creditor, in one transaction, with every clock."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from protocol.codes import TransferGround, TransferOutcome
from protocol.log_entries import EntryKind, Facts
from protocol.messages.transfers import Acceptance
from protocol.problems import FieldCode, Problem, Refusal
from registry.domain.participants import Actor
from registry.domain.records import Record
from registry.domain.transfers import Transfer, TransferItem, TransferStateForbids, accepted, judge
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once
from registry.usecases.participants.shared import check_member
from registry.usecases.standings import as_of_today
from registry.usecases.tidying import up_to_date
from registry.usecases.transfers.shared import (
    Hands,
    Moves,
    open_accounts,
    state_refusal,
    step_of,
    transfer_message,
    visible_transfer,
)

_REASONS: Final = {TransferGround.SALE: "sold", TransferGround.MERGER: "merged"}

Accounts = Mapping[uuid.UUID, bytes]
"""The buyer's own keyed references of accounts, by the records that stand on them from now on."""


def accept_transfer(
    registry: Registry, actor: Actor, call: IdempotentCall, transfer_id: uuid.UUID, acceptance: Acceptance
) -> Outcome:
    """Take the edge OFFERED -> ACCEPTED: execute the transfer record by record, as the seller's two people confirmed.

    An offer that is over by its date is refused, even before the scheduler has written that. A record that is no
    longer ACTIVE, or has no place at the buyer, stays with the seller and is listed so. At no moment do two records of
    one debt block: both change under the debtor's lock, and are seen together.
    Raises Refusal NOT_FOUND, EDGE_NOT_ALLOWED, INVALID_FIELD (an account for a record that is not of the transfer, or
    a second one for a record).
    """
    accounts = {account.record_id: account.account_ref for account in acceptance.accounts}
    if len(accounts) != len(acceptance.accounts):
        raise Refusal(Problem.INVALID_FIELD, fields={"accounts": FieldCode.REPEATED})

    def work(act: Act) -> tuple[int, object]:
        transfer = visible_transfer(act.tx, actor, transfer_id)
        if transfer.buyer_id != act.actor_id:
            raise Refusal(Problem.NOT_FOUND)
        done = _accepted(act, act.tx.transfers.lock(transfer), actor.key_id)
        items = act.tx.transfers.items(done)
        if not accounts.keys() <= {each.record_id for each in items}:
            raise Refusal(Problem.INVALID_FIELD, fields={"accounts": FieldCode.NOT_OF_THIS_TRANSFER})
        after = _execute(act, done, items, accounts)
        check_member(act)
        moved = sum(each.new_record_id is not None for each in after)
        facts: Facts = {
            "transfer": str(transfer_id),
            "seller": done.participant_id,
            "records": len(items),
            "moved": moved,
        }
        act.log(EntryKind.TRANSFER_ACCEPTED, done.log_entry_id, facts)
        act.tx.transfers.update(done)
        act.tx.transfers.update_items(after)
        return 200, transfer_message(done, after, act.today)

    return answer_once(registry, actor, call, work)


def _accepted(act: Act, transfer: Transfer, key_id: str) -> Transfer:
    try:
        return accepted(transfer, step_of(act, key_id), act.rules.transfers)
    except TransferStateForbids as refused:
        raise state_refusal(refused) from None


def _execute(act: Act, transfer: Transfer, items: Sequence[TransferItem], accounts: Accounts) -> list[TransferItem]:
    subjects = act.tx.records.subjects_of(transfer.participant_id, [each.record_id for each in items])
    pointers = act.tx.accounts.lock(transfer.buyer_id, set(accounts.values()))
    owners = {each.subject_key for each in pointers.values()}
    act.tx.subjects.lock(subjects | owners)
    taken = open_accounts(act, pointers, owners)
    stored = [each for owned in act.tx.records.of_subjects(subjects).values() for each in owned]
    offered = {each.record_id for each in items}
    records = up_to_date(act, (each for each in stored if each.record_id in offered))
    records += as_of_today(act, (each for each in stored if each.record_id not in offered))
    # The buyer's records on each account of a debtor, as they are under the lock; each moved record joins them.
    files: dict[tuple[bytes, bytes], list[Record]] = {}
    for each in records:
        if each.creditor_id == transfer.buyer_id:
            files.setdefault((each.subject_key, each.account_ref), []).append(each)
    closed: dict[bytes, set[bytes]] = {key: set() for key in subjects}
    for key, digest in act.tx.archive.debts(subjects):
        closed[key].add(digest)
    sold = {each.record_id: each for each in records if each.creditor_id == transfer.participant_id}
    cases = act.tx.disputes.of_subjects(subjects)
    disputed = {each.record_id for of_subject in cases.values() for each in of_subject if not each.is_closed}
    moves = Moves(
        act,
        Hands(giver_id=transfer.participant_id, taker_id=transfer.buyer_id, reason=_REASONS[transfer.ground]),
        cases,
    )
    after = []
    for item in items:
        record, account_ref = sold.get(item.record_id), accounts.get(item.record_id)
        outcome, new_id = TransferOutcome.NOT_ACTIVE, None
        # A record may be archived by now; and a disputed one stays with the creditor that answers the case.
        if record is not None and record.record_id not in disputed:
            outcome = judge(
                record,
                transfer.buyer_id,
                account_ref,
                files.get((record.subject_key, account_ref or b""), ()),
                archived=closed[record.subject_key],
                open_accounts=taken,
            )
        if record is not None and account_ref is not None and outcome is TransferOutcome.TRANSFERRED:
            new = moves.move(record, account_ref)
            files.setdefault((new.subject_key, new.account_ref), []).append(new)
            taken.add(account_ref)
            new_id = new.record_id
        after.append(replace(item, outcome=outcome, new_record_id=new_id))
    moves.write(pointers)
    return after
