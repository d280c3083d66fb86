"""Set and read a creditor's own late fee, for records that it lists from a date on, never for older ones."""

import datetime as dt

from protocol.beijing import beijing_date
from protocol.log_entries import EntryKind
from protocol.messages.rules import CreditorTerms, CreditorTermsList, NewCreditorTerms
from protocol.problems import FieldCode, Problem, Refusal
from registry.domain.creditor_terms import FeeTerms, TermsAboveRules, check_within, terms_on
from registry.domain.participants import Actor
from registry.store.transactions import Transaction
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once


def set_creditor_terms(registry: Registry, actor: Actor, call: IdempotentCall, body: NewCreditorTerms) -> Outcome:
    """Set the creditor's fee from a date on; raises Refusal INVALID_FIELD (above that date's rules, a past date)."""

    def work(act: Act) -> tuple[int, CreditorTerms]:
        if body.effective_from < act.today:
            raise Refusal(Problem.INVALID_FIELD, fields={"effective_from": FieldCode.IN_THE_PAST})
        try:
            check_within(body, act.book.in_force(body.effective_from).late_fee)
        except TermsAboveRules as refused:
            raise Refusal(Problem.INVALID_FIELD, fields={refused.field: FieldCode.ABOVE_THE_RULES}) from None
        return 201, _terms_message(_enter(act, body))

    return answer_once(registry, actor, call, work)


def read_creditor_terms(registry: Registry, actor: Actor, at: dt.date | None) -> CreditorTermsList:
    """Read the terms that the creditor set, and those of a date (today by default): None where only the rules apply."""

    def work(tx: Transaction) -> CreditorTermsList:
        terms = tx.creditor_terms.of_creditor(actor.participant_id)
        chosen = terms_on(terms, at if at is not None else beijing_date(registry.clock()))
        return CreditorTermsList(
            in_force=None if chosen is None else _terms_message(chosen),
            terms=tuple(map(_terms_message, terms)),
        )

    return registry.store.read(work)


def _enter(act: Act, body: NewCreditorTerms) -> FeeTerms:
    terms_id = act.new_id()
    terms = FeeTerms(
        creditor_id=act.actor_id,
        terms_id=terms_id,
        effective_from=body.effective_from,
        daily_ppm=body.daily_ppm,
        cap_ppm=body.cap_ppm,
        set_at=act.now,
        log_entry_id=terms_id,
    )
    act.log(
        EntryKind.CREDITOR_TERMS,
        terms_id,
        {
            "creditor": terms.creditor_id,
            "effective_from": terms.effective_from.isoformat(),
            "daily_ppm": terms.daily_ppm,
            "cap_ppm": terms.cap_ppm,
        },
    )
    act.tx.creditor_terms.add(terms)
    return terms


def _terms_message(terms: FeeTerms) -> CreditorTerms:
    return CreditorTerms(
        daily_ppm=terms.daily_ppm,
        cap_ppm=terms.cap_ppm,
        effective_from=terms.effective_from,
        terms_id=terms.terms_id,
        set_at=terms.set_at,
    )
