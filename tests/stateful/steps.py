"""What people do in the state machine, through the real use cases."""

import datetime as dt
import json
import os
import uuid
from dataclasses import replace

from crypto.signing.keys import generate_signing_key, public_bytes
from protocol.codes import DisputeAnswer, DisputeDecision, ReversalReason, Role
from registry.domain.dispute import Dispute
from registry.domain.plan import Instalment
from registry.store.transactions import Transaction
from registry.usecases.answer_dispute import answer_dispute
from registry.usecases.arrange_plan import arrange_plan
from registry.usecases.confirm_reversal import confirm_reversal
from registry.usecases.decide_dispute import decide_dispute
from registry.usecases.participants import Admission, register_participant
from registry.usecases.propose_reversal import propose_reversal
from tests.stateful.model import Debt
from tests.world import World


def admit_court(world: World) -> None:
    """An adjudicator who is no party to any case."""
    admission = Admission(
        participant_id="court",
        name="The court",
        roles=frozenset({Role.ADJUDICATOR}),
        contact=None,
        key_id="court-1",
        public_key=public_bytes(generate_signing_key(os.urandom)),
    )
    register_participant(world.registry, world.actor("operator", Role.OPERATOR), world.call(), admission)


def states(world: World, debts: list[Debt]) -> list[str]:
    """The states of the debts' records."""

    def work(tx: Transaction) -> list[str]:
        found = [tx.records.find(each.record) for each in debts if each.record is not None]
        return [each.state.value for each in found if each is not None]

    return world.registry.store.read(work)


def open_case(world: World, debt: Debt) -> uuid.UUID:
    """The case of a debt that is disputed or suspended."""

    def work(tx: Transaction) -> Dispute:
        assert debt.record is not None
        record = tx.records.find(debt.record)
        assert record is not None
        cases = tx.disputes.of_subjects((record.subject_key,))[record.subject_key]
        (case,) = [each for each in cases if each.record_id == record.record_id and not each.is_closed]
        return case

    return world.registry.store.read(work).dispute_id


def answer(world: World, debt: Debt) -> None:
    answer_dispute(
        world.registry,
        world.actor(debt.carrier),
        world.call(),
        dispute_id=open_case(world, debt),
        answer=DisputeAnswer.PAYMENT_NOT_RECEIVED,
        expected_version=None,
    )


def decide(world: World, debt: Debt, decision: DisputeDecision) -> None:
    decide_dispute(
        world.registry,
        world.actor("court", Role.ADJUDICATOR),
        world.call(),
        dispute_id=open_case(world, debt),
        decision=decision,
        expected_version=None,
    )


def arrange(world: World, debt: Debt, instalments: list[tuple[dt.date, int]]) -> None:
    assert debt.record is not None
    arrange_plan(
        world.registry,
        world.actor(debt.carrier),
        world.call(),
        record_id=debt.record,
        instalments=[Instalment(due_date=date, amount_fen=amount) for date, amount in instalments],
        expected_version=None,
    )


def reverse(world: World, debt: Debt, settlement: uuid.UUID) -> None:
    """Two people of the creditor agree that the money went back."""
    propose(world, debt, settlement)
    confirm(world, debt)


def propose(world: World, debt: Debt, settlement: uuid.UUID) -> None:
    proposed = propose_reversal(
        world.registry,
        world.actor(debt.carrier),
        world.call(),
        settlement_id=settlement,
        reason=ReversalReason.PAYMENT_BOUNCED,
        evidence_digest=bytes(32),
    )
    debt.reversal = uuid.UUID(json.loads(proposed.body)["reversal_id"])


def confirm(world: World, debt: Debt) -> None:
    checker = replace(world.actor(debt.carrier), key_id=f"{debt.carrier}-2")
    assert debt.reversal is not None
    confirm_reversal(world.registry, checker, world.call(), debt.reversal)
