"""Propose to give debts to another creditor; nothing changes before a second person of the seller confirms."""

import uuid
from collections.abc import Sequence

from protocol.codes import Role
from protocol.log_entries import EntryKind
from protocol.messages.transfers import NewTransfer
from protocol.problems import FieldCode, Problem, Refusal
from protocol.states import RecordState, TransferState
from registry.domain.participants import Actor
from registry.domain.transfers import Transfer, TransferItem, lapse_date
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once
from registry.usecases.standings import as_of_today
from registry.usecases.transfers.shared import transfer_message


def propose_transfer(
    registry: Registry,
    actor: Actor,
    call: IdempotentCall,
    new: NewTransfer,
) -> Outcome:
    """Propose up to 1,000 of the actor's own ACTIVE records for transfer.

    Raises Refusal: NOT_FOUND (one of them is not the actor's), EDGE_NOT_ALLOWED (one of them is not ACTIVE; its place
    is named), INVALID_FIELD (the buyer does not report here, or is the actor; an id stands twice).
    """

    def work(act: Act) -> tuple[int, object]:
        _check_buyer(act, new.to)
        _check_records(act, new.record_ids)
        transfer_id = act.new_id()
        transfer = Transfer(
            participant_id=act.actor_id,
            transfer_id=transfer_id,
            buyer_id=new.to,
            ground=new.ground,
            state=TransferState.PROPOSED,
            proposed_at=act.now,
            proposed_key_id=actor.key_id,
            lapses_on=lapse_date(act.today, act.rules.transfers),
            rules_version=act.rules.version,
            log_entry_id=transfer_id,
        )
        items = [
            TransferItem(participant_id=act.actor_id, transfer_id=transfer_id, record_id=each)
            for each in sorted(new.record_ids)
        ]
        facts = {"transfer": str(transfer_id), "to": new.to, "ground": new.ground.value, "records": len(items)}
        act.log(EntryKind.TRANSFER_PROPOSED, transfer_id, facts)
        act.tx.transfers.add(transfer, items)
        return 201, transfer_message(transfer, items, act.today)

    return answer_once(registry, actor, call, work)


def _check_buyer(act: Act, to: str) -> None:
    buyer = act.tx.participants.get(to)
    if buyer is None or buyer.left_at is not None or Role.REPORTER not in buyer.roles:
        raise Refusal(Problem.INVALID_FIELD, fields={"to": FieldCode.NOT_A_REPORTER})
    if to == act.actor_id:
        raise Refusal(Problem.INVALID_FIELD, fields={"to": FieldCode.THE_SENDER_ITSELF})


def _check_records(act: Act, record_ids: Sequence[uuid.UUID]) -> None:
    if len(set(record_ids)) != len(record_ids):
        raise Refusal(Problem.INVALID_FIELD, fields={"record_ids": FieldCode.REPEATED})
    subjects = act.tx.records.subjects_of(act.actor_id, record_ids)
    stored = (each for records in act.tx.records.of_subjects(subjects).values() for each in records)
    own = as_of_today(act, (each for each in stored if each.creditor_id == act.actor_id))
    owned = {each.record_id: each for each in own}
    if not owned.keys() >= set(record_ids):
        raise Refusal(Problem.NOT_FOUND)
    # The acceptance judges it again: this check only tells the seller early.
    wrong = {
        f"record_ids.{place}": owned[each].state.value
        for place, each in enumerate(record_ids)
        if owned[each].state is not RecordState.ACTIVE
    }
    if wrong:
        raise Refusal(Problem.EDGE_NOT_ALLOWED, detail="Only ACTIVE records are transferred.", fields=wrong)
