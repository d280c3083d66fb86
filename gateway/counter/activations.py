"""Report what became of an order: its token is found by its number, and the registry compares it with the decision.

``Activator.plan`` and ``settle`` are shared by the local service, which reports one outcome, and by files of them.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from uuid import UUID

from client.errors import RegistryRefused
from client.idempotency import named
from client.resources.activations import report_activation
from gateway.counter.inquiries import order_reference, staff_reference
from gateway.errors import ApplicationInvalid, OrdersUnusable, OrderUnknown
from gateway.orders.keeping import log_unkept
from gateway.orders.values import Plan, Taken, Wish
from gateway.tools import Tools
from protocol.activations import ActivationOutcome, ActivationReason, ActivationVerdict, UncheckedCause
from protocol.codes import ServiceClass
from protocol.context import Channel
from protocol.encodings import canonical_json
from protocol.messages.activations import ActivationAnswer, ActivationReport, ActivationRowVerdict
from protocol.messages.context import ONE_LINE
from protocol.problems import Problem
from protocol.wire.codec import write

TAKEN: Final = frozenset({ActivationVerdict.RECORDED, ActivationVerdict.CORRECTED, ActivationVerdict.DUPLICATE})
"""The verdicts on reports that the registry has."""
_ALREADY: Final = Problem.ALREADY_REPORTED.value.name
_SECOND: Final = dt.timedelta(seconds=1)


class LocalVerdict(StrEnum):
    """The gateway's own verdict on an outcome among many."""

    REJ_ORDER_UNKNOWN = "REJ_ORDER_UNKNOWN"
    """No decision on the order is kept here, and the row does not say why nobody asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldOutcome:
    """The outcome of an order as a program or a file tells it. Numbers of order and staff stay at the carrier.

    Absent members: ``at`` is now; ``part`` is the whole order, with all lines of the inquiry; ``revision`` is the next
    one; service, channel, place and clerk are the inquiry's. An order without a decision needs ``unchecked``.
    """

    order: str = field(repr=False)
    outcome: ActivationOutcome
    at: dt.datetime | None = None
    span: dt.timedelta | None = None
    """The fineness of ``at``; absent: a second where it has no fraction."""
    part: int | None = None
    revision: int | None = None
    lines: int | None = None
    service_class: ServiceClass | None = None
    reason: ActivationReason | None = None
    channel: Channel | None = None
    outlet: str | None = None
    dealer: str | None = None
    agent: str | None = field(default=None, repr=False)
    approved_by: str | None = field(default=None, repr=False)
    deposit_fen: int | None = None
    unchecked: UncheckedCause | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldReport:
    """A report that the registry has, with the part and the revision that it got."""

    answer: ActivationAnswer
    part: int
    revision: int
    repeated: bool
    """The same was reported before, and this is the answer of then."""


class Activator:
    """Reports outcomes of orders. Thread-safe."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def report(self, told: ToldOutcome, *, idempotency_key: str | None = None) -> ToldReport:
        """Report one outcome; the same call again gives the first answer.

        Raises OrderUnknown, ApplicationInvalid, OrdersUnusable (nothing was sent), and the registry's refusals.
        """
        [plan] = self.plan([self.wish(told)])
        report = report_of(plan, f"{plan.wish.part_number}-{plan.revision}")
        key = idempotency_key or named("activation", canonical_json(write(report)))
        try:
            answer = report_activation(self._tools.registry, report, key=key)
        except RegistryRefused as refused:
            self._note_refusal(plan, refused)
            raise
        self.settle(taken=[(plan, Taken(activation_id=answer.activation_id, basis=answer.basis))])
        return ToldReport(answer=answer, part=plan.wish.part_number, revision=plan.revision, repeated=plan.repeated)

    def wish(self, told: ToldOutcome) -> Wish:
        """Put references in place of numbers; raises ApplicationInvalid, naming the member."""
        if told.unchecked is not None and told.service_class is None:
            raise ApplicationInvalid("service_class", "REQUIRED")  # no decision names it
        span = told.span
        if span is None:
            span = _SECOND if told.at is not None and told.at.microsecond == 0 else dt.timedelta(0)
        return Wish(
            order=order_reference(self._tools, told.order),
            outcome=told.outcome,
            at=told.at,
            span=span,
            part=told.part,
            revision=told.revision,
            lines=told.lines,
            service_class=told.service_class,
            reason=told.reason,
            channel=told.channel,
            outlet=told.outlet,
            dealer=told.dealer,
            agent=self._staff("agent", told.agent),
            approved_by=self._staff("approved_by", told.approved_by),
            deposit_fen=told.deposit_fen,
            unchecked=told.unchecked,
        )

    def plan(self, wishes: Sequence[Wish]) -> list[Plan]:
        """Note what is about to be sent, before it is."""
        return self._tools.orders.plan(wishes, now=self._tools.clock())

    def settle(
        self,
        *,
        taken: Sequence[tuple[Plan, Taken]] = (),
        others: Sequence[tuple[Plan, UUID | None]] = (),
        refused: Sequence[Plan] = (),
    ) -> None:
        """Note the registry's word. If that fails, the reports stand all the same: told again, they are repeated."""
        orders, now = self._tools.orders, self._tools.clock()
        try:
            if taken:
                orders.note_taken(taken, now=now)
            if others:
                orders.note_another(others, now=now)
            if refused:
                orders.drop(refused, now=now)
        except OrdersUnusable as trouble:
            log_unkept(trouble, len(taken) + len(others) + len(refused))

    def note(self, judged: Iterable[tuple[Plan, ActivationRowVerdict]]) -> None:
        """Note the registry's verdicts on many reports."""
        taken: list[tuple[Plan, Taken]] = []
        others: list[tuple[Plan, UUID | None]] = []
        refused: list[Plan] = []
        for plan, verdict in judged:
            if (word := word_of(verdict)) is not None:
                taken.append((plan, word))
            elif verdict.verdict is ActivationVerdict.REJ_ALREADY_REPORTED:
                others.append((plan, verdict.activation_id))
            elif not plan.repeated:
                refused.append(plan)
        self.settle(taken=taken, others=others, refused=refused)

    def _note_refusal(self, plan: Plan, refused: RegistryRefused) -> None:
        if refused.problem == _ALREADY:
            stands = refused.figures.get("activation_id")
            self.settle(others=[(plan, None if stands is None else UUID(str(stands)))])
        elif not plan.repeated:
            self.settle(refused=[plan])

    def _staff(self, member: str, number: str | None) -> bytes | None:
        return None if number is None else staff_reference(self._tools, member, number)


