"""The sections of a subject's statement, one function each; a new table about subjects adds its own to ``SECTIONS``."""

from collections.abc import Callable, Mapping
from itertools import groupby
from typing import Any, Final

from protocol.beijing import beijing_date
from protocol.encodings import format_time
from registry.domain.disputes import pauses
from registry.domain.plans import state_on
from registry.domain.records import Record
from registry.domain.retention import expires_on
from registry.domain.statements import in_order
from registry.domain.transfers import present_creditor
from registry.usecases.archive.retaining import listed_on, terms_of
from registry.usecases.disassociations.shared import rebuttal_document
from registry.usecases.disassociations.stated_links import stated_links
from registry.usecases.inquiries.quotes import owed_on
from registry.usecases.red_list.read import red_list_document
from registry.usecases.statements.holdings import Holding, Section


def _records(held: Holding) -> Section:
    return [_record(held, number, each) for number, each in enumerate(held.records, start=1)]


def _record(held: Holding, number: int, record: Record) -> dict[str, Any]:
    """A record as its subject reads it: neither its id nor the creditor's reference. A debt has one who has it now."""
    later = present_creditor(record.record_id, held.records)
    rules = held.act.rules_of(record)
    stopped = pauses(held.cases.get(record.record_id, ()), record.record_id)
    due = owed_on(record, held.act.today, rules, stopped) if record.is_open else None
    return {
        "number": number,
        "creditor": held.who(record.creditor_id),
        "turn_to": None if later is None else held.who(later),
        "service_class": record.service_class.value,
        "category": record.category.value,
        "state": record.state.value,
        "blocks": record.blocks,
        "principal_fen": record.principal_fen,
        "paid_fen": record.paid_fen,
        "owed": None
        if due is None
        else {
            "principal_fen": due.principal_fen,
            "late_fee_fen": due.late_fee_fen,
            "costs_fen": due.costs_fen,
            "total_fen": due.total_fen,
        },
        "due_date": record.due_date.isoformat(),
        "notice_date": record.notice_date.isoformat(),
        "notice_channel": None if record.notice_channel is None else record.notice_channel.value,
        "enforceable_from": record.enforceable_from.isoformat(),
        "listed_on": listed_on(record).isoformat(),
        "expires_on": expires_on(listed_on(record), terms_of(held.act)).isoformat(),
        "rules_version": record.rules_version,
        "history": [
            {
                "at": format_time(each.at),
                "action": each.action.value,
                "state": each.target.value,
                "party": each.party.value,
                "by": held.who(each.actor_id),
                "reason": each.reason,
            }
            for each in in_order(held.histories.get(record.record_id, ()))
        ],
    }


def _households(held: Holding) -> Section:
    return stated_links(held.act.tx.households.links_of((held.subject_key,)), held.number)


def _inquiries(held: Holding) -> Section:
    """Who asked about the subject, and what it was told."""
    return [
        {
            "participant": held.who(each.participant_id),
            "at": format_time(each.decided_at),
            "service_class": each.service_class.value,
            "decision": each.decision.value,
            "reasons": [reason.value for reason in each.reasons],
        }
        for each in held.act.tx.inquiries.of_subject(held.subject_key)
    ]


def _weighed_for_others(held: Holding) -> Section:
    """Inquiries about others of a household in which a record of the subject weighed: who asked and on which day."""
    return [
        {
            "record": held.number(each.record_id),
            "participant": held.who(each.participant_id),
            "on": beijing_date(each.asked_at).isoformat(),
        }
        for each in held.act.tx.inquiry_hits.weighed_for_others(held.subject_key)
    ]


def _transfers(held: Holding) -> Section:
    """From which creditor a debt came, and since when it is owed to another; the earlier one may be archived by now."""
    archived = held.act.tx.archive.of_subjects((held.subject_key,))
    creditors = {each.record_id: each.creditor_id for each in archived}
    creditors |= {each.record_id: each.creditor_id for each in held.records}
    return [
        {
            "record": number,
            "from_record": held.number(each.origin_record_id),
            "seller": held.who(creditors[each.origin_record_id]),
            "buyer": held.who(each.creditor_id),
            "at": format_time(min(told.at for told in held.histories[each.record_id])),
        }
        for number, each in enumerate(held.records, start=1)
        if each.origin_record_id is not None
    ]


def _evidence_demands(held: Holding) -> Section:
    """Who asked a creditor to show its papers, and whether it did."""
    return [
        {
            "record": held.number(each.record_id),
            "demanded_by": held.who(each.demanded_by),
            "document": each.document.value,
            "bill": each.bill,
            "demanded_at": format_time(each.demanded_at),
            "answer_due": each.answer_due.isoformat(),
            "state": each.state_on(held.act.today).value,
        }
        for each in held.act.tx.evidence.of_subject(held.subject_key)
    ]


