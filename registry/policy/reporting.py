"""Judges a reported row beside the creditor's records on its account and of its person; returns one value."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from protocol.beijing import beijing_date
from protocol.codes import Verdict
from protocol.listing import DebtFacts, first_failing_rule, not_listable
from protocol.messages.records import RecordReport, RefusedRow
from protocol.messages.rules import Rules
from protocol.values import quick
from registry.domain.endings import account_digest
from registry.domain.households import HomesGiven, with_homes
from registry.domain.records import Record
from registry.domain.retention import debt_digest, expires_on
from registry.policy.figures import Taken, take
from registry.policy.relisting import History, barring, first_listed, notice_needed_after

MAX_RECORDS: Final = 20_000
"""The most records of one creditor and person: with 10^10 fen each, every sum of debts stays within 53 bits."""


class Effect(StrEnum):
    """The effect of a row on the list."""

    IGNORE = "IGNORE"
    """The row does nothing, and no verdict is stored: it concerns no record of ours."""
    REJECT = "REJECT"
    """The row does nothing, for the code's reason."""
    REPEAT = "REPEAT"
    """The row repeats its record, or a closed debt that is not listed again."""
    UPDATE = "UPDATE"
    TAKE_OUT = "TAKE_OUT"
    """The open record leaves the list for the code's reason."""
    LIST = "LIST"


