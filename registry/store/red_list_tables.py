"""Tables of the red list: an organisation's entries and who approved them."""

from typing import Final

from sqlalchemy import Index, PrimaryKeyConstraint, Table

from protocol.codes import RedListGround
from registry.store.columns import BY_SUBJECT, coded, day, key, metadata, references, text, time, uuid

# The head row is there even of an organisation without any record: a change of the key epoch finds its sealed token.
red_list: Final = Table(
    "red_list",
    metadata,
    key(),
    uuid("entry_id"),
    coded("ground", RedListGround, 24),
    text("proposed_by", 64),
    time("proposed_at"),
    day("expires_on"),
    text("rules_version", 32),
    time("revoked_at", nullable=True),
    uuid("log_entry_id"),
    PrimaryKeyConstraint("subject_key", "entry_id"),
    references(["subject_key"], "subject"),
    references(["proposed_by"], "participant", ["participant_id"]),
    Index(None, "entry_id"),
    info=BY_SUBJECT,
)

# The key lets a participant approve an entry once; how many are needed, and that the proposer is none, the domain says.
red_list_approval: Final = Table(
    "red_list_approval",
    metadata,
    key(),
    uuid("entry_id"),
    text("approver_id", 64),
    time("approved_at"),
    uuid("log_entry_id"),
    PrimaryKeyConstraint("subject_key", "entry_id", "approver_id"),
    references(["subject_key", "entry_id"], "red_list"),
    references(["approver_id"], "participant", ["participant_id"]),
    info=BY_SUBJECT,
)
