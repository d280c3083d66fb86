"""Carry out a regulator's orders on a record: freeze it, unfreeze it, or discharge its debt."""

import uuid

from protocol.codes import DisputeOutcome
from protocol.messages import records as messages
from protocol.messages.archive import Order
from protocol.problems import Problem, Refusal
from protocol.states import Action, DisputeState, Party
from registry.domain.participants import Actor
from registry.domain.records import Record
from registry.usecases import edges
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.disputes.shared import CREDITOR_SILENT, close_with_record
from registry.usecases.idempotency import answer_once
from registry.usecases.records.read import find_any, record_message
from registry.usecases.tidying import up_to_date


def carry_out_order(
    registry: Registry,
    actor: Actor,
    call: IdempotentCall,
    *,
    record_id: uuid.UUID,
    action: Action,
    order: Order,
) -> Outcome:
    """Take the ordered edge of a record's life; its reason is the SHA-256 of the order, which the regulator keeps.

    A frozen record blocks nobody; its late fee and its years run on. Raises Refusal: NOT_FOUND, VERSION_STALE,
    EDGE_NOT_ALLOWED.
    """

    def work(act: Act) -> tuple[int, messages.Record]:
        act.tx.subjects.lock((find_any(act.tx, record_id).subject_key,))
        # Read again under the lock: between the look-up and the lock the record may have moved.
        record = find_any(act.tx, record_id)
        if order.expected_version not in (None, record.version):
            raise Refusal(Problem.VERSION_STALE)
        (record,) = up_to_date(act, (record,))
        # No plan hangs on a state that these edges leave; a further ground may be heard about it.
        moved = edges.move(act, record, action, Party.REGULATOR, order.order_reference.hex())
        return 200, record_message(_with_case(act, record, moved))

    return answer_once(registry, actor, call, work)


def _with_case(act: Act, before: Record, moved: Record) -> Record:
    """Close the case of a discharged record; suspend an unfrozen one whose creditor fell silent. Returns the record."""
    if not moved.is_open:
        close_with_record(act, before, DisputeOutcome.DISCHARGED)
    case = act.tx.disputes.open_of_record(moved.subject_key, moved.record_id)
    if moved.blocks and case is not None and case.state is DisputeState.SUSPENDED:
        # The creditor fell silent while the record was frozen: it comes back suspended and not blocking.
        return edges.move(act, moved, Action.SUSPEND, Party.CLOCK, CREDITOR_SILENT)
    return moved
