"""Call the registry with typed messages: each request and each answer has its agreed form."""

import math
import threading
from collections.abc import Callable, Sequence
from typing import Final, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from client import answers
from client.errors import RegistryAnswerBroken, RegistryUnreachable
from client.incarnations import Incarnations, SeenBook
from client.line import RegistryLine
from client.peer import NOT_TOLD, ReadingContext, SignedPeer, Signer
from client.pinned_key import NDJSON, PinnedKey
from crypto.signing.keys import load_public
from protocol.encodings import canonical_json
from protocol.messages.rules import PublishedRules, Rules
from protocol.wire.codec import write

_RULES_FOR_SECONDS: Final = 300.0
M = TypeVar("M")
FIRM_ANSWER: Final = 4 * answers.MAX_ANSWER
"""A firm's statement has a kilobyte or two for each of its tens of thousands of records."""


class _RememberedRules:
    """The rules as they were read last, for a client and all lines that were bound from it. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read: tuple[float, Rules] | None = None

    def since(self, earliest: float) -> Rules | None:
        """Return the rules if they were read later than that."""
        with self._lock:
            return None if self._read is None or self._read[0] <= earliest else self._read[1]

    def keep(self, at: float, rules: Rules) -> None:
        with self._lock:
            self._read = (at, rules)


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
        reading: ReadingContext = NOT_TOLD,
        on_entry: Callable[[UUID], None] = lambda _: None,
    ) -> None:
        """Make a client of one signer; ``reading`` is what an office says of each of its readings.

        ``on_entry`` gets the id of the log's entry of each reading whose signed answer names one.
        """
        super().__init__(
            peer,
            signer,
            pinned=PinnedKey(key_id=key_id, public_key=load_public(public_key)),
            attempts=attempts,
            monotonic=monotonic,
            sleep=sleep,
            incarnations=Incarnations(seen),
            reading=reading,
            on_entry=on_entry,
        )
        self._remembered = _RememberedRules()

    def get(self, path: str, answer: type[M], query: object = None, *, max_answer: int = answers.MAX_ANSWER) -> M:
        """Get the resource at a path; ``query`` is a message, ``max_answer`` bytes."""
        parameters = {} if query is None else write(query)
        target = f"{path}?{urlencode(parameters)}" if parameters else path
        return answers.message(
            answer, answers.read_object(self._send("GET", target, max_answer=max_answer).body, max_answer)
        )

    def post(
        self, path: str, body: object, answer: type[M], *, key: str | None = None, max_answer: int = answers.MAX_ANSWER
    ) -> M:
        """Post a message. The same call again under the same key gives the same answer."""
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

    def rules(self) -> Rules:
        """Read the rules in force, at most every five minutes."""
        rules = self._remembered.since(self._monotonic() - _RULES_FOR_SECONDS)
        return self._ask_rules() if rules is None else rules

    def rules_at_hand(self) -> Rules | None:
        """Return the rules that were read last, however long ago; nothing is asked for."""
        return self._remembered.since(-math.inf)

    def ask_incarnation(self) -> int:
        """Ask for the registry's present incarnation by a signed answer: a streamed one has no signature."""
        self._ask_rules()
        return self.incarnations.newest

    def _ask_rules(self) -> Rules:
        rules = self.get("/v1/rules", PublishedRules).rules
        self._remembered.keep(self._monotonic(), rules)
        return rules

    def get_table(self, path: str) -> str:
        """Get an answer as CSV."""
        try:
            return self.get_bytes(path).decode("utf-8")
        except UnicodeDecodeError:
            raise RegistryAnswerBroken("the registry's table is not UTF-8", answers.FORM) from None

    def get_bytes(self, path: str) -> bytes:
        """Get an answer's bytes as they are."""
        return self._send("GET", path).body

    def get_stream(self, path: str, *, max_answer: int) -> bytes:
        """Get an answer as NDJSON. A stream is not signed: its reader checks each line by other means."""
        return self._send("GET", path, max_answer=max_answer, streams=True).body

    def post_bytes(self, path: str, body: bytes, *, content_type: str, idempotency_key: str) -> bytes:
        """Post other bytes than JSON and return the answer's bytes as they are."""
        return self._send("POST", path, body=body, content_type=content_type, idempotency_key=idempotency_key).body
