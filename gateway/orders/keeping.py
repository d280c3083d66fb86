"""Keep the tokens of answers about orders; a disk that refuses holds no answer back."""

import logging
from collections.abc import Sequence

from gateway.errors import OrdersUnusable
from gateway.orders.values import KeptDecision
from gateway.tools import Tools
from protocol.codes import ServiceClass
from protocol.messages.inquiries import InquiryAnswer
from protocol.states import HouseholdKeyState

_log = logging.getLogger("clearline.gateway")


def kept_decision(
    order: bytes,
    answer: InquiryAnswer,
    *,
    service_class: ServiceClass,
    lines: int,
    register_state: HouseholdKeyState,
    address_state: HouseholdKeyState,
) -> KeptDecision:
    """Take from an answer about an order (16 bytes) whatever a re-check or a report on it needs later."""
    return KeptDecision(
        order=order,
        inquiry_id=answer.inquiry_id,
        decision_token=answer.decision_token,
        decision=answer.decision,
        service_class=service_class,
        lines=lines,
        decided_at=answer.decided_at,
        valid_until=answer.valid_until,
        register_state=register_state,
        address_state=address_state,
    )


def keep(tools: Tools, decisions: Sequence[KeptDecision]) -> bool:
    """Keep decisions before they are told; false, and a line in the log, where the file of orders takes none."""
    try:
        tools.orders.keep(decisions, now=tools.clock(), deadline=tools.deadline)
    except OrdersUnusable as trouble:
        log_unkept(trouble, len(decisions))
        return False
    return True


def log_unkept(trouble: OrdersUnusable, count: int) -> None:
    """Say in the log that the file of orders did not take so many notes."""
    _log.error("orders-unwritable reason=%s notes=%d", trouble.reason, count)
