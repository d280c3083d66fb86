"""Take an entry off the red list as the operator or the regulator; the next inquiry is decided without it."""

import uuid

from protocol.log_entries import EntryKind
from registry.domain.participants import Actor
from registry.domain.red_list import EntryStateForbids, revoke
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once
from registry.usecases.red_list.shared import locked_entry, red_list_message, state_refusal


def revoke_red_list(registry: Registry, actor: Actor, call: IdempotentCall, entry_id: uuid.UUID) -> Outcome:
    """Take the edge PROPOSED or EFFECTIVE -> REVOKED; raises Refusal NOT_FOUND or EDGE_NOT_ALLOWED (over already)."""

    def work(act: Act) -> tuple[int, object]:
        entry = locked_entry(act.tx, entry_id)
        try:
            revoked = revoke(entry, at=act.now, today=act.today, log_entry_id=act.new_id())
        except EntryStateForbids as refused:
            raise state_refusal(refused) from None
        act.log(
            EntryKind.RED_LIST_REVOKED,
            revoked.log_entry_id,
            {"entry": str(entry_id)},
            subject_key=entry.subject_key,
            personal={"subject": entry.subject_key.hex()},
        )
        act.tx.red_list.revoke(revoked)
        return 200, red_list_message(revoked, act.today)

    return answer_once(registry, actor, call, work)
