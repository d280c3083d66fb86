"""Answer inquiries: decide, give the reasons and remedies, and quote the debts that have to be paid first."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from crypto.signing.jws import sign_compact
from protocol.codes import ReasonCode
from protocol.encodings import b64url_encode, canonical_json, format_time
from protocol.incarnation import FIRST
from protocol.log_entries import EntryKind
from protocol.messages.inquiries import InquiryAnswer, InquiryAnswers, InquiryRequest
from protocol.problems import FieldCode, Problem, Refusal
from protocol.wire.codec import message_of
from registry.domain.disassociations import outsiders, weighing
from registry.domain.disputes import by_record, marked, pauses
from registry.domain.ids import month_of
from registry.domain.incarnations import Standing
from registry.domain.inquiries import Hit, Inquiry, Quote
from registry.domain.log import LogEntry, shard_of
from registry.domain.participants import Actor
from registry.domain.records import Record
from registry.domain.red_list import RedListEntry, effective
from registry.policy.decision import InquiryFacts, decide
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once
from registry.usecases.inquiries.quotes import Charged, make_quote, summary
from registry.usecases.log.read_receipt import leaf_of
from registry.usecases.pseudonyms import Pseudonyms, pseudonyms
from registry.usecases.restores.standing import standing
from registry.usecases.standings import Cases, blocking

DECISION_TYPE = "clearline-decision+jws"
MOST_HITS = 50_000
"""Records that may weigh in the inquiries of one batch; a single inquiry is always answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One decided inquiry with its rows; nothing of it is written yet."""

    answer: InquiryAnswer
    inquiry: Inquiry
    quote: Quote | None
    hits: tuple[Hit, ...]
    entries: tuple[LogEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """An applicant as the registry knows them when it decides."""

    subject_key: bytes = field(repr=False)
    facts: InquiryFacts
    red_list_entry: RedListEntry | None
    """The effective entry of the applicant itself; a household has none."""
    cases: Cases

    def charged(self, to_pay: Sequence[Record]) -> list[Charged]:
        """Pair records with the spans in which a dispute stopped their late fee."""
        return [(record, pauses(self.cases.get(record.record_id, ()), record.record_id)) for record in to_pay]


def inquire(registry: Registry, actor: Actor, call: IdempotentCall, request: InquiryRequest) -> Outcome:
    """Answer one inquiry; raises Refusal EPOCH_UNKNOWN or BAD_ELEMENT."""
    names = pseudonyms(registry, request.tokens)
    stands = standing(registry)

    def work(act: Act) -> tuple[int, InquiryAnswer]:
        (answer,) = _answer_all(act, (request,), (names,), stands)
        return 201, answer

    return answer_once(registry, actor, call, work)


def inquire_batch(
    registry: Registry,
    actor: Actor,
    call: IdempotentCall,
    requests: Sequence[InquiryRequest],
    *,
    most_hits: int = MOST_HITS,
) -> Outcome:
    """Answer up to 1,000 inquiries in order in one transaction.

    A bad token refuses the whole batch and names its place: the asker must know of every unchecked applicant. So do
    more records than one transaction bears: the sender has to cut the batch.
    """
    names: list[Pseudonyms] = []
    for place, request in enumerate(requests):
        try:
            names.append(pseudonyms(registry, request.tokens))
        except Refusal as refusal:
            raise Refusal(refusal.problem, fields={f"inquiries.{place}.tokens": refusal.problem.value.name}) from None
    stands = standing(registry)

    def work(act: Act) -> tuple[int, InquiryAnswers]:
        return 201, InquiryAnswers(answers=_answer_all(act, requests, names, stands, most_hits))

    return answer_once(registry, actor, call, work)


def _answer_all(
    act: Act,
    requests: Sequence[InquiryRequest],
    names: Sequence[Pseudonyms],
    stands: Standing,
    most_hits: int = MOST_HITS,
) -> tuple[InquiryAnswer, ...]:
    """Decide all requests from one set of reads, then write inquiries, quotes and log entries in bulk."""
    known, hits = _Known(act, names), 0
    answered: list[Answered] = []
    for request, asked in zip(requests, names, strict=True):
        answered.append(answer_one(act, request, known.applicant(request, asked), stands))
        hits += len(answered[-1].hits)
        if len(requests) > 1 and hits > most_hits:
            # A thousand questions about one firm with thousands of records are not one transaction.
            raise Refusal(Problem.INVALID_FIELD, fields={"inquiries": FieldCode.TOO_MANY_RECORDS})
    act.tx.openings.append([entry for each in answered for entry in each.entries])
    act.tx.inquiries.add([each.inquiry for each in answered])
    act.tx.inquiry_hits.add([hit for each in answered for hit in each.hits])
    act.tx.quotes.add([each.quote for each in answered if each.quote is not None])
    return tuple(each.answer for each in answered)


def answer_one(act: Act, request: InquiryRequest, applicant: Applicant, stands: Standing) -> Answered:
    """Decide one inquiry by the facts; it reads and writes nothing of the database."""
    facts, decision = applicant.facts, decide(applicant.facts)
    inquiry_id = act.new_id()
    quote = None
    if decision.to_pay:
        quote = make_quote(act, applicant.subject_key, inquiry_id, applicant.charged(decision.to_pay))
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
        log_entry_id=inquiry_id,
    )
    entry = _entry(act, inquiry)
    waived_by = applicant.red_list_entry if ReasonCode.RED_LIST in decision.reasons else None
    return Answered(
        answer=message_of(
            InquiryAnswer,
            inquiry,
            inquiry_ref=request.inquiry_ref,
            remedies=decision.remedies,
            decision_token=_decision_token(act, inquiry, entry, stands),
            quote=None if quote is None else summary(quote, decision.to_pay),
        ),
        inquiry=inquiry,
        quote=quote,
        hits=tuple(_hit(inquiry, record) for record in (*facts.own, *facts.household)),
        entries=(entry,) if waived_by is None else (entry, _use(act, inquiry, waived_by)),
    )


class _Known:
    """The facts about a list of applicants and their households, read with one statement for each kind of key."""

    def __init__(self, act: Act, names: Sequence[Pseudonyms]) -> None:
        applicants = {each.subject_key for each in names}
        self._today = act.today
        households = {key for each in names for key in each.household_keys}
        self._links = act.tx.households.links(households)
        members = {link.subject_key for links in self._links.values() for link in links}
        held = members | applicants
        # Lock until the hits are committed: a record either changes before this answer, and is not in it, or after it,
        # and then finds the hit. Subjects without records are locked too, if they have a row: the answers take the same
        # time.
        act.tx.subjects.lock(held)
        disputes = act.tx.disputes.of_subjects(held)
        self._cases = by_record(case for owned in disputes.values() for case in owned)
        self._active = blocking(act, held, self._cases)
        # Read for everybody and not only for those in arrears, so that the answers take the same time.
        self._apart = outsiders(act.tx.disassociations.of_households(households), act.today)
        self._red_list = act.tx.red_list.of_subjects(applicants)
        self._markers = act.tx.victim_markers.of_subjects(applicants)

    def applicant(self, request: InquiryRequest, asked: Pseudonyms) -> Applicant:
        """Return the facts of one inquiry."""
        listed = self._red_list.get(asked.subject_key, ())
        entry = next((each for each in listed if effective(each, self._today)), None)
        facts = InquiryFacts(
            service_class=request.service_class,
            own=tuple(self._active.get(asked.subject_key, ())),
            household=weighing(asked.subject_key, asked.household_keys, self._links, self._active, self._apart),
            red_listed=entry is not None,
            victim=marked(self._markers.get(asked.subject_key, ()), self._today),
        )
        return Applicant(subject_key=asked.subject_key, facts=facts, red_list_entry=entry, cases=self._cases)


def _hit(inquiry: Inquiry, record: Record) -> Hit:
    return Hit(
        subject_key=record.subject_key,
        record_id=record.record_id,
        inquiry_id=inquiry.inquiry_id,
        participant_id=inquiry.participant_id,
        asked_at=inquiry.decided_at,
    )


def _entry(act: Act, inquiry: Inquiry) -> LogEntry:
    """Log the inquiry; the answer is personal, the fact that somebody asked is not."""
    return act.entry(
        EntryKind.INQUIRY,
        inquiry.inquiry_id,
        {"service": inquiry.service_class.value, "rules": inquiry.rules_version},
        subject_key=inquiry.subject_key,
        personal={
            "subject": inquiry.subject_key.hex(),
            "decision": inquiry.decision.value,
            "reasons": "+".join(inquiry.reasons),
        },
    )


def _use(act: Act, inquiry: Inquiry, waived_by: RedListEntry) -> LogEntry:
    """Log each use of the red list; the inquiry's id is in the part that can be erased with the subject."""
    return act.entry(
        EntryKind.RED_LIST_USED,
        act.new_id(),
        {"entry": str(waived_by.entry_id), "rules": inquiry.rules_version},
        subject_key=inquiry.subject_key,
        personal={"subject": inquiry.subject_key.hex(), "inquiry": str(inquiry.inquiry_id)},
    )


