"""Build a subject's statement, section by section; a new table about subjects adds its section here."""

import json
from itertools import groupby
from operator import attrgetter

from protocol.beijing import beijing_date
from protocol.log_entries import EntryKind
from protocol.messages import statements as messages
from protocol.messages.deposits import StatedDeposit
from protocol.messages.disassociations import Rebuttal
from protocol.messages.grades import StatedReview
from protocol.messages.red_list import RedListEntry
from protocol.messages.settlements import ClearanceReading, StatedClearance, StatedPayment
from protocol.wire.codec import message_of
from registry.domain.disputes import pauses
from registry.domain.plans import state_on
from registry.domain.records import Record
from registry.domain.retention import expires_on
from registry.domain.statements import StatementGiven, in_order
from registry.domain.transfers import present_creditor
from registry.store.prepared import grouped
from registry.usecases.act import Act
from registry.usecases.archive.shared import listed_on, terms_of
from registry.usecases.attestations.stated import stated_attestations, stated_demands
from registry.usecases.deposits.shared import terms_of as deposit_terms_of
from registry.usecases.disassociations.shared import rebuttal_message
from registry.usecases.inquiries.context import UNTOLD, contexts_of
from registry.usecases.inquiries.quotes import owed_on
from registry.usecases.red_list.shared import red_list_message
from registry.usecases.statements.grades import stated_grade
from registry.usecases.statements.holdings import Holding


def statement_message(holding: Holding, statement: StatementGiven, free_left: int) -> messages.Statement:
    """Build the statement; its last section names every participant that the others mention."""
    act = holding.act
    return messages.Statement(
        statement_id=statement.statement_id,
        asked_through=holding.who(statement.asked_through),
        given_at=statement.given_at,
        given_on=act.today,
        free=statement.free,
        free_left=free_left,
        rules_version=act.rules.version,
        terms=_terms(act),
        records=_records(holding),
        households=_households(holding),
        inquiries=_inquiries(holding),
        weighed_for_others=_weighed_for_others(holding),
        transfers=_transfers(holding),
        disputes=_disputes(holding),
        evidence_demands=_evidence_demands(holding),
        plans=_plans(holding),
        collections=_collections(holding),
        clearances=_clearances(holding),
        deposits=_deposits(holding),
        archived=_archived(holding),
        victim_markers=_victim_markers(holding),
        rebuttals=_rebuttals(holding),
        red_list=_red_list(holding),
        attestations=stated_attestations(holding),
        attestation_demands=stated_demands(holding),
        earlier_statements=_earlier(holding),
        participants=holding.participants(),
        grade=stated_grade(holding),
    )


def _terms(act: Act) -> messages.StatementTerms:
    rules = act.rules
    return messages.StatementTerms(
        free_statements_a_year=rules.free_statements_a_year,
        dispute_answer_days=rules.disputes.answer_days,
        dispute_close_days=rules.disputes.close_days,
        record_years=rules.retention.record_years,
        rebuttal_months=rules.rebuttal_months,
    )


def _records(holding: Holding) -> tuple[messages.StatedRecord, ...]:
    return tuple(_record(holding, number, record) for number, record in enumerate(holding.records, start=1))


def _record(holding: Holding, number: int, record: Record) -> messages.StatedRecord:
    """Build a record as its subject reads it: no id, no creditor's reference; it names the present creditor."""
    later = present_creditor(record.record_id, holding.records)
    return message_of(
        messages.StatedRecord,
        record,
        number=number,
        creditor=holding.who(record.creditor_id),
        turn_to=None if later is None else holding.who(later),
        owed=_debt(holding, record) if record.is_open else None,
        listed_on=listed_on(record),
        expires_on=expires_on(listed_on(record), terms_of(holding.act)),
        history=tuple(
            message_of(messages.StatedEvent, event, state=event.target, by=holding.who(event.actor_id))
            for event in in_order(holding.histories.get(record.record_id, ()))
        ),
        payments=tuple(
            message_of(StatedPayment, paid, reversed_at=holding.undone.get(paid.settlement_id))
            for paid in holding.settlements.get(record.record_id, ())
        ),
    )


