"""Ask about an order that waits whether anything has changed since the newest decision on it."""

from client.errors import NotOffered, RegistryRefused
from client.resources import inquiries
from crypto.references import Named, NameInvalid
from gateway.bulk.applications import Checked, terms_of
from gateway.errors import ApplicationInvalid, OrderUnknown
from gateway.orders.keeping import keep, kept_decision
from gateway.tools import Tools
from protocol.codes import ServiceClass
from protocol.encodings import b64url_encode
from protocol.messages.inquiries import RecheckRequest
from protocol.problems import Problem

_REFERENCE_BYTES = 12


def recheck(tools: Tools, order: str, service_class: ServiceClass | None = None) -> Checked:
    """Check an order again, by its newest decision (of one service, where an order has several).

    Raises OrderUnknown, NotOffered for a registry of before, and the registry's refusals: ``recheck-over`` means that
    the order is asked about anew.
    """
    reference = order_reference(tools, order)
    newest = tools.orders.newest(reference, service_class, deadline=tools.deadline)
    if newest is None:
        raise OrderUnknown
    # The carrier's own order number stays at home: a made-up reference ties question and answer.
    made_up = b64url_encode(tools.random(_REFERENCE_BYTES))
    request = RecheckRequest(inquiry_ref=made_up, decision_token=newest.decision_token)
    try:
        answer = inquiries.recheck(tools.registry, newest.inquiry_id, request)
    except RegistryRefused as refused:
        if refused.problem == Problem.NOT_FOUND.value.name and tools.registry.rules().context is None:
            raise NotOffered("re-checks") from None
        raise
    kept = kept_decision(
        reference,
        answer,
        service_class=newest.service_class,
        lines=newest.lines,
        register_state=newest.register_state,
        address_state=newest.address_state,
    )
    return Checked(
        answer=answer,
        household_register=newest.register_state,
        household_address=newest.address_state,
        order_kept=keep(tools, [kept]),
        grade=terms_of(tools, answer),
    )


def order_reference(tools: Tools, order: str) -> bytes:
    """Make the reference of an order's number (16 bytes); raises ApplicationInvalid."""
    try:
        return tools.references.of(Named.ORDER, order)
    except NameInvalid:
        raise ApplicationInvalid("order", "MALFORMED") from None


def staff_reference(tools: Tools, member: str, number: str) -> bytes:
    """Make the reference of a member of staff (16 bytes); raises ApplicationInvalid, naming the member.

    All are of one kind, so that a clerk who approves its own act is seen.
    """
    try:
        return tools.references.of(Named.AGENT, number)
    except NameInvalid:
        raise ApplicationInvalid(member, "MALFORMED") from None
