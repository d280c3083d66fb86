"""Decide an inquiry by the facts, with its quote, its log entry and its token, and keep what was decided."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from crypto.signing.jws import sign_compact
from protocol.codes import ReasonCode
from protocol.encodings import b64url_encode, canonical_json, format_time
from protocol.grading import text_of
from protocol.incarnation import FIRST
from protocol.log_entries import EntryKind, Facts
from protocol.messages.inquiries import Alternative, CreditAnswer, InquiryAnswer, InquiryRequest
from protocol.values import quick
from protocol.wire.codec import message_of, write
from registry.domain.ids import month_of
from registry.domain.incarnations import Standing
from registry.domain.inquiries import Hit, Inquiry, Quote
from registry.domain.log import LogEntry, shard_of
from registry.policy.alternatives import alternatives
from registry.policy.context import checked, unchecked
from registry.policy.credit import Credit
from registry.policy.decision import Decision, InquiryFacts, decide
from registry.usecases.act import Act
from registry.usecases.inquiries.context import core_facts, personal_facts
from registry.usecases.inquiries.handles import DECISION_TYPE, VERSION, Claims, with_handle
from registry.usecases.inquiries.known import Applicant, Wanted
from registry.usecases.inquiries.quotes import make_quote, summary
from registry.usecases.log.read_receipt import leaf_of
from registry.usecases.pseudonyms import Pseudonyms


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One decided inquiry with its rows; nothing of it is written yet."""

    answer: InquiryAnswer
    inquiry: Inquiry
    quote: Quote | None
    hits: tuple[Hit, ...]
    entries: tuple[LogEntry, ...]


def answer_one(
    act: Act, request: InquiryRequest, asked: Pseudonyms, applicant: Applicant, stands: Standing
) -> Answered:
    """Decide one inquiry by the facts; it reads and writes nothing of the database."""
    facts, decision = applicant.facts, decide(applicant.facts)
    inquiry_id = act.new_id()
    quote, total_fen = None, 0
    if decision.to_pay:
        quote = make_quote(act, applicant.subject_key, inquiry_id, applicant.charged(decision.to_pay))
        total_fen = quote.total_fen
    offered = alternatives(
        decision.code,
        request.service_class,
        quote_fen=total_fen,
        terms=act.rules.alternatives,
        credit=facts.credit,
    )
    inquiry = Inquiry(
        subject_key=applicant.subject_key,
        inquiry_id=inquiry_id,
        month=month_of(act.now),
        participant_id=act.actor_id,
        service_class=request.service_class,
        decision=decision.code,
        reasons=decision.reasons,
        rules_version=act.rules.version,
        decided_at=act.now,
        quote_id=None if quote is None else quote.quote_id,
        order_ref=None if request.context is None else request.context.order,
        log_entry_id=inquiry_id,
    )
    entry = _entry(act, inquiry, request, facts.credit)
    said = entry_promise(act, entry, stands) | (
        {} if request.context is None else report_terms(act, offered, facts.credit)
    )
    uses = red_list_uses(act, applicant, decision, inquiry_id)
    return Answered(
        answer=message_of(
            InquiryAnswer,
            inquiry,
            inquiry_ref=request.inquiry_ref,
            remedies=decision.remedies,
            decision_token=_token(act, inquiry, request, asked, said),
            quote=None if quote is None else summary(quote, decision.to_pay),
            checked=checked(request.tokens),
            unchecked=unchecked(request),
            valid_until=valid_until(act),
            changed=None,
            alternatives=offered,
            credit=credit_answer(facts.credit),
        ),
        inquiry=inquiry,
        quote=quote,
        hits=hits_of(act, inquiry_id, facts),
        entries=(entry, *uses),
    )


def wanted_of(request: InquiryRequest, participant_id: str) -> Wanted:
    """Return the order that an inquiry is about."""
    return Wanted(
        participant_id=participant_id,
        service_class=request.service_class,
        purpose=None if request.context is None else request.context.purpose,
        tariff=request.tariff,
    )


def credit_answer(credit: Credit | None) -> CreditAnswer | None:
    """Tell a grade without its points."""
    if credit is None:
        return None
    return CreditAnswer(
        grade=credit.graded.grade,
        reasons=credit.graded.reasons,
        limit_fen=credit.limit_fen,
        deposit_fen=credit.deposit_fen,
    )


def credit_facts_of(credit: Credit | None) -> Facts:
    """Write inputs and letter for the part of an entry that can be erased: an auditor computes the letter again."""
    return {} if credit is None else {"credit": text_of(credit.facts, credit.graded.grade)}


def keep_answers(act: Act, answered: Sequence[Answered]) -> None:
    """Write the log entries, inquiries, hits and quotes of decided inquiries in bulk."""
    act.tx.openings.append([entry for each in answered for entry in each.entries])
    act.tx.inquiries.add([each.inquiry for each in answered])
    act.tx.inquiry_hits.add([hit for each in answered for hit in each.hits])
    act.tx.quotes.add([each.quote for each in answered if each.quote is not None])


