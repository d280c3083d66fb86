"""Report what an event tells of an order, by the same way as ``POST /activations``: one report for each service."""

import hashlib
from dataclasses import dataclass
from typing import Final

from crypto.references import Named, is_name
from gateway.counter.activations import ToldOutcome
from gateway.errors import OrdersUnusable, OrderUnknown
from gateway.gateway import Gateway
from gateway.local.members import invalid
from gateway.orders.keeping import log_unkept
from gateway.orders.values import KeptDecision, Reported
from gateway.tmf.events import ORDER, Opened, OrderNews
from protocol.activations import OPENED, REASONS, ActivationOutcome, ActivationReason
from protocol.codes import ServiceClass
from protocol.problems import Problem, Refusal

_UNSAID: Final = {
    ActivationOutcome.DECLINED: ActivationReason.OTHER,
    ActivationOutcome.CANCELLED_LATER: ActivationReason.APPLICANT,
}
"""The reasons where an event names none: TMF622 has none of these, and cancels an order at the customer's wish."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    number: int
    is_only: bool
    decision: KeptDecision
    asked_lines: int
    """The items of the newest check that asked for this service."""
    last: Reported | None
    opened: Opened | None


def report_news(gateway: Gateway, news: OrderNews) -> int:
    """Report the outcome; returns how many reports the registry took. The same event again reports nothing.

    Raises OrderUnknown, OrdersUnusable (nothing was sent), Refusal, and the registry's refusals.
    """
    orders, order = gateway.tools.orders, _known_order(gateway, news)
    reference = gateway.tools.references.of(Named.ORDER, order)
    event = _event_reference(gateway, news.event_id)
    if orders.knows_event(reference, event):
        return 0
    parts = _parts(gateway, reference, news)
    told = [each for each in (_told(order, part, news) for part in parts) if each is not None]
    # If we die between two reports, the event is sent again, and no report that was taken is told twice.
    for each in told:
        gateway.activate(each)
    try:
        orders.note_event(reference, event, now=gateway.tools.clock())
    except OrdersUnusable as trouble:
        log_unkept(trouble, 1)
    return len(told)


def _known_order(gateway: Gateway, news: OrderNews) -> str:
    """Choose the number under which the order was checked; raises OrderUnknown, or Refusal where there are two."""
    tools = gateway.tools
    known = [
        number
        for number in dict.fromkeys(news.numbers)
        if is_name(number) and tools.orders.newest(tools.references.of(Named.ORDER, number)) is not None
    ]
    if not known:
        raise OrderUnknown
    if len(known) > 1 and known[0] != news.numbers[0]:
        raise invalid(f"{ORDER}.externalId", "AMBIGUOUS")
    return known[0]


def _event_reference(gateway: Gateway, event_id: str) -> bytes:
    """Make a keyed reference of an event's id, which may be long; whoever steals the file learns no id from it."""
    digest = hashlib.sha256(event_id.encode("utf-8")).hexdigest()
    return gateway.tools.references.of(Named.ORDER, digest)


def _parts(gateway: Gateway, order: bytes, news: OrderNews) -> list[_Part]:
    """Divide the order by its services, in the order in which they were first asked about."""
    orders = gateway.tools.orders
    classes = list(ServiceClass)
    decisions = orders.decisions(order)
    decisions.sort(key=lambda each: (each.decided_at, classes.index(each.service_class)))
    newest = {each.service_class: each for each in decisions}
    if not news.opened.keys() <= newest.keys():
        raise Refusal(Problem.ORDER_UNKNOWN, detail="A service of the order was not asked about here.")
    return [
        _Part(
            number=number,
            is_only=len(newest) == 1,
            decision=decision,
            asked_lines=sum(_are_of_one_check(each, decision) for each in decisions),
            last=orders.last_report(order, number),
            opened=news.opened.get(service_class),
        )
        for number, (service_class, decision) in enumerate(newest.items(), start=1)
    ]


def _are_of_one_check(decision: KeptDecision, other: KeptDecision) -> bool:
    return (decision.service_class, decision.decided_at) == (other.service_class, other.decided_at)


def _told(order: str, part: _Part, news: OrderNews) -> ToldOutcome | None:
    """Say what became of a part; None where that was said before."""
    outcome = _outcome(part, news)
    if outcome is None:
        return None
    is_told_of = outcome in OPENED or not news.is_completed
    reason = (news.reason if is_told_of else None) or _UNSAID.get(outcome)
    if reason is not None and reason not in REASONS[outcome]:
        raise invalid(f"{ORDER}.clearlineReason", "NOT_IN_VOCABULARY")
    lines = part.decision.lines if part.is_only else part.asked_lines
    return ToldOutcome(
        order=order,
        outcome=outcome,
        at=news.at,
        span=news.span,
        part=None if part.is_only else part.number,
        lines=lines if part.opened is None else part.opened.lines,
        service_class=part.decision.service_class,
        reason=reason,
    )


def _outcome(part: _Part, news: OrderNews) -> ActivationOutcome | None:
    last = part.last
    if last is not None and last.outcome is None:  # another program's report, of which we know nothing
        raise Refusal(Problem.ALREADY_REPORTED)
    is_open = last is not None and last.outcome in OPENED
    if news.is_completed and (not news.opened or part.opened is not None):
        opened = ActivationOutcome.ACTIVATED if part.opened is None else part.opened.outcome
        return None if is_open else opened
    if is_open:
        # A completed order without this service says nothing of what was opened before it.
        return None if news.is_completed else ActivationOutcome.CANCELLED_LATER
    return ActivationOutcome.DECLINED if last is None else None