def report_of(plan: Plan, row_id: str) -> ActivationReport:
    """Make the report of a plan; raises OrderUnknown where there is nothing to show and no cause."""
    wish, decision = plan.wish, plan.decision
    service = wish.service_class if decision is None else decision.service_class
    if service is None or not plan.can_be_sent:
        raise OrderUnknown
    whole_order = decision.lines if decision is not None and wish.part is None else ONE_LINE
    return ActivationReport(
        row_id=row_id,
        order=wish.order,
        service_class=service,
        outcome=wish.outcome,
        at=plan.at,
        decision_token=None if decision is None else decision.decision_token,
        unchecked=wish.unchecked if decision is None else None,
        part=wish.part_number,
        revision=plan.revision,
        lines=whole_order if wish.lines is None else wish.lines,
        reason=wish.reason,
        channel=wish.channel,
        outlet=wish.outlet,
        dealer=wish.dealer,
        agent=wish.agent,
        approved_by=wish.approved_by,
        deposit_fen=wish.deposit_fen,
    )


def word_of(verdict: ActivationRowVerdict) -> Taken | None:
    """Return what a row's verdict says of a report that the registry has; None for a refused row."""
    if verdict.verdict not in TAKEN or verdict.activation_id is None or verdict.basis is None:
        return None
    return Taken(activation_id=verdict.activation_id, basis=verdict.basis)
