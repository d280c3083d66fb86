"""A carrier asks before it activates: the decision, why, what to do, and the quote that has to be paid first."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from crypto.signing.jws import sign_compact
from protocol.codes import ReasonCode
from protocol.encodings import b64url_encode, canonical_json, format_time
from protocol.incarnation import FIRST
from protocol.log_entries import EntryKind
from protocol.messages.inquiries import InquiryAnswer, InquiryRequest
from protocol.problems import Problem, Refusal
from protocol.wire.codec import write
from registry.domain.disassociations import outsiders, weighing
from registry.domain.disputes import by_record, marked, pauses
from registry.domain.ids import month_of
from registry.domain.incarnations import Standing
from registry.domain.inquiries import Hit, Inquiry, Quote
from registry.domain.log import LogEntry, shard_of
from registry.domain.participants import Actor
from registry.domain.records import Record
from registry.domain.red_list import RedListEntry, effective
from registry.policy.decision import Decision, InquiryFacts, decide
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once
from registry.usecases.inquiries.quotes import Charged, make_quote, summary
from registry.usecases.log.read_receipt import leaf_of
from registry.usecases.pseudonyms import Pseudonyms, pseudonyms
from registry.usecases.restores.standing import standing
from registry.usecases.standings import blocking

DECISION_TYPE = "clearline-decision+jws"
_MOST_HITS = 50_000
"""Records that may weigh in the inquiries of one batch; a single inquiry is always answered."""


def inquire(registry: Registry, actor: Actor, call: IdempotentCall, request: InquiryRequest) -> Outcome:
    """One inquiry; raises Refusal EPOCH_UNKNOWN or BAD_ELEMENT."""
    names = pseudonyms(registry, request.tokens)
    stands = standing(registry)

    def work(act: Act) -> tuple[int, Mapping[str, Any]]:
        (answer,) = _answer_all(act, (request,), (names,), stands)
        return 201, write(answer)

    return answer_once(registry, actor, call, work)


def inquire_batch(
    registry: Registry, actor: Actor, call: IdempotentCall, requests: Sequence[InquiryRequest]
) -> Outcome:
    """Up to 1,000 inquiries, answered in order in one transaction.

    A bad token refuses the whole batch, naming its place: nobody must go unchecked without the asker knowing. So do
    more records than one transaction bears: the batch is to be cut.
    """
    names: list[Pseudonyms] = []
    for place, request in enumerate(requests):
        try:
            names.append(pseudonyms(registry, request.tokens))
        except Refusal as refusal:
            raise Refusal(refusal.problem, fields={f"inquiries.{place}.tokens": refusal.problem.value.name}) from None
    stands = standing(registry)

    def work(act: Act) -> tuple[int, Mapping[str, Any]]:
        answers = _answer_all(act, requests, names, stands)
        return 201, {"answers": [write(answer) for answer in answers]}

    return answer_once(registry, actor, call, work)


def _answer_all(
    act: Act, requests: Sequence[InquiryRequest], names: Sequence[Pseudonyms], stands: Standing
) -> list[InquiryAnswer]:
    """Decide all requests from one set of reads, then write inquiries, quotes and log entries in bulk."""
    known = _Known(act, names)
    inquiries: list[Inquiry] = []
    quotes: list[Quote] = []
    answers: list[InquiryAnswer] = []
    entries: list[LogEntry] = []
    hits: list[Hit] = []
    for request, asked in zip(requests, names, strict=True):
        facts = known.facts(request, asked)
        decision = decide(facts)
        inquiry_id = act.new_id()
        quote = None
        if decision.to_pay:
            quote = make_quote(act, asked.subject_key, inquiry_id, known.charged(decision.to_pay))
            quotes.append(quote)
        inquiry = Inquiry(
            subject_key=asked.subject_key,
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
        inquiries.append(inquiry)
        hits.extend(_hit(inquiry, record) for record in (*facts.own, *facts.household))
        _check_bounded(len(requests), len(hits))
        entry = _entry(act, inquiry)
        entries.append(entry)
        waived_by = known.red_list_entry(asked)
        if waived_by is not None and ReasonCode.RED_LIST in decision.reasons:
            entries.append(_use(act, inquiry, waived_by))
        answers.append(_answer(request, decision, inquiry, quote, _decision_token(act, inquiry, entry, stands)))
    act.tx.openings.append(entries)
    act.tx.inquiries.add(inquiries)
    act.tx.inquiry_hits.add(hits)
    act.tx.quotes.add(quotes)
    return answers


def _check_bounded(asked: int, hits: int) -> None:
    """A thousand questions about one firm with thousands of records are not one transaction; raises Refusal."""
    if asked > 1 and hits > _MOST_HITS:
        raise Refusal(Problem.INVALID_FIELD, fields={"inquiries": "too-many-records"})


def _answer(
    request: InquiryRequest, decision: Decision, inquiry: Inquiry, quote: Quote | None, token: str
) -> InquiryAnswer:
    return InquiryAnswer(
        inquiry_ref=request.inquiry_ref,
        inquiry_id=inquiry.inquiry_id,
        decision=decision.code,
        reasons=decision.reasons,
        remedies=decision.remedies,
        rules_version=inquiry.rules_version,
        decided_at=inquiry.decided_at,
        decision_token=token,
        quote=None if quote is None else summary(quote, decision.to_pay),
    )


class _Known:
    """What is known of a list of applicants and their households, read with one statement for each kind of key."""

    def __init__(self, act: Act, names: Sequence[Pseudonyms]) -> None:
        applicants = {each.subject_key for each in names}
        self._today = act.today
        households = {key for each in names for key in each.household_keys}
        self._links = act.tx.households.links(households)
        members = {link.subject_key for links in self._links.values() for link in links}
        held = members | applicants
        # Held until the hits are committed: a record either changes before this answer, and is not in it, or after it,
        # and then finds the hit. Who has none is locked as well, where there is anything to lock: the answers take the
        # same time.
        act.tx.subjects.lock(held)
        disputes = act.tx.disputes.of_subjects(held)
        self._cases = by_record(case for owned in disputes.values() for case in owned)
        self._active = blocking(act, held, self._cases)
        # Asked of everybody and not only of those in arrears: the answers take the same time.
        self._apart = outsiders(act.tx.disassociations.of_households(households), act.today)
        self._red_list = act.tx.red_list.of_subjects(applicants)
        self._markers = act.tx.victim_markers.of_subjects(applicants)

    def charged(self, to_pay: Sequence[Record]) -> list[Charged]:
        """Records with the spans in which a dispute stopped their late fee."""
        return [(each, pauses(self._cases.get(each.record_id, ()), each.record_id)) for each in to_pay]

    def red_list_entry(self, asked: Pseudonyms) -> RedListEntry | None:
        """The effective entry of the applicant itself; a household has none."""
        entries = self._red_list.get(asked.subject_key, ())
        return next((each for each in entries if effective(each, self._today)), None)

    def facts(self, request: InquiryRequest, asked: Pseudonyms) -> InquiryFacts:
        return InquiryFacts(
            service_class=request.service_class,
            own=tuple(self._active.get(asked.subject_key, ())),
            household=weighing(asked.subject_key, asked.household_keys, self._links, self._active, self._apart),
            red_listed=self.red_list_entry(asked) is not None,
            victim=marked(self._markers.get(asked.subject_key, ()), self._today),
        )


def _hit(inquiry: Inquiry, record: Record) -> Hit:
    return Hit(
        subject_key=record.subject_key,
        record_id=record.record_id,
        inquiry_id=inquiry.inquiry_id,
        participant_id=inquiry.participant_id,
        asked_at=inquiry.decided_at,
    )


def _entry(act: Act, inquiry: Inquiry) -> LogEntry:
    """The inquiry in the log; what was answered is personal, that somebody asked is not."""
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
    """Each use of the red list; which inquiry it was stands in the part that can be erased with the subject."""
    return act.entry(
        EntryKind.RED_LIST_USED,
        act.new_id(),
        {"entry": str(waived_by.entry_id), "rules": inquiry.rules_version},
        subject_key=inquiry.subject_key,
        personal={"subject": inquiry.subject_key.hex(), "inquiry": str(inquiry.inquiry_id)},
    )


def _decision_token(act: Act, inquiry: Inquiry, entry: LogEntry, stands: Standing) -> str:
    """The compact JWS that the activation report has to quote; bound to the asker, short-lived.

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
        # As in any promise: the first incarnation is not named.
        claims |= {} if stands.incarnation == FIRST else {"incarnation": stands.incarnation}
    keys = act.registry.keys
    return sign_compact(
        canonical_json(claims), typ=DECISION_TYPE, key_id=keys.signing_key_id, private_key=keys.signing_key
    )
