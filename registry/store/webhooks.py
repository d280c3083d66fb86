"""Keep webhooks with the progress of their deliveries, and the events that were given up."""

import uuid
from typing import Final

import sqlalchemy as sa

from registry.domain.webhooks import DeadLetter, Webhook
from registry.store import columns
from registry.store.changes import Change
from registry.store.prepared import Insert
from registry.store.repository import Repository

# One row a participant. The column is not called participant_id: it is the recipient whose feed is delivered.
webhook: Final = sa.Table(
    "webhook",
    columns.metadata,
    columns.text("recipient", 64),
    columns.text("url", 500),
    columns.time("registered_at"),
    columns.big_integer("position"),
    columns.integer("attempts"),
    columns.time("next_attempt_at"),
    columns.uuid("lease_id", nullable=True),
    columns.time("leased_until", nullable=True),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("recipient"),
    columns.references(["recipient"], "participant", ["participant_id"]),
    columns.at_least("position", 0),
    info=columns.REFERENCE,
)

webhook_dead_letter: Final = sa.Table(
    "webhook_dead_letter",
    columns.metadata,
    columns.text("recipient", 64),
    columns.big_integer("first_position"),
    columns.big_integer("last_position"),
    columns.integer("attempts"),
    columns.text("reason", 32),
    columns.time("given_up_at"),
    sa.PrimaryKeyConstraint("recipient", "first_position"),
    columns.references(["recipient"], "participant", ["participant_id"]),
    info=columns.BY_PARTICIPANT,
)

_INSERT: Final = Insert(webhook, new_only=True)
_INSERT_LETTER: Final = Insert(webhook_dead_letter, new_only=True)
_ALL: Final = sa.select(webhook).order_by(webhook.c.recipient)
_GET: Final = sa.select(webhook).where(webhook.c.recipient == sa.bindparam("at_recipient"))
_LOCK: Final = _GET.with_for_update()
_CHANGE: Final = Change(webhook, [each.name for each in webhook.c if each.name != "recipient"])
_REMOVE: Final = sa.delete(webhook).where(webhook.c.recipient == sa.bindparam("at_recipient"))
_LETTERS: Final = (
    sa.select(webhook_dead_letter)
    .where(webhook_dead_letter.c.recipient == sa.bindparam("at_recipient"))
    .order_by(webhook_dead_letter.c.first_position.desc())
    .limit(sa.bindparam("most"))
)


class Webhooks(Repository):
    """A reference table of one row a participant; dead letters are distributed by ``recipient``."""

    def put(self, hook: Webhook) -> None:
        """Store a webhook, or replace the changeable columns of the existing one."""
        if _INSERT.run(self._connection, [hook]) == 0:
            _CHANGE.run(self._connection, [hook])

    def all(self) -> tuple[Webhook, ...]:
        return self._all(Webhook, _ALL)

    def get(self, recipient: str) -> Webhook | None:
        return self._one(Webhook, _GET, at_recipient=recipient)

    def remove(self, recipient: str) -> None:
        """Stop deliveries to the webhook; its dead letters stay."""
        self._connection.execute(_REMOVE, {"at_recipient": recipient})

    def lock(self, recipient: str) -> Webhook | None:
        """Lock the webhook until the transaction ends."""
        return self._one(Webhook, _LOCK, at_recipient=recipient)

    def held(self, recipient: str, lease_id: uuid.UUID) -> Webhook | None:
        """Lock the webhook, but only while that lease is the last one that was given."""
        hook = self.lock(recipient)
        return hook if hook is not None and hook.lease_id == lease_id else None

    def give_up(self, letter: DeadLetter) -> None:
        """Store a dead letter; the same one again, after a replay, stays a single row."""
        _INSERT_LETTER.run(self._connection, [letter])

    def dead_letters(self, recipient: str, limit: int) -> tuple[DeadLetter, ...]:
        """Read the dead letters, the newest first."""
        return self._all(DeadLetter, _LETTERS, at_recipient=recipient, most=limit)
