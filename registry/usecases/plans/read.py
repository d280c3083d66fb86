"""Read instalment plans: a creditor its own, an auditor or a regulator any."""

import uuid
from typing import Final

from protocol.beijing import beijing_date
from protocol.messages import plans as messages
from protocol.problems import Problem, Refusal
from protocol.readings import UNTOLD, Reading
from protocol.states import PlanState
from protocol.wire.codec import message_of
from registry.domain.participants import Actor
from registry.domain.plans import Plan, state_on
from registry.store.transactions import Transaction
from registry.usecases.context import Registry
from registry.usecases.overseeing import note_page, note_reading, oversees, read_as

_BEFORE: Final = {PlanState.BROKEN: (PlanState.BROKEN, PlanState.RUNNING)}
"""The stored states of plans that may be in a state today, since a term has ended; only themselves elsewhere."""


def read_plan(registry: Registry, actor: Actor, plan_id: uuid.UUID, *, reading: Reading = UNTOLD) -> messages.ShownPlan:
    """Read a plan; an office is told its creditor, and its reading is logged.

    Raises Refusal NOT_FOUND, also for a creditor's plans of others, or CONTEXT_REQUIRED.
    """

    def work(tx: Transaction) -> messages.ShownPlan:
        plan = tx.plans.find(plan_id)
        is_own = plan is not None and plan.creditor_id == actor.participant_id
        if plan is None or not (is_own or oversees(actor)):
            raise Refusal(Problem.NOT_FOUND)
        if not is_own:
            note_reading(registry, tx, actor, reading, what="plan", of=plan_id, subject_key=plan.subject_key)
        return _shown(registry, plan, None if is_own else plan.creditor_id)

    return read_as(registry, actor, work)


def list_plans(
    registry: Registry, actor: Actor, query: messages.PlansQuery, *, reading: Reading = UNTOLD
) -> messages.PlanPage:
    """Read a page of all creditors' plans in their states of today, as an auditor or a regulator; it is logged.

    A page may hold fewer than it has room for, and go on. Raises Refusal CONTEXT_REQUIRED.
    """
    states = tuple(PlanState) if query.state is None else _BEFORE.get(query.state, (query.state,))

    def work(tx: Transaction) -> messages.PlanPage:
        found, following = tx.plans.page(query.creditor, states, query.after, query.limit)
        shown = (_shown(registry, plan, plan.creditor_id) for plan in found)
        page = tuple(plan for plan in shown if query.state in (None, plan.state))
        note_page(registry, tx, actor, reading, what="plans", shown=[plan.plan_id for plan in page])
        return messages.PlanPage(plans=page, next=following)

    return registry.store.write(work)


def _shown(registry: Registry, plan: Plan, creditor: str | None) -> messages.ShownPlan:
    state = state_on(plan, beijing_date(registry.clock()))
    return message_of(messages.ShownPlan, plan, state=state, creditor=creditor)
