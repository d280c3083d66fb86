"""Build a subject's statement, section by section; a new table about subjects adds its section here."""

from itertools import groupby
from operator import attrgetter

from protocol.beijing import beijing_date
from protocol.messages import statements as messages
from protocol.messages.disassociations import Rebuttal
from protocol.messages.red_list import RedListEntry
from registry.domain.disputes import pauses
from registry.domain.plans import state_on
from registry.domain.records import Record
from registry.domain.retention import expires_on
from registry.domain.statements import StatementGiven, in_order
from registry.domain.transfers import present_creditor
from registry.usecases.act import Act
from registry.usecases.archive.shared import listed_on, terms_of
from registry.usecases.disassociations.shared import rebuttal_message
from registry.usecases.inquiries.quotes import owed_on
from registry.usecases.red_list.shared import red_list_message
from registry.usecases.statements.holdings import Holding


def statement_message(holding: Holding, given: StatementGiven, free_left: int) -> messages.Statement:
    """Build the statement that was given; its last section names everybody whom the others mention."""
    act = holding.act
    return messages.Statement(
        statement_id=given.statement_id,
        asked_through=holding.who(given.asked_through),
        given_at=given.given_at,
        given_on=act.today,
        free=given.free,
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
        archived=_archived(holding),
        victim_markers=_victim_markers(holding),
        rebuttals=_rebuttals(holding),
        red_list=_red_list(holding),
        earlier_statements=_earlier(holding),
        participants=holding.participants(),
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
    """Build a record as its subject reads it: neither its id nor the creditor's reference; it names who has it now."""
    later = present_creditor(record.record_id, holding.records)
    return messages.StatedRecord(
        number=number,
        creditor=holding.who(record.creditor_id),
        turn_to=None if later is None else holding.who(later),
        service_class=record.service_class,
        category=record.category,
        state=record.state,
        blocks=record.blocks,
        principal_fen=record.principal_fen,
        paid_fen=record.paid_fen,
        owed=_debt(holding, record) if record.is_open else None,
        due_date=record.due_date,
        notice_date=record.notice_date,
        notice_channel=record.notice_channel,
        enforceable_from=record.enforceable_from,
        listed_on=listed_on(record),
        expires_on=expires_on(listed_on(record), terms_of(holding.act)),
        rules_version=record.rules_version,
        history=tuple(
            messages.StatedEvent(
                at=event.at,
                action=event.action,
                state=event.target,
                party=event.party,
                by=holding.who(event.actor_id),
                reason=event.reason,
            )
            for event in in_order(holding.histories.get(record.record_id, ()))
        ),
    )


def _debt(holding: Holding, record: Record) -> messages.StatedDebt:
    stopped = pauses(holding.cases.get(record.record_id, ()), record.record_id)
    due = owed_on(record, holding.act.today, holding.act.rules_of(record), stopped)
    return messages.StatedDebt(
        principal_fen=due.principal_fen,
        late_fee_fen=due.late_fee_fen,
        costs_fen=due.costs_fen,
        total_fen=due.total_fen,
    )


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
    """Tell each inquiry about the subject: its asker and the answer."""
    return tuple(
        messages.StatedInquiry(
            participant=holding.who(each.participant_id),
            at=each.decided_at,
            service_class=each.service_class,
            decision=each.decision,
            reasons=each.reasons,
        )
        for each in holding.act.tx.inquiries.of_subject(holding.subject_key)
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
        messages.StatedDemand(
            record=holding.number(each.record_id),
            demanded_by=holding.who(each.demanded_by),
            document=each.document,
            bill=each.bill,
            demanded_at=each.demanded_at,
            answer_due=each.answer_due,
            state=each.state_on(holding.act.today),
        )
        for each in holding.act.tx.evidence.of_subject(holding.subject_key)
    )


def _disputes(holding: Holding) -> tuple[messages.StatedDispute, ...]:
    documents = holding.act.tx.papers.counts(holding.subject_key)
    return tuple(
        messages.StatedDispute(
            dispute_id=each.dispute_id,
            record=holding.number(each.record_id),
            ground=each.ground,
            state=each.state,
            stops_enforcement=each.stops,
            filed_through=holding.who(each.filed_by),
            filed_on=each.filed_on,
            answer_due=each.answer_due,
            close_due=each.close_due,
            lapse_due=each.lapse_due,
            answer=each.answer,
            outcome=each.outcome,
            closed_on=each.closed_on,
            documents=documents.get(each.dispute_id, 0),
        )
        for each in holding.disputes
    )


def _plans(holding: Holding) -> tuple[messages.StatedPlan, ...]:
    return tuple(
        messages.StatedPlan(
            record=holding.number(each.record_id),
            state=state_on(each, holding.act.today),
            instalments=each.instalments,
            broken_from=each.broken_from,
            arranged_at=each.arranged_at,
            ended_at=each.ended_at,
        )
        for each in holding.act.tx.plans.of_subjects((holding.subject_key,))
    )


def _clearances(holding: Holding) -> tuple[messages.StatedClearance, ...]:
    return tuple(
        messages.StatedClearance(
            clearance_id=each.clearance_id,
            issued_at=each.issued_at,
            state=each.state,
            revoked_at=each.revoked_at,
        )
        for each in holding.act.tx.clearances.of_subject(holding.subject_key)
    )


def _collections(holding: Holding) -> tuple[messages.StatedCollection, ...]:
    """Tell the payments at other carriers' counters."""
    return tuple(
        messages.StatedCollection(
            record=holding.number(each.record_id),
            collector=holding.who(each.collector_id),
            creditor=holding.who(each.creditor_id),
            amount_fen=each.amount_fen,
            collected_at=each.collected_at,
            state=each.state_on(holding.act.today),
            reversed_at=each.reversed_at,
        )
        for each in holding.act.tx.collected.of_subjects((holding.subject_key,))
    )


def _archived(holding: Holding) -> tuple[messages.ArchivedRecord, ...]:
    """Tell the closed records that left the list: they are sealed for an auditor until the day of their purge."""
    return tuple(
        messages.ArchivedRecord(
            creditor=holding.who(each.creditor_id),
            state=each.state,
            listed_on=each.listed_on,
            closed_at=each.closed_at,
            purge_on=each.purge_on,
            purged_at=each.purged_at,
        )
        for each in holding.act.tx.archive.of_subjects((holding.subject_key,))
    )


def _victim_markers(holding: Holding) -> tuple[messages.StatedMarker, ...]:
    markers = holding.act.tx.victim_markers.of_subjects((holding.subject_key,)).get(holding.subject_key, ())
    return tuple(
        messages.StatedMarker(set_at=marker.set_at, set_by=holding.who(marker.set_by), until=marker.until)
        for marker in markers
    )


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
        messages.EarlierStatement(
            statement_id=earlier.statement_id,
            asked_through=holding.who(earlier.asked_through),
            given_at=earlier.given_at,
            free=earlier.free,
        )
        for earlier in holding.statements
    )
