"""The registry as typed calls: each request signed, retried only where that is safe, each answer checked."""

import datetime as dt
import hashlib
import threading
from collections.abc import Callable, Sequence
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from crypto.errors import SignatureRefused
from crypto.signing import http_message
from crypto.signing.keys import load_public
from gateway.errors import RegistryAnswerBroken, RegistryRefused, RegistryUnreachable
from gateway.peer import JSON, Answer, PeerSilent, SignedPeer, Signer
from gateway.problems import problem_errors, problem_figures, problem_name
from gateway.registry_answers import MAX_ANSWER, items, listing_rules, read, read_object, verdicts
from protocol.codes import DisputeAnswer, ReversalReason
from protocol.disputes import DisputeFiling
from protocol.encodings import b64url_decode, b64url_encode, canonical_json
from protocol.listing import ListingRules
from protocol.messages import InquiryAnswer, InquiryRequest, RecordReport, RowVerdict, SubjectTokens
from protocol.rebuttals import HouseholdRebuttal
from protocol.red_list import RedListProposal
from protocol.settlements import SettlementOrder, SettlementReceipt

NDJSON: Final = "application/x-ndjson"
_AGAIN: Final = frozenset({429, 502, 503, 504})
_IN_FLIGHT: Final = 409
_REDIRECTION: Final = 300
_FIRST_PAUSE: Final = 0.25
_LONGEST_PAUSE: Final = 8.0
_RULES_FOR_SECONDS: Final = 300.0
_KEY_BYTES: Final = 16


