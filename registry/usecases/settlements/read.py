"""Read clearances and settlements: a clearance anybody, a settlement its creditor or an office."""

import uuid
from collections.abc import Sequence
from typing import Final

from protocol.log_entries import EntryKind
from protocol.messages import settlements as messages
from protocol.problems import FieldCode, Problem, Refusal
from protocol.readings import UNTOLD, Reading
from protocol.wire.codec import message_of
from registry.domain.participants import Actor
from registry.domain.settlements import Settlement
from registry.store.transactions import Transaction
from registry.usecases.act import act_in
from registry.usecases.context import Registry
from registry.usecases.overseeing import note_page, note_reading, oversees, read_as
from registry.usecases.standings import blocking

_FIRST: Final = uuid.UUID(int=0)


def read_clearance(registry: Registry, actor: Actor, clearance_id: uuid.UUID) -> messages.Clearance:
    """Read the clearance that an applicant shows, with its state and whether its person was listed again.

    That is as much as an inquiry tells, so each reading is an entry, and the person's statement names the reader.
    Raises Refusal NOT_FOUND.
    """

    def work(tx: Transaction) -> messages.Clearance:
        clearance = tx.clearances.find(clearance_id)
        if clearance is None:
            raise Refusal(Problem.NOT_FOUND)
        act = act_in(registry, tx, actor)
        subject_key = clearance.subject_key
        listed_again = bool(blocking(act, {subject_key}))
        act.log(
            EntryKind.CLEARANCE_READ,
            act.new_id(),
            {"clearance": str(clearance_id)},
            subject_key=subject_key,
            personal={"subject": subject_key.hex(), "listed_again": int(listed_again)},
        )
        return message_of(messages.Clearance, clearance, clearance=clearance.jws, listed_again=listed_again)

    return registry.store.write(work)


def read_settlement(
    registry: Registry, actor: Actor, settlement_id: uuid.UUID, *, reading: Reading = UNTOLD
) -> messages.Settlement:
    """Read a settlement of the creditor's own, or any as an auditor or a regulator, whose reading is logged.

    Raises Refusal NOT_FOUND, also for a creditor's settlements of others, or CONTEXT_REQUIRED.
    """

    def work(tx: Transaction) -> messages.Settlement:
        found = tx.settlements.find(settlement_id)
        is_own = found is not None and found.creditor_id == actor.participant_id
        if found is None or not (is_own or oversees(actor)):
            raise Refusal(Problem.NOT_FOUND)
        if not is_own:
            note_reading(
                registry, tx, actor, reading, what="settlement", of=settlement_id, subject_key=found.subject_key
            )
        (shown,) = _shown(tx, (found,))
        return shown

    return read_as(registry, actor, work)


def list_settlements(
    registry: Registry, actor: Actor, query: messages.SettlementsQuery, *, reading: Reading = UNTOLD
) -> messages.SettlementPage:
    """Read a page of settlements by their ids: a creditor its own, an auditor or a regulator all or one creditor's.

    A page that an office reads is logged. Raises Refusal INVALID_FIELD for a creditor that names another one, or
    CONTEXT_REQUIRED.
    """

    def work(tx: Transaction) -> messages.SettlementPage:
        creditor = query.creditor if oversees(actor) else actor.participant_id
        if query.creditor not in (None, creditor):
            raise Refusal(Problem.INVALID_FIELD, fields={"creditor": FieldCode.UNKNOWN})
        found = tx.settlements.page(creditor, query.after or _FIRST, query.limit + 1)
        page = found[: query.limit]
        if oversees(actor):
            note_page(registry, tx, actor, reading, what="settlements", shown=[each.settlement_id for each in page])
        return messages.SettlementPage(
            settlements=_shown(tx, page), next=page[-1].settlement_id if len(found) > query.limit else None
        )

    return read_as(registry, actor, work)


def _shown(tx: Transaction, settlements: Sequence[Settlement]) -> tuple[messages.Settlement, ...]:
    """Build the messages, without the statements: those have the references of the accounts."""
    reversals = tx.reversals.confirmed_of([(each.subject_key, each.settlement_id) for each in settlements])
    undone = {settlement_id: reversal.confirmed_at for settlement_id, reversal in reversals.items()}
    return tuple(
        message_of(messages.Settlement, each, creditor=each.creditor_id, reversed_at=undone.get(each.settlement_id))
        for each in settlements
    )
