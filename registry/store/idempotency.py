"""Keep answers under their idempotency keys, and claim a key so that two equal requests do not run at once."""

import hashlib
from typing import Final

import sqlalchemy as sa

from protocol.problems import Problem, Refusal
from registry.domain.idempotency import StoredAnswer
from registry.store import columns
from registry.store.prepared import Insert
from registry.store.repository import Repository

stored_answer: Final = sa.Table(
    "stored_answer",
    columns.metadata,
    columns.text("participant_id", 64),
    columns.text("idempotency_key", 128),
    columns.text("operation", 64),
    columns.octets("request_digest"),
    columns.integer("status"),
    columns.octets("body"),
    columns.time("created_at"),
    sa.PrimaryKeyConstraint("participant_id", "idempotency_key"),
    columns.references(["participant_id"], "participant"),
    columns.length("request_digest", 32),
    columns.by_age("created_at"),
    info=columns.BY_PARTICIPANT,
)

_FIND: Final = sa.select(stored_answer).where(
    stored_answer.c.participant_id == sa.bindparam("participant"),
    stored_answer.c.idempotency_key == sa.bindparam("key"),
)
_KEEP: Final = Insert(stored_answer, new_only=True)
_CLAIM: Final = sa.select(sa.func.pg_try_advisory_xact_lock(sa.bindparam("claim", type_=sa.BigInteger)))


def _claim_number(participant_id: str, key: str) -> int:
    # A key holds no NUL, so the pair reads one way only. Two keys with one number wait for each other: harmless.
    digest = hashlib.sha256(f"{participant_id}\0{key}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


class Idempotency(Repository):
    """Distribution key: ``participant_id``."""

    def try_claim(self, participant_id: str, key: str) -> bool:
        """Claim the key until the transaction ends; returns False while another transaction has it.

        Claim first, then ``find``: the other's answer is visible only after its claim ended. On SQLite the writers
        come one by one, so the claim is always free.
        """
        if self._is_sqlite:
            return True
        return bool(self._connection.execute(_CLAIM, {"claim": _claim_number(participant_id, key)}).scalar_one())

    def find(self, participant_id: str, idempotency_key: str) -> StoredAnswer | None:
        return self._one(StoredAnswer, _FIND, participant=participant_id, key=idempotency_key)

    def keep(self, answer: StoredAnswer) -> None:
        """Store an answer; refuses with IN_FLIGHT when another transaction without a claim was faster."""
        if _KEEP.run(self._connection, [answer]) == 0:
            raise Refusal(Problem.IN_FLIGHT)