def hits_of(act: Act, inquiry_id: uuid.UUID, facts: InquiryFacts) -> tuple[Hit, ...]:
    """Note each record that weighed in an inquiry, so that its asker hears of a change."""
    return tuple(
        Hit(
            subject_key=record.subject_key,
            record_id=record.record_id,
            inquiry_id=inquiry_id,
            participant_id=act.actor_id,
            asked_at=act.now,
        )
        for record in (*facts.own, *facts.household)
    )


def _entry(act: Act, inquiry: Inquiry, request: InquiryRequest, credit: Credit | None) -> LogEntry:
    """Log the inquiry; the answer is personal, the fact that somebody asked, why and where is not."""
    tariff: Facts = {} if request.tariff is None else {"tariff": request.tariff}
    return act.entry(
        EntryKind.INQUIRY,
        inquiry.inquiry_id,
        {
            "service": inquiry.service_class.value,
            "rules": inquiry.rules_version,
            **tariff,
            **core_facts(request.context),
        },
        subject_key=inquiry.subject_key,
        personal={
            "subject": inquiry.subject_key.hex(),
            "decision": inquiry.decision.value,
            "reasons": "+".join(inquiry.reasons),
            **credit_facts_of(credit),
            **personal_facts(request.context),
        },
    )


def valid_until(act: Act) -> dt.datetime:
    """Return the moment until which a decision of this act may be acted upon."""
    return act.now + dt.timedelta(minutes=act.rules.decision_token_minutes)


def red_list_uses(act: Act, applicant: Applicant, decision: Decision, inquiry_id: uuid.UUID) -> tuple[LogEntry, ...]:
    """Log each use of the red list; the inquiry's id is in the part that can be erased with the subject."""
    waived_by = applicant.red_list_entry
    if waived_by is None or ReasonCode.RED_LIST not in decision.reasons:
        return ()
    entry = act.entry(
        EntryKind.RED_LIST_USED,
        act.new_id(),
        {"entry": str(waived_by.entry_id), "rules": act.rules.version},
        subject_key=applicant.subject_key,
        personal={"subject": applicant.subject_key.hex(), "inquiry": str(inquiry_id)},
    )
    return (entry,)


def entry_promise(act: Act, entry: LogEntry, stands: Standing) -> Claims:
    """Promise the inquiry's log entry, unless that year's log refuses the database: no tree of it would hold it."""
    year = shard_of(entry.entry_id)
    if year in stands.refused:
        return {}
    # As in every promise, the first incarnation is not named.
    incarnation = {} if stands.incarnation == FIRST else {"incarnation": stands.incarnation}
    return {"log": act.registry.log.origin(year), "leaf": b64url_encode(leaf_of(entry)), **incarnation}


def _token(act: Act, inquiry: Inquiry, request: InquiryRequest, asked: Pseudonyms, said: Claims) -> str:
    """Say what was decided; with a context also for which order, and who it was about, sealed."""
    claims: Claims = {
        "v": 1,
        "inquiry_id": str(inquiry.inquiry_id),
        "participant": inquiry.participant_id,
        "decision": inquiry.decision.value,
        "service_class": inquiry.service_class.value,
        "rules_version": inquiry.rules_version,
        "decided_at": format_time(inquiry.decided_at),
        "expires_at": format_time(valid_until(act)),
        **said,
    }
    context = request.context
    if context is None:
        return sign_token(act, claims)
    claims |= {
        "v": VERSION,
        "order": b64url_encode(context.order),
        "lines": context.lines,
        "purpose": context.purpose.value,
        "checked": [each.value for each in checked(request.tokens)],
        "first": inquiry.decision.value,
        "check": 0,
    }
    further = {"outlet": context.outlet, "tariff": request.tariff}
    claims |= {name: value for name, value in further.items() if value is not None}
    return sign_token(act, with_handle(act, asked, claims))


def report_terms(act: Act, offered: Sequence[Alternative], credit: Credit | None) -> Claims:
    """Say on which terms the order may be done as well, and until when its activation can be reported.

    The letter and the deposit are for the report: it need not read the grade again, which may be another by then.
    """
    graded = {} if credit is None else {"grade": credit.graded.grade.value, "deposit_fen": credit.deposit_fen}
    report_by = act.now + dt.timedelta(days=act.rules.activation.report_days)
    return {"alternatives": [write(each) for each in offered], "report_by": format_time(report_by), **graded}


def sign_token(act: Act, claims: Claims) -> str:
    """Sign the compact JWS that the activation report has to quote; bound to the asker, short-lived.

    It is the promise of the inquiry's log entry as well, at no further signature.
    """
    keys = act.registry.keys
    return sign_compact(
        canonical_json(claims), typ=DECISION_TYPE, key_id=keys.signing_key_id, private_key=keys.signing_key
    )
