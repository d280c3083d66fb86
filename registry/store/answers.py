"""Answers given under an idempotency key, and the claim that keeps two equal requests from running at once."""

import hashlib
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from protocol.problems import Problem, Refusal
from registry.domain.requests import StoredAnswer
from registry.store.schema import stored_answer
from registry.store.statements import Insert

_FIND: Final = sa.select(stored_answer).where(
    stored_answer.c.participant_id == sa.bindparam("participant"),
    stored_answer.c.idempotency_key == sa.bindparam("key"),
)
_KEEP: Final = Insert(stored_answer, new_only=True)
_CLAIM: Final = sa.select(sa.func.pg_try_advisory_xact_lock(sa.bindparam("claim", type_=sa.BigInteger)))


def _claim_number(participant_id: str, key: str) -> int:
    # A key holds no NUL, so the pair reads one way only. Two keys on one number wait for each other: harmless.
    digest = hashlib.sha256(f"{participant_id}\0{key}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


class Answers:
    """Distribution key: ``participant_id``."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def try_claim(self, participant_id: str, key: str) -> bool:
        """Claim the key until the transaction ends; False while another transaction holds it.

        Claim first, then ``find``: what the other one kept is seen only after its claim ended. On SQLite the writers
        come one by one, so the claim is always free.
        """
        if self._connection.dialect.name == "sqlite":
            return True
        return bool(self._connection.execute(_CLAIM, {"claim": _claim_number(participant_id, key)}).scalar_one())

    def find(self, participant_id: str, idempotency_key: str) -> StoredAnswer | None:
        parameters = {"participant": participant_id, "key": idempotency_key}
        row = self._connection.execute(_FIND, parameters).mappings().one_or_none()
        return None if row is None else StoredAnswer(**row)

    def keep(self, answer: StoredAnswer) -> None:
        """Store an answer; refuses with IN_FLIGHT when somebody without a claim was faster."""
        if _KEEP.run(self._connection, [answer]) == 0:
            raise Refusal(Problem.IN_FLIGHT)
