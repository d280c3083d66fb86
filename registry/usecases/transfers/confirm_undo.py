"""Undo a transfer as the other party: each debt goes on under its seller, on the account that it had there."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from protocol.codes import TransferOutcome
from protocol.events import EventKind
from protocol.log_entries import EntryKind, Facts
from protocol.problems import Problem, Refusal
from registry.domain.participants import Actor
from registry.domain.records import Record
from registry.domain.transfers import (
    SamePerson,
    Transfer,
    TransferItem,
    TransferStateForbids,
    judge_undoing,
    undone,
)
from registry.store.errors import Overtaken
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once
from registry.usecases.notify import notify
from registry.usecases.participants.shared import check_member, is_member
from registry.usecases.standings import as_of_today
from registry.usecases.tidying import up_to_date
from registry.usecases.transfers.shared import (
    Hands,
    Moves,
    open_accounts,
    shared_transfer,
    state_refusal,
    step_of,
    transfer_message,
)

_UNDONE: Final = "undone"


def confirm_undo(registry: Registry, actor: Actor, call: IdempotentCall, transfer_id: uuid.UUID) -> Outcome:
    """Take the edge UNDO_PROPOSED -> UNDONE, record by record, as the acceptance did, under the debtors' locks.

    A record that is no longer ACTIVE at the buyer, or has no place at the seller, stays and is listed so.
    Raises Refusal NOT_FOUND, ROLE_MISSING (the party that proposed it), EDGE_NOT_ALLOWED (also where the seller left).
    """

    def work(act: Act) -> tuple[int, object]:
        done = _undone(act, shared_transfer(act.tx, actor, transfer_id), actor.key_id)
        items = act.tx.transfers.items(done)
        after = _execute(act, done, items)
        check_member(act)
        if not is_member(act, done.participant_id):
            raise Refusal(Problem.EDGE_NOT_ALLOWED, detail="The seller has left.")
        facts: Facts = {
            "transfer": str(transfer_id),
            "seller": done.participant_id,
            "buyer": done.buyer_id,
            "moved": sum(each.undo_record_id is not None for each in after),
        }
        act.log(EntryKind.TRANSFER_UNDONE, done.log_entry_id, facts)
        act.tx.transfers.update(done)
        act.tx.transfers.update_items(after)
        notify(act, [done.other_party(act.actor_id)], EventKind.TRANSFER_UNDONE, facts=facts)
        return 200, transfer_message(done, after, act.today)

    return answer_once(registry, actor, call, work)


def _undone(act: Act, transfer: Transfer, key_id: str) -> Transfer:
    try:
        return undone(transfer, step_of(act, key_id))
    except TransferStateForbids as refused:
        raise state_refusal(refused) from None
    except SamePerson:
        raise Refusal(Problem.ROLE_MISSING, detail="The other party has to confirm.") from None


def _execute(act: Act, transfer: Transfer, items: Sequence[TransferItem]) -> list[TransferItem]:
    seller, buyer = transfer.participant_id, transfer.buyer_id
    moved = [each.new_record_id for each in items if each.new_record_id is not None]
    subjects = act.tx.records.subjects_of(buyer, moved)
    wanted = {each.record_id for each in items}
    refs = {each.account_ref for each in _records_of(act, subjects).values() if each.record_id in wanted}
    pointers = act.tx.accounts.lock(seller, refs)
    owners = {each.subject_key for each in pointers.values()}
    act.tx.subjects.lock(subjects | owners)
    stored = _records_of(act, subjects)
    records = {each.record_id: each for each in as_of_today(act, stored.values())}
    records |= {each.record_id: each for each in up_to_date(act, [stored[each] for each in moved if each in stored])}
    if any(records[each].account_ref not in refs for each in wanted & records.keys()):
        raise Overtaken  # a report gave an account its new reference meanwhile; the work runs again
    taken = open_accounts(act, pointers, owners)
    taken |= {each.account_ref for each in records.values() if each.creditor_id == seller and each.is_open}
    cases = act.tx.disputes.of_subjects(subjects)
    disputed = {each.record_id for of_subject in cases.values() for each in of_subject if not each.is_closed}
    moves = Moves(act, Hands(giver_id=buyer, taker_id=seller, reason=_UNDONE), cases)
    after = []
    for item in items:
        if item.new_record_id is None:
            after.append(item)
            continue
        record, former = records.get(item.new_record_id), records.get(item.record_id)
        outcome, new_id = TransferOutcome.NOT_ACTIVE, None
        if record is not None and record.record_id not in disputed:
            outcome = judge_undoing(record, former, open_accounts=taken)
        if record is not None and former is not None and outcome is TransferOutcome.TRANSFERRED:
            new_id = moves.move(record, former.account_ref, former.person_ref).record_id
            taken.add(former.account_ref)
        after.append(replace(item, undo_outcome=outcome, undo_record_id=new_id))
    moves.write(pointers)
    return after


def _records_of(act: Act, subjects: frozenset[bytes]) -> dict[uuid.UUID, Record]:
    return {each.record_id: each for owned in act.tx.records.of_subjects(subjects).values() for each in owned}
