"""Set and read a carrier's own terms for low grades, for inquiries from a date on, never for older ones."""

import datetime as dt

from protocol.beijing import beijing_date
from protocol.grades import GradeUse
from protocol.log_entries import EntryKind, Facts
from protocol.messages import grades as messages
from protocol.problems import FieldCode, Problem, Refusal
from registry.domain.grades import DEFAULT_TARIFF, CreditTerms, terms_on
from registry.domain.participants import Actor
from registry.store.transactions import Transaction
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once


def set_credit_terms(registry: Registry, actor: Actor, call: IdempotentCall, body: messages.NewCreditTerms) -> Outcome:
    """Set the terms of one tariff from a date on; raises Refusal INVALID_FIELD for a past date, or no choice."""

    def work(act: Act) -> tuple[int, messages.CreditTerms]:
        if body.effective_from < act.today:
            raise Refusal(Problem.INVALID_FIELD, fields={"effective_from": FieldCode.IN_THE_PAST})
        return 201, _message(_enter(act, body))

    return answer_once(registry, actor, call, work)


def read_credit_terms(registry: Registry, actor: Actor, at: dt.date | None) -> messages.CreditTermsList:
    """Read the terms that the carrier set, and those of each tariff on a date, today by default."""

    def work(tx: Transaction) -> messages.CreditTermsList:
        terms = tx.credit_terms.of_participant(actor.participant_id)
        day = at if at is not None else beijing_date(registry.clock())
        return messages.CreditTermsList(
            in_force=tuple(map(_message, terms_on(terms, day))), terms=tuple(map(_message, terms))
        )

    return registry.store.read(work)


def _enter(act: Act, body: messages.NewCreditTerms) -> CreditTerms:
    terms_id = act.new_id()
    terms = CreditTerms(
        participant_id=act.actor_id,
        terms_id=terms_id,
        service_class=body.service_class,
        tariff=DEFAULT_TARIFF if body.tariff is None else body.tariff,
        average_bill_fen=body.average_bill_fen,
        deposit_permille_of_bill=body.deposit_permille_of_bill,
        prepaid=body.prepaid,
        use=body.use,
        asks=body.asks,
        effective_from=body.effective_from,
        set_at=act.now,
        log_entry_id=terms_id,
    )
    if terms.use is GradeUse.BINDING and not terms.leaves_a_choice:
        raise Refusal(Problem.INVALID_FIELD, fields={"use": FieldCode.LEAVES_NO_ALTERNATIVE})
    act.log(EntryKind.CREDIT_TERMS, terms_id, _facts(terms))
    act.tx.credit_terms.add(terms)
    return terms


def _facts(terms: CreditTerms) -> Facts:
    facts = {
        "service": terms.service_class.value,
        "tariff": terms.tariff or None,
        "average_bill_fen": terms.average_bill_fen,
        "deposit_permille_of_bill": terms.deposit_permille_of_bill,
        "prepaid": 1 if terms.prepaid else None,
        "use": terms.use.value,
        "asks": terms.asks.value,
        "effective_from": terms.effective_from.isoformat(),
    }
    return {name: value for name, value in facts.items() if value is not None}


def _message(terms: CreditTerms) -> messages.CreditTerms:
    return messages.CreditTerms(
        service_class=terms.service_class,
        tariff=terms.tariff or None,
        average_bill_fen=terms.average_bill_fen,
        deposit_permille_of_bill=terms.deposit_permille_of_bill,
        prepaid=terms.prepaid,
        use=terms.use,
        asks=terms.asks,
        effective_from=terms.effective_from,
        terms_id=terms.terms_id,
        set_at=terms.set_at,
    )
