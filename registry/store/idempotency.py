"""Keep answers under their idempotency keys, and claim a key so that two equal requests do not run at once."""

import hashlib
from collections.abc import Collection
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.types import TypeEngine

from registry.domain.idempotency import StoredAnswer
from registry.store import columns
from registry.store.driver import execute
from registry.store.prepared import KEYS, ByKeys, Insert, Row, with_keys
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
STORED: Final = ByKeys(sa.select(stored_answer), stored_answer.c.participant_id, stored_answer.c.idempotency_key)
"""The answers of any of these participants under any of these keys."""
_KEEP: Final = Insert(stored_answer, new_only=True)
_CLAIM: Final = sa.select(sa.func.pg_try_advisory_xact_lock(sa.bindparam("claim", type_=sa.BigInteger)))


class Claims:
    """The part of a statement that claims keys by their numbers until the transaction ends, waiting for none.

    A row has the number, and 1 if nobody else has it. On SQLite the writers come one by one, and nobody claims.
    """

    types: tuple[TypeEngine[Any], ...] = (sa.BigInteger(), sa.Integer())
    order: tuple[int, ...] = ()

    def unordered(self, dialect: sa.Dialect) -> str:
        """Write the SELECT."""
        if dialect.name == "sqlite":
            return f"SELECT 0, 1 WHERE 0 IN ({KEYS})"
        return "SELECT claim, pg_try_advisory_xact_lock(claim)::int FROM unnest(%s::bigint[]) AS asked (claim)"

    def converters(self, dialect: sa.Dialect) -> dict[int, Any]:
        """No column needs any."""
        del dialect
        return {}

    def rows(self, connection: Connection, *keys: Collection[int]) -> list[Row]:
        """Claim by a statement of its own."""
        text = self.unordered(connection.dialect)
        return list(execute(connection, *with_keys(text, connection.dialect, keys)).fetchall())


def claim_number(participant_id: str, key: str) -> int:
    """Return the 64-bit number by which PostgreSQL claims the key."""
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
        return bool(self._connection.execute(_CLAIM, {"claim": claim_number(participant_id, key)}).scalar_one())

    def find(self, participant_id: str, idempotency_key: str) -> StoredAnswer | None:
        return self._one(StoredAnswer, _FIND, participant=participant_id, key=idempotency_key)

    def keep(self, *answers: StoredAnswer) -> None:
        """Store answers under keys that this transaction claimed; raises Overtaken if one is there already."""
        _KEEP.add(self._connection, answers)
