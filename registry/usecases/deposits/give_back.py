"""Give a deposit back, in whole or in part: to the customer, or set off against undisputed bills."""

import uuid

from protocol.beijing import beijing_date
from protocol.log_entries import EntryKind, Facts
from protocol.messages.deposits import DepositReturn
from protocol.problems import Problem, Refusal
from registry.domain.deposits import Deposit
from registry.domain.participants import Actor
from registry.policy.deposits import check_return, refuse_more_than_left
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.deposits.shared import deposit_message, terms_of
from registry.usecases.idempotency import answer_once
from registry.usecases.tidying import up_to_date


def return_deposit(
    registry: Registry, actor: Actor, call: IdempotentCall, *, activation_id: uuid.UUID, body: DepositReturn
) -> Outcome:
    """Report the return of a deposit by the id of the report that it was taken with.

    Raises Refusal: NOT_FOUND (no such report, or another's), NOT_A_DEPOSIT, DEPOSIT_RETURNED, INVALID_FIELD,
    SERVICE_NOT_ENDED, MORE_THAN_LEFT or ITEM_DISPUTED; nothing is kept then.
    """

    def work(act: Act) -> tuple[int, object]:
        deposit = _locked(act, activation_id)
        check_return(deposit, body, act.now)
        refuse_more_than_left(deposit, body, terms_of(act, deposit))
        if body.kept_fen and _is_item_disputed(act, deposit):
            raise Refusal(Problem.ITEM_DISPUTED)
        return 201, deposit_message(act, _given_back(act, deposit, body))

    return answer_once(registry, actor, call, work)


def _locked(act: Act, activation_id: uuid.UUID) -> Deposit:
    """Find the actor's deposit and lock it, its person first: no case is filed about the person meanwhile."""
    found = act.tx.deposits.find(activation_id)
    if found is None or found.participant_id != act.actor_id:
        raise Refusal(Problem.NOT_A_DEPOSIT if _is_report(act, activation_id) else Problem.NOT_FOUND)
    if found.subject is not None:
        act.tx.subjects.lock(_keys_of(act, found.subject))
    # Read again under the lock: the report may have been corrected, or another part may have come back.
    locked = act.tx.deposits.lock((found.subject_key,))
    deposit = next((each for each in locked if each.activation_id == activation_id), None)
    if deposit is None:
        raise Refusal(Problem.NOT_A_DEPOSIT)
    return deposit


def _is_report(act: Act, activation_id: uuid.UUID) -> bool:
    """Tell whether the actor reported an activation of this id."""
    entry = act.tx.openings.find_many((activation_id,), by=act.actor_id).get(activation_id)
    return entry is not None and entry.kind == EntryKind.ACTIVATION


def _keys_of(act: Act, subject_key: bytes) -> set[bytes]:
    """Return the keys of a deposit's person: one who was asked about first, and listed later, has another by now."""
    return {subject_key, act.tx.people.look({subject_key}).key_of(subject_key)}


def _is_item_disputed(act: Act, deposit: Deposit) -> bool:
    """Tell whether a case is open about a debt of this customer to this carrier, as a punctual scheduler leaves it.

    Of an order without a decision nobody knows the person.
    """
    if deposit.subject is None:
        return False
    keys = _keys_of(act, deposit.subject)
    disputed = {
        (each.subject_key, each.record_id)
        for cases in act.tx.disputes.of_subjects(keys).values()
        for each in cases
        if each.creditor_id == act.actor_id and not each.is_closed
    }
    if not disputed:
        return False
    up_to_date(act, act.tx.records.these(disputed).values())
    cases = act.tx.disputes.of_records(disputed).values()
    return any(not each.is_closed for of_record in cases for each in of_record)


def _given_back(act: Act, deposit: Deposit, body: DepositReturn) -> Deposit:
    terms, entry_id = terms_of(act, deposit), act.new_id()
    if body.service_ended_on is not None:
        deposit = deposit.ended(body.service_ended_on, terms)
    day = beijing_date(body.at)
    after = deposit.given_back(body.fen, body.kept_fen, day, terms, act.today, log_entry_id=entry_id)
    facts: Facts = {
        "activation": str(deposit.activation_id),
        "kind": body.kind.value,
        "state": after.state.value,
        "returned_on": day.isoformat(),
        "due_on": deposit.due_on.isoformat(),
        "rules": deposit.rules_version,
    }
    personal: dict[str, str | int] = {
        "fen": body.fen,
        "kept_fen": body.kept_fen,
        "left_fen": after.left_on(day, terms),
    }
    if deposit.subject is not None:
        personal["subject"] = deposit.subject.hex()
    act.log(EntryKind.DEPOSIT_RETURNED, entry_id, facts, subject_key=deposit.subject_key, personal=personal)
    act.tx.deposits.update([after])
    return after
