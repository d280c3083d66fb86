"""A carrier asks before it activates: the decision, why, what to do, and the quote that has to be paid first."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from crypto.signing.jws import sign_compact
from protocol.codes import DecisionCode
from protocol.encodings import canonical_json, format_time
from protocol.log_entries import EntryKind
from protocol.messages import InquiryAnswer, InquiryRequest
from protocol.problems import Refusal
from registry.domain.evidence import LogEntry
from registry.domain.ids import month_of, uuid7
from registry.domain.inquiry import Inquiry, Quote
from registry.domain.participant import Actor
from registry.domain.record import Record
from registry.policy.decision import Decision, InquiryFacts, decide
from registry.policy.rules import Rules, beijing_date
from registry.store.transactions import Transaction
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once
from registry.usecases.journal import log_entry
from registry.usecases.pseudonyms import Pseudonyms, pseudonyms
from registry.usecases.quoting import make_quote, summary

DECISION_TYPE = "clearline-decision+jws"


def inquire(registry: Registry, actor: Actor, call: IdempotentCall, request: InquiryRequest) -> Outcome:
    """One inquiry; raises Refusal EPOCH_UNKNOWN or BAD_ELEMENT."""
    names = pseudonyms(registry, request.tokens)

    def work(tx: Transaction, now: dt.datetime) -> tuple[int, Mapping[str, Any]]:
        (answer,) = _answer_all(registry, tx, actor, (request,), (names,), now)
        return 201, answer.to_wire()

    return answer_once(registry, actor, call, work)


def inquire_batch(
    registry: Registry, actor: Actor, call: IdempotentCall, requests: Sequence[InquiryRequest]
) -> Outcome:
    """Up to 1,000 inquiries, answered in order in one transaction.

    A bad token refuses the whole batch, naming its place: nobody must go unchecked without the asker knowing.
    """
    names: list[Pseudonyms] = []
    for place, request in enumerate(requests):
        try:
            names.append(pseudonyms(registry, request.tokens))
        except Refusal as refusal:
            raise Refusal(refusal.problem, fields={f"inquiries.{place}.tokens": refusal.problem.value.name}) from None

    def work(tx: Transaction, now: dt.datetime) -> tuple[int, Mapping[str, Any]]:
        answers = _answer_all(registry, tx, actor, requests, names, now)
        return 201, {"answers": [answer.to_wire() for answer in answers]}

    return answer_once(registry, actor, call, work)


def _answer_all(
    registry: Registry,
    tx: Transaction,
    actor: Actor,
    requests: Sequence[InquiryRequest],
    names: Sequence[Pseudonyms],
    now: dt.datetime,
) -> list[InquiryAnswer]:
    """Decide all requests from one set of reads, then write inquiries, quotes and log entries in bulk."""
    rules = registry.rules.in_force(beijing_date(now))
    known = _Known(tx, names)
    answers: list[InquiryAnswer] = []
    inquiries: list[Inquiry] = []
    quotes: list[Quote] = []
    entries: list[LogEntry] = []
    for request, asked in zip(requests, names, strict=True):
        decision = decide(known.facts(request, asked))
        inquiry_id = uuid7(now, registry.random)
        quote = None
        if decision.to_pay:
            quote = make_quote(registry, asked.subject_key, inquiry_id, decision.to_pay, rules, now)
            quotes.append(quote)
        inquiry = _inquiry(actor, request, asked, decision, inquiry_id, quote, rules, now)
        inquiries.append(inquiry)
        entries.append(_entry(registry, actor, inquiry))
        answers.append(
            InquiryAnswer(
                inquiry_ref=request.inquiry_ref,
                inquiry_id=inquiry_id,
                decision=decision.code,
                reasons=decision.reasons,
                remedies=decision.remedies,
                rules_version=rules.version,
                decided_at=now,
                decision_token=_decision_token(registry, actor, inquiry, rules),
                quote=None if quote is None else summary(quote),
            )
        )
    tx.log.append(entries)
    tx.inquiries.add(inquiries)
    tx.quotes.add(quotes)
    return answers


class _Known:
    """The blocking records around a list of applicants, read with one statement for each kind of key."""

    def __init__(self, tx: Transaction, names: Sequence[Pseudonyms]) -> None:
        self._links = tx.households.links({key for each in names for key in each.household_keys})
        members = {link.subject_key for links in self._links.values() for link in links}
        self._active = tx.records.active_of_subjects(members | {each.subject_key for each in names})

    def facts(self, request: InquiryRequest, asked: Pseudonyms) -> InquiryFacts:
        linked = {
            link.record_id: link.subject_key
            for key in asked.household_keys
            for link in self._links.get(key, ())
            if link.subject_key != asked.subject_key
        }
        household: list[Record] = []
        for subject_key in sorted(set(linked.values())):
            household += [each for each in self._active.get(subject_key, ()) if each.record_id in linked]
        return InquiryFacts(
            service_class=request.service_class,
            own=tuple(self._active.get(asked.subject_key, ())),
            household=tuple(household),
        )


def _inquiry(
    actor: Actor,
    request: InquiryRequest,
    asked: Pseudonyms,
    decision: Decision,
    inquiry_id: uuid.UUID,
    quote: Quote | None,
    rules: Rules,
    now: dt.datetime,
) -> Inquiry:
    return Inquiry(
        subject_key=asked.subject_key,
        inquiry_id=inquiry_id,
        month=month_of(now),
        participant_id=actor.participant_id,
        service_class=request.service_class,
        decision=decision.code,
        reasons=decision.reasons,
        rules_version=rules.version,
        decided_at=now,
        quote_id=None if quote is None else quote.quote_id,
        log_entry_id=inquiry_id,
    )


def _entry(registry: Registry, actor: Actor, inquiry: Inquiry) -> LogEntry:
    """The inquiry in the log; what was answered is personal, that somebody asked is not."""
    return log_entry(
        registry,
        EntryKind.INQUIRY,
        entry_id=inquiry.inquiry_id,
        at=inquiry.decided_at,
        actor=actor,
        facts={"service": inquiry.service_class.value, "rules": inquiry.rules_version},
        subject_key=inquiry.subject_key,
        personal={
            "subject": inquiry.subject_key.hex(),
            "decision": inquiry.decision.value,
            "reasons": "+".join(inquiry.reasons),
        },
    )


def _decision_token(registry: Registry, actor: Actor, inquiry: Inquiry, rules: Rules) -> str:
    """The compact JWS that the activation report has to quote; bound to the asker, short-lived."""
    expires = inquiry.decided_at + dt.timedelta(minutes=rules.decision_token_minutes)
    claims = {
        "v": 1,
        "inquiry_id": str(inquiry.inquiry_id),
        "participant": actor.participant_id,
        "decision": DecisionCode(inquiry.decision).value,
        "service_class": inquiry.service_class.value,
        "rules_version": inquiry.rules_version,
        "decided_at": format_time(inquiry.decided_at),
        "expires_at": format_time(expires),
    }
    return sign_compact(
        canonical_json(claims),
        typ=DECISION_TYPE,
        key_id=registry.keys.signing_key_id,
        private_key=registry.keys.signing_key,
    )
