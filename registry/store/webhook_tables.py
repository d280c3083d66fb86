"""Tables of webhooks: how far each participant's feed was delivered, and what was given up."""

from typing import Final

from sqlalchemy import BigInteger, Column, PrimaryKeyConstraint, Table

from registry.store.columns import REFERENCE, at_least, integer, metadata, references, text, time, uuid
from registry.store.event_tables import BY_RECIPIENT

# One row a participant. The column is not called participant_id: it is the recipient whose feed is delivered.
webhook: Final = Table(
    "webhook",
    metadata,
    text("recipient", 64),
    text("url", 500),
    time("registered_at"),
    Column("position", BigInteger(), nullable=False),
    integer("attempts"),
    time("next_attempt_at"),
    uuid("lease_id", nullable=True),
    time("leased_until", nullable=True),
    uuid("log_entry_id"),
    PrimaryKeyConstraint("recipient"),
    references(["recipient"], "participant", ["participant_id"]),
    at_least("position", 0),
    info=REFERENCE,
)

webhook_dead_letter: Final = Table(
    "webhook_dead_letter",
    metadata,
    text("recipient", 64),
    Column("first_position", BigInteger(), nullable=False),
    Column("last_position", BigInteger(), nullable=False),
    integer("attempts"),
    text("reason", 32),
    time("given_up_at"),
    PrimaryKeyConstraint("recipient", "first_position"),
    references(["recipient"], "participant", ["participant_id"]),
    info=BY_RECIPIENT,
)
