"""Keep answers under their idempotency keys, and claim a key so that two equal requests do not run at once."""

import hashlib
from collections.abc import Collection, Sequence
from typing import Final

import sqlalchemy as sa

from protocol.problems import Problem, Refusal
from registry.domain.idempotency import StoredAnswer
from registry.store import columns
from registry.store.errors import Overtaken
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
_FIND_ALL: Final = sa.select(stored_answer).where(
    stored_answer.c.participant_id.in_(sa.bindparam("participants", expanding=True)),
    stored_answer.c.idempotency_key.in_(sa.bindparam("keys", expanding=True)),
)
_KEEP: Final = Insert(stored_answer, new_only=True)
_CLAIM: Final = sa.select(sa.func.pg_try_advisory_xact_lock(sa.bindparam("claim", type_=sa.BigInteger)))

_CLAIMS: Final = sa.select(
    sa.func.pg_try_advisory_xact_lock(sa.func.unnest(sa.bindparam("claims", type_=sa.ARRAY(sa.BigInteger))))
)


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

    def try_claims(self, keys: Sequence[tuple[str, str]]) -> list[bool]:
        """Claim several keys of participants at once; it waits for none of them."""
        if self._is_sqlite:
            return [True] * len(keys)
        claims = [_claim_number(*each) for each in keys]
        return list(self._connection.execute(_CLAIMS, {"claims": claims}).scalars())

    def find_all(self, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], StoredAnswer]:
        """Find the stored ones of the answers under these keys of participants."""
        if not keys:
            return {}
        given = {"participants": sorted({who for who, _ in keys}), "keys": sorted({key for _, key in keys})}
        found = self._all(StoredAnswer, _FIND_ALL, **given)
        # The statement takes all pairs of the two lists; another one may have an answer as well.
        answers = {(each.participant_id, each.idempotency_key): each for each in found}
        return {key: answers[key] for key in keys if key in answers}

    def find(self, participant_id: str, idempotency_key: str) -> StoredAnswer | None:
        return self._one(StoredAnswer, _FIND, participant=participant_id, key=idempotency_key)

    def keep(self, answer: StoredAnswer) -> None:
        """Store an answer; refuses with IN_FLIGHT when another transaction without a claim was faster."""
        if _KEEP.run(self._connection, [answer]) == 0:
            raise Refusal(Problem.IN_FLIGHT)

    def keep_all(self, answers: Sequence[StoredAnswer]) -> None:
        """Store the answers under keys that this transaction claimed; raises Overtaken if one is there already."""
        if _KEEP.run(self._connection, answers) != len(answers):
            raise Overtaken
