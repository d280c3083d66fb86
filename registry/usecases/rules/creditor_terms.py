"""A creditor sets and reads its own late fee: for what it lists from a date on, never for what is listed already."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from protocol.beijing import beijing_date
from protocol.encodings import format_time
from protocol.log_entries import EntryKind
from protocol.problems import Problem, Refusal
from registry.domain.creditor_terms import FeeTerms, TermsAboveRules, check_within, terms_on
from registry.domain.money import LateFeeRules
from registry.domain.participants import Actor
from registry.store.transactions import Transaction
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once


def set_creditor_terms(
    registry: Registry, actor: Actor, call: IdempotentCall, *, late_fee: LateFeeRules, effective_from: dt.date
) -> Outcome:
    """The creditor's fee from a date on; raises Refusal INVALID_FIELD (above the rules of that date, a past date)."""

    def work(act: Act) -> tuple[int, Mapping[str, Any]]:
        if effective_from < act.today:
            raise Refusal(Problem.INVALID_FIELD, fields={"effective_from": "in-the-past"})
        try:
            check_within(late_fee, act.book.in_force(effective_from).late_fee)
        except TermsAboveRules as refused:
            raise Refusal(Problem.INVALID_FIELD, fields={refused.field: "above-the-rules"}) from None
        return 201, _document(_enter(act, late_fee, effective_from))

    return answer_once(registry, actor, call, work)


def read_creditor_terms(registry: Registry, actor: Actor, at: dt.date | None) -> dict[str, Any]:
    """All terms the creditor set, and those of a Beijing date (today by default): None where the rules alone apply."""

    def work(tx: Transaction) -> dict[str, Any]:
        terms = tx.creditor_terms.of_creditor(actor.participant_id)
        chosen = terms_on(terms, at if at is not None else beijing_date(registry.clock()))
        return {
            "in_force": None if chosen is None else _document(chosen),
            "terms": [_document(each) for each in terms],
        }

    return registry.store.read(work)


def _enter(act: Act, late_fee: LateFeeRules, effective_from: dt.date) -> FeeTerms:
    terms_id = act.new_id()
    terms = FeeTerms(
        creditor_id=act.actor_id,
        terms_id=terms_id,
        effective_from=effective_from,
        daily_ppm=late_fee.daily_ppm,
        cap_ppm=late_fee.cap_ppm,
        set_at=act.now,
        log_entry_id=terms_id,
    )
    act.log(
        EntryKind.CREDITOR_TERMS,
        terms_id,
        {
            "creditor": terms.creditor_id,
            "effective_from": effective_from.isoformat(),
            "daily_ppm": terms.daily_ppm,
            "cap_ppm": terms.cap_ppm,
        },
    )
    act.tx.creditor_terms.add(terms)
    return terms


def _document(terms: FeeTerms) -> dict[str, Any]:
    return {
        "terms_id": str(terms.terms_id),
        "effective_from": terms.effective_from.isoformat(),
        "daily_ppm": terms.daily_ppm,
        "cap_ppm": terms.cap_ppm,
        "set_at": format_time(terms.set_at),
    }
