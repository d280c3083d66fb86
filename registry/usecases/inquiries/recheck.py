"""Checks an inquiry again: has anything changed? Under the same inquiry, by its token, without any custodian."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

from protocol.codes import DecisionCode, ReasonCode, ServiceClass
from protocol.context import Purpose, TokenName
from protocol.encodings import b64url_decode, format_time
from protocol.log_entries import EntryKind
from protocol.messages.inquiries import InquiryAnswer, RecheckRequest
from protocol.problems import Problem, Refusal
from registry.domain.activations import OrderHistory
from registry.domain.ids import month_of, time_of
from registry.domain.incarnations import Standing
from registry.domain.inquiries import Quote, Recheck
from registry.domain.log import LogEntry
from registry.domain.participants import Actor
from registry.policy.alternatives import alternatives
from registry.policy.credit import Credit
from registry.policy.decision import decide
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once
from registry.usecases.inquiries.answer import (
    credit_answer,
    credit_facts_of,
    entry_promise,
    hits_of,
    red_list_uses,
    report_terms,
    sign_token,
    valid_until,
)
from registry.usecases.inquiries.handles import Claims, Decided, make_handle_keys, names_of, read_token, with_handle
from registry.usecases.inquiries.known import Known, Wanted
from registry.usecases.inquiries.quotes import make_quote, summary
from registry.usecases.pseudonyms import Names
from registry.usecases.restores.standing import standing

_OF_ONE_ANSWER: Final = frozenset({"log", "leaf", "incarnation", "grade", "deposit_fen"})
"""Claims that the token of a further check does not keep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Before:
    """The answer before this check, and the number of checks after the first."""

    decision: DecisionCode
    reasons: tuple[ReasonCode, ...]
    total_fen: int
    checks: int


def recheck(
    registry: Registry, actor: Actor, call: IdempotentCall, inquiry_id: uuid.UUID, request: RecheckRequest
) -> Outcome:
    """Decide an inquiry anew for its asker.

    Raises Refusal TOKEN_INVALID, TOKEN_FOREIGN, EPOCH_UNKNOWN (ask anew), NOT_FOUND (a restore lost the
    inquiry) or RECHECK_OVER (too long ago, too often, or the order was done).
    """
    decided = read_token(registry, request.decision_token, actor.participant_id)
    if decided.inquiry_id != inquiry_id:
        raise Refusal(Problem.TOKEN_INVALID)
    names = names_of(registry, decided.case)
    make_handle_keys(registry)
    stands = standing(registry)

    def work(act: Act) -> tuple[int, InquiryAnswer]:
        return 201, _check(act, request, decided, names, stands)

    return answer_once(registry, actor, call, work, names=(names,))


def _check(act: Act, request: RecheckRequest, decided: Decided, names: Names, stands: Standing) -> InquiryAnswer:
    wanted = _wanted(act, decided.claims)
    known = Known(act, [names], [wanted])
    # Rows from before the person was listed lie under the index key.
    keys = {act.key_of(names), names.index_key}
    before = _before(act, keys, decided.inquiry_id)
    order = b64url_decode(decided.claims["order"])
    told = OrderHistory(act.tx.activations.of_orders(keys, act.actor_id, (order,)))
    terms = act.rules.rechecks
    too_late = act.now - time_of(decided.inquiry_id) > dt.timedelta(days=terms.days)
    if too_late or before.checks >= terms.most or told.is_over():
        raise Refusal(Problem.RECHECK_OVER)
    service = ServiceClass(decided.claims["service_class"])
    applicant = known.applicant(wanted, names)
    credit = applicant.facts.credit
    decision = decide(applicant.facts)
    quote, entry_id = None, act.new_id()
    if decision.to_pay:
        quote = make_quote(act, applicant.subject_key, decided.inquiry_id, applicant.charged(decision.to_pay))
        quote = replace(quote, log_entry_id=entry_id)
    new = Recheck(
        subject_key=applicant.subject_key,
        inquiry_id=decided.inquiry_id,
        number=before.checks + 1,
        participant_id=act.actor_id,
        decision=decision.code,
        reasons=decision.reasons,
        total_fen=0 if quote is None else quote.total_fen,
        decided_at=act.now,
        log_entry_id=entry_id,
    )
    offered = alternatives(decision.code, service, quote_fen=new.total_fen, terms=act.rules.alternatives, credit=credit)
    changed = (new.decision, new.reasons, new.total_fen) != (before.decision, before.reasons, before.total_fen)
    entry = _entry(act, new, decided, credit, changed=changed)
    uses = red_list_uses(act, applicant, decision, new.inquiry_id)
    _keep(act, new, [entry, *uses], quote)
    act.tx.inquiry_hits.add_missing(hits_of(act, decided.inquiry_id, applicant.facts))
    return InquiryAnswer(
        inquiry_ref=request.inquiry_ref,
        inquiry_id=decided.inquiry_id,
        decision=decision.code,
        reasons=decision.reasons,
        remedies=decision.remedies,
        rules_version=act.rules.version,
        decided_at=act.now,
        decision_token=_token(
            act, decided, names, new, report_terms(act, offered, credit) | entry_promise(act, entry, stands)
        ),
        quote=None if quote is None else summary(quote, decision.to_pay),
        checked=tuple(map(TokenName, decided.claims["checked"])),
        valid_until=valid_until(act),
        alternatives=offered,
        credit=credit_answer(credit),
        changed=changed,
    )