def _decision_token(act: Act, inquiry: Inquiry, entry: LogEntry, stands: Standing) -> str:
    """Sign the compact JWS that the activation report has to quote; bound to the asker, short-lived.

    It is the promise of the inquiry's log entry as well, at no further signature, unless that year's log refuses the
    database: no tree of it would hold the entry.
    """
    expires = inquiry.decided_at + dt.timedelta(minutes=act.rules.decision_token_minutes)
    claims: dict[str, str | int] = {
        "v": 1,
        "inquiry_id": str(inquiry.inquiry_id),
        "participant": inquiry.participant_id,
        "decision": inquiry.decision.value,
        "service_class": inquiry.service_class.value,
        "rules_version": inquiry.rules_version,
        "decided_at": format_time(inquiry.decided_at),
        "expires_at": format_time(expires),
    }
    year = shard_of(entry.entry_id)
    if year not in stands.refused:
        claims |= {"log": act.registry.log.origin(year), "leaf": b64url_encode(leaf_of(entry))}
        # As in every promise, the first incarnation is not named.
        claims |= {} if stands.incarnation == FIRST else {"incarnation": stands.incarnation}
    keys = act.registry.keys
    return sign_compact(
        canonical_json(claims), typ=DECISION_TYPE, key_id=keys.signing_key_id, private_key=keys.signing_key
    )
