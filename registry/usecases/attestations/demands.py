"""Let a subject demand at any counter that its carrier attest how it pays, and let the carrier answer."""

import uuid

from protocol.attestations import DemandReply
from protocol.beijing import beijing_date
from protocol.codes import Role
from protocol.events import EventKind
from protocol.log_entries import EntryKind, Facts
from protocol.messages import attestations as messages
from protocol.messages.attestations import DemandCounts, NewAttestationDemand
from protocol.problems import FieldCode, Problem, Refusal
from protocol.wire.codec import message_of
from registry.domain.attestations import DEMAND_MONTHS, AttestationDemand
from registry.domain.collected import working_days_after
from registry.domain.log import LogEntry
from registry.domain.months import months_on
from registry.domain.participants import Actor
from registry.store.transactions import Transaction
from registry.usecases.act import Act
from registry.usecases.attestations.shared import terms_of
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.heads import hold_subjects
from registry.usecases.idempotency import answer_once
from registry.usecases.notify import notify
from registry.usecases.pseudonyms import pseudonyms


def demand_attestation(registry: Registry, actor: Actor, call: IdempotentCall, new: NewAttestationDemand) -> Outcome:
    """Demand an attestation of one carrier; while a demand is open, the same again is that demand.

    Raises Refusal EPOCH_UNKNOWN, BAD_ELEMENT, INVALID_FIELD (a household's token, no carrier that reports) or
    EDGE_NOT_ALLOWED (the rules in force allow no attestations).
    """
    if new.tokens.household_register is not None or new.tokens.household_address is not None:
        raise Refusal(Problem.INVALID_FIELD, fields={"tokens": FieldCode.HAS_A_HOUSEHOLD})
    names = pseudonyms(registry, new.tokens)

    def work(act: Act) -> tuple[int, object]:
        terms = terms_of(act.rules)
        if terms is None:
            raise Refusal(Problem.EDGE_NOT_ALLOWED, detail="The rules in force allow no attestations.")
        carrier = act.tx.participants.get(new.participant)
        if carrier is None or Role.REPORTER not in carrier.roles:
            raise Refusal(Problem.INVALID_FIELD, fields={"participant": FieldCode.NOT_A_REPORTER})
        subject_key = hold_subjects(act, (names,), act.people).keys[names.index_key]
        for each in act.tx.attestations.demands_of((subject_key,)):
            if each.is_open and each.participant_id == new.participant:
                return 200, demand_message(each, act)
        demand = _demand(act, subject_key, new.participant, terms.demand_working_days)
        _enter(act, demand)
        return 201, demand_message(demand, act)

    return answer_once(registry, actor, call, work, names=(names,))


def answer_demand(
    registry: Registry, actor: Actor, call: IdempotentCall, *, demand_id: uuid.UUID, reply: DemandReply
) -> Outcome:
    """Say why there is no attestation, late or in time; raises Refusal NOT_FOUND or EDGE_NOT_ALLOWED (answered)."""

    def work(act: Act) -> tuple[int, object]:
        act.tx.subjects.lock({_own(act, demand_id).subject_key})
        # Read again under the lock: an attestation may have answered it meanwhile.
        demand = _own(act, demand_id)
        if not demand.is_open:
            raise Refusal(Problem.EDGE_NOT_ALLOWED, detail="The demand was answered before.")
        answered = demand.answered(reply, at=act.now, on=act.today, log_entry_id=act.new_id())
        act.tx.openings.append((answer_entry(act, answered),))
        act.tx.attestations.answer((answered,))
        return 200, demand_message(answered, act)

    return answer_once(registry, actor, call, work)


def count_demands(registry: Registry, actor: Actor) -> DemandCounts:
    """Count the demands of which a carrier was told in the last year; others count the entries of the log."""

    def work(tx: Transaction) -> DemandCounts:
        today = beijing_date(registry.clock())
        still, in_time, late, overdue = tx.attestations.count_demands(actor.participant_id, today)
        return DemandCounts(open=still, in_time=in_time, late=late, overdue=overdue)

    return registry.store.read(work)


def demand_message(demand: AttestationDemand, act: Act) -> messages.AttestationDemand:
    """Build the message of a demand; no pseudonym is in it."""
    return message_of(
        messages.AttestationDemand,
        demand,
        participant=demand.participant_id,
        state=demand.state_on(act.today),
    )


def answer_entry(act: Act, answered: AttestationDemand) -> LogEntry:
    """Build the entry of an answer: that the carrier attested, or the reason for which it does not."""
    reply = answered.state_on(act.today).value if answered.reply is None else answered.reply.value
    in_time = answered.answered_on is not None and answered.answered_on <= answered.answer_due
    return _entry(act, EntryKind.ATTESTATION_DEMAND_ANSWERED, answered, {"reply": reply, "in_time": int(in_time)})


def _demand(act: Act, subject_key: bytes, participant_id: str, working_days: int) -> AttestationDemand:
    demand_id = act.new_id()
    return AttestationDemand(
        subject_key=subject_key,
        demand_id=demand_id,
        participant_id=participant_id,
        demanded_through=act.actor_id,
        demanded_at=act.now,
        answer_due=working_days_after(act.today, working_days, act.rules.collection),
        until=months_on(act.today, DEMAND_MONTHS),
        rules_version=act.rules.version,
        log_entry_id=demand_id,
    )


def _enter(act: Act, demand: AttestationDemand) -> None:
    due = demand.answer_due.isoformat()
    of = {"participant": demand.participant_id, "answer_due": due}
    act.tx.openings.append((_entry(act, EntryKind.ATTESTATION_DEMANDED, demand, of),))
    act.tx.attestations.demand(demand)
    act.tx.idle_subjects.look_again({demand.subject_key: demand.until})
    notify(
        act,
        (demand.participant_id,),
        EventKind.ATTESTATION_DEMANDED,
        facts={"demand": str(demand.demand_id), "answer_due": due},
    )


def _entry(act: Act, kind: EntryKind, demand: AttestationDemand, facts: Facts) -> LogEntry:
    return act.entry(
        kind,
        demand.log_entry_id,
        {"demand": str(demand.demand_id), **facts, "rules": act.rules.version},
        subject_key=demand.subject_key,
        personal={"subject": demand.subject_key.hex()},
    )


def _own(act: Act, demand_id: uuid.UUID) -> AttestationDemand:
    demand = act.tx.attestations.find_demand(demand_id)
    if demand is None or demand.participant_id != act.actor_id:
        raise Refusal(Problem.NOT_FOUND)
    return demand