def _debt(holding: Holding, record: Record) -> messages.StatedDebt:
    stopped = pauses(holding.cases.get(record.record_id, ()), record.record_id)
    return message_of(messages.StatedDebt, owed_on(record, holding.act.today, holding.act.rules_of(record), stopped))


def _households(holding: Holding) -> tuple[messages.StatedHousehold, ...]:
    """Build each span in which a record counted for a household, until it is erased; no household is named."""
    links = holding.act.tx.households.links_of((holding.subject_key,))
    return tuple(
        messages.StatedHousehold(
            record=holding.number(link.record_id),
            kind=link.kind,
            since=beijing_date(link.linked_at),
            ended_on=None if link.ended_at is None else beijing_date(link.ended_at),
        )
        for link in sorted(links, key=lambda link: (link.record_id, link.linked_at, link.kind))
    )


def _inquiries(holding: Holding) -> tuple[messages.StatedInquiry, ...]:
    """Tell each inquiry about the subject: asker, answer, purpose and place, its later checks and reviews, its end."""
    tx, keys = holding.act.tx, {holding.subject_key, holding.index_key}
    inquiries = tx.inquiries.of_subject(keys)
    rechecks = grouped(tx.rechecks.of_subject(keys), attrgetter("inquiry_id"))
    activations = grouped(tx.activations.of_subject(keys), attrgetter("inquiry_id"))
    reviews = grouped(tx.grade_reviews.of_subject(keys), attrgetter("inquiry_id"))
    contexts = contexts_of(holding.act, [each.log_entry_id for each in inquiries if each.order_ref is not None])
    return tuple(
        message_of(
            messages.StatedInquiry,
            each,
            participant=holding.who(each.participant_id),
            at=each.decided_at,
            rechecks=tuple(
                message_of(messages.StatedRecheck, check, at=check.decided_at)
                for check in rechecks.get(each.inquiry_id, ())
            ),
            activations=tuple(
                message_of(messages.StatedActivation, told, at=told.done_at)
                for told in activations.get(each.inquiry_id, ())
            ),
            reviews=tuple(
                message_of(StatedReview, review, at=review.reviewed_at) for review in reviews.get(each.inquiry_id, ())
            ),
            **contexts.get(each.log_entry_id, UNTOLD),
        )
        for each in inquiries
    )


def _weighed_for_others(holding: Holding) -> tuple[messages.StatedWeight, ...]:
    """Tell the asker and the day of inquiries about others of a household in which a record of the subject weighed."""
    return tuple(
        messages.StatedWeight(
            record=holding.number(each.record_id),
            participant=holding.who(each.participant_id),
            on=beijing_date(each.asked_at),
        )
        for each in holding.act.tx.inquiry_hits.weighed_for_others(holding.subject_key)
    )


def _transfers(holding: Holding) -> tuple[messages.StatedTransfer, ...]:
    """Tell the debts that got another creditor, and since when; the earlier record may be archived by now."""
    archived = holding.act.tx.archive.of_subjects((holding.subject_key,))
    creditors = {each.record_id: each.creditor_id for each in archived}
    creditors |= {each.record_id: each.creditor_id for each in holding.records}
    return tuple(
        messages.StatedTransfer(
            record=number,
            from_record=holding.number(each.origin_record_id),
            seller=holding.who(creditors[each.origin_record_id]),
            buyer=holding.who(each.creditor_id),
            at=min(event.at for event in holding.histories[each.record_id]),
        )
        for number, each in enumerate(holding.records, start=1)
        if each.origin_record_id is not None
    )


def _evidence_demands(holding: Holding) -> tuple[messages.StatedDemand, ...]:
    """Tell which evidence of the creditor was demanded, and whether it was shown."""
    return tuple(
        message_of(
            messages.StatedDemand,
            each,
            record=holding.number(each.record_id),
            demanded_by=holding.who(each.demanded_by),
            state=each.state_on(holding.act.today),
        )
        for each in holding.act.tx.evidence.of_subject(holding.subject_key)
    )


