"""The registry as typed calls: each request has its agreed form, and so has each answer."""

import datetime as dt
import threading
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlencode
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from client import answers
from client.errors import RegistryAnswerBroken, RegistryUnreachable
from client.idempotency import named
from client.incarnations import Incarnations, SeenBook
from client.line import RegistryLine
from client.peer import SignedPeer, Signer
from client.pinned_key import NDJSON, PinnedKey
from crypto.signing.keys import load_public
from protocol.codes import ReversalReason
from protocol.encodings import b64url_decode, b64url_encode, canonical_json
from protocol.listing import ListingRules
from protocol.wire.codec import write

_RULES_FOR_SECONDS: Final = 300.0
M = TypeVar("M")
FIRM_ANSWER: Final = 4 * answers.MAX_ANSWER
"""A firm with tens of thousands of records has a kilobyte or two of each in its statement."""


class RegistryClient(RegistryLine):
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
        seen: SeenBook | None = None,
    ) -> None:
        super().__init__(
            peer,
            signer,
            pinned=PinnedKey(key_id=key_id, public_key=load_public(public_key)),
            attempts=attempts,
            monotonic=monotonic,
            sleep=sleep,
            incarnations=Incarnations(seen),
        )
        self._lock = threading.Lock()
        self._rules: tuple[float, dict[str, Any]] | None = None

    def get(self, path: str, answer: type[M], query: object = None, *, max_answer: int = answers.MAX_ANSWER) -> M:
        """The resource at a path; ``query`` is a message, ``max_answer`` bytes."""
        target = path if query is None else f"{path}?{urlencode(write(query))}"
        return answers.message(
            answer, answers.read_object(self._send("GET", target, max_answer=max_answer).body, max_answer)
        )

    def post(
        self, path: str, body: object, answer: type[M], *, key: str | None = None, max_answer: int = answers.MAX_ANSWER
    ) -> M:
        """The answer to a message. The same call again under the same key gives the same answer."""
        sent = self._send(
            "POST",
            path,
            body=canonical_json(write(body)),
            idempotency_key=key or self._random_key(),
            max_answer=max_answer,
        )
        return answers.message(answer, answers.read_object(sent.body, max_answer))

    def post_rows(self, path: str, rows: Sequence[object], read: Callable[[bytes], M | None], *, key: str) -> M:
        """Post messages, one a line, again under the same key until ``read`` finds that the answer is whole."""
        body = b"".join(canonical_json(write(row)) + b"\n" for row in rows)
        for attempt in range(self._attempts):
            if attempt:
                self._rest(attempt)
            answer = self._send("POST", path, body=body, content_type=NDJSON, idempotency_key=key, streams=True)
            whole = read(answer.body)
            if whole is not None:
                return whole
        raise RegistryUnreachable(f"the registry did not finish a batch in {self._attempts} attempts")

    def arrange_plan(self, record_id: UUID, instalments: Sequence[tuple[dt.date, int]]) -> dict[str, Any]:
        """Arrange instalments (date and fen) for a record; the same ones again are the same plan."""
        agreed = [{"due_date": day.isoformat(), "amount_fen": amount_fen} for day, amount_fen in instalments]
        document = {"record_id": str(record_id), "instalments": agreed}
        key = named("plan", canonical_json(document))
        return self._post("/v1/plans", document, idempotency_key=key, plan_id=str, state=str)

    def plan(self, plan_id: UUID) -> dict[str, Any]:
        """A plan of this carrier's own."""
        return self._get(f"/v1/plans/{plan_id}", plan_id=str, state=str)

    def propose_reversal(self, settlement_id: UUID, reason: ReversalReason, evidence: bytes) -> dict[str, Any]:
        """Propose to reverse a settlement; ``evidence`` is a SHA-256. The same again is the same proposal."""
        document = {"reason": reason.value, "evidence_digest": b64url_encode(evidence)}
        key = named("reversal", settlement_id.bytes + canonical_json(document))
        return self._post(f"/v1/settlements/{settlement_id}/reversals", document, idempotency_key=key, reversal_id=str)

    def confirm_reversal(self, reversal_id: UUID) -> dict[str, Any]:
        """Confirm a reversal that another person proposed."""
        key = f"confirmation-{reversal_id}"
        return self._post(f"/v1/reversals/{reversal_id}/confirmation", {}, idempotency_key=key, reversal_id=str)

    def reversal(self, reversal_id: UUID) -> dict[str, Any]:
        """A reversal of this carrier's own."""
        return self._get(f"/v1/reversals/{reversal_id}", reversal_id=str)

    def creditor_terms(self, at: dt.date | None) -> dict[str, Any]:
        """This carrier's own late fee on a Beijing date, today by default, and all that it ever set."""
        query = "" if at is None else f"?at={at.isoformat()}"
        return self._get(f"/v1/creditor-terms{query}", in_force=None, terms=list)

    def set_creditor_terms(self, *, daily_ppm: int, cap_ppm: int, effective_from: dt.date) -> dict[str, Any]:
        """Charge this on what is listed from a day on."""
        terms = {"daily_ppm": daily_ppm, "cap_ppm": cap_ppm, "effective_from": effective_from.isoformat()}
        return self._post("/v1/creditor-terms", terms, terms_id=str)

    def events(self, after: int, *, limit: int = 500) -> dict[str, Any]:
        """This carrier's events behind a position: ``events``, ``next`` to go on from, and if there is ``more``."""
        return answers.event_page(self._get(f"/v1/events?after={after}&limit={limit}"))

    def participant(self, participant_id: str) -> dict[str, Any]:
        """A participant with its public keys, to verify what it signed."""
        return self._get(f"/v1/participants/{quote(participant_id, safe='')}", participant_id=str, keys=list)

    def participant_key(self, participant_id: str, key_id: str) -> Ed25519PublicKey:
        """The public key of a participant, also a revoked one: whether an old signature counts is for the reader."""
        for each in answers.items(self.participant(participant_id), "keys"):
            if each.get("key_id") == key_id:
                return load_public(answers.read(lambda found: b64url_decode(found["public_key"], length=32), each))
        raise RegistryAnswerBroken("the registry knows no such key of the participant")

    def rules(self) -> ListingRules:
        """The rules in force, asked for at most every five minutes."""
        return answers.read(answers.listing_rules, self._rules_document())

    def take_out_bound(self, open_records: int) -> int:
        """How many of so many open records the rules let a creditor take out without saying so first."""
        return answers.read(lambda rules: answers.take_out_bound(rules, open_records), self._rules_document())

    def ask_incarnation(self) -> int:
        """The incarnation that the registry names now, by a signed answer: a streamed one has no signature."""
        self._ask_rules()
        return self.incarnations.newest

    def _rules_document(self) -> dict[str, Any]:
        with self._lock:
            kept = self._rules
        if kept is not None and self._monotonic() - kept[0] < _RULES_FOR_SECONDS:
            return kept[1]
        return self._ask_rules()

    def _ask_rules(self) -> dict[str, Any]:
        rules = self._get("/v1/rules")
        with self._lock:
            self._rules = (self._monotonic(), rules)
        return rules

    def ask(self, path: str, **members: type | None) -> dict[str, Any]:
        """What the registry says under a path; ``members`` are names and types that it must have (None: any type)."""
        return self._get(path, **members)

    def tell(
        self, path: str, document: dict[str, Any], *, idempotency_key: str | None = None, **members: type | None
    ) -> dict[str, Any]:
        """Tell the registry something under a path; what it answers, with these members."""
        return self._post(path, document, idempotency_key=idempotency_key, max_answer=answers.MAX_ANSWER, **members)

    def ask_table(self, path: str) -> str:
        """What a GET answers as CSV."""
        try:
            return self.ask_bytes(path).decode("utf-8")
        except UnicodeDecodeError:
            raise RegistryAnswerBroken("the registry's table is not UTF-8", answers.FORM) from None

    def ask_bytes(self, path: str) -> bytes:
        """What a GET answers, as it is."""
        return self._send("GET", path).body

    def ask_stream(self, path: str, *, max_answer: int) -> bytes:
        """What a GET answers as NDJSON. A stream is not signed: its reader checks each line by other means."""
        return self._send("GET", path, max_answer=max_answer, streams=True).body

    def tell_bytes(self, path: str, body: bytes, *, content_type: str, idempotency_key: str) -> bytes:
        """What a POST of something else than JSON answers, as it is."""
        return self._send("POST", path, body=body, content_type=content_type, idempotency_key=idempotency_key).body
