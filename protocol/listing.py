"""Decide whether a reported debt may be listed: the first failing rule, in the published order, gives the code.

Gateway and registry run this same function: the registry on every report that arrives, the gateway on the
debts of minors, so that a child's row gets the right code without ever leaving the carrier.
"""

import datetime as dt
from dataclasses import dataclass

from protocol.codes import Category, Verdict
from protocol.messages.rules import ListingRules
from protocol.values import quick

_NOT_LISTABLE = {
    Category.OPEN_DISPUTE: Verdict.REJ_OPEN_DISPUTE,
    Category.CARRIER_CAUSED: Verdict.REJ_CARRIER_CAUSED,
    Category.STOLEN_IDENTITY: Verdict.REJ_STOLEN_IDENTITY,
    Category.SP_FEE: Verdict.REJ_SP_FEE,
}


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class DebtFacts:
    """The facts by which one reported debt is judged; ``today`` is the Beijing date of the judgement."""

    today: dt.date
    principal_fen: int
    due_date: dt.date
    suspended_on: dt.date | None
    ended_on: dt.date | None
    notice_date: dt.date | None
    category: Category
    debtor_of_age: bool
    has_evidence: bool = False
    contract_date: dt.date | None = None
    noticed_on: dt.date | None = None
    """The Beijing date of the notice that the evidence shows."""


def not_listable(category: Category) -> Verdict | None:
    """Return the code of a category that is never listed; None for the others."""
    return _NOT_LISTABLE.get(category)


def dates_are_possible(facts: DebtFacts) -> bool:
    """Check the dates: none is in the future; suspension and end follow the due date in order; the notice is later.

    With evidence, the contract is no younger than the debt, and the notice has the evidence's date.
    """
    known = [each for each in (facts.suspended_on, facts.ended_on, facts.notice_date) if each is not None]
    if facts.contract_date is not None and facts.contract_date > facts.due_date:
        return False
    if facts.noticed_on is not None and facts.noticed_on != facts.notice_date:
        return False
    if facts.notice_date is not None and facts.notice_date <= facts.due_date:
        return False
    if facts.due_date > facts.today or any(each < facts.due_date or each > facts.today for each in known):
        return False
    return facts.suspended_on is None or facts.ended_on is None or facts.suspended_on <= facts.ended_on


def enforceable_from(notice_date: dt.date, rules: ListingRules) -> dt.date:
    """Return the first day on which the record may block: the lead time has run since the traceable notice."""
    return notice_date + dt.timedelta(days=rules.notice_lead_days)


def first_failing_rule(
    facts: DebtFacts, rules: ListingRules, *, evidence_required: bool = False, listed_on: dt.date | None = None
) -> Verdict | None:
    """Return the first rejection that applies; None when the debt may be listed (at once or after its lead time).

    ``listed_on`` is the day on which the debt was listed, for a change of its facts: the minimum is for listing,
    and the years of limitation count up to that day.
    """
    if facts.principal_fen <= 0:
        return Verdict.REJ_INVALID_AMOUNT
    if not dates_are_possible(facts):
        return Verdict.REJ_INVALID_DATE
    if listed_on is None and facts.principal_fen < rules.minimum_principal_fen:
        return Verdict.REJ_BELOW_MINIMUM
    return _age_of_debt(facts, rules, listed_on or facts.today) or _showing(facts, evidence_required=evidence_required)


def _age_of_debt(facts: DebtFacts, rules: ListingRules, listed_on: dt.date) -> Verdict | None:
    if (facts.today - facts.due_date).days < rules.minimum_days_past_due:
        return Verdict.REJ_TOO_RECENT
    if (listed_on - facts.due_date).days > rules.maximum_days_past_due:
        return Verdict.REJ_TIME_BARRED
    return None


def _showing(facts: DebtFacts, *, evidence_required: bool) -> Verdict | None:
    if facts.notice_date is None:
        return Verdict.REJ_NO_NOTICE
    if evidence_required and not facts.has_evidence:
        return Verdict.REJ_NO_EVIDENCE
    if facts.category in _NOT_LISTABLE:
        return _NOT_LISTABLE[facts.category]
    return None if facts.debtor_of_age else Verdict.REJ_MINOR
