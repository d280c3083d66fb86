"""The table that finds an account's record when the person is not known, or is another one."""

from typing import Final

from sqlalchemy import Column, Index, PrimaryKeyConstraint, Table

from registry.store.columns import key, length, metadata, references, text, uuid
from registry.store.types import Octets

BY_ACCOUNT: Final = {"distribution": "account_ref", "distribution_column": "account_ref"}

# Led by the account, so that it distributes; no foreign key to the record, which lives with its subject.
account: Final = Table(
    "account",
    metadata,
    Column("account_ref", Octets(32), nullable=False),
    text("creditor_id", 64),
    key(),
    uuid("record_id"),
    PrimaryKeyConstraint("account_ref", "creditor_id"),
    references(["creditor_id"], "participant", ["participant_id"]),
    length("account_ref", 32),
    length("subject_key"),
    # For forgetting a subject; nothing else asks so.
    Index(None, "subject_key"),
    info=BY_ACCOUNT,
)
