"""What a report means beside the records its creditor already has on the account: new, the same, or changed."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from protocol.listing import DebtFacts, ListingRules, enforceable_from
from protocol.reports import RecordReport
from registry.domain.home import NO_HOMES, HomesGiven, has_homes, with_homes
from registry.domain.life import RecordState
from registry.domain.proof import ConfirmationTerms, confirmed
from registry.domain.record import Record
from registry.policy.rules import beijing_date


class Effect(StrEnum):
    """What the report does."""

    NEW = "NEW"
    SAME = "SAME"
    CHANGED = "CHANGED"
    ARCHIVED = "ARCHIVED"
    """Of a debt whose record was closed and has left the list since: it is never listed again."""


@dataclass(frozen=True, slots=True)
class Match:
    """The effect of a report and, unless it is new or archived, the record that it speaks of."""

    effect: Effect
    record: Record | None


def debt_facts(report: RecordReport, today: dt.date) -> DebtFacts:
    """The facts of a report that the listing rules judge, on a Beijing date."""
    evidence = report.evidence
    return DebtFacts(
        today=today,
        principal_fen=report.principal_fen,
        due_date=report.due_date,
        suspended_on=report.suspended_on,
        ended_on=report.ended_on,
        notice_date=report.notice_date,
        category=report.category,
        debtor_of_age=report.debtor_of_age,
        has_evidence=evidence is not None,
        contract_date=None if evidence is None else evidence.contract_date,
        noticed_on=None if evidence is None else beijing_date(evidence.notice_at),
    )


def match_report(
    report: RecordReport, on_account: Sequence[Record], homes: HomesGiven = NO_HOMES, *, archived: bool = False
) -> Match:
    """Compare a listable report with the records of the same subject, creditor and account.

    A debt is known by its due date; ``archived`` says that the archive knows it. One that was closed stays closed:
    re-sending last month's export, or that of years ago, neither lists it again nor changes what has become due since.
    An open one takes the new figures, a corrected due date included.
    """
    still_open = next((record for record in on_account if record.is_open), None)
    if archived and (still_open is None or still_open.due_date != report.due_date):
        return Match(Effect.ARCHIVED, None)
    closed = next((each for each in on_account if not each.is_open and each.due_date == report.due_date), None)
    if closed is not None and (still_open is None or still_open.due_date != report.due_date):
        return Match(Effect.SAME, closed)
    if still_open is not None:
        same = _same_facts(report, still_open) and has_homes(still_open, homes)
        return Match(Effect.SAME if same else Effect.CHANGED, still_open)
    return Match(Effect.NEW, None)


def _same_facts(report: RecordReport, record: Record) -> bool:
    return (
        report.principal_fen,
        report.costs_fen,
        report.due_date,
        report.service_class,
        report.category,
        report.suspended_on,
        report.ended_on,
        report.notice_date,
        report.notice_channel,
        report.dealer,
        record.evidence_digest if report.evidence is None else report.evidence.digest,
    ) == (
        record.principal_fen,
        record.costs_fen,
        record.due_date,
        record.service_class,
        record.category,
        record.suspended_on,
        record.ended_on,
        record.notice_date,
        record.notice_channel,
        record.dealer,
        record.evidence_digest,
    )


def apply_update(
    record: Record,
    report: RecordReport,
    log_entry_id: uuid.UUID,
    rules: ListingRules,
    *,
    today: dt.date,
    terms: ConfirmationTerms,
    homes: HomesGiven = NO_HOMES,
) -> Record:
    """The open record with the report's figures and households, one version later.

    A later notice on a PENDING record starts the lead time again, so that nobody is listed on a withdrawn notice; a
    record that blocks already goes on blocking. A report is the creditor's word of its day that the debt is unpaid.
    """
    if report.notice_date is None:
        raise ValueError("a report without a notice is not listable")
    blocks_from = record.enforceable_from
    if record.state is RecordState.PENDING:
        blocks_from = enforceable_from(report.notice_date, rules)
    changed = replace(
        with_homes(record, homes),
        principal_fen=report.principal_fen,
        costs_fen=report.costs_fen,
        due_date=report.due_date,
        service_class=report.service_class,
        category=report.category,
        suspended_on=report.suspended_on,
        ended_on=report.ended_on,
        notice_date=report.notice_date,
        notice_channel=report.notice_channel,
        enforceable_from=blocks_from,
        dealer=report.dealer,
        evidence_digest=record.evidence_digest if report.evidence is None else report.evidence.digest,
        version=record.version + 1,
        log_entry_id=log_entry_id,
    )
    return confirmed(changed, today, terms) if changed.state is RecordState.PENDING else changed