class RegistryClient:
    """One registry under one pinned answer-signing key. Thread-safe."""

    def __init__(
        self,
        peer: SignedPeer,
        signer: Signer,
        *,
        key_id: str,
        public_key: bytes,
        attempts: int,
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self._peer = peer
        self._signer = signer
        self._key_id = key_id
        self._public_key: Ed25519PublicKey = load_public(public_key)
        self._attempts = attempts
        self._monotonic = monotonic
        self._sleep = sleep
        self._lock = threading.Lock()
        self._rules: tuple[float, ListingRules] | None = None

    def inquire(self, request: InquiryRequest) -> InquiryAnswer:
        """One inquiry, one decision."""
        answer = self._post("/v1/inquiries", request.to_wire())
        return read(InquiryAnswer.from_wire, answer)

    def inquire_batch(self, requests: Sequence[InquiryRequest]) -> list[InquiryAnswer]:
        """Up to 1000 inquiries, answered in order."""
        document = self._post("/v1/inquiries/batch", {"inquiries": [each.to_wire() for each in requests]})
        answers = [read(InquiryAnswer.from_wire, each) for each in items(document, "answers")]
        if [each.inquiry_ref for each in answers] != [each.inquiry_ref for each in requests]:
            raise RegistryAnswerBroken("the registry's answers are not in the order of the inquiries")
        return answers

    def report_batch(self, key: str, reports: Sequence[RecordReport]) -> list[RowVerdict]:
        """Report the rows of one batch; ``key`` names the batch, so that the same call again doubles nothing."""
        body = b"".join(canonical_json(each.to_wire()) + b"\n" for each in reports)
        for attempt in range(self._attempts):
            if attempt:
                self._sleep(_FIRST_PAUSE * 2**attempt)
            answer = self._send("POST", "/v1/record-batches", body=body, content_type=NDJSON, idempotency_key=key)
            found = verdicts(answer.body)
            if found is None:  # what was committed is found again under the same key
                continue
            if [each.row_id for each in found] != [each.row_id for each in reports]:
                raise RegistryAnswerBroken("the registry's verdicts are not those of the rows")
            return found
        raise RegistryUnreachable(f"the registry did not finish a batch in {self._attempts} attempts")

    def settle(self, order: SettlementOrder, *, idempotency_key: str | None = None) -> SettlementReceipt:
        """Tell the registry that a debt is settled."""
        document = self._post("/v1/settlements", order.to_wire(), idempotency_key=idempotency_key)
        return read(SettlementReceipt.from_wire, document)

    def propose_red_list(self, proposal: RedListProposal, *, idempotency_key: str | None = None) -> dict[str, Any]:
        """Propose an organisation for the red list; the entry as the registry has it."""
        return self._post("/v1/red-list", proposal.to_wire(), idempotency_key=idempotency_key)

    def arrange_plan(self, record_id: UUID, instalments: Sequence[tuple[dt.date, int]]) -> dict[str, Any]:
        """Arrange instalments (date and fen) for a record; the same ones again are the same plan."""
        agreed = [{"due_date": day.isoformat(), "amount_fen": amount_fen} for day, amount_fen in instalments]
        document = {"record_id": str(record_id), "instalments": agreed}
        return self._post("/v1/plans", document, idempotency_key=_named("plan", canonical_json(document)))

    def plan(self, plan_id: UUID) -> dict[str, Any]:
        """A plan of this carrier's own."""
        return self._get(f"/v1/plans/{plan_id}")

    def propose_reversal(self, settlement_id: UUID, reason: ReversalReason, evidence: bytes) -> dict[str, Any]:
        """Propose to reverse a settlement; ``evidence`` is a SHA-256. The same again is the same proposal."""
        document = {"reason": reason.value, "evidence_digest": b64url_encode(evidence)}
        key = _named("reversal", settlement_id.bytes + canonical_json(document))
        return self._post(f"/v1/settlements/{settlement_id}/reversals", document, idempotency_key=key)

    def confirm_reversal(self, reversal_id: UUID) -> dict[str, Any]:
        """Confirm a reversal that another person proposed."""
        key = f"confirmation-{reversal_id}"
        return self._post(f"/v1/reversals/{reversal_id}/confirmation", {}, idempotency_key=key)

    def reversal(self, reversal_id: UUID) -> dict[str, Any]:
        """A reversal of this carrier's own."""
        return self._get(f"/v1/reversals/{reversal_id}")

    def file_dispute(self, filing: DisputeFiling, *, idempotency_key: str | None = None) -> dict[str, Any]:
        """Dispute a subject's records; the cases as the registry has them."""
        return self._post("/v1/disputes", filing.to_wire(), idempotency_key=idempotency_key)

    def dispute(self, dispute_id: UUID) -> dict[str, Any]:
        """A case that this carrier filed or is the creditor of."""
        return self._get(f"/v1/disputes/{dispute_id}")

    def answer_dispute(self, dispute_id: UUID, answer: DisputeAnswer) -> dict[str, Any]:
        """Answer a case as its creditor; the same answer again is the same answer."""
        key = f"dispute-{answer}-{dispute_id}"
        return self._post(f"/v1/disputes/{dispute_id}/answer", {"answer": answer.value}, idempotency_key=key)

    def statement(self, tokens: SubjectTokens, *, idempotency_key: str | None = None) -> dict[str, Any]:
        """What is held about a subject, for the subject."""
        return self._post("/v1/statements", {"tokens": tokens.to_wire()}, idempotency_key=idempotency_key)

    def rebut_household(self, rebuttal: HouseholdRebuttal, *, idempotency_key: str | None = None) -> dict[str, Any]:
        """Keep a subject apart from a household; the rebuttal as the registry has it."""
        return self._post("/v1/rebuttals", rebuttal.to_wire(), idempotency_key=idempotency_key)

    def rebuttal(self, rebuttal_id: UUID) -> dict[str, Any]:
        """A rebuttal that this carrier filed."""
        return self._get(f"/v1/rebuttals/{rebuttal_id}")

    def withdraw_rebuttal(self, rebuttal_id: UUID) -> dict[str, Any]:
        """Take back a rebuttal that this carrier filed."""
        key = f"rebuttal-withdrawal-{rebuttal_id}"
        return self._post(f"/v1/rebuttals/{rebuttal_id}/withdrawal", {}, idempotency_key=key)

    def creditor_terms(self, at: dt.date | None) -> dict[str, Any]:
        """This carrier's own late fee on a Beijing date, today by default, and all that it ever set."""
        return self._get("/v1/creditor-terms" if at is None else f"/v1/creditor-terms?at={at.isoformat()}")

    def set_creditor_terms(self, *, daily_ppm: int, cap_ppm: int, effective_from: dt.date) -> dict[str, Any]:
        """Charge this on what is listed from a day on."""
        terms = {"daily_ppm": daily_ppm, "cap_ppm": cap_ppm, "effective_from": effective_from.isoformat()}
        return self._post("/v1/creditor-terms", terms)

    def quote(self, reference: str) -> dict[str, Any]:
        """The quote under an unguessable reference, with creditors and amounts, as the registry publishes it."""
        return self._get(f"/v1/quotes/{quote(reference, safe='')}")

    def clearance(self, clearance_id: UUID) -> dict[str, Any]:
        """A clearance by its id."""
        return self._get(f"/v1/clearances/{clearance_id}")

    def events(self, after: int, *, limit: int = 500) -> dict[str, Any]:
        """This carrier's events behind a position: ``events``, ``next`` to go on from, and if there is ``more``."""
        page = self._get(f"/v1/events?after={after}&limit={limit}")
        items(page, "events")
        places = {type(page.get(name)) for name in ("next", "oldest")}
        if places != {int} or type(page.get("more")) is not bool:
            raise RegistryAnswerBroken("the registry's answer does not have the agreed form")
        return page

    def participant(self, participant_id: str) -> dict[str, Any]:
        """A participant with its public keys, to verify what it signed."""
        return self._get(f"/v1/participants/{quote(participant_id, safe='')}")

    def participant_key(self, participant_id: str, key_id: str) -> Ed25519PublicKey:
        """The public key of a participant, also a revoked one: whether an old signature counts is for the reader."""
        for each in items(self.participant(participant_id), "keys"):
            if each.get("key_id") == key_id:
                return load_public(read(lambda found: b64url_decode(found["public_key"], length=32), each))
        raise RegistryAnswerBroken("the registry knows no such key of the participant")

    def rules(self) -> ListingRules:
        """The rules in force, asked for at most every five minutes."""
        with self._lock:
            kept = self._rules
        if kept is not None and self._monotonic() - kept[0] < _RULES_FOR_SECONDS:
            return kept[1]
        rules = read(listing_rules, self._get("/v1/rules"))
        with self._lock:
            self._rules = (self._monotonic(), rules)
        return rules

    def ask(self, path: str) -> dict[str, Any]:
        """What the registry says under a path."""
        return self._get(path)

    def tell(self, path: str, document: dict[str, Any], *, idempotency_key: str | None = None) -> dict[str, Any]:
        """Tell the registry something under a path; what it answers."""
        return self._post(path, document, idempotency_key=idempotency_key)

    def ask_table(self, path: str) -> str:
        """What a GET answers as CSV."""
        return self.ask_bytes(path).decode("utf-8")

    def ask_bytes(self, path: str, *, max_answer: int = MAX_ANSWER) -> bytes:
        """What a GET answers, as it is."""
        return self._send("GET", path, max_answer=max_answer).body

    def tell_bytes(self, path: str, body: bytes, *, content_type: str, idempotency_key: str) -> bytes:
        """What a POST of something else than JSON answers, as it is."""
        return self._send("POST", path, body=body, content_type=content_type, idempotency_key=idempotency_key).body

    def _get(self, path: str) -> dict[str, Any]:
        return read_object(self._send("GET", path).body, MAX_ANSWER)

    def _post(self, path: str, document: dict[str, Any], *, idempotency_key: str | None = None) -> dict[str, Any]:
        key = idempotency_key or b64url_encode(self._signer.random(_KEY_BYTES))
        return read_object(
            self._send("POST", path, body=canonical_json(document), idempotency_key=key).body, MAX_ANSWER
        )

    def _send(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        content_type: str = JSON,
        idempotency_key: str | None = None,
        max_answer: int = MAX_ANSWER,
    ) -> Answer:
        # Every call can be repeated: a GET changes nothing, a POST carries its key through all attempts.
        pause, trouble = _FIRST_PAUSE, "no attempt was made"
        for attempt in range(self._attempts):
            if attempt:
                self._sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
            try:
                answer = self._peer.exchange(
                    method,
                    path,
                    body=body,
                    content_type=content_type,
                    idempotency_key=idempotency_key,
                    max_answer=max_answer,
                )
            except PeerSilent as silent:
                trouble = silent.reason
                continue
            self._check_signature(answer)
            if answer.status < _REDIRECTION:
                return answer
            trouble = f"{problem_name(answer)} ({answer.status})"
            if not _worth_repeating(answer):
                raise RegistryRefused(
                    problem_name(answer), answer.status, problem_errors(answer), problem_figures(answer)
                )
            pause = _asked_pause(answer, pause)
        raise RegistryUnreachable(f"the registry gave no answer in {self._attempts} attempts: {trouble}")

    def _check_signature(self, answer: Answer) -> None:
        """Every success but a stream is signed; a refusal is not where the registry did not know whom it told."""
        if "Signature" not in answer.headers:
            if answer.status < _REDIRECTION and answer.media_type != NDJSON:
                raise RegistryAnswerBroken("the registry's answer is not signed")
            return
        try:
            verified = http_message.verify_response(
                status=answer.status,
                headers=dict(answer.headers),
                request=answer.request,
                public_key=self._public_key,
                now=self._signer.clock(),
            )
            http_message.verify_content_digest(verified.content_digest, hashlib.sha256(answer.body).digest())
        except SignatureRefused as refused:
            raise RegistryAnswerBroken(f"the registry's signature does not verify: {refused.code}") from None
        if verified.key_id != self._key_id:
            raise RegistryAnswerBroken("the registry signed with another key than the pinned one")


def _named(what: str, content: bytes) -> str:
    """An idempotency key that the same request has every time."""
    return f"{what}-{b64url_encode(hashlib.sha256(content).digest())}"


def _worth_repeating(answer: Answer) -> bool:
    return answer.status in _AGAIN or (answer.status == _IN_FLIGHT and problem_name(answer) == "in-flight")


def _asked_pause(answer: Answer, pause: float) -> float:
    asked = answer.headers.get("Retry-After", "")
    return min(float(asked), _LONGEST_PAUSE) if asked.isascii() and asked.isdigit() else pause