@dataclass(frozen=True, slots=True, kw_only=True)
class Misdirected:
    """A record that was withdrawn since its debt is another person's: notices up to ``until`` went to the wrong person.

    It concerns debts that were due by ``due_until``.
    """

    due_until: dt.date
    until: dt.date


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class OnAccount:
    """A creditor's records beside one row, read under the locks, so that no other transaction changes them."""

    creditor_id: str
    subject_key: bytes | None = field(repr=False)
    """The row's person; None for a row without tokens."""
    refs: frozenset[bytes] = field(repr=False)
    """The account's references, former ones included."""
    record: Record | None
    """The open record on the account, of any person."""
    history: History
    """The history of the row's person, or of the open record's person if the row names none."""
    held: int
    """The number of records that the creditor has of the row's person."""
    homes: HomesGiven
    """The households that the row gives."""
    misdirected: Misdirected | None
    """The debt was reported for another person before."""

    @property
    def accounts(self) -> frozenset[bytes]:
        """Return the account's digests, as sealed records keep them; none for a person without a closed record."""
        if not self.history.by_account:
            return frozenset()
        return frozenset(account_digest(self.creditor_id, each) for each in self.refs)

    def closed_debt(self, due_date: dt.date) -> tuple[bool, Record | None]:
        """Tell whether a closed debt on this account bars a new listing; return its record unless it was sealed."""
        bar = barring(due_date, self.accounts, self.history) if self.history.by_account else None
        if bar is not None:
            return True, bar.record
        old = self.history.old_debts
        return bool(old) and any(debt_digest(self.creditor_id, each, due_date) in old for each in self.refs), None

    @property
    def is_anothers(self) -> bool:
        """Tell whether the open record is of another person than the row's; False if the row names none."""
        return self.record is not None and self.subject_key not in (None, self.record.subject_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Yardstick:
    """The applicable rules, and the Beijing date of the judgement."""

    rules: Rules
    today: dt.date


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The judgement of a row. ``record`` is the one that the verdict names, as it was before."""

    effect: Effect
    code: Verdict | None = None
    record: Record | None = None
    taken: Taken | None = None
    """The record after the row, for REPEAT and UPDATE."""
    wrong_subject: Record | None = None
    """The record of another person that this row withdraws, since it names the right debtor."""
    listed_at: dt.datetime | None = None
    """The time of the debt's first listing, for LIST of a debt that was listed before."""

    @property
    def takes_out(self) -> bool:
        """Tell whether this row takes an open record off the list."""
        return self.effect is Effect.TAKE_OUT or self.wrong_subject is not None


def debt_facts(report: RecordReport, today: dt.date) -> DebtFacts:
    """Return the facts of a report that the listing rules judge, on a Beijing date."""
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


def listing_verdict(report: RecordReport, by: Yardstick, listed_on: dt.date | None = None) -> Verdict | None:
    """Return the first listing rule that a report fails; ``listed_on`` is the day of its debt's listing, if any."""
    return first_failing_rule(
        debt_facts(report, by.today),
        by.rules.listing,
        evidence_required=by.rules.evidence.required,
        listed_on=listed_on,
    )


def judge_report(report: RecordReport, on_account: OnAccount, by: Yardstick) -> Judgement:
    """Judge a report first as a report of the open record on its account, then as a new debt."""
    record = on_account.record
    if record is None:
        return _judge_new(report, on_account, by)
    if on_account.is_anothers:
        return _judge_other_person(report, on_account, record, by)
    if report.due_date != record.due_date:
        closed, former = on_account.closed_debt(report.due_date)
        if closed:  # the row comes from an old export and concerns the former debt
            return Judgement(effect=Effect.REPEAT, record=former)
    against = _against(report)
    if against is not None:
        return Judgement(effect=Effect.TAKE_OUT, code=against, record=record)
    return _judge_open(report, record, on_account.homes, by)


def judge_refused(row: RefusedRow, on_account: OnAccount) -> Judgement:
    """Judge a row that its gateway refused: it lists nothing, and may take out the open record of its account."""
    record = on_account.record
    if record is None:
        return Judgement(effect=Effect.IGNORE, code=row.code)
    if row.due_date is None:
        return _stands(row.code, record)
    if not _is_debt_of(record, row.due_date):
        return _stands(Verdict.REJ_ACCOUNT_IN_USE, record)
    of_closed_debt = row.due_date != record.due_date and on_account.closed_debt(row.due_date)[0]
    if row.withdraws and not of_closed_debt:
        return Judgement(effect=Effect.TAKE_OUT, code=row.code, record=record)
    return _stands(row.code, record)


def misdirected_by(record: Record) -> Misdirected:
    """Return the notices and debts that a record of the wrong person covered."""
    return Misdirected(due_until=_last_due_of(record), until=record.figures_on)


def held_back(judgement: Judgement) -> Judgement:
    """Return the judgement of a row that would take a record out beyond the day's bound."""
    return _stands(Verdict.REJ_WITHDRAWAL_HELD, judgement.wrong_subject or judgement.record)


def first_listed_of(records: Collection[Record]) -> Record | None:
    """Return the record that was listed first."""
    return min(records, key=lambda each: (each.received_at, each.record_id), default=None)


def same_row(first: RecordReport | RefusedRow, second: RecordReport | RefusedRow) -> bool:
    """Tell whether two rows of one file are equal, apart from their row ids and former account references."""
    if type(first) is not type(second):
        return False
    return replace(first, row_id=second.row_id, former_account_ref=second.former_account_ref) == second


def repeated_rows(rows: Sequence[RecordReport | RefusedRow]) -> frozenset[int]:
    """Return the places of rows that contradict an earlier row of the same call about the same account."""
    first: dict[bytes, RecordReport | RefusedRow] = {}
    return frozenset(
        place for place, row in enumerate(rows) if not same_row(first.setdefault(row.account_ref, row), row)
    )


def _stands(code: Verdict, record: Record | None) -> Judgement:
    return Judgement(effect=Effect.REJECT, code=code, record=record)


def _is_debt_of(record: Record, due_date: dt.date) -> bool:
    """Tell whether a debt of that due date can be the record's: it was due by its receipt or its due date."""
    return due_date <= _last_due_of(record)


def _last_due_of(record: Record) -> dt.date:
    return max(beijing_date(record.received_at), record.due_date)


def _against(report: RecordReport) -> Verdict | None:
    """Return the code by which a report contradicts the record on its account, or None."""
    if report.principal_fen == 0:
        return Verdict.REJ_INVALID_AMOUNT
    return not_listable(report.category) or (None if report.debtor_of_age else Verdict.REJ_MINOR)


def _judge_open(report: RecordReport, record: Record, homes: HomesGiven, by: Yardstick) -> Judgement:
    """Judge a report of a listed debt: it repeats the figures, or changes them."""
    code = listing_verdict(report, by, listed_on=beijing_date(record.received_at))
    if code is not None:
        return _stands(code, record)
    taken = take(record, report, by.rules.listing, today=by.today)
    taken = replace(taken, record=with_homes(taken.record, homes))
    effect = Effect.REPEAT if taken.record == record else Effect.UPDATE
    return Judgement(effect=effect, record=record, taken=taken)


def _judge_other_person(report: RecordReport, on_account: OnAccount, former: Record, by: Yardstick) -> Judgement:
    """Judge a row about another person than that of the account's open record.

    A debt that is due later is a new customer's of the same number. Otherwise the creditor corrects the person: the
    former record is withdrawn, and the new one needs a new notice, since the first went to the wrong person. A row
    with an impossible date or amount changes nothing.
    """
    if not _is_debt_of(former, report.due_date):
        return _stands(Verdict.REJ_ACCOUNT_IN_USE, former)
    against = _against(report)
    if against is not None:
        return Judgement(effect=Effect.TAKE_OUT, code=against, record=former)
    code = listing_verdict(report, by)
    if code in (Verdict.REJ_INVALID_AMOUNT, Verdict.REJ_INVALID_DATE):
        return _stands(code, former)
    corrected = replace(on_account, misdirected=misdirected_by(former))
    return replace(_judge_new(report, corrected, by), wrong_subject=former)


def _notice_after(due_date: dt.date, on_account: OnAccount) -> dt.date | None:
    """Return the day that the notice must be later than; None if any notice will do."""
    wrong, after = on_account.misdirected, notice_needed_after(due_date, on_account.accounts, on_account.history)
    if wrong is None or due_date > wrong.due_until:
        return after
    return wrong.until if after is None else max(after, wrong.until)


def _judge_new(report: RecordReport, on_account: OnAccount, by: Yardstick) -> Judgement:
    """Judge a debt that is not on the list beside the person's closed and doubted records."""
    closed, former = on_account.closed_debt(report.due_date)
    if closed:
        return Judgement(effect=Effect.REPEAT, record=former)
    code = listing_verdict(report, by)
    if code is not None:
        return Judgement(effect=Effect.REJECT, code=code)
    history, accounts = on_account.history, on_account.accounts
    after = _notice_after(report.due_date, on_account)
    if after is not None and report.notice_date is not None and report.notice_date <= after:
        return Judgement(effect=Effect.REJECT, code=Verdict.REJ_NO_NOTICE)
    listed_at = first_listed(report.due_date, accounts, history)
    if listed_at is not None and expires_on(beijing_date(listed_at), by.rules.retention) <= by.today:
        return Judgement(effect=Effect.REJECT, code=Verdict.REJ_TIME_BARRED)
    if on_account.held >= MAX_RECORDS:
        return Judgement(effect=Effect.REJECT, code=Verdict.REJ_TOO_MANY_RECORDS)
    return Judgement(effect=Effect.LIST, listed_at=listed_at)