def _disputes(held: Holding) -> Section:
    documents = held.act.tx.papers.counts(held.subject_key)
    return [
        {
            "dispute_id": str(each.dispute_id),
            "record": held.number(each.record_id),
            "ground": each.ground.value,
            "state": each.state.value,
            "stops_enforcement": each.stops,
            "filed_through": held.who(each.filed_by),
            "filed_on": each.filed_on.isoformat(),
            "answer_due": each.answer_due.isoformat(),
            "close_due": each.close_due.isoformat(),
            "lapse_due": each.lapse_due.isoformat(),
            "answer": None if each.answer is None else each.answer.value,
            "outcome": None if each.outcome is None else each.outcome.value,
            "closed_on": None if each.closed_on is None else each.closed_on.isoformat(),
            "documents": documents.get(each.dispute_id, 0),
        }
        for each in held.disputes
    ]


def _plans(held: Holding) -> Section:
    return [
        {
            "record": held.number(each.record_id),
            "state": state_on(each, held.act.today).value,
            "instalments": [
                {"due_date": part.due_date.isoformat(), "amount_fen": part.amount_fen} for part in each.instalments
            ],
            "broken_from": None if each.broken_from is None else each.broken_from.isoformat(),
            "arranged_at": format_time(each.arranged_at),
            "ended_at": None if each.ended_at is None else format_time(each.ended_at),
        }
        for each in held.act.tx.plans.of_subjects((held.subject_key,))
    ]


def _clearances(held: Holding) -> Section:
    return [
        {
            "clearance_id": str(each.clearance_id),
            "issued_at": format_time(each.issued_at),
            "state": each.state.value,
            "revoked_at": None if each.revoked_at is None else format_time(each.revoked_at),
        }
        for each in held.act.tx.clearances.of_subject(held.subject_key)
    ]


def _collections(held: Holding) -> Section:
    """What was paid at another carrier's counter."""
    return [
        {
            "record": held.number(each.record_id),
            "collector": held.who(each.collector_id),
            "creditor": held.who(each.creditor_id),
            "amount_fen": each.amount_fen,
            "collected_at": format_time(each.collected_at),
            "state": each.state_on(held.act.today).value,
            "reversed_at": None if each.reversed_at is None else format_time(each.reversed_at),
        }
        for each in held.act.tx.collected.of_subjects((held.subject_key,))
    ]


def _archived(held: Holding) -> Section:
    """Closed records that left the list: sealed for an auditor until the day of their purge."""
    return [
        {
            "creditor": held.who(each.creditor_id),
            "state": each.state.value,
            "listed_on": each.listed_on.isoformat(),
            "closed_at": format_time(each.closed_at),
            "purge_on": each.purge_on.isoformat(),
            "purged_at": None if each.purged_at is None else format_time(each.purged_at),
        }
        for each in held.act.tx.archive.of_subjects((held.subject_key,))
    ]


def _victim_markers(held: Holding) -> Section:
    return [
        {"set_at": format_time(each.set_at), "set_by": held.who(each.set_by), "until": each.until.isoformat()}
        for each in held.act.tx.victim_markers.of_subjects((held.subject_key,)).get(held.subject_key, ())
    ]


def _rebuttals(held: Holding) -> Section:
    filings = groupby(held.act.tx.disassociations.of_subject(held.subject_key), key=lambda each: each.rebuttal_id)
    documents = [rebuttal_document(tuple(rows), held.act.today) for _, rows in filings]
    for each in documents:
        held.who(each["filed_by"])
    return documents


def _red_list(held: Holding) -> Section:
    entries = held.act.tx.red_list.of_subjects((held.subject_key,)).get(held.subject_key, ())
    return [red_list_document(each, held.act.today) for each in entries]


def _earlier(held: Holding) -> Section:
    return [
        {
            "statement_id": str(each.statement_id),
            "asked_through": held.who(each.asked_through),
            "given_at": format_time(each.given_at),
            "free": each.free,
        }
        for each in held.act.tx.statements.of_subject(held.subject_key)
    ]


SECTIONS: Final[Mapping[str, Callable[[Holding], Section]]] = {
    "records": _records,
    "households": _households,
    "inquiries": _inquiries,
    "weighed_for_others": _weighed_for_others,
    "transfers": _transfers,
    "disputes": _disputes,
    "evidence_demands": _evidence_demands,
    "plans": _plans,
    "collections": _collections,
    "clearances": _clearances,
    "archived": _archived,
    "victim_markers": _victim_markers,
    "rebuttals": _rebuttals,
    "red_list": _red_list,
    "earlier_statements": _earlier,
}
"""Everything that is held about a subject, in the order of the statement; each has its schema in the API."""
