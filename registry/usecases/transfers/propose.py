"""A creditor proposes to give debts to another one; nothing changes before a second person of it confirms."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from protocol.codes import Role, TransferGround
from protocol.log_entries import EntryKind
from protocol.problems import Problem, Refusal
from registry.domain.life import RecordState
from registry.domain.participants import Actor
from registry.domain.transfers import Transfer, TransferItem, TransferState, lapse_date
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once
from registry.usecases.standings import as_of_today
from registry.usecases.transfers.read import transfer_document


def propose_transfer(
    registry: Registry,
    actor: Actor,
    call: IdempotentCall,
    *,
    to: str,
    ground: TransferGround,
    record_ids: Sequence[uuid.UUID],
) -> Outcome:
    """Up to 1,000 of the actor's own ACTIVE records, proposed for transfer.

    Raises Refusal: NOT_FOUND (one of them is not the actor's), EDGE_NOT_ALLOWED (one of them is not ACTIVE; its place
    is named), INVALID_FIELD (who is to get them does not report here, or is the actor; an id stands twice).
    """

    def work(act: Act) -> tuple[int, Mapping[str, Any]]:
        _check_buyer(act, to)
        _check_records(act, record_ids)
        transfer_id = act.new_id()
        transfer = Transfer(
            participant_id=act.actor_id,
            transfer_id=transfer_id,
            buyer_id=to,
            ground=ground,
            state=TransferState.PROPOSED,
            proposed_at=act.now,
            proposed_key_id=actor.key_id,
            lapses_on=lapse_date(act.today, act.rules.transfers),
            rules_version=act.rules.version,
            log_entry_id=transfer_id,
        )
        items = [
            TransferItem(participant_id=act.actor_id, transfer_id=transfer_id, record_id=each)
            for each in sorted(record_ids)
        ]
        facts = {"transfer": str(transfer_id), "to": to, "ground": ground.value, "records": len(items)}
        act.log(EntryKind.TRANSFER_PROPOSED, transfer_id, facts)
        act.tx.transfers.add(transfer, items)
        return 201, transfer_document(transfer, items, act.today)

    return answer_once(registry, actor, call, work)


def _check_buyer(act: Act, to: str) -> None:
    buyer = act.tx.participants.get(to)
    if buyer is None or buyer.left_at is not None or Role.REPORTER not in buyer.roles:
        raise Refusal(Problem.INVALID_FIELD, fields={"to": "not-a-reporter"})
    if to == act.actor_id:
        raise Refusal(Problem.INVALID_FIELD, fields={"to": "the-sender-itself"})


def _check_records(act: Act, record_ids: Sequence[uuid.UUID]) -> None:
    if len(set(record_ids)) != len(record_ids):
        raise Refusal(Problem.INVALID_FIELD, fields={"record_ids": "repeated"})
    subjects = act.tx.records.subjects_of(act.actor_id, record_ids)
    held = (each for records in act.tx.records.of_subjects(subjects).values() for each in records)
    own = as_of_today(act, (each for each in held if each.creditor_id == act.actor_id))
    owned = {each.record_id: each for each in own}
    if not owned.keys() >= set(record_ids):
        raise Refusal(Problem.NOT_FOUND)
    # Judged again at the acceptance: this is to tell the seller early, not to promise.
    wrong = {
        f"record_ids.{place}": owned[each].state.value
        for place, each in enumerate(record_ids)
        if owned[each].state is not RecordState.ACTIVE
    }
    if wrong:
        raise Refusal(Problem.EDGE_NOT_ALLOWED, detail="Only ACTIVE records are transferred.", fields=wrong)
