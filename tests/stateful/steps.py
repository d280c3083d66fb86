"""What people do in the state machine, through the real use cases."""

import datetime as dt
import json
import os
import uuid
from dataclasses import replace

import pytest

from crypto.signing.keys import generate_signing_key, public_bytes
from protocol.codes import DisputeAnswer, DisputeDecision, RebuttalGround, ReversalReason, Role, TransferGround
from protocol.messages.archive import Finding, Order
from protocol.messages.disassociations import NewRebuttal
from protocol.messages.disputes import DisputeAnswerBody, DisputeDecisionBody
from protocol.messages.participants import NewParticipant
from protocol.messages.plans import Instalment, PlanArrangement
from protocol.messages.reversals import ReversalProposal
from protocol.messages.tokens import SubjectTokens
from protocol.messages.transfers import Acceptance, NewAccount, NewTransfer
from protocol.problems import Problem, Refusal
from protocol.states import Action
from registry.domain.disputes import Dispute
from registry.domain.participants import Actor
from registry.store.transactions import Transaction
from registry.usecases.archive.orders import carry_out_order
from registry.usecases.disassociations.file import rebut_household
from registry.usecases.disputes.answer import answer_dispute
from registry.usecases.disputes.decide import decide_dispute
from registry.usecases.disputes.void_record import void_record
from registry.usecases.participants.admit import register_participant
from registry.usecases.plans.arrange import arrange_plan
from registry.usecases.reversals.confirm import confirm_reversal
from registry.usecases.reversals.propose import propose_reversal
from registry.usecases.transfers.accept import accept_transfer
from registry.usecases.transfers.confirm import confirm_transfer
from registry.usecases.transfers.propose import propose_transfer
from tests.stateful.model import Debt, Payment
from tests.support.stories import settles
from tests.support.world import World


def admit_judges(world: World) -> None:
    """An adjudicator who is no party to any case, and a regulator."""
    for name, role in (("court", Role.ADJUDICATOR), ("regulator", Role.REGULATOR)):
        admission = NewParticipant(
            participant_id=name,
            name=name,
            roles=(role,),
            key_id=f"{name}-1",
            public_key=public_bytes(generate_signing_key(os.urandom)),
        )
        register_participant(world.registry, world.actor("operator", Role.OPERATOR), world.call(), admission)


Memory = tuple[dt.date | None, int, dt.date | None]
"""The day of a debt's end, its broken plans, and the day of the last break."""


def records(world: World, debts: list[Debt]) -> list[tuple[str, Memory | None]]:
    """The states of the debts' records, in the list or in the archive, and what those in the list remember."""

    def work(tx: Transaction) -> list[tuple[str, Memory | None]]:
        return [_record(tx, each.record) for each in debts if each.record is not None]

    return world.registry.store.read(work)


def states(world: World, debts: list[Debt]) -> list[str]:
    """The states of the debts' records, in the list or in the archive."""
    return [state for state, _ in records(world, debts)]


def _record(tx: Transaction, record_id: uuid.UUID) -> tuple[str, Memory | None]:
    record = tx.records.find(record_id)
    sealed = tx.archive.find(record_id)
    (found,) = [each for each in (record, sealed) if each is not None]
    memory = None if record is None else (record.settled_on, record.plan_breaks, record.last_break_on)
    return found.state.value, memory


def new_settlement(world: World, debt: Debt) -> uuid.UUID:
    """The one settlement of the record that the model does not know yet."""

    def work(tx: Transaction) -> uuid.UUID:
        assert debt.record is not None
        record = tx.records.find(debt.record)
        assert record is not None
        known = {each.settlement for each in debt.payments}
        stored = {each.settlement_id for each in tx.settlements.of_record(record.subject_key, record.record_id)}
        (new,) = stored - known
        return new

    return world.registry.store.read(work)