def _disputes(holding: Holding) -> tuple[messages.StatedDispute, ...]:
    documents = holding.act.tx.papers.counts(holding.subject_key)
    return tuple(
        message_of(
            messages.StatedDispute,
            each,
            record=holding.number(each.record_id),
            stops_enforcement=each.stops,
            filed_through=holding.who(each.filed_by),
            documents=documents.get(each.dispute_id, 0),
        )
        for each in holding.disputes
    )


def _plans(holding: Holding) -> tuple[messages.StatedPlan, ...]:
    return tuple(
        message_of(
            messages.StatedPlan, each, record=holding.number(each.record_id), state=state_on(each, holding.act.today)
        )
        for each in holding.act.tx.plans.of_subjects((holding.subject_key,))
    )


def _clearances(holding: Holding) -> tuple[StatedClearance, ...]:
    """Tell the clearances, each with those who asked what became of it."""
    clearances = holding.act.tx.clearances.of_subject(holding.subject_key)
    readings = _readings(holding) if clearances else {}
    return tuple(
        message_of(StatedClearance, each, readings=tuple(readings.get(str(each.clearance_id), ())))
        for each in clearances
    )


def _readings(holding: Holding) -> dict[str, list[ClearanceReading]]:
    """Collect the readings of the subject's clearances from their entries: nothing else keeps them."""
    tx = holding.act.tx
    entries = tx.openings.find_many(tx.personal.of_kind(holding.subject_key, EntryKind.CLEARANCE_READ))
    found: dict[str, list[ClearanceReading]] = {}
    for _, entry in sorted(entries.items()):
        reading = ClearanceReading(at=entry.at, by=holding.who(entry.participant_id))
        found.setdefault(json.loads(entry.core)["facts"]["clearance"], []).append(reading)
    return found


def _collections(holding: Holding) -> tuple[messages.StatedCollection, ...]:
    """Tell the payments at other carriers' counters."""
    return tuple(
        message_of(
            messages.StatedCollection,
            each,
            record=holding.number(each.record_id),
            collector=holding.who(each.collector_id),
            creditor=holding.who(each.creditor_id),
            state=each.state_on(holding.act.today),
        )
        for each in holding.act.tx.collected.of_subjects((holding.subject_key,))
    )


def _deposits(holding: Holding) -> tuple[StatedDeposit, ...]:
    """Tell the deposits that carriers took, and by when each of them is due back."""
    act = holding.act
    return tuple(
        message_of(
            StatedDeposit,
            each,
            participant=holding.who(each.participant_id),
            left_fen=each.left_on(act.today, deposit_terms_of(act, each)),
            overdue=each.is_overdue(act.today),
        )
        for each in act.tx.deposits.of_subject({holding.subject_key, holding.index_key})
    )


def _archived(holding: Holding) -> tuple[messages.ArchivedRecord, ...]:
    """Tell the closed records that left the list: they are sealed for an auditor until the day of their purge."""
    return tuple(
        message_of(messages.ArchivedRecord, each, creditor=holding.who(each.creditor_id))
        for each in holding.act.tx.archive.of_subjects((holding.subject_key,))
    )


def _victim_markers(holding: Holding) -> tuple[messages.StatedMarker, ...]:
    markers = holding.act.tx.victim_markers.of_subjects((holding.subject_key,)).get(holding.subject_key, ())
    return tuple(message_of(messages.StatedMarker, marker, set_by=holding.who(marker.set_by)) for marker in markers)


def _rebuttals(holding: Holding) -> tuple[Rebuttal, ...]:
    filings = groupby(holding.act.tx.disassociations.of_subject(holding.subject_key), key=attrgetter("rebuttal_id"))
    rebuttals = tuple(rebuttal_message(tuple(rows), holding.act.today) for _, rows in filings)
    for rebuttal in rebuttals:
        holding.who(rebuttal.filed_by)
    return rebuttals


def _red_list(holding: Holding) -> tuple[RedListEntry, ...]:
    entries = holding.act.tx.red_list.of_subjects((holding.subject_key,)).get(holding.subject_key, ())
    return tuple(red_list_message(entry, holding.act.today) for entry in entries)


def _earlier(holding: Holding) -> tuple[messages.EarlierStatement, ...]:
    return tuple(
        message_of(messages.EarlierStatement, earlier, asked_through=holding.who(earlier.asked_through))
        for earlier in holding.statements
    )
