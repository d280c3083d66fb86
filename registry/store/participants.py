"""Keep participants and their signing keys, in reference tables."""

import datetime as dt
import uuid
from typing import Final

import sqlalchemy as sa

from protocol.codes import Role
from protocol.problems import Problem, Refusal
from registry.domain.participants import Participant, ParticipantKey
from registry.store import columns
from registry.store.changes import Change
from registry.store.prepared import ByKeys, Insert
from registry.store.repository import Repository
from registry.store.types import CodedList

participant: Final = sa.Table(
    "participant",
    columns.metadata,
    columns.text("participant_id", 64),
    columns.text("name", 200),
    sa.Column("roles", CodedList(Role, 200, frozenset), nullable=False),
    columns.text("contact", 500, nullable=True),
    columns.time("created_at"),
    columns.time("left_at", nullable=True),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("participant_id"),
    info=columns.REFERENCE,
)

participant_key: Final = sa.Table(
    "participant_key",
    columns.metadata,
    columns.text("key_id", 64),
    columns.text("participant_id", 64),
    columns.octets("public_key"),
    columns.time("added_at"),
    columns.time("revoked_at", nullable=True),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("key_id"),
    columns.references(["participant_id"], "participant"),
    columns.length("public_key", 32),
    sa.Index(None, "participant_id"),
    info=columns.REFERENCE,
)

_INSERT: Final = Insert(participant, new_only=True)
_INSERT_KEY: Final = Insert(participant_key, new_only=True)
_GET: Final = sa.select(participant).where(participant.c.participant_id == sa.bindparam("id"))
_HOLD: Final = _GET.with_for_update()
_KEEP: Final = _GET.with_for_update(read=True)
_LEAVE: Final = Change(participant, ("left_at", "log_entry_id"))
_PAGE: Final = (
    sa.select(participant)
    .where(participant.c.participant_id > sa.bindparam("after"))
    .order_by(participant.c.participant_id)
    .limit(sa.bindparam("most"))
)
_KEY: Final = sa.select(participant_key).where(participant_key.c.key_id == sa.bindparam("key"))
GOOD_KEYS: Final = ByKeys(
    sa.select(participant_key.c.key_id).where(participant_key.c.revoked_at.is_(None)), participant_key.c.key_id
)
"""The names of those signing keys that are admitted and not revoked."""
_OF_PUBLIC_KEY: Final = (
    sa.select(participant_key.c.key_id).where(participant_key.c.public_key == sa.bindparam("public_key")).limit(1)
)
_HOLD_KEY: Final = _KEY.with_for_update(key_share=True)
_KEYS: Final = (
    sa.select(participant_key)
    .where(participant_key.c.participant_id == sa.bindparam("id"))
    .order_by(participant_key.c.key_id)
)
_REVOKE: Final = (
    sa.update(participant_key)
    .where(participant_key.c.key_id == sa.bindparam("key"), participant_key.c.revoked_at.is_(None))
    .values(revoked_at=sa.bindparam("at"), log_entry_id=sa.bindparam("entry"))
)


class Participants(Repository):
    """Reference tables: no distribution key."""

    def add(self, new: Participant) -> None:
        """Store a participant; refuses with ALREADY_EXISTS."""
        if _INSERT.run(self._connection, [new]) == 0:
            raise Refusal(Problem.ALREADY_EXISTS)

    def get(self, participant_id: str) -> Participant | None:
        return self._one(Participant, _GET, id=participant_id)

    def hold(self, participant_id: str) -> None:
        """Lock the participant so that no new row refers to it until the transaction ends; waits for writers."""
        self._connection.execute(_HOLD, {"id": participant_id}).all()

    def keep(self, participant_id: str) -> Participant | None:
        """Lock the participant so that it cannot leave until the transaction ends; waits for a leaving under way."""
        return self._one(Participant, _KEEP, id=participant_id)

    def leave(self, participant_id: str, at: dt.datetime, log_entry_id: uuid.UUID) -> None:
        """Mark a participant as gone."""
        _LEAVE.run_rows(self._connection, [(participant_id, at, log_entry_id)])

    def page(self, after: str | None, limit: int) -> tuple[Participant, ...]:
        """Read up to ``limit`` participants by name, those after ``after``."""
        return self._all(Participant, _PAGE, after=after or "", most=limit)

    def add_key(self, new: ParticipantKey) -> None:
        """Store a signing key; refuses with ALREADY_EXISTS where any participant has the key id."""
        if _INSERT_KEY.run(self._connection, [new]) == 0:
            raise Refusal(Problem.ALREADY_EXISTS)

    def key(self, key_id: str) -> tuple[Participant, ParticipantKey] | None:
        """Find the key and its holder, revoked or not."""
        key = self._one(ParticipantKey, _KEY, key=key_id)
        holder = None if key is None else self.get(key.participant_id)
        return None if key is None or holder is None else (holder, key)

    def knows(self, public_key: bytes) -> bool:
        """Tell whether the public key was ever admitted, under any name, for any participant."""
        return self._connection.execute(_OF_PUBLIC_KEY, {"public_key": public_key}).first() is not None

    def hold_key(self, key_id: str) -> ParticipantKey | None:
        """Lock the key so that nobody else revokes it until the transaction ends; it waits for no referring row."""
        return self._one(ParticipantKey, _HOLD_KEY, key=key_id)

    def keys(self, participant_id: str) -> tuple[ParticipantKey, ...]:
        """Read all keys of a participant, by id, the revoked ones too."""
        return self._all(ParticipantKey, _KEYS, id=participant_id)

    def revoke_key(self, key_id: str, at: dt.datetime, log_entry_id: uuid.UUID) -> bool:
        """Revoke a key for ever; returns False for an unknown or a revoked one."""
        touched = self._connection.execute(_REVOKE, {"key": key_id, "at": at, "entry": log_entry_id}).rowcount
        return touched == 1