def missing_in(world: World, debt: Debt, tokens: SubjectTokens, account_ref: bytes, amount_fen: int) -> int:
    """What the registry says that a FULL payment leaves of a debt."""
    with pytest.raises(Refusal) as refused:
        settles(world, debt.carrier, tokens, account_ref, amount_fen=amount_fen)
    assert refused.value.problem is Problem.NOT_IN_FULL
    return int(refused.value.figures["missing_fen"])


def order(world: World, debt: Debt, what: Action) -> None:
    assert debt.record is not None
    carry_out_order(
        world.registry,
        world.actor("regulator", Role.REGULATOR),
        world.call(),
        record_id=debt.record,
        action=what,
        order=Order(order_reference=bytes(32)),
    )


def sell(world: World, debt: Debt, buyer: str, account_ref: bytes) -> uuid.UUID | None:
    """Two people of the creditor offer the debt, the buyer accepts: its record, or None where it did not take it."""
    assert debt.record is not None
    seller = world.actor(debt.carrier)
    ids = [debt.record]
    proposed = propose_transfer(
        world.registry,
        seller,
        world.call(),
        NewTransfer(to=buyer, ground=TransferGround.SALE, record_ids=tuple(ids)),
    )
    transfer_id = uuid.UUID(json.loads(proposed.body)["transfer_id"])
    confirm_transfer(world.registry, replace(seller, key_id=f"{debt.carrier}-2"), world.call(), transfer_id)
    acceptance = Acceptance(accounts=(NewAccount(record_id=debt.record, account_ref=account_ref),))
    accepted = accept_transfer(world.registry, world.actor(buyer), world.call(), transfer_id, acceptance)
    (item,) = json.loads(accepted.body)["records"]
    return None if item["outcome"] != "TRANSFERRED" else uuid.UUID(item["new_record_id"])


def void(world: World, debt: Debt) -> None:
    assert debt.record is not None
    void_record(
        world.registry,
        world.actor("court", Role.ADJUDICATOR),
        world.call(),
        record_id=debt.record,
        finding=Finding(finding_digest=bytes(32)),
    )


def rebut(world: World, tokens: SubjectTokens) -> None:
    filing = NewRebuttal(tokens=tokens, ground=RebuttalGround.MOVED_AWAY, evidence_digest=bytes(32))
    rebut_household(world.registry, world.actor("carrier-c"), world.call(), filing)


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
        body=DisputeAnswerBody(answer=DisputeAnswer.PAYMENT_NOT_RECEIVED),
    )


def decide(world: World, debt: Debt, decision: DisputeDecision) -> None:
    decide_dispute(
        world.registry,
        world.actor("court", Role.ADJUDICATOR),
        world.call(),
        dispute_id=open_case(world, debt),
        body=DisputeDecisionBody(decision=decision),
    )


def arrange(world: World, debt: Debt, instalments: list[tuple[dt.date, int]]) -> None:
    assert debt.record is not None
    arrange_plan(
        world.registry,
        world.actor(debt.carrier),
        world.call(),
        PlanArrangement(
            record_id=debt.record,
            instalments=tuple(Instalment(due_date=date, amount_fen=amount) for date, amount in instalments),
        ),
    )


def reverse(world: World, debt: Debt, payment: Payment) -> None:
    """The creditor says that the money went back; a second person of it confirms, or the counter that had taken it."""
    propose(world, debt, payment.settlement)
    counter = world.actor(payment.counter)
    confirm(world, debt, replace(counter, key_id=f"{payment.counter}-2"))


def propose(world: World, debt: Debt, settlement: uuid.UUID) -> None:
    proposed = propose_reversal(
        world.registry,
        world.actor(debt.carrier),
        world.call(),
        settlement_id=settlement,
        body=ReversalProposal(reason=ReversalReason.PAYMENT_BOUNCED, evidence_digest=bytes(32)),
    )
    debt.reversal = uuid.UUID(json.loads(proposed.body)["reversal_id"])


def confirm(world: World, debt: Debt, checker: Actor) -> None:
    assert debt.reversal is not None
    confirm_reversal(world.registry, checker, world.call(), debt.reversal)
