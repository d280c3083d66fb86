"""Read an instalment plan as its creditor; nobody else finds one."""

import uuid

from protocol.beijing import beijing_date
from protocol.messages.plans import Plan
from protocol.problems import Problem, Refusal
from registry.domain.participants import Actor
from registry.usecases.context import Registry
from registry.usecases.plans.shared import plan_message


def read_plan(registry: Registry, actor: Actor, plan_id: uuid.UUID) -> Plan:
    """Read the creditor's own plan; raises Refusal NOT_FOUND, also for those of others."""
    plan = registry.store.read(lambda tx: tx.plans.find(plan_id))
    if plan is None or plan.creditor_id != actor.participant_id:
        raise Refusal(Problem.NOT_FOUND)
    return plan_message(plan, beijing_date(registry.clock()))
