"""Demand, as a neutral body, one document of the evidence that a creditor said it has."""

import datetime as dt
import uuid

from protocol.codes import EvidenceDocument
from protocol.events import EventKind
from protocol.log_entries import EntryKind
from protocol.messages.evidence import NewDemand
from protocol.problems import FieldCode, Problem, Refusal
from registry.domain.evidence import EvidenceDemand, NoSuchDocument, promised_digest
from registry.domain.participants import Actor
from registry.domain.records import Record
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.evidence.shared import demand_message
from registry.usecases.idempotency import answer_once
from registry.usecases.notify import notify


def demand_evidence(
    registry: Registry,
    actor: Actor,
    call: IdempotentCall,
    *,
    record_id: uuid.UUID,
    new: NewDemand,
) -> Outcome:
    """Demand a bill (by its number, from 1), the notice or the contract of a record.

    Raises Refusal: NOT_FOUND (no such record, no such bill), EDGE_NOT_ALLOWED (listed without evidence),
    INVALID_FIELD (a number that is missing or does not belong).
    """
    if (new.bill is None) is (new.document is EvidenceDocument.BILL):
        raise Refusal(Problem.INVALID_FIELD, fields={"bill": FieldCode.GOES_WITH_A_BILL})

    def work(act: Act) -> tuple[int, object]:
        record = act.tx.records.find(record_id)
        if record is None:
            raise Refusal(Problem.NOT_FOUND)
        act.tx.subjects.lock((record.subject_key,))
        # Read again under the lock: the creditor may have replaced its manifest, or the record may be gone.
        record = act.tx.records.find(record_id)
        if record is None:
            raise Refusal(Problem.NOT_FOUND)
        demand = _demand(act, record, new)
        _note(act, demand)
        act.tx.evidence.demand(demand)
        return 201, demand_message(demand, act.today)

    return answer_once(registry, actor, call, work)


def _demand(act: Act, record: Record, new: NewDemand) -> EvidenceDemand:
    digest = record.evidence_digest
    manifest = None if digest is None else act.tx.evidence.manifest(record.subject_key, record.record_id, digest)
    if manifest is None:
        raise Refusal(Problem.EDGE_NOT_ALLOWED, detail="The record was reported without evidence.")
    try:
        promised = promised_digest(manifest, new.document, new.bill)
    except NoSuchDocument:
        raise Refusal(Problem.NOT_FOUND, detail="The evidence holds no such bill.") from None
    demand_id = act.new_id()
    return EvidenceDemand(
        subject_key=record.subject_key,
        demand_id=demand_id,
        record_id=record.record_id,
        creditor_id=record.creditor_id,
        demanded_by=act.actor_id,
        document=new.document,
        bill=new.bill,
        digest=promised,
        demanded_at=act.now,
        answer_due=act.today + dt.timedelta(days=act.rules.evidence.answer_days),
        rules_version=act.rules.version,
        log_entry_id=demand_id,
    )


def _note(act: Act, demand: EvidenceDemand) -> None:
    facts: dict[str, str | int] = {"demand": str(demand.demand_id), "document": demand.document.value}
    due = {"answer_due": demand.answer_due.isoformat()}
    act.log(
        EntryKind.EVIDENCE_DEMANDED,
        demand.log_entry_id,
        facts | {"record": str(demand.record_id), "rules": demand.rules_version},
        subject_key=demand.subject_key,
        personal={"subject": demand.subject_key.hex()},
    )
    notify(act, (demand.creditor_id,), EventKind.EVIDENCE_DEMANDED, record_id=demand.record_id, facts=facts | due)