def _wanted(act: Act, claims: Claims) -> Wanted:
    """Return the order of a token; one of before grades were read says no purpose, and reads none."""
    purpose = claims.get("purpose")
    return Wanted(
        participant_id=act.actor_id,
        service_class=ServiceClass(claims["service_class"]),
        purpose=None if purpose is None else Purpose(purpose),
        tariff=claims.get("tariff"),
    )


def _before(act: Act, keys: Collection[bytes], inquiry_id: uuid.UUID) -> _Before:
    """Find the last answer under this inquiry; raises Refusal NOT_FOUND."""
    earlier = act.tx.rechecks.of_inquiry(keys, inquiry_id)
    if earlier:
        last = earlier[-1]
        return _Before(decision=last.decision, reasons=last.reasons, total_fen=last.total_fen, checks=last.number)
    first = act.tx.inquiries.find_under(keys, month_of(time_of(inquiry_id)), inquiry_id)
    if first is None:
        raise Refusal(Problem.NOT_FOUND)
    # Looked for in any case, so that the time does not tell whether there was a quote.
    total = act.tx.quotes.total_of(keys, first.quote_id or inquiry_id)
    return _Before(decision=first.decision, reasons=first.reasons, total_fen=total, checks=0)


def _keep(act: Act, new: Recheck, entries: Sequence[LogEntry], quote: Quote | None) -> None:
    with act.tx.joined():
        act.tx.openings.append(entries)
        act.tx.rechecks.add(new)
        act.tx.quotes.add([] if quote is None else [quote])


def _entry(act: Act, new: Recheck, decided: Decided, credit: Credit | None, *, changed: bool) -> LogEntry:
    """Log the check; that it was made is core, the answer and the order are personal."""
    return act.entry(
        EntryKind.INQUIRY_RECHECKED,
        new.log_entry_id,
        {
            "inquiry": str(new.inquiry_id),
            "number": new.number,
            "changed": 1 if changed else 0,
            "rules": act.rules.version,
        },
        subject_key=new.subject_key,
        personal={
            "subject": new.subject_key.hex(),
            "decision": new.decision.value,
            "reasons": "+".join(new.reasons),
            "order": decided.claims["order"],
            **credit_facts_of(credit),
        },
    )


def _token(act: Act, decided: Decided, names: Names, new: Recheck, said: Claims) -> str:
    """Sign the token of this check: it keeps the claims of the inquiry, the first decision among them."""
    kept = {name: value for name, value in decided.claims.items() if name not in _OF_ONE_ANSWER}
    claims: Claims = {
        **kept,
        **said,
        "decision": new.decision.value,
        "rules_version": act.rules.version,
        "decided_at": format_time(act.now),
        "expires_at": format_time(valid_until(act)),
        "check": new.number,
    }
    return sign_token(act, with_handle(act, names, claims))
